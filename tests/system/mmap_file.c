// Files in memory: private and shared mappings against read and write, byte by byte, from both sides; what lies beyond
// the end; errors that change nothing.
// suite: mmap
// cpus: 1 4
// kernels: debug release
// fsck: yes
#include "check.h"

#include <sys/ioctl.h>

#define NAME "/tmp/mapped"
enum { SIZE = 10 * PAGE + 1000, RW = PROT_READ | PROT_WRITE, BIG = 3 << 20 };

static char content(int i)
{
	return (char)(i * 7 + i / 251 + 1);
}

static int make(const char *name, int size)
{
	static char buf[PAGE];
	int fd = TRY(open(name, O_CREAT | O_TRUNC | O_RDWR, 0644));

	for (int at = 0; at < size; at += PAGE) {
		int n = size - at < PAGE ? size - at : PAGE;

		for (int i = 0; i < n; i++)
			buf[i] = content(at + i);
		CHECK_EQ(write(fd, buf, (size_t)n), n);
	}
	return fd;
}

static char *map(int fd, int len, int prot, int flags, int offset)
{
	char *p = mmap(NULL, (size_t)len, prot, flags, fd, offset);

	CHECK(p != MAP_FAILED);
	return p;
}

static void same(const char *p, int from, int to)
{
	for (int i = from; i < to; i++)
		if (p[i - from] != content(i))
			FAILED("byte %d is %d, not %d", i, p[i - from], content(i));
}

static char byte_at(int fd, int at)
{
	char c;

	CHECK_EQ(lseek(fd, at, SEEK_SET), at);
	CHECK_EQ(read(fd, &c, 1), 1);
	return c;
}

static void put_byte(int fd, int at, char c)
{
	CHECK_EQ(lseek(fd, at, SEEK_SET), at);
	CHECK_EQ(write(fd, &c, 1), 1);
}

static volatile char *touched;

static void read_there(void)
{
	(void)*touched;
}

static void write_there(void)
{
	*touched = 1;
}

static void ends(const char *p, void (*deed)(void), int end)
{
	touched = (char *)(uintptr_t)p;
	CHECK_END(deed, end);
}

/* The mapping lives longer than the descriptor, the name and the other name. */
static void private_life(void)
{
	int fd = make(NAME, SIZE);
	char *p = map(fd, SIZE, RW, MAP_PRIVATE, 0), *q = map(fd, 2 * PAGE, PROT_READ, MAP_PRIVATE, 3 * PAGE);

	same(q, 3 * PAGE, 5 * PAGE);
	TRY(close(fd));
	TRY(rename(NAME, NAME "2"));
	same(p, 0, 4 * PAGE);
	TRY(unlink(NAME "2"));
	same(p, 0, SIZE);
	for (int i = SIZE; i < 11 * PAGE; i++)
		CHECK_EQ(p[i], 0);
	p[0] = 'X';
	p[5 * PAGE] = 'Y';
	CHECK_EQ(p[0], 'X');
	same(p + 1, 1, 5 * PAGE);
	same(q, 3 * PAGE, 5 * PAGE);
	TRY(munmap(p, SIZE));
	TRY(munmap(q, 2 * PAGE));
}

static char *mine;

static void child_writes_private(void)
{
	same(mine, 0, SIZE);
	memset(mine, 'c', SIZE);
}

static void private_copies(void)
{
	int fd = make(NAME, SIZE);
	char *p = mine = map(fd, SIZE, RW, MAP_PRIVATE, 0);

	CHECK_END(child_writes_private, 0);
	same(p, 0, SIZE);
	p[PAGE] = 'p';
	CHECK_EQ(byte_at(fd, PAGE), content(PAGE));
	/* A page that was not copied shows what is written to the file; one that was does not. */
	put_byte(fd, 2 * PAGE, 'w');
	put_byte(fd, PAGE + 1, 'w');
	CHECK_EQ(p[2 * PAGE], 'w');
	CHECK_EQ(p[PAGE + 1], content(PAGE + 1));
	TRY(madvise(p, SIZE, MADV_DONTNEED));
	CHECK_EQ(p[PAGE], content(PAGE));
	CHECK_EQ(p[PAGE + 1], 'w');
	TRY(munmap(p, SIZE));
	TRY(close(fd));
}

