/* The time of day: what the battery clock said at boot, plus the time since.  Nobody can set it yet. */
#include <kern/time.h>

#include <lib/div64.h>

static uint64_t boot_wall_ns; /* (c) wall time at arch_time_ns() == 0 */
static uint64_t next_second;  /* boot CPU's tick only: wall time in ns when wall_s changes */
static uint32_t wall_s;       /* (!) */

void time_init(void)
{
	uint64_t seconds = arch_wall_clock_s();

	boot_wall_ns = seconds * NS_PER_S - arch_time_ns();
	next_second = (seconds + 1) * NS_PER_S;
	__atomic_store_n(&wall_s, (uint32_t)seconds, __ATOMIC_RELAXED);
}

uint64_t time_wall_ns(void)
{
	return boot_wall_ns + arch_time_ns();
}

uint64_t time_uptime_of_wall(uint64_t wall)
{
	return wall > boot_wall_ns ? wall - boot_wall_ns : 0;
}

uint32_t time_wall_s(void)
{
	return __atomic_load_n(&wall_s, __ATOMIC_RELAXED);
}

void time_tick(void)
{
	uint64_t now = time_wall_ns();

	if (now < next_second)
		return;
	next_second = (div64_u32(now, NS_PER_S, NULL) + 1) * NS_PER_S;
	__atomic_store_n(&wall_s, (uint32_t)div64_u32(now, NS_PER_S, NULL), __ATOMIC_RELAXED);
}
