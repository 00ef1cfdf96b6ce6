// The life of processes: every way to wait, orphans, groups and sessions, the ends that signals bring, sleeps that they
// cut short, times, and what ps would see.
// cpus: 1 4
// kernels: debug release
// timeout: 90
#include <sys/times.h>
#include <sys/resource.h>

#include "check.h"

static int gate[2];

static void exit_7(void)
{
	_exit(7);
}

static void sleep_long(void)
{
	sleep_ms(100000);
}

static void spin_for_ever(void)
{
	for (;;)
		__asm__ volatile("");
}

static void pause_for_ever(void)
{
	for (;;)
		pause();
}

static void read_for_ever(void)
{
	char c;

	read(gate[0], &c, 1);
}

static void wait_for_ever(void)
{
	child_start(sleep_long);
	wait(NULL);
}

static void waits(void)
{
	int status;
	pid_t a, b;
	struct rusage usage;

	CHECK_ERR(wait(&status), ECHILD);
	CHECK_ERR(waitpid(-1, &status, WNOHANG), ECHILD);
	CHECK_ERR(waitpid(1, &status, 0), ECHILD);
	CHECK_ERR(waitpid(getpid(), &status, 0), ECHILD);
	CHECK_ERR(waitpid(-1, &status, 0x12345678), EINVAL);
	a = child_start(exit_7);
	CHECK_EQ(waitpid(a, &status, 0), a);
	CHECK_EQ(status, 7 << 8);
	CHECK_ERR(waitpid(a, &status, 0), ECHILD);
	a = child_start(sleep_long);
	b = child_start(exit_7);
	status = 99;
	CHECK_EQ(waitpid(a, &status, WNOHANG), 0);
	CHECK_EQ(status, 99);
	CHECK_EQ(wait(&status), b);
	CHECK_EQ(kill(a, SIGTERM), 0);
	CHECK_EQ(wait4(-1, &status, 0, &usage), a);
	CHECK_EQ(status, SIGTERM);
	CHECK(usage.ru_utime.tv_usec >= 0 && usage.ru_utime.tv_usec < 1000000);
	a = child_start(exit_7);
	CHECK_EQ(wait4(a, NULL, 0, NULL), a);
}

static int code;

static void exit_code(void)
{
	_exit(code);
}

static void exit_codes(void)
{
	for (code = 0; code < 256; code += 15)
		CHECK_END(exit_code, code);
	code = 0x1234;
	CHECK_END(exit_code, 0x34);
	code = -1;
	CHECK_END(exit_code, 255);
}

/* Children of one's own group, of another, of any. */
static void waits_for_groups(void)
{
	int status;
	pid_t here = child_start(exit_7), other;

	other = fork();
	CHECK(other >= 0);
	if (other == 0) {
		setpgid(0, 0);
		_exit(8);
	}
	setpgid(other, other);
	CHECK_EQ(waitpid(-other, &status, 0), other);
	CHECK_EQ(status, 8 << 8);
	CHECK_EQ(waitpid(0, &status, 0), here);
	CHECK_ERR(waitpid(0, &status, 0), ECHILD);
	CHECK_ERR(waitpid(-12345, &status, 0), ECHILD);
}

static void orphan(void)
{
	pid_t parent = getppid();
	char c = 1;

	CHECK_EQ(write(gate[1], &c, 1), 1);
	for (int tries = 0; getppid() == parent; tries++) {
		CHECK(tries < 1000);
		sleep_ms(2);
	}
	c = (char)getppid();
	CHECK_EQ(write(gate[1], &c, 1), 1);
}

static void leave_orphan(void)
{
	char c;

	child_start(orphan);
	CHECK_EQ(read(gate[0], &c, 1), 1); /* it knows its first parent */
}

static void orphans(void)
{
	int others = getprocs(NULL, 0);
	char c;

	TRY(pipe(gate));
	CHECK_END(leave_orphan, 0);
	CHECK_EQ(read(gate[0], &c, 1), 1);
	CHECK_EQ(c, 1); /* init */
	close(gate[0]);
	close(gate[1]);
	orphans_wait(others);
}

