// openshmem and closeshmem: one page for an id, one address in a process however often it is opened; what fork, exec,
// exit and the calls of mmap's family make of it.
// suite: shm
// cpus: 1 4
// kernels: debug release
#include "_shm.h"

enum { ID = 25, OTHER = 26, RW = PROT_READ | PROT_WRITE };

static char *p;

static bool is_zero(const char *page)
{
	for (int i = 0; i < PAGE; i++)
		if (page[i])
			return false;
	return true;
}

/* ---- open and close ---- */

static void opens_and_finds(void)
{
	char *q = open_id(ID);

	CHECK(q == p && q[0] == 'p' && q[PAGE - 1] == 'e');
	q[1] = 'c';
}

/* Nobody's child: it finds the page by the id alone. */
static void stranger(void)
{
	char *q;

	CHECK_EQ(closeshmem(ID), 0);
	CHECK_ERR(closeshmem(ID), EINVAL);
	q = open_id(ID);
	CHECK(q[0] == 'p');
	q[2] = 's';
}

static void one_page_for_all(void)
{
	p = open_id(ID);
	CHECK_EQ((uintptr_t)p % PAGE, 0);
	CHECK(is_zero(p));
	p[0] = 'p';
	p[PAGE - 1] = 'e';
	CHECK_END(opens_and_finds, 0);
	CHECK_END(stranger, 0);
	CHECK(p[1] == 'c' && p[2] == 's');
	check_region(p, "rw-s", "[shmem:25]");
	CHECK_EQ(closeshmem(ID), 0);
	CHECK_STRING(region_line(p), "");
	CHECK_EQ(end_of_read(p), -SIGSEGV);
}

static void the_same_address_again(void)
{
	p = open_id(ID);
	for (int i = 0; i < 100; i++)
		CHECK(open_id(ID) == p);
	for (int i = 0; i < 101; i++) {
		p[i] = 1; /* still there */
		CHECK_EQ(closeshmem(ID), 0);
	}
	CHECK_ERR(closeshmem(ID), EINVAL);
	CHECK_EQ(end_of_read(p), -SIGSEGV);
}

static void ids_are_apart(void)
{
	static const int ids[] = {1, 2, 3, ID, 4096, 65536, 0x10001, INT_MAX - 1, INT_MAX};
	char *page[COUNT(ids)];

	for (int i = 0; i < COUNT(ids); i++) {
		page[i] = open_id(ids[i]);
		CHECK(is_zero(page[i]));
		page[i][0] = (char)(i + 1);
	}
	for (int i = 0; i < COUNT(ids); i++) {
		CHECK_EQ(page[i][0], i + 1);
		for (int j = 0; j < i; j++)
			CHECK(page[i] != page[j]);
	}
	for (int i = COUNT(ids) - 1; i >= 0; i--)
		CHECK_EQ(closeshmem(ids[i]), 0);
}

static void refusals(void)
{
	static const int wrong[] = {0, -1, -ID, INT_MIN};

	for (int i = 0; i < COUNT(wrong); i++) {
		CHECK_ERR(openshmem(wrong[i]), EINVAL);
		CHECK_ERR(closeshmem(wrong[i]), EINVAL);
	}
	CHECK_ERR(closeshmem(ID), EINVAL);
	p = open_id(ID);
	p[0] = 'k';
	CHECK_ERR(closeshmem(OTHER), EINVAL);
	CHECK(p[0] == 'k' && open_id(ID) == p);
	CHECK_EQ(closeshmem(ID), 0);
	CHECK_EQ(closeshmem(ID), 0);
}

/* ---- who keeps it ---- */

static int hold[2], held[2];

static void holds(void)
{
	char byte = 0;

	close(hold[1]);
	CHECK_EQ(write(held[1], "h", 1), 1);
	CHECK_EQ(read(hold[0], &byte, 1), 0);
}

/* A child that has the id open, too. */
static pid_t holder_start(void)
{
	char byte;
	pid_t pid;

	TRY(pipe(hold));
	TRY(pipe(held));
	pid = child_start(holds);
	CHECK_EQ(read(held[0], &byte, 1), 1);
	return pid;
}

static void holder_end(pid_t pid)
{
	close(hold[0]);
	close(hold[1]);
	close(held[0]);
	close(held[1]);
	CHECK_EQ(child_wait(pid), 0);
}

