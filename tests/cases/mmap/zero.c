/* Map, look whether all is zero, fill, unmap: again and again, so that used pages come back. */
#include "../case.h"

enum { ROUNDS = 50, PAGES = 16, LEN = PAGES * PAGE };

int main(void)
{
	size_t dirty = 0;
	char *p = (char *)0x20000000;

	for (int i = 0; i < ROUNDS; i++) {
		MUST(mmap(p, LEN, RW, ANON | MAP_FIXED, -1, 0));
		dirty += count_others(p, LEN, 0);
		memset(p, 0xA5, LEN);
		MUST(munmap(p, LEN));
	}
	printf("%zu bytes were not zero in %d rounds\n", dirty, ROUNDS);
	printf("reading it after munmap: signal %d\n", -in_child(read_byte, p));
	printf("writing it after munmap: signal %d\n", -in_child(write_byte, p));
	return 0;
}
