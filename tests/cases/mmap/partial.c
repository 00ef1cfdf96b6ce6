/* Pages unmapped from the start, the end and the middle of a mapping: the others keep what they have. */
#include "../case.h"

enum { PAGES = 8 };

static char *p;

static void show(const char *what)
{
	printf("%-14s", what);
	for (int i = 0; i < PAGES; i++)
		printf(" %c", is_there(p + i * PAGE) ? p[i * PAGE] : '-');
	printf("\n");
}

static void unmap(int from, int pages)
{
	MUST(munmap(p + from * PAGE, (size_t)pages * PAGE));
}

int main(void)
{
	p = map(PAGES * PAGE, RW, ANON, -1, 0);
	for (int i = 0; i < PAGES; i++)
		p[i * PAGE] = (char)('0' + i);
	show("all");
	unmap(0, 1);
	show("without first");
	unmap(PAGES - 1, 1);
	show("without last");
	unmap(3, 2);
	show("with a hole");
	MUST(mmap(p + 3 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	p[3 * PAGE] = 'n';
	show("filled again");
	unmap(0, PAGES); /* the holes, too: no error */
	show("nothing");
	return 0;
}
