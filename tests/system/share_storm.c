// A table shared by eight processes on four CPUs, which split it, write, unmap parts or all of it, map anew, shrink
// the heap, fork again (generations of children), exec and leave, in random order.  Each knows what every byte of its
// own must be.  `share_storm SEED ROUNDS` repeats a run, or makes a long one (docs/testing.md).
// suite: lazy
// cpus: 4 8
// kernels: debug release
// reject: share_storm.c:[0-9]+:
// reject: audit:
// timeout: 120
#include <sched.h>

#include "check.h"

enum {
	PAGES = 64, /* in one table; more than fork copies */
	HEAP = 40,  /* pages the heap may have: another table */
	SHARERS = 8,
	STEPS = 40,
	DEPTH = 10, /* generations below a sharer */
	CHAIN_STEPS = 3,
	ROUNDS = 10,
	ABSENT = -1,
};

static const char *self;
static int rounds = ROUNDS, round_number, generation;

/* What must be in memory; private, like the memory itself. */
static char *memory, *heap;
static int model[PAGES]; /* the first and last byte of each page, or ABSENT */
static int heap_model[HEAP], heap_pages;

/* ---- looking ---- */

static void look_at(const char *what, const char *page, int i, int want)
{
	if (page[0] != (char)want || page[PAGE - 1] != (char)want)
		FAILED("round %d, generation %d, random state %u: page %d of the %s holds %d and %d, not %d",
		       round_number, generation, random_state, i, what, page[0], page[PAGE - 1], (char)want);
}

/* The kernel says of an unmapped page what the program would die of. */
static void is_absent(const char *page, int i)
{
	if (open(page, O_RDONLY) != -1 || errno != EFAULT)
		FAILED("round %d, generation %d: page %d is there (errno %d)", round_number, generation, i, errno);
}

static void look(void)
{
	for (int i = 0; i < PAGES; i++)
		if (model[i] == ABSENT)
			is_absent(memory + i * PAGE, i);
		else
			look_at("memory", memory + i * PAGE, i, model[i]);
	for (int i = 0; i < heap_pages; i++)
		look_at("heap", heap + i * PAGE, i, heap_model[i]);
}

/* ---- changing ---- */

static void fill(char *page, int *value)
{
	*value = (int)random_below(256);
	page[0] = page[PAGE - 1] = (char)*value;
}

static void write_some(void)
{
	int i = (int)random_below(PAGES);

	if (model[i] != ABSENT)
		fill(memory + i * PAGE, &model[i]);
	if (heap_pages > 0 && random_below(3) == 0) {
		i = (int)random_below((uint32_t)heap_pages);
		fill(heap + i * PAGE, &heap_model[i]);
	}
}

static void set_model(int from, int n, int value)
{
	for (int i = from; i < from + n; i++)
		model[i] = value;
}

static void unmap_part(void)
{
	int from = (int)random_below(PAGES), n = 1 + (int)random_below(8);

	if (n > PAGES - from)
		n = PAGES - from;
	CHECK(munmap(memory + from * PAGE, (size_t)n * PAGE) == 0);
	set_model(from, n, ABSENT);
}

static void map_zeros(int from, int n)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	char *at = memory + from * PAGE;

	CHECK(mmap(at, (size_t)n * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) == at);
	set_model(from, n, 0);
}

static void map_part(void)
{
	int from = (int)random_below(PAGES), n = 1 + (int)random_below(8);

	map_zeros(from, n > PAGES - from ? PAGES - from : n);
}

static void unmap_whole(void)
{
	CHECK(munmap(memory, PAGES * PAGE) == 0);
	set_model(0, PAGES, ABSENT);
	if (random_below(2))
		map_zeros(0, PAGES);
}

static void heap_resize(void)
{
	int pages = (int)random_below(HEAP + 1);

	CHECK(brk(heap + pages * PAGE) == 0);
	for (int i = heap_pages; i < pages; i++)
		heap_model[i] = 0;
	heap_pages = pages;
}

/* ---- children ---- */

static void exec_self(void)
{
	execl(self, "share_storm", "end", (char *)NULL);
	FAILED("exec fails with %d", errno);
}

