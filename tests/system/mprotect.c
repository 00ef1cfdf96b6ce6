// Rights of pages that are there: taken away they are gone for the program and for the kernel's copies, given back they
// show what was there; and whoever shares a page or its table keeps what is his.
// suite: lazy mmap
// mem: 64 512
// cpus: 1 4
// kernels: debug release
#include <sys/resource.h>

#include "check.h"

enum { PAGES = 40, RW = PROT_READ | PROT_WRITE, FLAGS = MAP_PRIVATE | MAP_ANONYMOUS };

static char *memory;
static int pipe_ends[2];
static const char constant[2 * PAGE] __attribute__((aligned(4096))) = "constant"; /* a page of the program's file */
static const char *volatile text = constant; /* the compiler must not know what is there */

static char *page(int i)
{
	return memory + i * PAGE;
}

static void fill(void)
{
	for (int i = 0; i < PAGES; i++)
		*page(i) = (char)(i + 1);
}

static void look(void)
{
	for (int i = 0; i < PAGES; i++)
		CHECK_EQ(*page(i), i + 1);
}

static char *touched;

static void read_there(void)
{
	(void)*(volatile char *)touched;
}

static void write_there(void)
{
	*(volatile char *)touched = 1;
}

/* The processor has just used the page, and knows it well. */
static void write_after_protect(void)
{
	*page(5) = 1;
	TRY(mprotect(page(5), PAGE, PROT_READ));
	*page(5) = 2;
}

static void read_after_protect(void)
{
	*page(5) = 1;
	TRY(mprotect(page(5), PAGE, PROT_NONE));
	touched = page(5);
	read_there();
}

/* What program and kernel may do with the byte at P. */
static void rights_are(char *p, bool readable, bool writable)
{
	touched = p;
	CHECK_END(read_there, readable ? 0 : -SIGSEGV);
	CHECK_END(write_there, writable ? 0 : -SIGSEGV);
	if (readable) {
		char byte;

		CHECK_EQ(write(pipe_ends[1], p, 1), 1);
		CHECK_EQ(read(pipe_ends[0], &byte, 1), 1);
		CHECK_EQ(byte, *p);
	} else {
		CHECK_ERR(write(pipe_ends[1], p, 1), EFAULT);
	}
	if (!writable)
		CHECK_ERR(clock_gettime(CLOCK_MONOTONIC, (struct timespec *)p), EFAULT);
}

static void rights(void)
{
	static const struct {
		int prot;
		bool readable, writable;
	} cases[] = {
		{PROT_NONE, false, false}, {PROT_READ, true, false}, {PROT_READ | PROT_EXEC, true, false},
		{PROT_NONE, false, false}, {RW, true, true},
	};

	fill();
	for (int i = 0; i < COUNT(cases); i++) {
		TRY(mprotect(page(3), 5 * PAGE, cases[i].prot));
		rights_are(page(3), cases[i].readable, cases[i].writable);
		rights_are(page(7), cases[i].readable, cases[i].writable);
		rights_are(page(2), true, true);
		rights_are(page(8), true, true);
	}
	CHECK_END(write_after_protect, -SIGSEGV);
	CHECK_END(read_after_protect, -SIGSEGV);
	look();
}

/* Never touched: there is nothing to hide, and afterwards it is zeros as before. */
static void untouched(void)
{
	char *p = mmap(NULL, GIB, PROT_NONE, FLAGS, -1, 0);
	long before;

	CHECK(p != MAP_FAILED);
	before = freemem();
	TRY(mprotect(p, GIB, RW));
	TRY(mprotect(p, GIB, PROT_READ));
	TRY(mprotect(p, GIB, RW));
	CHECK(before - freemem() <= 2 * PAGE); /* a slab of regions, or of nothing */
	p[GIB / 2] = 1;
	CHECK(p[GIB / 2 + 1] == 0);
	TRY(munmap(p, GIB));
}

