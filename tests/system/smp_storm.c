// Storms over several CPUs: processes that fork, exec, map, write into pipes and end, all at once; and the proof that
// more than one CPU ran programs at the same time.  An argument is the seed.
// cpus: 4 8
// kernels: debug release
// timeout: 90
// reject: smp_storm.c:[0-9]+:
#include <sched.h>
#include <sys/times.h>

#include "check.h"

#define SELF "/bin/smp_storm"
enum { WORKERS = 6, STEPS = 40, BURN = 200000, TICK = 10000, ENOUGH = 3 };

static uint32_t child_seed;

static void exec_self(void)
{
	char *const argv[] = {(char *)"x", (char *)"leaf", NULL};

	execve(SELF, argv, environ);
	_exit(1);
}

static void exit_random(void)
{
	random_state = child_seed;
	_exit((int)(child_seed & 0x7f));
}

/* Bytes go to a child and come back, through two pipes. */
static void echo_child(void)
{
	char c;

	while (read(10, &c, 1) == 1)
		if (write(11, &c, 1) != 1)
			_exit(1);
	_exit(0);
}

static void ping_pong(void)
{
	int to[2], from[2];
	pid_t pid;
	char c;

	TRY(pipe(to));
	TRY(pipe(from));
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		dup2(to[0], 10);
		dup2(from[1], 11);
		for (int i = 3; i < 10; i++)
			close(i);
		echo_child();
	}
	close(to[0]);
	close(from[1]);
	for (int i = 0; i < 50; i++) {
		char sent = (char)random_next();

		CHECK_EQ(write(to[1], &sent, 1), 1);
		CHECK_EQ(read(from[0], &c, 1), 1);
		CHECK_EQ(c, sent);
	}
	close(to[1]);
	close(from[0]);
	CHECK_EQ(child_wait(pid), 0);
}

static void map_and_touch(void)
{
	uint32_t pages = 1 + random_below(40);
	char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	for (uint32_t i = 0; i < pages; i++)
		p[i * PAGE] = (char)i;
	for (uint32_t i = 0; i < pages; i++)
		CHECK(p[i * PAGE] == (char)i);
	CHECK_EQ(munmap(p, pages * PAGE), 0);
}

static void file_work(void)
{
	char path[40], got[20];
	int fd;

	snprintf(path, sizeof path, "/tmp/storm.%d", getpid());
	fd = TRY(open(path, O_RDWR | O_CREAT | O_EXCL, 0644));
	CHECK_EQ(write(fd, path, 10), 10);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, got, 10), 10);
	CHECK(memcmp(got, path, 10) == 0);
	close(fd);
	TRY(unlink(path));
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

static void kill_somewhere(void)
{
	pid_t pid = child_start(random_below(2) ? sleep_long : spin_for_ever);

	if (random_below(2))
		sched_yield();
	if (random_below(4) == 0)
		sleep_ms(1);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(child_wait(pid), -SIGKILL);
}

static void work(void)
{
	random_state = child_seed;
	for (int i = 0; i < STEPS; i++) {
		uint32_t what = random_below(10);

		child_seed = random_next() | 1;
		if (what < 3)
			CHECK_EQ(child_end(exit_random), child_seed & 0x7f);
		else if (what < 5)
			CHECK_END(exec_self, 9);
		else if (what < 6)
			ping_pong();
		else if (what < 7)
			map_and_touch();
		else if (what < 8)
			file_work();
		else
			kill_somewhere();
	}
}

static void storm(void)
{
	pid_t pids[WORKERS];

	for (int i = 0; i < WORKERS; i++) {
		child_seed = random_next() | 1;
		pids[i] = child_start(work);
	}
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
}

static void burn(void)
{
	long long until = now_us() + BURN;

	while (now_us() < until)
		for (volatile int i = 0; i < 1000; i++)
			continue;
}

/* Ticks of processor time that two processes got, less the ticks that passed: one CPU alone gives at most 0. */
static long ticks_won(void)
{
	struct tms before, after;
	long long start = now_us();
	pid_t pids[2];

	CHECK(times(&before) != -1);
	pids[0] = child_start(burn);
	pids[1] = child_start(burn);
	CHECK_EQ(child_wait(pids[0]), 0);
	CHECK_EQ(child_wait(pids[1]), 0);
	CHECK(times(&after) != -1);
	return after.tms_cutime + after.tms_cstime - before.tms_cutime - before.tms_cstime - (now_us() - start) / TICK;
}

/* QEMU may get less than two processors itself for a while, so that it takes a few rounds. */
static void two_at_once(void)
{
	long best = 0;

	for (int i = 0; i < 50 && best < ENOUGH; i++) {
		long won = ticks_won();

		best = won > best ? won : best;
	}
	if (best < ENOUGH)
		FAILED("two processes never ran at once: they got at most %ld ticks more than passed", best);
}

static void body(void)
{
	two_at_once();
	storm();
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "leaf") == 0)
		return 9;
	random_start(argc, argv);
	return test_run(body);
}
