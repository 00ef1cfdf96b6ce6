/* What mmap and munmap refuse, why, and that nothing has changed by it. */
#include "../case.h"

enum { TOO_MUCH = 0x7f000000 };

static int read_only, write_only;

static void try(const char *what, void *at, size_t len, int prot, int flags, int descriptor)
{
	void *p = mmap(at, len, prot, flags, descriptor, 0);

	printf("%s: %s\n", what, p == MAP_FAILED ? strerror(errno) : "done");
}

static void try_unmap(const char *what, void *at, size_t len)
{
	printf("munmap, %s: %s\n", what, munmap(at, len) < 0 ? strerror(errno) : "done");
}

/* Lines of the list of this process's mappings. */
static int regions(void)
{
	char text[4096];
	int descriptor = (int)MUST(open("/proc/self/maps", O_RDONLY)), lines = 0;
	ssize_t n;

	while ((n = read(descriptor, text, sizeof text)) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += text[i] == '\n';
	close(descriptor);
	return lines;
}

static void mistakes(char *there)
{
	try("length 0", NULL, 0, RW, ANON, -1);
	try("length that wraps around", NULL, (size_t)-1, RW, ANON, -1);
	try("more than there is room for", NULL, TOO_MUCH, RW, ANON | MAP_NORESERVE, -1);
	try("neither private nor shared", NULL, PAGE, RW, MAP_ANONYMOUS, -1);
	try("fixed, not on a page", there + 1, PAGE, RW, ANON | MAP_FIXED, -1);
	try("fixed, in the kernel", (void *)0xc0000000, PAGE, RW, ANON | MAP_FIXED, -1);
	try("fixed, in use", there, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1);
	try("no such descriptor", NULL, PAGE, PROT_READ, MAP_PRIVATE, 99);
	try("a file that is closed", NULL, PAGE, PROT_READ, MAP_PRIVATE, -1);
	try("shared writing, file read-only", NULL, PAGE, RW, MAP_SHARED, read_only);
	try("file write-only", NULL, PAGE, PROT_WRITE, MAP_SHARED, write_only);
	try_unmap("length 0", there, 0);
	try_unmap("not on a page", there + 1, PAGE);
	try_unmap("length that wraps around", there, (size_t)-1);
	try_unmap("in the kernel", (void *)0xc0000000, PAGE);
}

int main(void)
{
	char *there = map(PAGE, RW, ANON, -1, 0);
	int before;

	close(make_file("/tmp/errors", PAGE));
	read_only = (int)MUST(open("/tmp/errors", O_RDONLY));
	write_only = (int)MUST(open("/tmp/errors", O_WRONLY));
	there[0] = 't';
	printf("here it begins\n");
	before = regions();
	mistakes(there);
	printf("%d mappings more, %c is still there\n", regions() - before, there[0]);
	try("private writing, file read-only", NULL, PAGE, RW, MAP_PRIVATE, read_only);
	try_unmap("where nothing is", (void *)0x20000000, PAGE);
	return 0;
}
