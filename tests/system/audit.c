// What the audit is there to find is found: one number after the other is made wrong, named in the log, and put right.
// suite: lazy
// cpus: 1 4
// kernels: debug release
// log: audit: frame [0-9]+ \(anon\) counts 2 references, found 1, first found at [0-9a-f]{8} of pid [0-9]+
// log: audit: frame [0-9]+ \(anon\) counts 8 references, found 1, first found at
// log: audit: frame [0-9]+ of kind anon has no references and is not free
// log: audit: frame [0-9]+ \(table\) counts 2 references, found 1, first found at [0-9a-f]{8} of pid [0-9]+
// log: audit: [0-9]+ frames are of kind anon, counted [0-9]+
// log: audit: pid [0-9]+: the table of [0-9a-f]{8} shows 40 pages, counted 41
// log: audit: pid [0-9]+: the table of [0-9a-f]{8} shows 40 pages, counted 38
// log: audit: pid [0-9]+: the page at [0-9a-f]{8} lies outside the bounds 1-40 of its table
// log: audit: pid [0-9]+: there are [0-9]+ resident pages, counted
// log: audit: pid [0-9]+: there are [0-9]+ promised pages, counted
// log: audit: pid [0-9]+: there are [0-9]+ tables, counted
// log: audit: pid [0-9]+: there are [0-9]+ committed pages, counted
// log: audit: pid [0-9]+: there are [0-9]+ committed pages that were taken, counted
// log: audit: pid [0-9]+: the table of [0-9a-f]{8} is there, noted otherwise
// log: audit: pid [0-9]+: the regions are not in order
// log: audit: pid [0-9]+ is loaded on the CPUs
// log: audit: frame [0-9]+ \(cache\) counts [0-9]+ references, found [0-9]+, first found at
// log: audit: pid [0-9]+: the cached page at [0-9a-f]{8} is writable in a private region
// log: audit: pid [0-9]+: the page at [0-9a-f]{8} is writable, its region is not
// log: audit: frame [0-9]+ \(table\) counts 3 references, found 2, first found at [0-9a-f]{8} of pid [0-9]+
// log: audit: pid [0-9]+: the page at [0-9a-f]{8} is writable, frame [0-9]+ has 2 references
#include "check.h"

enum { PAGES = 40 };

/* As mm/audit.h has them. */
enum damage {
	PAGE_REFS,
	PAGE_KIND,
	PAGE_WRITE,
	TABLE_REFS,
	TABLE_LIVE,
	TABLE_LOW,
	RESIDENT,
	PROMISED,
	TABLES,
	COMMITTED,
	CHARGED,
	BITMAP,
	GAP,
	CPUS,
	DAMAGES,
};

static void is_clean(void)
{
	CHECK_EQ(selftest(SELFTEST_AUDIT), 0);
}

static void damage(enum damage what, const void *at, int by)
{
	CHECK_EQ(selftest_with(SELFTEST_DAMAGE, what, (unsigned)(uintptr_t)at, (unsigned)by), 0);
}

static void is_found(enum damage what, const void *at, int by)
{
	int result;

	damage(what, at, by);
	result = selftest(SELFTEST_AUDIT);
	damage(what, at, -by);
	if (result != -EUCLEAN)
		FAILED("damage %d by %d: the audit ends with %d", what, by, result);
	is_clean();
}

/* PAGES written pages at the start of a table. */
static char *pages_of_a_table(void)
{
	char *p = mmap(NULL, 2 * TABLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	p = (char *)(((uintptr_t)p + TABLE - 1) & ~(uintptr_t)(TABLE - 1));
	for (int i = 0; i < PAGES; i++)
		p[i * PAGE] = 1;
	return p;
}

static void counts_of_frames(const char *p)
{
	is_found(PAGE_REFS, p + 5 * PAGE, 1);
	is_found(PAGE_REFS, p + 5 * PAGE, 7);
	is_found(PAGE_REFS, p + 5 * PAGE, -1);
	is_found(TABLE_REFS, p, 1);
	is_found(PAGE_KIND, p, 4);
}

static void counts_of_a_space(const char *p)
{
	is_found(TABLE_LIVE, p, 1);
	is_found(TABLE_LIVE, p, -2);
	is_found(TABLE_LOW, p, 1);
	is_found(RESIDENT, p, 1);
	is_found(PROMISED, p, -3);
	is_found(TABLES, p, 1);
	is_found(COMMITTED, p, 1);
	is_found(CHARGED, p, -1);
	is_found(BITMAP, p, 1);
	is_found(GAP, p, 1);
	is_found(CPUS, p, 1);
}

/* The program itself is mapped from its file: code, and data that nobody has written to yet. */
static void pages_of_a_file(void)
{
	static volatile char data[3 * PAGE] __attribute__((aligned(4096))) = {[PAGE] = 7, [3 * PAGE - 1] = 1};

	is_found(PAGE_REFS, (const void *)(uintptr_t)is_found, 1);
	CHECK_EQ(data[PAGE], 7);
	is_found(PAGE_WRITE, (const char *)data + PAGE, 1);
	is_found(PAGE_WRITE, (const void *)(uintptr_t)is_found, 1);
}

/* With a child that sleeps: P's table is shared; that of the stack was copied, so that both see its pages. */
static void shared_with_a_child(const char *p)
{
	static char deep[4 * PAGE] __attribute__((aligned(4096)));
	int fds[2];
	pid_t child;
	char c;

	memset(deep, 1, sizeof deep);
	CHECK(pipe(fds) == 0);
	child = TRY(fork());
	if (child == 0) {
		close(fds[1]);
		_exit((int)read(fds[0], &c, 1));
	}
	close(fds[0]);
	is_clean();
	is_found(TABLE_REFS, p, 1);
	is_found(PAGE_WRITE, deep + PAGE, 1);
	close(fds[1]);
	CHECK_EQ(child_wait(child), 0);
}

static void body(void)
{
	const char *p = pages_of_a_table();

	is_clean();
	counts_of_frames(p);
	counts_of_a_space(p);
	pages_of_a_file();
	shared_with_a_child(p);
	CHECK_EQ(selftest_with(SELFTEST_DAMAGE, DAMAGES, 0, 1), -EINVAL);
	CHECK_EQ(selftest_with(SELFTEST_DAMAGE, PAGE_REFS, 0, 1), -EFAULT);
	CHECK_EQ(selftest_with(SELFTEST_DAMAGE, PAGE_REFS, KERNEL_BASE, 1), -EFAULT);
}

int main(void)
{
	return test_run(body);
}
