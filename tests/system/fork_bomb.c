// Forks until there is no memory for one more: the answer is EAGAIN or ENOMEM and never a dead machine, and when the
// bomb's group has been killed, all of its memory is there again.
// suite: lazy
// mem: 16
// cpus: 1 4
// kernels: debug release
// timeout: 90
// reject: fork_bomb.c:[0-9]+: fork fails
#include "check.h"

enum { MANY = 100 };

static char ballast[24 * PAGE];

/* Every process of the bomb forks until it is refused, then waits to be killed; some are ended for want of memory. */
static void bomb(void)
{
	setpgid(0, 0);
	memset(ballast, 1, sizeof ballast); /* the bomb is the largest, should the kernel have to choose */
	while (fork() >= 0)
		continue;
	if (errno != EAGAIN && errno != ENOMEM)
		FAILED("fork fails with %d", errno);
	for (;;)
		pause();
}

static void group_end(pid_t group)
{
	CHECK(kill(-group, SIGKILL) == 0);
	for (int tries = 0; kill(-group, 0) == 0; tries++) {
		CHECK(tries < 1000);
		waitpid(group, NULL, WNOHANG);
		sleep_ms(10);
	}
	CHECK_EQ(errno, ESRCH);
}

static void bomb_and_recovery(void)
{
	int others = getprocs(NULL, 0);
	pid_t group = child_start(bomb);

	for (int tries = 0; getprocs(NULL, 0) <= others + MANY; tries++) {
		CHECK(tries < 2000);
		sleep_ms(10);
	}
	sleep_ms(100); /* there is memory for far less than what it makes in that time */
	group_end(group);
	orphans_wait(others);
}

static void nothing(void)
{
}

/* One process takes nearly all memory, then asks for a child: no memory, no harm; with memory it works again. */
static void cannot_be_had(void)
{
	char *p = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int pages = 0, refused = 0;
	struct abi_kstat now;

	CHECK(p != MAP_FAILED);
	CHECK(kstat(&now, sizeof now) > 0);
	while (freemem() > (long)now.total / 128 + 8 * PAGE)
		p[pages++ * PAGE] = 1;
	CHECK(pages > 1000);
	for (int i = 0; i < 200; i++) { /* even the smallest child takes tables and a stack of its own */
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0) {
			CHECK(errno == ENOMEM || errno == EAGAIN);
			refused++;
		} else if (i % 2)
			waitpid(pid, NULL, 0);
	}
	CHECK(refused > 0);
	for (int i = 0; i < pages; i++)
		CHECK(p[i * PAGE] == 1);
	munmap(p, 64 * MIB);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	CHECK_END(nothing, 0);
}

static void hog(void)
{
	cannot_be_had();
}

static void body(void)
{
	bomb_and_recovery();
	CHECK_END(hog, 0);
	CHECK_END(nothing, 0);
}

int main(void)
{
	return test_run(body);
}
