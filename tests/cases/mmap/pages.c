/* Mappings over several pages: what is written takes a page, what is not takes none, and munmap takes all away. */
#include "../case.h"

enum { TABLE = 4 << 20 }; /* what a table of pages maps: tables are needed, too */

static void map_pages(int pages)
{
	long before = freemem(), taken;
	char *p = map((size_t)pages * PAGE, RW, ANON, -1, 0);
	int wrong = 0, written = (pages + 1) / 2, tables = pages * PAGE / TABLE + 2;

	for (int i = 0; i < pages; i += 2)
		p[i * PAGE + i] = (char)(i + 1);
	for (int i = 0; i < pages; i++)
		wrong += p[i * PAGE + i] != (char)(i % 2 ? 0 : i + 1);
	taken = (before - freemem()) / PAGE;
	printf("%d pages: %d wrong, %s than the %d written\n", pages, wrong,
	       taken < written             ? "fewer taken"
	       : taken <= written + tables ? "no more taken"
	                                   : "more taken",
	       written);
	MUST(munmap(p, (size_t)pages * PAGE));
	printf("%d pages: after munmap the first is %s, the last is %s\n", pages, is_there(p) ? "there" : "gone",
	       is_there(p + (pages - 1) * PAGE) ? "there" : "gone");
}

int main(void)
{
	map_pages(2);
	map_pages(17);
	map_pages(1000);
	map_pages(3000);
	return 0;
}