static void the_last_one_takes_it_away(void)
{
	uint32_t before;
	pid_t pid;

	p = open_id(ID);
	CHECK_EQ(closeshmem(ID), 0);
	before = anon_bytes();
	p = open_id(ID);
	CHECK_EQ(anon_bytes(), before); /* lazy, as everything */
	p[0] = 'x';
	CHECK_EQ(anon_bytes() - before, PAGE);
	pid = holder_start();
	CHECK_EQ(closeshmem(ID), 0);
	p = open_id(ID);
	CHECK_EQ(p[0], 'x');
	CHECK_EQ(closeshmem(ID), 0);
	holder_end(pid);
	CHECK_EQ(anon_bytes(), before);
	p = open_id(ID);
	CHECK(is_zero(p));
	CHECK_EQ(closeshmem(ID), 0);
}

static void closes_three_times(void)
{
	for (int i = 0; i < 3; i++) {
		p[1 + i] = 'c';
		CHECK_EQ(closeshmem(ID), 0);
	}
	CHECK_ERR(closeshmem(ID), EINVAL);
	CHECK_EQ(end_of_read(p), -SIGSEGV);
}

static void grandchild(void)
{
	CHECK_END(closes_three_times, 0);
	CHECK_EQ(closeshmem(ID), 0);
}

static void fork_inherits_how_often(void)
{
	p = open_id(ID);
	open_id(ID);
	open_id(ID);
	p[0] = 'p';
	CHECK_END(closes_three_times, 0);
	CHECK_END(grandchild, 0);
	CHECK(p[0] == 'p' && p[3] == 'c');
	closes_three_times();
}

static void is_killed(void)
{
	open_id(OTHER)[0] = 'o';
	raise(SIGKILL);
}

static void faults(void)
{
	open_id(OTHER)[0] = 'o';
	*(volatile char *)KERNEL_BASE = 0;
}

static void leaves(void)
{
	open_id(OTHER)[0] = 'o';
	open_id(OTHER);
}

static void execs(void)
{
	char *argv[] = {"shmem", "after-exec", NULL};

	open_id(OTHER)[0] = 'o';
	open_id(OTHER);
	execv("/bin/shmem", argv);
	_exit(99);
}

/* This program, after exec: nothing is open, and the page is another. */
static int after_exec(void)
{
	CHECK_ERR(closeshmem(OTHER), EINVAL);
	CHECK(is_zero(open_id(OTHER)));
	CHECK_EQ(closeshmem(OTHER), 0);
	return 0;
}

static void exec_and_exit_drop_it(void)
{
	static void (*const deed[])(void) = {leaves, is_killed, faults, execs};
	static const int end[] = {0, -SIGKILL, -SIGSEGV, 0};

	for (int i = 0; i < COUNT(deed); i++) {
		CHECK_EQ(child_end(deed[i]), end[i]);
		p = open_id(OTHER);
		CHECK(is_zero(p));
		CHECK_EQ(closeshmem(OTHER), 0);
	}
}

/* ---- mmap's family ---- */

/* It is not open any more, and the next open is the first. */
static void check_closed(void)
{
	CHECK_ERR(closeshmem(ID), EINVAL);
	p = open_id(ID);
	CHECK(is_zero(p));
	CHECK_EQ(closeshmem(ID), 0);
	CHECK_ERR(closeshmem(ID), EINVAL);
}

static void unmapped_is_closed(void)
{
	p = open_id(ID);
	open_id(ID);
	p[0] = 'x';
	TRY(munmap(p, PAGE));
	check_closed();
}

static void covered_is_closed(void)
{
	char *q;

	p = open_id(ID);
	p[0] = 'x';
	q = mmap(p, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(q == p && q[0] == 0);
	q[0] = 'q';
	check_closed();
	CHECK_EQ(q[0], 'q');
	CHECK_ERR(closeshmem(ID), EINVAL);
	TRY(munmap(q, PAGE));
}

/* An open id whose page was covered by that of another. */
static void covered_by_another(void)
{
	char *q = open_id(OTHER);

	p = open_id(ID);
	q[0] = 'o';
	CHECK(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p) == p);
	CHECK_EQ(p[0], 'o');
	CHECK(open_id(OTHER) == p);
	check_closed();
	CHECK_EQ(closeshmem(OTHER), 0);
	CHECK_EQ(closeshmem(OTHER), 0);
	CHECK_ERR(closeshmem(OTHER), EINVAL);
}

