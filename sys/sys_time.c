/* System calls about time. */
#include <abi/time.h>
#include <kern/proc.h>
#include <kern/time.h>
#include <lib/div64.h>

#include "sys_priv.h"

#define NS_PER_S 1000000000u
#define NS_PER_TICK (NS_PER_S / ABI_CLK_TCK)

static uint64_t thread_cpu_ns(void)
{
	const struct thread *t = current_thread();

	return (uint64_t)(t->user_ticks + t->kernel_ticks) * NS_PER_TICK;
}

/* => E_INVAL: no such clock. */
static enum status clock_read(uint32_t clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE: *ns = time_wall_ns(); return OK;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME: *ns = time_uptime_ns(); return OK;
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID: *ns = thread_cpu_ns(); return OK;
	default: return E_INVAL;
	}
}

static struct abi_timespec64 timespec_of(uint64_t ns)
{
	struct abi_timespec64 ts = {.pad = 0};
	uint32_t rem;

	ts.sec = (int64_t)div64_u32(ns, NS_PER_S, &rem);
	ts.nsec = (int32_t)rem;
	return ts;
}

int32_t sys_clock_gettime(const struct syscall_args *a)
{
	struct abi_timespec64 ts;
	struct abi_timespec out;
	enum status st;
	uint64_t ns;

	st = clock_read(a->v[0], &ns);
	if (st != OK)
		return st;
	ts = timespec_of(ns);
	out = (struct abi_timespec){(int32_t)ts.sec, ts.nsec};
	return copy_to_user(user_ptr(a->v[1]), &out, sizeof out);
}

int32_t sys_clock_gettime64(const struct syscall_args *a)
{
	struct abi_timespec64 ts;
	enum status st;
	uint64_t ns;

	st = clock_read(a->v[0], &ns);
	if (st != OK)
		return st;
	ts = timespec_of(ns);
	return copy_to_user(user_ptr(a->v[1]), &ts, sizeof ts);
}

int32_t sys_time(const struct syscall_args *a)
{
	int32_t now = (int32_t)time_wall_s();
	enum status st = a->v[0] ? copy_to_user(user_ptr(a->v[0]), &now, sizeof now) : OK;

	return st == OK ? now : st;
}

int32_t sys_times(const struct syscall_args *a)
{
	enum status st = OK;
	struct abi_tms tms;
	uint32_t rem;

	proc_times(current_proc(), &tms);
	if (a->v[0])
		st = copy_to_user(user_ptr(a->v[0]), &tms, sizeof tms);
	if (st != OK)
		return st;
	return (int32_t)(div64_u32(time_uptime_ns(), NS_PER_TICK, &rem) & 0x7fffffff);
}

int32_t sys_nanosleep(const struct syscall_args *a)
{
	struct abi_timespec want;
	struct abi_timespec64 left;
	uint64_t now, end;
	enum status st = copy_from_user(&want, user_ptr(a->v[0]), sizeof want), told;

	if (st != OK)
		return st;
	if (want.sec < 0 || want.nsec < 0 || (uint32_t)want.nsec >= NS_PER_S)
		return E_INVAL;
	end = time_uptime_ns() + (uint64_t)want.sec * NS_PER_S + (uint32_t)want.nsec;
	do
		st = sleep_until(end, WAIT_INTERRUPTIBLE);
	while (st == OK);
	if (st == E_TIMEDOUT)
		return OK;
	now = time_uptime_ns();
	left = timespec_of(now < end ? end - now : 0);
	want = (struct abi_timespec){(int32_t)left.sec, left.nsec};
	told = a->v[1] ? copy_to_user(user_ptr(a->v[1]), &want, sizeof want) : OK;
	return told == OK ? st : told;
}
