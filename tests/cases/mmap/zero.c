/* Map, look whether all is zero, fill, unmap: again and again, so that used pages come back.  A page that was written
   to before it is looked at is another than one that was only read. */
#include "../case.h"

enum { ROUNDS = 50, PAGES = 16, LEN = PAGES * PAGE };

/* Bytes that are not zero, but for the first of each page when it is WRITTEN. */
static size_t look(char *p, bool written)
{
	size_t dirty = 0;

	for (int i = 0; i < PAGES; i++, p += PAGE) {
		if (written)
			p[0] = 1;
		dirty += count_others(p + written, PAGE - written, 0);
	}
	return dirty;
}

int main(void)
{
	size_t dirty = 0;
	char *p = (char *)0x20000000;

	for (int i = 0; i < ROUNDS; i++) {
		MUST(mmap(p, LEN, RW, ANON | MAP_FIXED, -1, 0));
		dirty += look(p, i % 2);
		memset(p, 0xA5, LEN);
		MUST(munmap(p, LEN));
	}
	printf("%zu bytes were not zero in %d rounds\n", dirty, ROUNDS);
	printf("reading it after munmap: signal %d\n", -in_child(read_byte, p));
	printf("writing it after munmap: signal %d\n", -in_child(write_byte, p));
	return 0;
}