/* A zombie is there until it is waited for, with no memory; then its number is free. */
static void zombies(void)
{
	static struct abi_procinfo list[64];
	int n = getprocs(list, sizeof list), found = 0;
	pid_t pid = child_start(exit_7);

	CHECK(n > 0 && n < 60);
	child_is(pid, 'Z');
	CHECK_EQ(getprocs(list, sizeof list), n + 1);
	for (int i = 0; i <= n; i++)
		if (list[i].pid == pid) {
			CHECK_EQ(list[i].state, 'Z');
			CHECK_EQ(list[i].ppid, getpid());
			CHECK_EQ(list[i].pgid, getpgrp());
			CHECK_EQ(list[i].resident, 0);
			CHECK_STRING(list[i].name, "processes");
			found++;
		}
	CHECK_EQ(found, 1);
	CHECK_EQ(kill(pid, 0), 0);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(child_wait(pid), 7);
	CHECK_EQ(getprocs(list, sizeof list), n);
	CHECK_ERR(kill(pid, 0), ESRCH);
	CHECK_EQ(getprocs(list, sizeof list[0]), n);
}

/* Every signal whose default is to end a process, to one that sleeps, spins, reads or waits. */
static void ends_by_signals(void)
{
	static const int deadly[] = {SIGHUP,  SIGINT,    SIGQUIT, SIGILL,  SIGTRAP,   SIGABRT, SIGBUS,
	                             SIGFPE,  SIGKILL,   SIGUSR1, SIGSEGV, SIGUSR2,   SIGPIPE, SIGALRM,
	                             SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,
	                             SIGPWR,  SIGSYS,    34,      64};
	static const int harmless[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH};
	static void (*const deeds[])(void) = {sleep_long, spin_for_ever, pause_for_ever, read_for_ever};
	pid_t pid;

	TRY(pipe(gate));
	for (int i = 0; i < COUNT(deadly); i++) {
		pid = child_start(deeds[i % COUNT(deeds)]);
		sleep_ms(i < COUNT(deeds) ? 20 : 0);
		CHECK_EQ(kill(pid, deadly[i]), 0);
		CHECK_EQ(child_wait(pid), -deadly[i]);
	}
	pid = child_start(pause_for_ever);
	for (int i = 0; i < COUNT(harmless); i++)
		CHECK_EQ(kill(pid, harmless[i]), 0);
	sleep_ms(20);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(child_wait(pid), -SIGKILL);
	close(gate[0]);
	close(gate[1]);
	CHECK_ERR(kill(getpid(), 65), EINVAL);
	CHECK_ERR(kill(getpid(), -1), EINVAL);
	CHECK_ERR(kill(32767, SIGTERM), ESRCH);
	CHECK_ERR(kill(-32767, SIGTERM), ESRCH);
}

static void waiter_killed(void)
{
	int others = getprocs(NULL, 0);
	pid_t pid = child_start(wait_for_ever), grandchild = 0;
	static struct abi_procinfo list[64];

	child_is(pid, 'S');
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(child_wait(pid), -SIGKILL);
	for (int i = getprocs(list, sizeof list) - 1; i >= 0; i--)
		if (list[i].ppid == 1 && list[i].pid > pid)
			grandchild = list[i].pid;
	CHECK(grandchild > 0);
	CHECK_EQ(kill(grandchild, SIGKILL), 0);
	orphans_wait(others);
}

/* Actions and masks. */

static void ignore_and_exec(void)
{
	char *const argv[] = {(char *)"x", (char *)"ignored", NULL};

	CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	execve("/bin/processes", argv, environ);
}