static void moved_is_open(void)
{
	char *q;

	p = open_id(ID);
	p[0] = 'm';
	q = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	CHECK_EQ(q[0], 'm');
	CHECK(open_id(ID) == q);
	check_region(q, "rw-s", "[shmem:25]");
	CHECK_EQ(closeshmem(ID), 0);
	CHECK_EQ(closeshmem(ID), 0);
	CHECK_EQ(end_of_read(q), -SIGSEGV);
	CHECK_ERR(closeshmem(ID), EINVAL);
}

/* It has one page, whatever the region says. */
static void grown_is_open(void)
{
	char *q;

	p = open_id(ID);
	p[0] = 'g';
	q = mremap(p, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED && q[0] == 'g');
	CHECK_EQ(end_of_write(q + PAGE), -SIGBUS);
	CHECK(open_id(ID) == q);
	TRY(munmap(q, PAGE)); /* what is left has no page */
	CHECK_ERR(closeshmem(ID), EINVAL);
	p = open_id(ID);
	CHECK(p != q + PAGE && p[0] == 'g');
	CHECK_EQ(closeshmem(ID), 0);
	TRY(mprotect(q + PAGE, PAGE, PROT_READ)); /* the rest is two regions, then one, then none */
	TRY(mprotect(q + PAGE, PAGE, RW));
	TRY(munmap(q, 3 * PAGE));
	check_closed();
}

static void protected_is_open(void)
{
	p = open_id(ID);
	p[0] = 'x';
	TRY(mprotect(p, PAGE, PROT_READ));
	CHECK_EQ(end_of_write(p), -SIGSEGV);
	CHECK(open_id(ID) == p && p[0] == 'x');
	check_region(p, "r--s", "[shmem:25]");
	TRY(mprotect(p, PAGE, PROT_NONE));
	CHECK_EQ(end_of_read(p), -SIGSEGV);
	CHECK(open_id(ID) == p);
	TRY(mprotect(p, PAGE, RW));
	TRY(madvise(p, PAGE, MADV_DONTNEED)); /* the page is everybody's */
	CHECK_EQ(p[0], 'x');
	for (int i = 0; i < 3; i++)
		CHECK_EQ(closeshmem(ID), 0);
	check_closed();
}

static void child_unmaps(void)
{
	TRY(munmap(p, PAGE));
	CHECK_ERR(closeshmem(ID), EINVAL);
}

static void a_childs_unmapping_is_its_own(void)
{
	p = open_id(ID);
	p[0] = 'x';
	CHECK_END(child_unmaps, 0);
	CHECK(p[0] == 'x' && open_id(ID) == p);
	CHECK_EQ(closeshmem(ID), 0);
	CHECK_EQ(closeshmem(ID), 0);
}

/* ---- the rest ---- */

static void through_calls(void)
{
	int fds[2];

	p = open_id(ID);
	TRY(pipe(fds));
	CHECK_EQ(write(fds[1], "word", 4), 4);
	CHECK_EQ(read(fds[0], p + 10, 4), 4); /* into a page that is not there */
	CHECK(memcmp(p + 10, "word", 4) == 0);
	CHECK_EQ(write(fds[1], p + 10, 4), 4);
	CHECK_ERR(read(fds[0], p + PAGE, 4), EFAULT);
	close(fds[0]);
	close(fds[1]);
	CHECK_EQ(closeshmem(ID), 0);
}

static void body(void)
{
	one_page_for_all();
	the_same_address_again();
	ids_are_apart();
	refusals();
	the_last_one_takes_it_away();
	fork_inherits_how_often();
	exec_and_exit_drop_it();
	unmapped_is_closed();
	covered_is_closed();
	covered_by_another();
	moved_is_open();
	grown_is_open();
	protected_is_open();
	a_childs_unmapping_is_its_own();
	through_calls();
	CHECK_EQ(audit_fails(), 0);
	for (int id = 1; id < 50; id++) /* exit leaves nothing behind */
		open_id(id)[0] = 1;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "after-exec") == 0)
		return after_exec();
	return test_run(body);
}
