// Fork of a sparse heap of 1 GiB, of which 4096 pages far apart were touched: 64 times in a row, and 64 children at a
// time; grandchildren; while other CPUs run; with exec in the child; and exit without having touched what was promised.
// What a child costs does not depend on the pages, and each side sees its own bytes.  An argument is the seed.
// suite: lazy
// cpus: 1 4
// mem: 64 512
// kernels: debug release
// reject: lazy_fork_sparse.c:[0-9]+:
#include <sched.h>

#include "_lazy.h"

enum {
	PAGES = 4096,
	IN_TABLE = PAGES / (GIB / TABLE),
	COPIED = 8 /* tables that a fork may copy, docs/mm.md */,
	APART = GIB / PAGES,
	FORKS = 64,
	GENERATIONS = 8,
	RUNNERS = 3,
	SAID = 44
};

static char *heap; /* GIB bytes */

/* The pages lie far apart, but not all at the same place of their stretch.  Or they are the first few of each table:
   a table by itself would be cheap to copy, 256 of them are not. */
static bool crowded;

static volatile uint32_t *word(uint32_t i)
{
	if (crowded)
		return (volatile uint32_t *)(void *)(heap + i / IN_TABLE * TABLE + i % IN_TABLE * PAGE);
	return (volatile uint32_t *)(void *)(heap + i * APART + i * 7 % (APART / PAGE) * PAGE + i % (PAGE / 4) * 4);
}

static uint32_t value(uint32_t i, uint32_t owner)
{
	return (i + 1) * 2654435761u ^ owner * 97;
}

static void write_all(uint32_t owner)
{
	for (uint32_t i = 0; i < PAGES; i++)
		*word(i) = value(i, owner);
}

/* Every STEP-th page. */
static void look(uint32_t owner, uint32_t step)
{
	for (uint32_t i = 0; i < PAGES; i += step)
		if (*word(i) != value(i, owner))
			FAILED("process %d: page %u holds %#x, not %#x", getpid(), i, *word(i), value(i, owner));
}

static uint32_t number; /* of the child that is made */

/* Looks at all, writes some, and finds both. */
static void child(void)
{
	look(0, 1);
	for (uint32_t i = number % 64; i < PAGES; i += 64)
		*word(i) = value(i, number + 1);
	for (uint32_t i = 0; i < PAGES; i++)
		CHECK_EQ(*word(i), value(i, i % 64 == number % 64 ? number + 1 : 0));
}

static void in_a_row(void)
{
	for (number = 0; number < FORKS; number++) {
		CHECK_END(child, 0);
		look(0, 13);
		*word(number) = value(number, 0); /* the table is shared no longer, or is, and becomes its own */
	}
	look(0, 1);
}

/* 64 children live at a time, and have not written yet. */
static int gate[2], report[2];
static pid_t pids[FORKS];

static void wait_and_write(void)
{
	char c;

	close(gate[1]);
	CHECK_EQ(write(report[1], "r", 1), 1);
	if (read(gate[0], &c, 1) == 0) /* with the parent's end of the pipe closed */
		child();
}

/* Bytes of pages and tables that one more child takes which only waits. */
static uint32_t cost_of_child(void)
{
	struct use at[2];
	char c;

	at[0] = use_now();
	pids[number] = child_start(wait_and_write);
	CHECK_EQ(read(report[0], &c, 1), 1);
	at[1] = use_now();
	return at[1].anon + at[1].tables - at[0].anon - at[0].tables;
}

/* The same for the child of a process that has no such heap. */
static uint32_t cost_of_small_child(void)
{
	uint32_t cost = 0;

	TRY(pipe(gate));
	for (number = 0; number < 2; number++) { /* the first touches stack and text */
		cost = cost_of_child();
		CHECK_EQ(kill(pids[number], SIGKILL), 0);
		CHECK_EQ(child_wait(pids[number]), -SIGKILL);
	}
	close(gate[0]);
	close(gate[1]);
	return cost;
}

static uint32_t small; /* bytes that a child of a process without such a heap takes */