static int ignored(void)
{
	struct sigaction old;

	CHECK(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == SIG_IGN);
	CHECK(sigaction(SIGUSR2, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
	CHECK_EQ(raise(SIGUSR1), 0);
	return 5;
}

static void blocked_then_not(void)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	CHECK_EQ(raise(SIGUSR1), 0);
	sleep_ms(5); /* pending: it must not end us yet */
	CHECK(sigprocmask(SIG_BLOCK, NULL, &old) == 0 && sigismember(&old, SIGUSR1));
	CHECK_EQ(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
	_exit(1);
}

static void pending_then_ignored(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	CHECK_EQ(raise(SIGUSR1), 0);
	CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	CHECK_EQ(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
}

static void kill_is_special(void)
{
	sigset_t set;

	CHECK(signal(SIGKILL, SIG_IGN) == SIG_ERR && errno == EINVAL);
	CHECK(signal(SIGSTOP, SIG_IGN) == SIG_ERR && errno == EINVAL);
	sigfillset(&set);
	CHECK_EQ(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	CHECK_ERR(sigprocmask(77, &set, NULL), EINVAL);
	raise(SIGKILL);
	_exit(1);
}

static void actions(void)
{
	CHECK_END(ignore_and_exec, 5);
	CHECK_END(blocked_then_not, -SIGUSR1);
	CHECK_END(pending_then_ignored, 0);
	CHECK_END(kill_is_special, -SIGKILL);
}

/* A fault cannot be ignored: the process would fault for ever. */
static void fault_ignored(void)
{
	signal(SIGSEGV, SIG_IGN);
	*(volatile int *)4 = 1;
}

/* Groups and sessions. */

static void session(void)
{
	CHECK_EQ(setsid(), getpid());
	CHECK(getpgrp() == getpid() && getsid(0) == getpid());
	CHECK_ERR(setsid(), EPERM);
	CHECK_ERR(setpgid(0, 0), EPERM); /* a session's leader stays what it is */
}

static void groups(void)
{
	pid_t first = child_start(pause_for_ever), second = child_start(pause_for_ever),
	      other = child_start(pause_for_ever);

	CHECK_EQ(setpgid(first, first), 0);
	CHECK_EQ(setpgid(second, first), 0);
	CHECK_EQ(getpgid(second), first);
	CHECK_EQ(getsid(second), getsid(0));
	CHECK_ERR(setpgid(second, 12345), EPERM);
	CHECK_ERR(setpgid(1, 1), ESRCH);
	CHECK_ERR(setpgid(second, -1), EINVAL);
	CHECK_ERR(getpgid(12345), ESRCH);
	CHECK_EQ(kill(-first, SIGTERM), 0);
	CHECK_EQ(child_wait(first), -SIGTERM);
	CHECK_EQ(child_wait(second), -SIGTERM);
	CHECK_ERR(kill(-first, 0), ESRCH);
	CHECK_EQ(waitpid(other, NULL, WNOHANG), 0);
	CHECK_EQ(kill(other, SIGTERM), 0);
	CHECK_EQ(child_wait(other), -SIGTERM);
	CHECK_END(session, 0);
}

/* Time. */

static void sleeps(void)
{
	struct timespec t = {0, 1000000000}, u = {-1, 0}, left = {77, 77};
	long long start = now_us();

	CHECK_ERR(nanosleep(&t, NULL), EINVAL);
	CHECK_ERR(nanosleep(&u, NULL), EINVAL);
	t = (struct timespec){0, 30000000};
	CHECK_EQ(nanosleep(&t, &left), 0);
	CHECK(now_us() - start >= 30000);
	CHECK(left.tv_sec == 77 && left.tv_nsec == 77); /* written only when a sleep was cut short */
	t = (struct timespec){0, 0};
	CHECK_EQ(nanosleep(&t, NULL), 0);
}

static void burn(void)
{
	long long until = now_us() + 10000000;
	struct tms t;

	do
		CHECK(times(&t) != -1);
	while (t.tms_utime + t.tms_stime < 5 && now_us() < until);
	CHECK(t.tms_utime + t.tms_stime >= 5);
}

static void processor_time(void)
{
	struct tms before, after;
	struct timespec a, b;

	CHECK(times(&before) != -1);
	CHECK_END(burn, 0);
	CHECK(times(&after) != -1);
	CHECK(after.tms_cutime + after.tms_cstime >= before.tms_cutime + before.tms_cstime + 5);
	for (int i = 0; i < 1000; i++) {
		CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &a), 0);
		CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &b), 0);
		CHECK(b.tv_sec > a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
	}
	CHECK(clock_gettime(CLOCK_REALTIME, &a) == 0 && a.tv_sec - time(NULL) <= 1 && a.tv_sec > 1700000000);
	CHECK_ERR(clock_gettime(99, &a), EINVAL);
	CHECK_ERR(clock_gettime(-1, &a), EINVAL);
}

static void body(void)
{
	CHECK(getppid() > 1 && getpid() > getppid() && getpid() == TRAP(224, 0));
	waits();
	exit_codes();
	waits_for_groups();
	orphans();
	zombies();
	ends_by_signals();
	waiter_killed();
	actions();
	CHECK_END(fault_ignored, -SIGSEGV);
	groups();
	sleeps();
	processor_time();
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "ignored") == 0)
		return ignored();
	return test_run(body);
}
