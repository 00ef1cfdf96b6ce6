// Ranges that change size and place: the pages go along and none is copied, promises stay promises, and those who share
// the tables after fork notice nothing.
// suite: lazy mmap
// mem: 64 512
// cpus: 1 4
// kernels: debug release
#include "check.h"

enum { PAGES = 64, RW = PROT_READ | PROT_WRITE, FLAGS = MAP_PRIVATE | MAP_ANONYMOUS };
#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

static const char constant[3 * PAGE]
	__attribute__((aligned(4096))) = {'f', 'i', 'r', 's', 't', [PAGE] = 'm', [2 * PAGE] = 'z'};
static const char *volatile text = constant; /* the compiler must not know what is there */

static char *anonymous(int pages)
{
	char *p = mmap(NULL, (size_t)pages * PAGE, RW, FLAGS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* Address space for PAGES that nothing is mapped in. */
static char *room(int pages)
{
	char *p = anonymous(pages);

	TRY(munmap(p, (size_t)pages * PAGE));
	return p;
}

static void fill(char *p, int pages)
{
	for (int i = 0; i < pages; i++)
		p[i * PAGE] = p[i * PAGE + PAGE - 1] = (char)(i + 1);
}

static void look(const char *p, int pages)
{
	for (int i = 0; i < pages; i++)
		CHECK(p[i * PAGE] == (char)(i + 1) && p[i * PAGE + PAGE - 1] == (char)(i + 1));
}

static const volatile char *touched;

static void read_there(void)
{
	(void)*touched;
}

static void gone(const char *p)
{
	touched = p;
	CHECK_END(read_there, -SIGSEGV);
}

/* The processor has just used the page, and knows it well. */
static void read_after_move(void)
{
	char *p = anonymous(2), *q = room(2);

	fill(p, 2);
	CHECK(mremap(p + PAGE, PAGE, PAGE, FIXED, q) == q);
	touched = p + PAGE;
	read_there();
}

static void size(void)
{
	char *p = anonymous(PAGES), *q;

	fill(p, PAGES);
	CHECK(mremap(p, PAGES * PAGE, 10 * PAGE - 5, 0) == p);
	look(p, 10);
	gone(p + 10 * PAGE);
	CHECK(mremap(p, 10 * PAGE, PAGES * PAGE, 0) == p);
	look(p, 10);
	CHECK(p[10 * PAGE] == 0 && p[PAGES * PAGE - 1] == 0);
	CHECK(mmap(p + PAGES * PAGE, PAGE, PROT_READ, FLAGS | MAP_FIXED, -1, 0) == p + PAGES * PAGE);
	CHECK_ERR(mremap(p, PAGES * PAGE, (PAGES + 1) * PAGE, 0), ENOMEM);
	q = mremap(p, PAGES * PAGE, (PAGES + 1) * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED && q != p);
	look(q, 10);
	gone(p);
	TRY(munmap(q, (PAGES + 1) * PAGE));
	TRY(munmap(p + PAGES * PAGE, PAGE));
}

/* What moving costs: no page; what was never touched stays a promise. */
static void cost(void)
{
	char *p = mmap(NULL, GIB / 2, RW, FLAGS, -1, 0), *q = room(GIB / 2 / PAGE + 3) + 3 * PAGE;
	uint32_t before;

	CHECK(p != MAP_FAILED);
	fill(p, PAGES);
	before = anon_bytes();
	CHECK(mremap(p, GIB / 2, GIB / 2, FIXED, q) == q);
	CHECK_EQ(anon_bytes(), before);
	look(q, PAGES);
	CHECK_EQ(anon_bytes(), before);
	TRY(munmap(q, GIB / 2));
}

/* Part of a region, onto part of another; the rest of both stays. */
static void parts(void)
{
	char *p = anonymous(PAGES), *q = anonymous(PAGES);

	fill(p, PAGES);
	fill(q, PAGES);
	CHECK(mremap(p + 5 * PAGE, 4 * PAGE, 6 * PAGE, FIXED, q + 20 * PAGE) == q + 20 * PAGE);
	look(p, 5);
	gone(p + 5 * PAGE);
	gone(p + 8 * PAGE);
	CHECK(p[9 * PAGE] == 10);
	look(q, 20);
	CHECK(q[20 * PAGE] == 6 && q[23 * PAGE] == 9 && q[24 * PAGE] == 0 && q[25 * PAGE] == 0);
	CHECK(q[26 * PAGE] == 27);
	CHECK(mremap(q, 4 * PAGE, 2 * PAGE, FIXED, p + 6 * PAGE) == p + 6 * PAGE);
	CHECK(p[6 * PAGE] == 1 && p[7 * PAGE] == 2);
	gone(q + 3 * PAGE);
	CHECK(q[4 * PAGE] == 5);
	TRY(munmap(p, PAGES * PAGE));
	TRY(munmap(q, PAGES * PAGE));
}

static char *shared, *target;

static void child(void)
{
	CHECK(mremap(shared, PAGES * PAGE, PAGES * PAGE, FIXED, target) == target);
	look(target, PAGES);
	gone(shared);
	memset(target, 99, PAGES * PAGE);
}

/* Tables that are shared, and borders of leaf tables on either side. */
static void forked(void)
{
	shared = room(3 * TABLE / PAGE);
	shared = (char *)(((uintptr_t)shared + TABLE - 1) & ~(uintptr_t)(TABLE - 1)) + TABLE - PAGES / 2 * PAGE;
	target = room(5 * TABLE / PAGE);
	target = (char *)(((uintptr_t)target + TABLE - 1) & ~(uintptr_t)(TABLE - 1)) - 10 * PAGE;
	CHECK(mmap(shared, PAGES * PAGE, RW, FLAGS | MAP_FIXED, -1, 0) == shared);
	fill(shared, PAGES);
	CHECK_END(child, 0);
	look(shared, PAGES);
	CHECK_END(child, 0);
	look(shared, PAGES);
	TRY(munmap(shared, PAGES * PAGE));
}

/* Pages of the program's own file; what is read there again is the right page. */
static void file(void)
{
	char *q = room(8), *from = (char *)(uintptr_t)text + PAGE;

	CHECK(text[PAGE] == 'm');
	CHECK(mremap(from, 2 * PAGE, 2 * PAGE, FIXED, q) == q);
	CHECK(q[0] == 'm' && q[PAGE] == 'z');
	TRY(madvise(q, 2 * PAGE, MADV_DONTNEED));
	CHECK(q[0] == 'm' && q[PAGE] == 'z');
	gone(from);
	CHECK_STRING(text, "first");
	TRY(mprotect(q, PAGE, RW));
	q[0] = 'M';
	CHECK(mremap(q, PAGE, PAGE, FIXED, q + 4 * PAGE) == q + 4 * PAGE);
	CHECK(q[4 * PAGE] == 'M');
	/* back, for the other tests */
	TRY(madvise(q + 4 * PAGE, PAGE, MADV_DONTNEED));
	TRY(mprotect(q + 4 * PAGE, PAGE, PROT_READ));
	CHECK(mremap(q + 4 * PAGE, PAGE, PAGE, FIXED, from) == from);
	CHECK(mremap(q + PAGE, PAGE, PAGE, FIXED, from + PAGE) == from + PAGE);
	CHECK(text[PAGE] == 'm' && text[2 * PAGE] == 'z');
}

static void rights(void)
{
	char *p = anonymous(4), *q = room(4);

	fill(p, 4);
	TRY(mprotect(p, 4 * PAGE, PROT_NONE));
	CHECK(mremap(p, 4 * PAGE, 4 * PAGE, FIXED, q) == q);
	gone(q);
	TRY(mprotect(q, 4 * PAGE, PROT_READ));
	look(q, 4);
	TRY(munmap(q, 4 * PAGE));
}

static void errors(void)
{
	char *p = anonymous(8), *free = room(8);

	TRY(mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ));
	CHECK_ERR(mremap(p + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EINVAL);
	CHECK_ERR(mremap(p, PAGE, 0, MREMAP_MAYMOVE), EINVAL);
	CHECK_ERR(mremap(p, 0, PAGE, MREMAP_MAYMOVE), EINVAL);
	CHECK_ERR(mremap(p, PAGE, PAGE, 8), EINVAL);
	CHECK_ERR(mremap(p, PAGE, PAGE, MREMAP_FIXED, free), EINVAL);
	CHECK_ERR(mremap(p, PAGE, PAGE, FIXED, free + 1), EINVAL);
	CHECK_ERR(mremap(p, 2 * PAGE, 2 * PAGE, FIXED, p + PAGE), EINVAL);
	CHECK_ERR(mremap(p, PAGE, PAGE, FIXED, (void *)KERNEL_BASE), EINVAL);
	CHECK_ERR(mremap(free, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
	CHECK_ERR(mremap(p, 5 * PAGE, 6 * PAGE, MREMAP_MAYMOVE), EFAULT);
	CHECK_ERR(mremap((void *)KERNEL_BASE, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
	CHECK_ERR(mremap(p, PAGE, 0x7fff0000, MREMAP_MAYMOVE), ENOMEM);
	CHECK_ERR(mremap(p, PAGE, 2 * PAGE, 0), ENOMEM);
	fill(p, 4);
	TRY(munmap(p, 8 * PAGE));
}

static void body(void)
{
	size();
	cost();
	parts();
	forked();
	file();
	rights();
	errors();
	CHECK_END(read_after_move, -SIGSEGV);
}

int main(void)
{
	return test_run(body);
}
