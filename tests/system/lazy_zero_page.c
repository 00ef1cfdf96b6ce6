// Reading what was never written shows one shared page of zeros: it costs tables and nothing else; writing later costs
// a page, once, for whoever writes, and nobody else sees it.
// suite: lazy
// cpus: 1 4
// mem: 64 512
// kernels: debug release
#include "_lazy.h"

enum { READ = 64 * MIB, READ_TABLES = READ / TABLE, WRITTEN = 40, BSS = 16 * PAGE };

static void is_zero(const volatile char *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += 64)
		if (p[i] != 0)
			FAILED("byte %u at %p is %d, not 0", i, (const void *)p, p[i]);
}

/* Reads a byte of each page. */
static void read_all(const volatile char *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += PAGE)
		CHECK(p[i + i / PAGE % PAGE] == 0);
}

/* Writing pages that were read: each costs itself, and the neighbours stay as they are. */
static void write_some(char *p)
{
	struct use at[2];

	for (int i = 0; i < WRITTEN; i++) {
		volatile char *page = p + i * 3 * PAGE;

		at[0] = use_now();
		page[i] = (char)(i + 1);
		at[1] = use_now();
		use_check("a write after a read", at[0], at[1], 1, 0);
		page[PAGE - 1] = 1;
		CHECK(page[i] == i + 1 && page[i + 1] == 0 && page[PAGE] == 0 && page[2 * PAGE] == 0);
		at[0] = use_now();
		use_check("a second write", at[1], at[0], 0, 0);
	}
}

static void of_memory(char *p, const char *what)
{
	struct use at[4];

	at[0] = use_now();
	read_all(p, READ);
	at[1] = use_now();
	read_all(p, READ);
	at[2] = use_now();
	use_check(what, at[0], at[1], 0, READ_TABLES);
	use_check("reading again", at[1], at[2], 0, 0);
	write_some(p);
	at[3] = use_now();
	use_check("all writes", at[2], at[3], WRITTEN, 0);
	is_zero(p + 3 * WRITTEN * PAGE, 100 * PAGE);
}

static void of_mapping(void)
{
	struct use at[2];
	char *p = promise(READ + TABLE);

	at[0] = use_now();
	of_memory(table_ceil(p), "reading 64 MiB of a mapping");
	give_back(table_ceil(p), READ);
	at[1] = use_now();
	use_check("giving it back", at[0], at[1], 0, 0);
	give_back(p, READ + TABLE);
}

static void of_heap(void)
{
	struct use at[2];
	char *p = table_ceil(sbrk(0));

	CHECK_EQ(brk(p), 0);
	at[0] = use_now();
	CHECK_EQ(brk(p + READ), 0);
	of_memory(p, "reading 64 MiB of the heap");
	CHECK_EQ(brk(p), 0);
	at[1] = use_now();
	use_check("giving it back", at[0], at[1], 0, 0);
}

/* More than there is memory can be read. */
static void more_than_there_is(void)
{
	struct use at[2];
	char *p = promise(GIB + TABLE), *aligned = table_ceil(p);

	at[0] = use_now();
	for (uint32_t i = 0; i < GIB; i += 16 * PAGE)
		CHECK(((volatile char *)aligned)[i + i / PAGE % PAGE] == 0);
	at[1] = use_now();
	use_check("reading 1 GiB", at[0], at[1], 0, GIB / TABLE);
	give_back(p, GIB + TABLE);
}

/* A program's zeroed data and the stack come from nothing, too. */
static char zeroed[BSS];

static void bss_deed(void)
{
	struct use at[3];
	char *p = (char *)(((uintptr_t)zeroed + PAGE - 1) & ~(uintptr_t)(PAGE - 1));

	use_now(); /* its own data is this child's from now on */
	at[0] = use_now();
	read_all(p, BSS - PAGE);
	at[1] = use_now();
	((volatile char *)p)[BSS / 2] = 1;
	at[2] = use_now();
	use_check("reading zeroed data", at[0], at[1], 0, 0);
	use_check("writing a page of it", at[1], at[2], 1, 0);
	CHECK(p[BSS / 2 + 1] == 0 && p[BSS / 2 - PAGE] == 0);
}

/* System calls: reading from such memory, and writing into it. */
static void by_system_calls(void)
{
	struct use at[4];
	int fds[2], fd = TRY(open("/bin/lazy_zero_page", O_RDONLY)), null = TRY(open("/dev/null", O_WRONLY));
	char *p = promise(2 * TABLE), *aligned = table_ceil(p);
	static char back[2 * PAGE];

	TRY(pipe(fds));
	memset(back, 1, sizeof back);
	CHECK_EQ(write(fds[1], back, sizeof back), sizeof back); /* the pipe's own pages are there from now on */
	CHECK_EQ(read(fds[0], back, sizeof back), sizeof back);
	at[0] = use_now();
	CHECK_EQ(write(null, aligned, 100 * PAGE), 100 * PAGE);
	CHECK_EQ(write(fds[1], aligned + PAGE / 2, 2 * PAGE), 2 * PAGE);
	CHECK_EQ(read(fds[0], back, sizeof back), sizeof back);
	is_zero(back, sizeof back);
	read_all(aligned, TABLE);
	at[1] = use_now();
	CHECK_EQ(read(fd, aligned + PAGE / 2, PAGE), PAGE);
	at[2] = use_now();
	CHECK(memcmp(aligned + PAGE / 2,
	             "\x7f"
	             "ELF",
	             4) == 0);
	is_zero(aligned, PAGE / 2);
	is_zero(aligned + 2 * PAGE, 20 * PAGE);
	use_check("writing from it to files", at[0], at[1], 0, 1);
	use_check("reading from a file into two pages of it", at[1], at[2], 2, 0);
	close(fd);
	close(null);
	close(fds[0]);
	close(fds[1]);
	give_back(p, 2 * TABLE);
}

/* Two processes that have read the same pages: each that one of them writes is its own. */
static char *both;

static void child_writes(void)
{
	struct use at[2];

	use_now();
	is_zero(both, 32 * PAGE);
	((volatile char *)both)[31 * PAGE] = 1; /* the table, too, is its own now */
	at[0] = use_now();
	for (int i = 0; i < 10; i++)
		((volatile char *)both)[i * 3 * PAGE] = (char)(i + 1);
	at[1] = use_now();
	use_check("a child's writes", at[0], at[1], 10, 0);
	is_zero(both + 31 * PAGE + 64, PAGE - 64);
}

static void child_sees(void)
{
	is_zero(both, PAGE);
	CHECK(both[PAGE] == 2 && both[2 * PAGE - 1] == 2);
	memset(both, 3, 3 * PAGE);
	is_zero(both + 3 * PAGE, 29 * PAGE);
}

static void of_both(void)
{
	both = promise(32 * PAGE);
	is_zero(both, 32 * PAGE);
	CHECK_END(child_writes, 0);
	is_zero(both, 32 * PAGE);
	memset(both + PAGE, 2, PAGE);
	CHECK_END(child_sees, 0);
	is_zero(both, PAGE);
	is_zero(both + 2 * PAGE, 30 * PAGE);
	give_back(both, 32 * PAGE);
}

static void all(void)
{
	of_mapping();
	of_heap();
	more_than_there_is();
	CHECK_END(bss_deed, 0);
	by_system_calls();
}

static void body(void)
{
	rehearse(all);
	of_both();
}

int main(void)
{
	return test_run(body);
}