static void rights(void)
{
	int fd = make(NAME, SIZE);
	char *none = map(fd, SIZE, PROT_NONE, MAP_PRIVATE, 0), *r = map(fd, SIZE, PROT_READ, MAP_PRIVATE, 0);
	char *x = map(fd, SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE, 0);

	ends(none, read_there, -SIGSEGV);
	ends(r, write_there, -SIGSEGV);
	ends(x + PAGE, write_there, -SIGSEGV);
	same(x, 0, SIZE);
	TRY(mprotect(none, PAGE, PROT_READ));
	same(none, 0, PAGE);
	TRY(mprotect(r, SIZE, RW));
	r[0] = 'r';
	CHECK_EQ(byte_at(fd, 0), content(0));
	TRY(munmap(none, SIZE));
	TRY(munmap(r, SIZE));
	TRY(munmap(x, SIZE));
	TRY(close(fd));
}

static void beyond(void)
{
	int fd = make(NAME, SIZE), empty = TRY(open("/tmp/empty", O_CREAT | O_TRUNC | O_RDWR, 0644));
	char *p = map(fd, 20 * PAGE, RW, MAP_PRIVATE, 0), *s = map(fd, 20 * PAGE, RW, MAP_SHARED, 0);
	char *e = map(empty, PAGE, RW, MAP_SHARED, 0), *far = map(fd, PAGE, RW, MAP_PRIVATE, 1 << 30);

	ends(p + 11 * PAGE, read_there, -SIGBUS);
	ends(p + 11 * PAGE, write_there, -SIGBUS);
	ends(s + 19 * PAGE, write_there, -SIGBUS);
	ends(e, read_there, -SIGBUS);
	ends(far, read_there, -SIGBUS);
	/* A system call ends nobody. */
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_ERR(read(fd, p + 11 * PAGE, PAGE), EFAULT);
	/* The file grows, and is there. */
	put_byte(empty, 0, 'e');
	CHECK_EQ(e[0], 'e');
	put_byte(fd, 11 * PAGE + 5, 'g');
	CHECK_EQ(p[11 * PAGE + 5], 'g');
	CHECK_EQ(s[11 * PAGE + 4], 0);
	TRY(munmap(p, 20 * PAGE));
	TRY(munmap(s, 20 * PAGE));
	TRY(munmap(e, PAGE));
	TRY(munmap(far, PAGE));
	TRY(close(fd));
	TRY(close(empty));
	TRY(unlink("/tmp/empty"));
}

static void child_writes_shared(void)
{
	mine[PAGE] = 'c';
	CHECK_EQ(mine[2 * PAGE], 'p');
}

/* What one side writes the other sees at once. */
static void shared(void)
{
	int fd = make(NAME, SIZE);
	char *p = map(fd, SIZE, RW, MAP_SHARED, 0), *q = map(fd, PAGE, PROT_READ, MAP_SHARED, PAGE);

	same(p, 0, SIZE);
	p[7] = 'a';
	CHECK_EQ(byte_at(fd, 7), 'a');
	put_byte(fd, 8, 'b');
	CHECK_EQ(p[8], 'b');
	mine = p;
	p[2 * PAGE] = 'p';
	CHECK_END(child_writes_shared, 0);
	CHECK_EQ(p[PAGE], 'c');
	CHECK_EQ(q[0], 'c');
	CHECK_EQ(byte_at(fd, PAGE), 'c');
	TRY(munmap(p, SIZE));
	CHECK_EQ(q[0], 'c');
	TRY(munmap(q, PAGE));
	TRY(close(fd));
	fd = TRY(open(NAME, O_RDONLY));
	CHECK_EQ(byte_at(fd, 2 * PAGE), 'p');
	TRY(close(fd));
}

/* After each write-back the next write is noticed again: the file is read from the disk at the end. */
static void written_back(void)
{
	int fd = make(NAME, SIZE);
	char *p = map(fd, SIZE, RW, MAP_SHARED, 0);

	for (int i = 0; i < 6; i++) {
		sync();
		p[i] = (char)('0' + i);
		p[PAGE * i + 100] = (char)('a' + i);
		CHECK_EQ(audit_fails(), 0);
		switch (i % 3) {
		case 0: TRY(msync(p, SIZE, MS_SYNC)); break;
		case 1: TRY(fsync(fd)); break;
		default: sync();
		}
		CHECK_EQ(audit_fails(), 0);
	}
	p[PAGE + 9] = 'u';
	TRY(close(fd));
	TRY(munmap(p, SIZE));
	freemem(); /* writes what is dirty, and drops the file from the cache */
	fd = TRY(open(NAME, O_RDONLY));
	for (int i = 0; i < 6; i++) {
		CHECK_EQ(byte_at(fd, i), '0' + i);
		CHECK_EQ(byte_at(fd, PAGE * i + 100), 'a' + i);
	}
	CHECK_EQ(byte_at(fd, PAGE + 9), 'u');
	TRY(close(fd));
}