static void errors(void)
{
	fill();
	CHECK_ERR(mprotect(page(0) + 1, PAGE, PROT_READ), EINVAL);
	CHECK_ERR(mprotect(page(0), PAGE, 0x10), EINVAL);
	CHECK_ERR(mprotect(page(0), PAGE, 0x01000000 | PROT_READ), EINVAL);
	CHECK_ERR(mprotect((char *)KERNEL_BASE, PAGE, PROT_READ), ENOMEM);
	CHECK_ERR(mprotect((char *)(KERNEL_BASE - PAGE), 2 * PAGE, PROT_READ), ENOMEM);
	CHECK_ERR(mprotect(page(0), 0xfffff000, PROT_READ), ENOMEM);
	TRY(mprotect(page(0), 0, PROT_NONE));
	TRY(munmap(page(10), PAGE));
	CHECK_ERR(mprotect(page(0), PAGES * PAGE, PROT_NONE), ENOMEM);
	CHECK(*page(0) == 1 && *page(11) == 12); /* nothing has changed */
	CHECK(mmap(page(10), PAGE, RW, FLAGS | MAP_FIXED, -1, 0) == page(10));
}

static void change_constant(void)
{
	char *p = (char *)(uintptr_t)text;

	TRY(mprotect(p, PAGE, RW));
	CHECK_STRING(p, "constant");
	p[0] = 'K';
	CHECK_STRING(p, "Konstant");
	TRY(mprotect(p, PAGE, PROT_NONE));
	rights_are(p, false, false);
	TRY(mprotect(p, PAGE, PROT_READ));
	CHECK_STRING(p, "Konstant");
}

/* A page of the file that all who run the program see is never the one that is written to. */
static void file(void)
{
	CHECK_STRING(text, "constant");
	CHECK_END(change_constant, 0);
	CHECK_STRING(text, "constant");
	CHECK_END(change_constant, 0);
	touched = (char *)(uintptr_t)text;
	CHECK_END(write_there, -SIGSEGV);
}

static void child_rights(void)
{
	look();
	TRY(mprotect(page(0), PAGES * PAGE, PROT_NONE));
	TRY(mprotect(page(0), PAGES * PAGE, RW));
	look();
	for (int i = 0; i < PAGES; i++)
		*page(i) = 99;
}

/* More than 16 pages: the leaf table is shared. */
static void forked(void)
{
	fill();
	CHECK_END(child_rights, 0);
	look();
	TRY(mprotect(page(0), PAGES * PAGE, PROT_NONE));
	touched = page(0);
	CHECK_END(read_there, -SIGSEGV);
	CHECK_EQ(child_end(child_rights), -SIGSEGV);
	TRY(mprotect(page(0), PAGES * PAGE, RW));
	look();
}

/* Every second page is a region of its own, and then all are one again; the bookkeeping sees what stays. */
static void stripes(void)
{
	fill();
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < PAGES; i += 2)
			TRY(mprotect(page(i), PAGE, round == 1 ? PROT_NONE : PROT_READ));
		for (int i = 1; i < PAGES; i += 2)
			CHECK_EQ(*page(i), i + 1);
		touched = page(4);
		CHECK_END(write_there, -SIGSEGV);
		TRY(mprotect(page(0), PAGES * PAGE, RW));
	}
	look();
}

static int call(const void *code)
{
	int (*f)(void);

	memcpy(&f, &code, sizeof f);
	return f();
}

/* Code that the program wrote itself. */
static void code(void)
{
	static const unsigned char made[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */

	memcpy(page(0), made, sizeof made);
	TRY(mprotect(page(0), PAGE, PROT_READ | PROT_EXEC));
	CHECK_EQ(call(page(0)), 42);
	TRY(mprotect(page(0), PAGE, RW));
}

static void body(void)
{
	memory = mmap(NULL, PAGES * PAGE, RW, FLAGS, -1, 0);
	CHECK(memory != MAP_FAILED);
	TRY(pipe(pipe_ends));
	rights();
	untouched();
	errors();
	file();
	forked();
	stripes();
	code();
}

int main(void)
{
	return test_run(body);
}
