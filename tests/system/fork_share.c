// Processes on four CPUs that share one page table write to it, fork, map and unmap parts of it and end, in random
// order; each knows what every byte of its own must be, and looks after every round.  An argument is the seed.
// suite: lazy
// cpus: 4 8
// reject: fork_share.c:[0-9]+:
// kernels: debug release
// timeout: 90
#include <sched.h>

#include "check.h"

enum { PAGES = 48, ROUNDS = 15, SHARERS = 3, STEPS = 60, DEPTH = 3 };

static char *memory;
static unsigned char model[PAGES]; /* what the first and last byte of each page must be; private like the memory */
static int depth;

static void look(void)
{
	for (int i = 0; i < PAGES; i++)
		if ((unsigned char)memory[i * PAGE] != model[i] ||
		    (unsigned char)memory[i * PAGE + PAGE - 1] != model[i])
			FAILED("page %d holds %u and %u, not %u (random state %u, depth %d)", i,
			       (unsigned char)memory[i * PAGE], (unsigned char)memory[i * PAGE + PAGE - 1], model[i],
			       random_state, depth);
}

static void write_page(int i)
{
	model[i] = (unsigned char)random_next();
	memory[i * PAGE] = memory[i * PAGE + PAGE - 1] = (char)model[i];
}

/* The page becomes zeros. */
static void renew_page(int i)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	if (random_below(2))
		CHECK(munmap(memory + i * PAGE, PAGE) == 0);
	CHECK(mmap(memory + i * PAGE, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) == memory + i * PAGE);
	model[i] = 0;
}

static void steps(void);

static uint32_t child_seed; /* drawn by the parent, so that the seed of all repeats every sharer's steps */

static void sharer(void)
{
	depth++;
	random_state = child_seed;
	steps();
}

static pid_t sharer_start(void)
{
	child_seed = (random_next() * 2654435761u) | 1;
	return child_start(sharer);
}

static void step(pid_t *child)
{
	uint32_t what = random_below(100);

	if (what < 60)
		write_page((int)random_below(PAGES));
	else if (what < 75)
		look();
	else if (what < 85)
		renew_page((int)random_below(PAGES));
	else if (what < 90)
		sched_yield();
	else if (depth < DEPTH && *child == 0)
		*child = sharer_start();
	else if (*child > 0) {
		CHECK_EQ(child_wait(*child), 0);
		*child = 0;
	}
}

static void steps(void)
{
	pid_t child = 0;

	for (uint32_t n = random_below(STEPS); n > 0; n--)
		step(&child);
	look();
	if (child > 0 && random_below(2)) /* else it becomes an orphan: what it finds wrong, the console says */
		CHECK_EQ(child_wait(child), 0);
}

static void round_run(void)
{
	pid_t sharers[SHARERS];

	for (int i = 0; i < SHARERS; i++) {
		sharers[i] = sharer_start();
	}
	for (int i = 0; i < STEPS / 2; i++)
		write_page((int)random_below(PAGES));
	for (int i = 0; i < SHARERS; i++)
		CHECK_EQ(child_wait(sharers[i]), 0);
	look();
}

static void body(void)
{
	int others = getprocs(NULL, 0);
	char *p = mmap(NULL, 2 * TABLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	memory = (char *)(((uintptr_t)p + TABLE - 1) & ~(uintptr_t)(TABLE - 1));
	for (int i = 0; i < ROUNDS; i++)
		round_run();
	orphans_wait(others);
}

int main(int argc, char **argv)
{
	random_start(argc, argv);
	return test_run(body);
}
