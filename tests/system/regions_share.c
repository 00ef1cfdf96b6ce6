// Processes on several CPUs that share leaf tables after fork protect, discard, move, unmap and write parts of them in
// random order; each knows what every page of its own must be and may do, and looks at it, through the kernel's copies
// too.  An argument is the seed.
// suite: lazy mmap
// mem: 64 512
// cpus: 4 8
// reject: regions_share.c:[0-9]+:
// kernels: debug release
// timeout: 90
#include <sched.h>

#include "check.h"

enum { PAGES = 72, ROUNDS = 60, SHARERS = 3, STEPS = 80, RW = PROT_READ | PROT_WRITE };
enum { FLAGS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED };

static char *memory; /* the border of two leaf tables is in it */
static struct {
	bool mapped;
	int prot;
	unsigned char value; /* of the first and the last byte */
} model[PAGES];
static int pipe_ends[2];
static uint32_t child_seed;

static char *page(int i)
{
	return memory + i * PAGE;
}

static bool readable(int i)
{
	return model[i].mapped && model[i].prot != PROT_NONE;
}

static void look_at(int i)
{
	if (readable(i)) {
		if ((unsigned char)*page(i) != model[i].value || (unsigned char)page(i)[PAGE - 1] != model[i].value)
			FAILED("page %d holds %u and %u, not %u (random state %u)", i, (unsigned char)*page(i),
			       (unsigned char)page(i)[PAGE - 1], model[i].value, random_state);
	} else {
		CHECK_ERR(write(pipe_ends[1], page(i), 1), EFAULT);
	}
	if (!readable(i) || !(model[i].prot & PROT_WRITE))
		CHECK_ERR(clock_gettime(CLOCK_MONOTONIC, (struct timespec *)page(i)), EFAULT);
}

static void look(void)
{
	for (int i = 0; i < PAGES; i++)
		look_at(i);
}

static void write_page(int i)
{
	if (!readable(i) || !(model[i].prot & PROT_WRITE))
		return;
	model[i].value = (unsigned char)random_next();
	*page(i) = page(i)[PAGE - 1] = (char)model[i].value;
}

static int draw(int *n)
{
	int from = (int)random_below(PAGES);

	*n = 1 + (int)random_below((uint32_t)(PAGES - from));
	if (*n > 20 && random_below(4))
		*n = 20;
	return from;
}

static bool has_hole(int from, int n)
{
	for (int i = from; i < from + n; i++)
		if (!model[i].mapped)
			return true;
	return false;
}

static void protect(void)
{
	static const int some[] = {PROT_NONE, PROT_READ, RW, RW};
	int n, from = draw(&n), prot = some[random_below(COUNT(some))];

	if (has_hole(from, n)) {
		CHECK_ERR(mprotect(page(from), (size_t)n * PAGE, prot), ENOMEM);
		return;
	}
	TRY(mprotect(page(from), (size_t)n * PAGE, prot));
	for (int i = from; i < from + n; i++)
		model[i].prot = prot;
}

static void discard(void)
{
	int n, from = draw(&n);

	if (has_hole(from, n))
		CHECK_ERR(madvise(page(from), (size_t)n * PAGE, MADV_DONTNEED), ENOMEM);
	else
		TRY(madvise(page(from), (size_t)n * PAGE, MADV_DONTNEED));
	for (int i = from; i < from + n; i++)
		model[i].value = 0;
}

static void unmap(void)
{
	int n, from = draw(&n);

	TRY(munmap(page(from), (size_t)n * PAGE));
	for (int i = from; i < from + n; i++)
		model[i].mapped = false;
}

static void map(void)
{
	int n, from = draw(&n);

	CHECK(mmap(page(from), (size_t)n * PAGE, RW, FLAGS, -1, 0) == page(from));
	for (int i = from; i < from + n; i++) {
		model[i].mapped = true;
		model[i].prot = RW;
		model[i].value = 0;
	}
}

/* All of one kind, so neighbours of equal rights are one region. */
static bool in_one_region(int from, int n)
{
	for (int i = from; i < from + n; i++)
		if (!model[i].mapped || model[i].prot != model[from].prot)
			return false;
	return true;
}

static void move(void)
{
	int n, from = draw(&n), to = (int)random_below((uint32_t)(PAGES - n + 1));
	void *got = mremap(page(from), (size_t)n * PAGE, (size_t)n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page(to));

	if (!in_one_region(from, n) || (from < to + n && to < from + n)) {
		CHECK(got == MAP_FAILED && errno == (in_one_region(from, n) ? EINVAL : EFAULT));
		return;
	}
	CHECK(got == page(to));
	memcpy(&model[to], &model[from], (size_t)n * sizeof model[0]);
	for (int i = from; i < from + n; i++)
		model[i].mapped = false;
}

static void step(void)
{
	uint32_t what = random_below(100);

	if (what < 50)
		write_page((int)random_below(PAGES));
	else if (what < 70)
		protect();
	else if (what < 76)
		discard();
	else if (what < 86)
		move();
	else if (what < 89)
		unmap();
	else if (what < 94)
		map();
	else if (what < 97)
		look_at((int)random_below(PAGES));
	else
		sched_yield();
}

static void sharer(void)
{
	random_state = child_seed;
	look();
	for (int i = 0; i < STEPS; i++)
		step();
	look();
}

static pid_t sharer_start(void)
{
	child_seed = (random_next() * 2654435761u) | 1;
	return child_start(sharer);
}

static void round_run(void)
{
	pid_t sharers[SHARERS];

	map();
	for (int i = 0; i < PAGES; i++)
		write_page(i); /* enough of them that fork shares the tables */
	for (int i = 0; i < SHARERS; i++)
		sharers[i] = sharer_start();
	for (int i = 0; i < STEPS / 2; i++)
		step();
	look();
	for (int i = 0; i < SHARERS; i++)
		CHECK_EQ(child_wait(sharers[i]), 0);
	look();
}

static void body(void)
{
	char *p = mmap(NULL, 3 * TABLE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	TRY(munmap(p, 3 * TABLE));
	memory = (char *)(((uintptr_t)p + TABLE - 1) & ~(uintptr_t)(TABLE - 1)) + TABLE - PAGES / 2 * PAGE;
	TRY(pipe(pipe_ends));
	for (int i = 0; i < PAGES; i++) {
		CHECK(mmap(page(i), PAGE, RW, FLAGS, -1, 0) == page(i));
		model[i].mapped = true;
		model[i].prot = RW;
		model[i].value = 0;
	}
	for (int i = 0; i < ROUNDS; i++)
		round_run();
	TRY(munmap(memory, PAGES * PAGE));
	memset(model, 0, sizeof model);
}

int main(int argc, char **argv)
{
	random_start(argc, argv);
	return test_run(body);
}
