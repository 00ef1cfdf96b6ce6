/* Lazy allocation: a heap of 1 GiB, of which a page in 64 is touched, on a machine with 128 MiB. */
#include "case.h"

enum { REGION = 1024 * 1024 * 1024, STEP = 64 * PAGE };

static char *start;

/* What is given back is gone, even for a child that has inherited it. */
static void give_back_and_write(char *p)
{
	sbrklazy(-REGION);
	*(volatile char *)p = 1;
}

int main(void)
{
	int wrong = 0;

	start = sbrklazy(REGION);
	CHECK(start != (char *)-1);
	if (start == (char *)-1)
		done("sparse");
	for (char *p = start + PAGE; p < start + REGION; p += STEP)
		*(char **)p = p;
	for (char *p = start + PAGE; p < start + REGION; p += STEP)
		wrong += *(char **)p != p || p[PAGE] != 0;
	CHECK(wrong == 0);
	CHECK(survives(read_at, start + PAGE) == 1 && survives(write_at, start + REGION - 1) == 1);
	CHECK(survives(give_back_and_write, start + REGION / 2) == 0);
	CHECK(sbrklazy(-REGION) == start + REGION && sbrk(0) == start);
	CHECK(sbrklazy(4 * PAGE) == start && open(start + 2 * PAGE, O_RDONLY) == -1); /* a name of no letters */
	CHECK(write(1, start + PAGE, 0) == 0);
	done("sparse");
}