/* What is written behind the end is no part of the file, ever. */
static void tail(void)
{
	int fd = make(NAME, 1000);
	char *p = map(fd, PAGE, RW, MAP_SHARED, 0);
	struct stat st;

	memset(p + 1000, 'x', PAGE - 1000);
	TRY(msync(p, PAGE, MS_SYNC));
	CHECK_EQ(p[1000], 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 1000);
	memset(p + 1000, 'y', PAGE - 1000);
	TRY(ftruncate(fd, 2000));
	CHECK_EQ(p[1000], 0);
	CHECK_EQ(byte_at(fd, 1999), 0);
	memset(p + 2000, 'z', PAGE - 2000);
	sync();
	put_byte(fd, 3000, 'w');
	for (int i = 2000; i < 3000; i++)
		CHECK_EQ(byte_at(fd, i), 0);
	memset(p + 3001, 'v', PAGE - 3001);
	TRY(munmap(p, PAGE));
	TRY(close(fd));
	sync();
	freemem();
	fd = TRY(open(NAME, O_RDWR));
	TRY(ftruncate(fd, PAGE));
	for (int i = 3001; i < PAGE; i++)
		CHECK_EQ(byte_at(fd, i), 0);
	TRY(close(fd));
}

/* Memory that nobody else has a place for: dirty pages of a file go to the disk, and come back. */
static void holes(void)
{
	int fd = TRY(open(NAME, O_CREAT | O_TRUNC | O_RDWR, 0644));
	struct stat st;
	char *p;

	TRY(ftruncate(fd, BIG));
	p = map(fd, BIG, RW, MAP_SHARED, 0);
	CHECK_EQ(p[BIG - 1], 0);
	for (int at = 0; at < BIG; at += 16 * PAGE)
		p[at] = (char)(at >> 16 | 1);
	TRY(msync(p, BIG, MS_SYNC));
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(st.st_blocks >= BIG / (16 * 512) && st.st_blocks < BIG / 512);
	TRY(munmap(p, BIG));
	freemem();
	for (int at = 0; at < BIG; at += 16 * PAGE)
		CHECK_EQ(byte_at(fd, at), (char)(at >> 16 | 1));
	TRY(close(fd));
}

static void populated(void)
{
	static unsigned char core[16];
	int fd = make(NAME, SIZE);
	char *p = map(fd, SIZE, RW, MAP_PRIVATE | MAP_POPULATE | MAP_NORESERVE, 0);
	char *s = map(fd, 16 * PAGE, RW, MAP_SHARED | MAP_POPULATE, 0), *a;

	TRY(mincore(p, SIZE, core));
	for (int i = 0; i < 11; i++)
		CHECK_EQ(core[i], 1);
	same(p, 0, SIZE);
	TRY(mincore(s, 16 * PAGE, core));
	for (int i = 0; i < 16; i++)
		CHECK_EQ(core[i], i < 11);
	a = map(-1, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, 0);
	a[PAGE] = 1;
	TRY(mincore(a, 4 * PAGE, core));
	CHECK(core[0] == 0 && core[1] == 1 && core[2] == 0 && core[3] == 0);
	CHECK_ERR(mincore(a + 1, PAGE, core), EINVAL);
	CHECK_ERR(mincore(a, PAGE, (unsigned char *)0x1000), EFAULT);
	TRY(munmap(a + 2 * PAGE, PAGE));
	CHECK_ERR(mincore(a, 4 * PAGE, core), ENOMEM);
	CHECK_ERR(mincore(a, 0xfffff000u, core), ENOMEM);
	TRY(mincore(a, 0, core));
	TRY(munmap(a, 4 * PAGE));
	TRY(munmap(p, SIZE));
	TRY(munmap(s, 16 * PAGE));
	TRY(close(fd));
}

static void refused(void *addr, uint32_t len, int prot, int flags, int fd, uint32_t page, int error)
{
	uint32_t result = (uint32_t)TRAP(192, (uint32_t)(uintptr_t)addr, len, (uint32_t)prot, (uint32_t)flags,
	                                 (uint32_t)fd, page);

	CHECK_EQ((int)result, -error);
}

static uint32_t promised(void)
{
	static struct abi_procinfo list[64];
	int n = getprocs(list, sizeof list);

	for (int i = 0; i < n; i++)
		if (list[i].pid == getpid())
			return list[i].promised;
	return 0;
}

