// A program that maps and unmaps in turn gets the same place each time, with zeros, and nothing of it stays; whatever
// else it does in between finds that place free.
// suite: mmap
// mem: 64
// cpus: 1 4
// kernels: debug release
#include "check.h"

enum { PAGES = 8, LEN = PAGES * PAGE, RW = PROT_READ | PROT_WRITE, FLAGS = MAP_PRIVATE | MAP_ANONYMOUS };

static char *map(void)
{
	char *p = mmap(NULL, LEN, RW, FLAGS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* Map, look for zeros, leave something behind for the next one, unmap. => where that was. */
static char *map_and_unmap(void)
{
	char *p = map();

	for (int i = 0; i < LEN; i += PAGE / 2)
		CHECK_EQ(p[i], 0);
	memset(p, 0x5a, LEN);
	TRY(munmap(p, LEN));
	return p;
}

static char place[PAGE]; /* what /proc/self/maps says */

static int lines_at(const char *p)
{
	char start[16];
	int fd = TRY(open("/proc/self/maps", O_RDONLY)), n = TRY(read(fd, place, sizeof place - 1)), count = 0;

	place[n] = '\0';
	TRY(close(fd));
	snprintf(start, sizeof start, "%08lx", (unsigned long)(uintptr_t)p);
	for (char *at = place; (at = strstr(at, start)) != NULL; at++)
		count++;
	return count;
}

static const volatile char *touched;

static void read_there(void)
{
	(void)*touched;
}

static void child_maps_again(void)
{
	CHECK(map_and_unmap() == touched);
}

static void body(void)
{
	char *p = map_and_unmap(), *q;

	for (int i = 0; i < 100; i++)
		CHECK(map_and_unmap() == p);
	touched = p;
	CHECK_END(read_there, -SIGSEGV);
	CHECK_ERR(mprotect(p, LEN, RW), ENOMEM);
	CHECK_EQ(lines_at(p + LEN), 0);
	/* fork: both have the place to themselves */
	CHECK(map_and_unmap() == p);
	CHECK_END(child_maps_again, 0);
	CHECK(map_and_unmap() == p);
	/* a fixed mapping over it, and over its upper end, does not meet it */
	q = mmap(p + PAGE, LEN, PROT_READ, FLAGS | MAP_FIXED_NOREPLACE, -1, 0);
	CHECK(q == p + PAGE);
	CHECK_EQ(lines_at(q), 1);
	TRY(munmap(q, LEN));
	CHECK(map_and_unmap() == p);
	/* a hint into it is taken, and another size is placed as ever: ends are alike */
	q = mmap(p + PAGE, PAGE, RW, FLAGS, -1, 0);
	CHECK(q == p + PAGE);
	TRY(munmap(q, PAGE));
	q = mmap(NULL, PAGE, PROT_READ, FLAGS, -1, 0);
	CHECK(q == p + LEN - PAGE);
	TRY(munmap(q, PAGE));
	CHECK(map_and_unmap() == p);
	/* the heap, eager too, comes and goes meanwhile */
	CHECK(sbrk(LEN) != (void *)-1);
	CHECK(map_and_unmap() == p);
	CHECK(sbrk_eager(LEN) != (void *)-1);
	CHECK(map_and_unmap() == p);
	CHECK(sbrk(-2 * LEN) != (void *)-1);
	CHECK(map_and_unmap() == p);
}

int main(void)
{
	return test_run(body);
}
