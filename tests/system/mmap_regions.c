// With ten thousand regions a map/unmap pair costs at most twice what it costs with ten: in instructions, which is what
// the time-stamp counter counts here.  The last place is kept (mm/placed.c); pairs that have to search go a path down
// the tree, which is some 24 long instead of 4, and cost at most three times as much.
// suite: mmap
// kernels: debug release
// icount: yes
// timeout: 300
#include "check.h"

enum { FEW = 10, MANY = 10000, PAIRS = 50, RW = PROT_READ | PROT_WRITE, FLAGS = MAP_PRIVATE | MAP_ANONYMOUS };

static char *standing[MANY];
static int regions;

static uint32_t now(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low;
}

static char *map(int prot)
{
	char *p = mmap(NULL, PAGE, prot, FLAGS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* Neighbours are not alike, so that none are joined. */
static void stand(int n)
{
	for (; regions < n; regions++)
		standing[regions] = map(regions % 2 ? PROT_READ : RW);
}

static void one_pair(void)
{
	TRY(munmap(map(RW), PAGE));
}

static void two_pairs(void)
{
	char *first = map(RW), *second = map(PROT_READ);

	TRY(munmap(first, PAGE));
	TRY(munmap(second, PAGE));
}

/* The place is in the middle of the others. */
static void pair_in_the_middle(void)
{
	char *middle = standing[regions / 2];

	TRY(munmap(middle, PAGE));
	CHECK(map(regions / 2 % 2 ? PROT_READ : RW) == middle);
}

static uint32_t cost(void (*pairs)(void))
{
	uint32_t start;

	pairs();
	start = now();
	for (int i = 0; i < PAIRS; i++)
		pairs();
	return (now() - start) / PAIRS;
}

static void body(void)
{
	static const struct {
		const char *name;
		void (*pairs)(void);
		unsigned times; /* what it may cost then */
	} ways[] = {{"one pair", one_pair, 2}, {"two pairs", two_pairs, 3}, {"in the middle", pair_in_the_middle, 2}};
	uint32_t few[COUNT(ways)], many;

	stand(FEW);
	for (int i = 0; i < COUNT(ways); i++)
		few[i] = cost(ways[i].pairs);
	stand(MANY);
	for (int i = 0; i < COUNT(ways); i++) {
		many = cost(ways[i].pairs);
		printf("%s: %u instructions with %d regions, %u with %d\n", ways[i].name, few[i], FEW, many, MANY);
		CHECK(many <= ways[i].times * few[i]);
	}
	while (regions > 0)
		TRY(munmap(standing[--regions], PAGE));
}

int main(void)
{
	return test_run(body);
}
