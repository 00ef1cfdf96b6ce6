/* Many mappings of 2100 bytes, each of which takes a page: none overlaps, each keeps its own, in any order of
   unmapping. */
#include "../case.h"

enum { MANY = 300, LEN = 2100, STRIDE = 7 }; /* 7 and 300 have no common divisor */

static char *p[MANY];

static int overlaps(void)
{
	int found = 0;

	for (int i = 0; i < MANY; i++)
		for (int k = 0; k < i; k++)
			found += p[i] < p[k] + PAGE && p[k] < p[i] + PAGE;
	return found;
}

static void round_of_all(void)
{
	size_t dirty = 0, lost = 0;

	for (int i = 0; i < MANY; i++) {
		p[i] = map(LEN, RW, ANON, -1, 0);
		dirty += count_others(p[i], PAGE, 0);
		memset(p[i], i % 100 + 1, LEN);
		dirty += count_others(p[i] + LEN, PAGE - LEN, 0);
	}
	printf("%d mappings, %d overlap, %zu bytes not zero", MANY, overlaps(), dirty);
	for (int i = 0; i < MANY; i++) {
		char *q = p[i * STRIDE % MANY];

		lost += count_others(q, LEN, (char)(i * STRIDE % MANY % 100 + 1));
		MUST(munmap(q, LEN));
	}
	printf(", %zu bytes lost\n", lost);
}

int main(void)
{
	long before;

	round_of_all();
	before = freemem();
	round_of_all();
	printf("%ld bytes are missing\n", before - freemem());
	return 0;
}
