/* What is written through a shared mapping is in the file, with and without msync; through a private one it is not. */
#include "../case.h"

#define NAME "/tmp/sync"
enum { SIZE = 2 * PAGE };

static char in_file(off_t at)
{
	int descriptor = (int)MUST(open(NAME, O_RDONLY));
	char c = 0;

	MUST(lseek(descriptor, at, SEEK_SET));
	MUST(read(descriptor, &c, 1));
	close(descriptor);
	return c;
}

int main(void)
{
	int descriptor = make_file(NAME, SIZE);
	char *shared = map(SIZE, RW, MAP_SHARED, descriptor, 0), *private = map(SIZE, RW, MAP_PRIVATE, descriptor, 0);
	char c = '3';

	shared[10] = '1';
	MUST(msync(shared, SIZE, MS_SYNC));
	printf("shared, after msync: %c\n", in_file(10));
	shared[PAGE + 10] = '2';
	printf("shared, without msync: %c\n", in_file(PAGE + 10));
	private[20] = '!';
	MUST(msync(private, SIZE, MS_SYNC));
	printf("private, after msync: %c\n", in_file(20));
	MUST(lseek(descriptor, 30, SEEK_SET));
	MUST(write(descriptor, &c, 1));
	printf("written to the file: %c in the shared mapping\n", shared[30]);
	printf("msync within a page: %s\n", msync(shared + 1, PAGE, MS_SYNC) < 0 ? strerror(errno) : "done");
	MUST(munmap(shared, SIZE));
	printf("msync after munmap: %s\n", msync(shared, SIZE, MS_SYNC) < 0 ? strerror(errno) : "done");
	printf("in the file after munmap: %c %c\n", in_file(10), in_file(PAGE + 10));
	return 0;
}
