/* Mappings of any length begin on a page; a hint within one is rounded, a fixed place within one is refused. */
#include "../case.h"

int main(void)
{
	const size_t lengths[] = {1, 2, 100, 2100, 4095, 4096, 4097, 8191, 12288, 100000};
	int unaligned = 0;
	char *hint = (char *)0x20000000;

	for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		char *p = map(lengths[i], RW, ANON, -1, 0);

		unaligned += (uintptr_t)p % PAGE != 0;
		p[0] = p[lengths[i] - 1] = 1; /* the last byte can be used, wherever the length ends */
	}
	printf("%d of %zu are not aligned\n", unaligned, sizeof lengths / sizeof lengths[0]);
	printf("hint 0x20000000: %p\n", mmap(hint, PAGE, RW, ANON, -1, 0));
	printf("hint 0x20001234: %p\n", mmap(hint + 0x1234, PAGE, RW, ANON, -1, 0));
	printf("fixed 0x20004000: %p\n", mmap(hint + 0x4000, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	printf("fixed 0x20006001: ");
	printf("%s\n", mmap(hint + 0x6001, PAGE, RW, ANON | MAP_FIXED, -1, 0) == MAP_FAILED ? strerror(errno) : "done");
	printf("unmap 0x20000001: %s\n", munmap(hint + 1, PAGE) < 0 ? strerror(errno) : "done");
	return 0;
}
