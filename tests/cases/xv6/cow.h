/* Copy on write: a program with two thirds of memory forks, so nothing can have been copied; what one side writes the
   other does not see. */
#include "case.h"

enum { PARTS = 3 };

static int pages;
static char *base;

static int count_wrong(int from, int to, int value)
{
	int wrong = 0;

	for (int i = from; i < to; i++)
		wrong += *(int *)(base + i * PAGE) != value;
	return wrong;
}

static void set(int from, int to, int value)
{
	for (int i = from; i < to; i++)
		*(int *)(base + i * PAGE) = value;
}

/* The children write a part each, all at once, and see nothing of one another. */
static void children_write(int part)
{
	for (int k = 0; k < PARTS; k++) {
		if (fork() == 0) {
			set(k * part, (k + 1) * part, 100 + k);
			LEAVE(count_wrong(k * part, (k + 1) * part, 100 + k) + count_wrong(PARTS * part, pages, 7));
		}
	}
	for (int k = 0; k < PARTS; k++)
		CHECK(wait_zero() > 0);
}

/* What a system call writes is a write too. */
static void through_a_call(void)
{
	int ends[2];

	CHECK(pipe(ends) == 0 && write(ends[1], "abcd", 4) == 4);
	if (fork() == 0) {
		int n = read(ends[0], base, 4);

		LEAVE(n != 4 || base[0] != 'a');
	}
	CHECK(wait_zero() > 0 && *(int *)base == 7);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	unsigned int total = machine_bytes();

	pages = (int)(total / 3 * 2 / PAGE);
	base = sbrk(pages * PAGE);
	CHECK(base != (char *)-1);
	if (base == (char *)-1)
		done("cow");
	set(0, pages, 7);
	for (int round = 0; round < 3; round++) {
		if (fork() == 0)
			LEAVE(0);
		CHECK(wait_zero() > 0);
	}
	children_write(pages / 16);
	through_a_call();
	CHECK(count_wrong(0, pages, 7) == 0);
	CHECK(sbrk(-pages * PAGE) == base + pages * PAGE);
	done("cow");
}
