// Processes that are forked through the second gate: 512 of a family at a time, zombies and grandchildren counted; and
// what trace() tells of them.
// cpus: 1 4
// kernels: debug release
// timeout: 120
// expect: ^\d+: syscall read -> -1$
// expect: ^\d+: syscall wait -> -1$
// expect: ^\d+: syscall setpriority -> -1$
// reject: syscall dup
#include "_xv6.h"

/* Fork until it fails; children do DEED. => how many there are. */
static int fork_all(void (*deed)(void))
{
	int32_t pid;
	int n = 0;

	while ((pid = GATE(XV6_fork)) > 0)
		n++;
	if (pid == 0) {
		deed();
		GATE(XV6_exit);
	}
	CHECK_EQ(pid, -1);
	return n;
}

static void reap(int n)
{
	for (int i = 0; i < n; i++)
		CHECK(GATE(XV6_wait) > 0);
	CHECK_EQ(GATE(XV6_wait), -1);
}

static void end_at_once(void)
{
}

static void zombies_count(void)
{
	CHECK_EQ(fork_all(end_at_once), XV6_MAX_CHILDREN);
	CHECK_END(end_at_once, 0); /* the other gate knows no such limit */
	CHECK(GATE(XV6_wait) > 0);
	CHECK_EQ(fork_all(end_at_once), 1);
	reap(XV6_MAX_CHILDREN);
}

static int release[2], ready[2];

static void wait_for_release(void)
{
	char c;

	GATE(XV6_close, release[1]);
	GATE(XV6_read, release[0], P(&c), 1);
}

enum { GRANDCHILDREN = 100 };

/* Forks some that wait, and waits with them. */
static void have_children(void)
{
	for (int i = 0; i < GRANDCHILDREN; i++)
		if (GATE(XV6_fork) == 0) {
			wait_for_release();
			GATE(XV6_exit);
		}
	CHECK(write(ready[1], "r", 1) == 1);
	wait_for_release();
	reap(GRANDCHILDREN);
}

static void grandchildren_count(void)
{
	int n;
	char c;

	CHECK(pipe(release) == 0 && pipe(ready) == 0);
	if (GATE(XV6_fork) == 0) {
		have_children();
		GATE(XV6_exit);
	}
	CHECK(read(ready[0], &c, 1) == 1);
	n = fork_all(wait_for_release);
	CHECK_EQ(n, XV6_MAX_CHILDREN - GRANDCHILDREN - 1);
	close(release[1]);
	close(release[0]);
	close(ready[1]);
	close(ready[0]);
	reap(n + 1);
}

/* Who comes from the other gate is a program of its own, and so is what it forks. */
static void another_family(void)
{
	int n = fork_all(end_at_once);

	CHECK_EQ(n, XV6_MAX_CHILDREN);
	reap(n);
}

/* Parents end before their children: the family is one, and those who are left count. */
static void a_chain(void)
{
	int32_t pid = GATE(XV6_fork);
	char c;

	if (pid > 0) {
		CHECK_EQ(GATE(XV6_wait), pid);
		return;
	}
	CHECK(pipe(release) == 0);
	for (int i = 0; i < 20; i++) {
		pid = GATE(XV6_fork);
		CHECK(pid >= 0);
		if (pid > 0) {
			close(release[1]);
			CHECK(read(release[0], &c, 1) == 0);
			GATE(XV6_exit);
		}
	}
	GATE(XV6_exit);
}

static void tracing(void)
{
	int32_t pid;
	char c;

	if ((pid = fork()) == 0) {
		GATE(XV6_trace, 1 << XV6_read | 1 << XV6_wait | 1 << XV6_fork);
		GATE(XV6_dup, 99);
		GATE(XV6_read, 99, P(&c), 1);
		if (GATE(XV6_fork) == 0)
			GATE(XV6_RV_wait, 0); /* what is traced is inherited, and counts as wait */
		while (GATE(XV6_wait) > 0)
			continue;
		GATE(XV6_trace, 0x7fffffff);
		GATE(XV6_setpriority);
		_exit(0);
	}
	CHECK_EQ(child_wait(pid), 0);
}

static void body(void)
{
	zombies_count();
	grandchildren_count();
	CHECK_END(another_family, 0);
	zombies_count();
	a_chain();
	tracing();
}

int main(void)
{
	return test_run(body);
}