static void leave(void)
{
	if (random_below(4) == 0)
		exec_self();
	_exit(0);
}

static void steps(uint32_t n);

static uint32_t child_seed; /* drawn by the parent, so that the seed of all repeats the steps of each */

static void sharer(void)
{
	generation++;
	random_state = child_seed;
	steps(random_below(STEPS / (uint32_t)generation + 4)); /* else generations would grow without end */
	leave();
}

static pid_t sharer_start(void)
{
	child_seed = (random_next() * 2654435761u) | 1;
	return child_start(sharer);
}

/* Each generation changes something, has the next, and leaves before or after it. */
static void chain(void)
{
	random_state = child_seed;
	for (; generation < DEPTH; generation++) {
		pid_t next;

		for (int i = 0; i < CHAIN_STEPS; i++)
			write_some();
		next = TRY(fork());
		if (next == 0) {
			random_state = (random_next() * 2654435761u) | 1;
			continue;
		}
		if (random_below(3) == 0)
			unmap_part();
		if (random_below(2))
			CHECK_EQ(child_wait(next), 0);
		look();
		leave();
	}
	look();
	leave();
}

static pid_t chain_start(void)
{
	child_seed = (random_next() * 2654435761u) | 1;
	return child_start(chain);
}

static void step(pid_t *child)
{
	uint32_t what = random_below(100);

	if (what < 45)
		write_some();
	else if (what < 58)
		look();
	else if (what < 66)
		unmap_part();
	else if (what < 68)
		unmap_whole();
	else if (what < 76)
		map_part();
	else if (what < 82)
		heap_resize();
	else if (what < 86)
		sched_yield();
	else if (what < 89)
		CHECK_END(exec_self, 0);
	else if (*child > 0) {
		CHECK_EQ(child_wait(*child), 0);
		*child = 0;
	} else if (generation < DEPTH)
		*child = sharer_start();
}

static void steps(uint32_t n)
{
	pid_t child = 0;

	while (n-- > 0)
		step(&child);
	look();
	/* Else it becomes an orphan: what it finds wrong, the console says. */
	if (child > 0 && (generation == 0 || random_below(2)))
		CHECK_EQ(child_wait(child), 0);
}

/* ---- the whole ---- */

static void round_run(void)
{
	pid_t sharers[SHARERS + 1];

	for (int i = 0; i < SHARERS; i++)
		sharers[i] = sharer_start();
	sharers[SHARERS] = chain_start();
	if (random_below(2))
		steps(STEPS / 2);
	if (random_below(4) == 0)
		CHECK_EQ(selftest(SELFTEST_AUDIT), 0);
	for (int i = 0; i <= SHARERS; i++)
		CHECK_EQ(child_wait(sharers[i]), 0);
	look();
}

/* All pages of both tables are there and written to. */
static void renew(void)
{
	map_zeros(0, PAGES);
	for (int i = 0; i < PAGES; i++)
		fill(memory + i * PAGE, &model[i]);
	CHECK(brk(heap + HEAP * PAGE) == 0);
	heap_pages = HEAP;
	for (int i = 0; i < HEAP; i++)
		fill(heap + i * PAGE, &heap_model[i]);
}

static void body(void)
{
	int others = getprocs(NULL, 0);
	char *p = mmap(NULL, 2 * TABLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	memory = (char *)(((uintptr_t)p + TABLE - 1) & ~(uintptr_t)(TABLE - 1));
	heap = (char *)(((uintptr_t)sbrk(0) + TABLE) & ~(uintptr_t)(TABLE - 1));
	for (round_number = 0; round_number < rounds; round_number++) {
		renew();
		round_run();
		if (round_number % 16 == 15)
			orphans_wait(others);
	}
	orphans_wait(others);
}

int main(int argc, char **argv)
{
	self = argv[0][0] == '/' ? argv[0] : "/bin/share_storm";
	if (argc > 1 && strcmp(argv[1], "end") == 0)
		return 0;
	if (argc > 2)
		rounds = atoi(argv[2]);
	random_start(argc, argv);
	return test_run(body);
}