static void errors(void)
{
	int fd = make(NAME, SIZE), ro = TRY(open(NAME, O_RDONLY)), wo = TRY(open(NAME, O_WRONLY)), pipes[2];
	int dir = TRY(open("/tmp", O_RDONLY)), null = TRY(open("/dev/null", O_RDWR)),
	    zero = TRY(open("/dev/zero", O_RDWR));
	int proc = TRY(open("/proc/self/maps", O_RDONLY)), tty = TRY(open("/dev/console", O_RDWR));
	uint32_t before;
	char *p;

	TRY(pipe(pipes));
	before = promised();
	refused(NULL, PAGE, PROT_READ, MAP_PRIVATE, 77, 0, EBADF);
	refused(NULL, PAGE, PROT_READ, MAP_SHARED, -1, 0, EBADF);
	refused(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0, EINVAL);
	refused(NULL, PAGE, PROT_READ, 0, fd, 0, EINVAL);
	refused((void *)0x10000001, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0, EINVAL);
	refused(NULL, 0x90000000u, PROT_READ, MAP_SHARED, fd, 0, ENOMEM);
	refused(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0xffffffffu, EOVERFLOW);
	refused(NULL, PAGE, PROT_READ, MAP_PRIVATE, wo, 0, EACCES);
	refused(NULL, PAGE, PROT_WRITE, MAP_SHARED, wo, 0, EACCES);
	refused(NULL, PAGE, RW, MAP_SHARED, ro, 0, EACCES);
	refused(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0, ENODEV);
	refused(NULL, PAGE, PROT_READ, MAP_SHARED, pipes[0], 0, ENODEV);
	refused(NULL, PAGE, PROT_READ, MAP_PRIVATE, null, 0, ENODEV);
	refused(NULL, PAGE, PROT_READ, MAP_PRIVATE, proc, 0, ENODEV);
	refused(NULL, PAGE, PROT_READ, MAP_SHARED, tty, 0, ENODEV);
	CHECK_EQ(promised(), before);
	p = map(ro, PAGE, PROT_READ, MAP_SHARED, 0);
	CHECK_ERR(mprotect(p, PAGE, RW), EACCES);
	same(p, 0, PAGE);
	CHECK_ERR(msync(p, PAGE, 8), EINVAL);
	CHECK_ERR(msync(p + 1, PAGE, MS_SYNC), EINVAL);
	CHECK_ERR(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	TRY(msync(p, PAGE, MS_ASYNC | MS_INVALIDATE));
	TRY(msync(p, 0, MS_SYNC));
	TRY(munmap(p, PAGE));
	CHECK_ERR(msync(p, PAGE, MS_SYNC), ENOMEM);
	CHECK_ERR(msync(p, 0xfffff001u, MS_SYNC), ENOMEM);
	p = map(ro, PAGE, RW, MAP_PRIVATE, 0); /* a private copy needs no right to write the file */
	p[0] = 'p';
	TRY(munmap(p, PAGE));
	p = map(zero, 2 * PAGE, RW, MAP_PRIVATE, 0);
	CHECK(p[0] == 0 && p[2 * PAGE - 1] == 0);
	TRY(munmap(p, 2 * PAGE));
	for (int i = 3; i < 20; i++)
		close(i);
}

static void in_maps(void)
{
	static char maps[8 * PAGE];
	int fd = make(NAME, SIZE), m, n = 0, got;
	char *p = map(fd, PAGE, RW, MAP_SHARED, 2 * PAGE), line[160];
	struct stat st;

	CHECK_EQ(fstat(fd, &st), 0);
	m = TRY(open("/proc/self/maps", O_RDONLY));
	while ((got = TRY(read(m, maps + n, sizeof maps - 1 - (size_t)n))) > 0)
		n += got;
	TRY(close(m));
	snprintf(line, sizeof line, "%08x-%08x rw-s 00002000", (unsigned)(uintptr_t)p, (unsigned)(uintptr_t)p + PAGE);
	CHECK(strstr(maps, line) != NULL);
	CHECK(strstr(strstr(maps, line), NAME "\n") != NULL);
	TRY(munmap(p, PAGE));
	TRY(close(fd));
}

static void body(void)
{
	private_life();
	private_copies();
	rights();
	beyond();
	shared();
	written_back();
	tail();
	holes();
	populated();
	errors();
	in_maps();
	TRY(unlink(NAME));
}

int main(void)
{
	return test_run(body);
}