static void at_a_time(void)
{
	TRY(pipe(gate));
	for (number = 0; number < FORKS; number++)
		CHECK_EQ(cost_of_child(), small + (crowded ? (COPIED - 1) * PAGE : 0)); /* one is the program's */
	look(0, 1);
	for (int i = 0; i < FORKS / 2; i++) /* half of them end without having done anything */
		CHECK_EQ(kill(pids[i * 2], SIGKILL), 0);
	for (int i = 0; i < FORKS / 2; i++)
		CHECK_EQ(child_wait(pids[i * 2]), -SIGKILL);
	write_all(7); /* none of the children sees it */
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < FORKS / 2; i++)
		CHECK_EQ(child_wait(pids[i * 2 + 1]), 0);
	look(7, 1);
	write_all(0);
}

/* Each generation finds what its parent had, writes its own, makes the next, and finds its own still. */
static uint32_t generation;

static void descend(void)
{
	uint32_t mine = generation;

	for (uint32_t i = mine; i < PAGES; i += GENERATIONS)
		*word(i) = value(i, 100 + mine);
	if (++generation < GENERATIONS)
		CHECK_END(descend, 0);
	for (uint32_t i = 0; i < PAGES; i++)
		CHECK_EQ(*word(i), value(i, i % GENERATIONS <= mine ? 100 + i % GENERATIONS : 0));
}

static void grandchildren(void)
{
	generation = 0;
	CHECK_END(descend, 0);
	look(0, 1);
}

/* Processes that share the heap and write to it run while the parent forks. */
static uint32_t runner;

static void run(void)
{
	struct timespec zero = {0, 0};
	char c;

	CHECK_EQ(fcntl(gate[0], F_SETFL, O_NONBLOCK), 0);
	for (uint32_t round = 0;; round++) {
		for (uint32_t i = runner; i < PAGES; i += 61)
			*word(i) = value(i, 1000 + runner + round);
		for (uint32_t i = 0; i < PAGES; i += 3)
			CHECK_EQ(*word(i), value(i, i % 61 == runner ? 1000 + runner + round : 0));
		if (round == 0)
			CHECK_EQ(write(report[1], "r", 1), 1);
		if (read(gate[0], &c, 1) == 1) /* a byte for each says: enough */
			break;
		nanosleep(&zero, NULL);
	}
}

static void while_others_run(void)
{
	char c;

	TRY(pipe(gate));
	for (runner = 0; runner < RUNNERS; runner++)
		pids[runner] = child_start(run);
	for (int i = 0; i < RUNNERS; i++)
		CHECK_EQ(read(report[0], &c, 1), 1);
	for (number = 0; number < FORKS / 4; number++) {
		CHECK_END(child, 0);
		for (uint32_t i = random_below(50); i < PAGES; i += 50)
			*word(i) = value(i, 0);
	}
	CHECK_EQ(write(gate[1], "eee", RUNNERS), RUNNERS);
	for (int i = 0; i < RUNNERS; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
	look(0, 1);
	close(gate[0]);
	close(gate[1]);
}

/* A child that becomes another program: the heap is gone there, and untouched here. */
static void exec_child(void)
{
	char *const argv[] = {(char *)"lazy_fork_sparse", (char *)"said", NULL};

	look(0, 101);
	*word(5) = 5;
	execve("/bin/lazy_fork_sparse", argv, environ);
	FAILED("execve fails with %d", errno);
}

static void with_exec(void)
{
	for (int i = 0; i < 8; i++) {
		CHECK_END(exec_child, SAID);
		CHECK_EQ(*word(5), value(5, 0));
	}
	look(0, 1);
}

/* Promised and never touched: by the child, and by a child of a parent that never did either. */
static void promise_and_exit(void)
{
	char *p = promise(GIB / 4);

	CHECK(p[0] == 0);
	promise(GIB / 4);
}

static void without_touch(void)
{
	struct use at[2];

	at[0] = use_now();
	for (int i = 0; i < 8; i++)
		CHECK_END(promise_and_exit, 0);
	at[1] = use_now();
	use_check("promises that nobody touched", at[0], at[1], 0, 0);
}

static void body(void)
{
	TRY(pipe(report));
	rehearsal = true;
	without_touch();
	rehearsal = false;
	without_touch();
	small = cost_of_small_child();
	heap = table_ceil(sbrk(0));
	CHECK_EQ(brk(heap + GIB), 0);
	write_all(0);
	look(0, 1);
	in_a_row();
	at_a_time();
	CHECK_EQ(brk(heap), 0);
	CHECK_EQ(brk(heap + GIB), 0);
	crowded = true;
	write_all(0);
	at_a_time();
	grandchildren();
	while_others_run();
	with_exec();
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "said") == 0)
		return SAID;
	random_start(argc, argv);
	return test_run(body);
}
