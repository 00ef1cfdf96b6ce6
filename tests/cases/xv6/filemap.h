/* Files in memory. */
#include "case.h"

#define MAPPED(p) ((char *)(p) != (char *)-1)

/* A page and a half of A, and a little B. */
static int make_file(const char *name)
{
	static char text[PAGE + PAGE / 2];
	int fd;

	unlink(name);
	fd = open(name, O_CREATE | O_RDWR);
	memset(text, 'A', sizeof text);
	text[sizeof text - 1] = 'B';
	CHECK(write(fd, text, sizeof text) == (int)sizeof text);
	return fd;
}

static int looks_right(const char *p)
{
	for (int i = 0; i < PAGE + PAGE / 2 - 1; i++)
		if (p[i] != 'A')
			return 0;
	return p[PAGE + PAGE / 2 - 1] == 'B' && p[PAGE + PAGE / 2] == 0 && p[2 * PAGE - 1] == 0;
}

static char byte_of(const char *name, int offset)
{
	char c = 0;
	int fd = open(name, O_RDONLY);

	while (offset-- >= 0)
		read(fd, &c, 1);
	close(fd);
	return c;
}

static void private_and_shared(void)
{
	int fd = make_file("mapped");
	char *p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), *q;

	CHECK(MAPPED(p) && looks_right(p));
	p[0] = 'Z';
	CHECK(byte_of("mapped", 0) == 'A' && munmap(p, 2 * PAGE) == 0 && !survives(read_at, p));
	p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	q = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	close(fd);
	CHECK(MAPPED(p) && looks_right(p) && MAPPED(q) && q[0] == 'A' && q[PAGE / 2 - 1] == 'B');
	p[1] = 'Y';
	p[PAGE] = 'X';
	CHECK(q[0] == 'X' && msync(p, 2 * PAGE) == 0 && byte_of("mapped", 1) == 'Y');
	CHECK(!survives(write_at, q) && munmap(q, PAGE) == 0);
	CHECK(munmap(p, PAGE) == 0 && !survives(read_at, p) && p[PAGE] == 'X' && munmap(p + PAGE, PAGE) == 0);
	CHECK(byte_of("mapped", PAGE) == 'X');
}

static void refused(void)
{
	int fd;

	close(make_file("mapped"));
	fd = open("mapped", O_RDONLY);
	CHECK(!MAPPED(mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)));
	CHECK(MAPPED(mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0)));
	CHECK(!MAPPED(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, 99, 0)));
	CHECK(!MAPPED(mmap(0, 0, PROT_READ, MAP_PRIVATE, fd, 0)));
	close(fd);
}

/* Parent and child have the same pages of a shared mapping. */
static void inherited(void)
{
	int fd = make_file("mapped");
	char *p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fork() == 0) {
		p[5] = 'C';
		LEAVE(!looks_right(p) && p[5] != 'C');
	}
	CHECK(wait_zero() > 0 && p[5] == 'C');
	CHECK(munmap(p, 2 * PAGE) == 0);
	close(fd);
}

/* What the courses' mmap has and Unix's has not. */
static void course_forms(void)
{
	int fd = make_file("mapped");
	char *p = mmap(0, 3 * PAGE, 0, 0, -1, 0), *q;

	CHECK(MAPPED(p) && p[2 * PAGE] == 0);
	p[0] = 1;
	q = mmap(p, PAGE, 0, 0, -1, 0); /* a hint that is taken */
	CHECK(MAPPED(q) && q != p && q[0] == 0);
	CHECK(munmap(p, 3 * PAGE) == 0 && munmap(q, PAGE) == 0);
	p = mmap(0, PAGE, 0, MAP_ANONYMOUS, -1, 0);
	CHECK(MAPPED(p) && p[0] == 0 && !survives(write_at, p) && munmap(p, PAGE) == 0);
	p = mmap(0, 20, PROT_READ, MAP_PRIVATE, fd, PAGE + PAGE / 2 - 1);
	CHECK(MAPPED(p) && p[0] == 'B' && munmap(p, 20) == 0);
	close(fd);
}

int main(void)
{
	private_and_shared();
	refused();
	inherited();
	course_forms();
	CHECK(unlink("mapped") == 0);
	done("filemap");
}
