/* Blocks of random sizes, taken and given back in random order by several processes at once; those who end without
   giving back leave nothing behind. */
#include "../case.h"

enum { PROCESSES = 8, SLOTS = 200, STEPS = 20000, BIGGEST = 4096 };

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Status: what was refused, though it was right. */
static void use(void *seed)
{
	uint32_t state = *(uint32_t *)seed;
	static void *slot[SLOTS];
	int refused = 0;

	for (int i = 0; i < STEPS; i++) {
		void **s = &slot[next(&state) % SLOTS];

		if (*s) {
			refused += kfree(*s) != 0;
			*s = NULL;
		} else {
			*s = kmalloc(1 + next(&state) % BIGGEST);
			refused += !*s || (uintptr_t)*s % 16 != 0;
		}
	}
	for (int i = 0; i < SLOTS && *(uint32_t *)seed % 2; i++) /* the even ones leave it to the kernel */
		refused += slot[i] && kfree(slot[i]) != 0;
	_exit(refused > 255 ? 255 : refused);
}

static int all_at_once(void)
{
	int refused = 0, status;

	for (uint32_t seed = 1; seed <= PROCESSES; seed++)
		if (MUST(fork()) == 0)
			use(&seed);
	for (int i = 0; i < PROCESSES; i++) {
		MUST(wait(&status));
		refused += WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
	}
	return refused;
}

/* Objects in use of the caches that kmalloc stands on; free ones that CPUs keep at hand are none. */
static uint32_t blocks_in_use(void)
{
	static struct {
		struct abi_kstat all;
		struct abi_kstat_cache cache[128];
	} now;
	uint32_t blocks = 0;

	MUST(kstat(&now, sizeof now));
	for (uint32_t i = 0; i < now.all.ncaches && i < 128; i++)
		blocks += strncmp(now.cache[i].name, "kmalloc-", 8) == 0 ? now.cache[i].live : 0;
	return blocks;
}

int main(void)
{
	uint32_t before = blocks_in_use();

	printf("%d were refused\n", all_at_once());
	printf("%d blocks are still in use\n", (int)(blocks_in_use() - before));
	return 0;
}
