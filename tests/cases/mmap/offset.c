/* A file is mapped from any page of it; what lies behind its last page is an error of the access, not of the call. */
#include "../case.h"

enum { PAGES = 5, SIZE = PAGES * PAGE };

int main(void)
{
	int descriptor = make_file("/tmp/offset", SIZE);
	char *p;

	for (int i = 0; i < PAGES; i++) {
		p = map(PAGE, PROT_READ, MAP_PRIVATE, descriptor, i * PAGE);
		printf("from page %d: %zu bytes differ\n", i, count_unlike_file(p, (size_t)i * PAGE, PAGE));
	}
	p = map(2 * PAGE, PROT_READ, MAP_SHARED, descriptor, 2 * PAGE);
	printf("two from page 2: %zu bytes differ\n", count_unlike_file(p, 2 * PAGE, 2 * PAGE));
	p = (char *)0x20000000;
	MUST(mmap(p, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 4 * PAGE));
	printf("behind the file: signal %d\n", -in_child(read_byte, p + PAGE));
	p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, descriptor, 100);
	printf("offset 100: %s\n", p == MAP_FAILED ? strerror(errno) : "done");
	return 0;
}
