// Twenty processes at once that each want more memory than there is: each ends with SIGKILL and its line in the log,
// nobody else does, the small ones work on meanwhile, and all memory is there again afterwards.
// With the argument `from-shell` it only starts them and waits (for lazy_hogs_shell.py).
// suite: lazy
// cpus: 1 4
// mem: 64
// kernels: debug release
// timeout: 120
// reject: lazy_hogs.c:[0-9]+:
// log: pid [0-9]+ lazy_hogs: out of memory, addr 0x[0-9a-f]+--kill proc
#include <sched.h>

#include "_lazy.h"

enum { HOGS = 20, WANTED = GIB, FILE_SIZE = 10 * PAGE };

static char *wanted; /* promised to all of them, touched by the hogs alone */

static void hog(void)
{
	for (uint32_t i = 0; i < WANTED; i += PAGE)
		wanted[i] = 1;
}

/* GOT is what a call gave that was to give WANT: that, less, or nothing for want of memory.  What was done. */
static int done(const char *call, int got, int want)
{
	if (got == 0 || got > want || (got < 0 && errno != ENOMEM))
		FAILED("%s gives %d, errno %d", call, got, errno);
	return got < 0 ? 0 : got;
}
#define DONE(call, want) done(#call, call, (int)(want))

/* A small process that answers as long as it is asked. */
static int to_small[2], from_small[2];

static uint32_t answer(uint32_t question)
{
	for (int i = 0; i < 1000; i++)
		question = question * 1664525 + 1013904223;
	return question;
}

static void small(void)
{
	uint32_t question;

	close(to_small[1]);
	while (read(to_small[0], &question, sizeof question) == sizeof question) {
		question = answer(question);
		while (!DONE(write(from_small[1], &question, sizeof question), sizeof question))
			sched_yield(); /* refused for now: the hogs have it all */
	}
}

static void small_answers(uint32_t question)
{
	uint32_t got = 0;

	if (!DONE(write(to_small[1], &question, sizeof question), sizeof question))
		return;
	CHECK_EQ(read(from_small[0], &got, sizeof got), sizeof got);
	CHECK_EQ(got, answer(question));
}

/* What this small process does meanwhile: a file, memory, and children.  It may be refused, but never ended, and what
   is done is done right. */
static int fd;

static void file_work(uint32_t round)
{
	static char buffer[FILE_SIZE], again[FILE_SIZE];
	int n;

	memset(buffer, (int)round + 1, sizeof buffer);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	n = DONE(write(fd, buffer, sizeof buffer), sizeof buffer);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), n);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	if (n > 0)
		n = DONE(read(fd, again, (size_t)n), n);
	CHECK(memcmp(buffer, again, (size_t)n) == 0);
}

static int children; /* that could be had */

static void child_work(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(5);
	CHECK(pid > 0 || errno == ENOMEM || errno == EAGAIN);
	if (pid < 0)
		return;
	CHECK_EQ(child_wait(pid), 5);
	children++;
}

static void work(uint32_t round)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED || errno == ENOMEM);
	if (p != MAP_FAILED) {
		memset(p, 1, 4 * PAGE); /* small: no touch of its own ends it */
		give_back(p, 4 * PAGE);
	}
	file_work(round);
	child_work();
	small_answers(round);
	CHECK_EQ(kill(1, 0), 0); /* init lives */
}

/* Whether a child has ended; it was a hog, and for memory. */
static bool hog_ended(const pid_t *hogs)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);
	bool is_hog = false;

	for (int i = 0; i < HOGS; i++)
		is_hog |= hogs[i] == pid;
	if (pid != 0 && (!is_hog || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL))
		FAILED("process %d, %s hog, ended with status %#x", pid, is_hog ? "a" : "no", status);
	return pid != 0;
}

static void hogs_run(void)
{
	static pid_t hogs[HOGS];
	uint32_t round = 0;

	for (int i = 0; i < HOGS; i++) /* early ones may have filled memory by now, and hold it for a moment */
		while ((hogs[i] = fork()) <= 0) {
			if (hogs[i] == 0) {
				hog();
				_exit(0);
			}
			CHECK(errno == ENOMEM || errno == EAGAIN);
			sched_yield();
		}
	for (int left = HOGS; left > 0; round++) {
		work(round);
		if (hog_ended(hogs))
			left--;
	}
	for (int i = 0; i < HOGS; i++)
		shortage_check(hogs[i], "lazy_hogs", wanted, WANTED);
	children = 0;
	work(0); /* the others are gone: nothing is refused now */
	CHECK_EQ(children, 1);
}

static void body(void)
{
	pid_t pid;

	fd = TRY(open("/tmp/hogs", O_RDWR | O_CREAT | O_TRUNC, 0644));
	TRY(pipe(to_small));
	TRY(pipe(from_small));
	pid = child_start(small);
	hogs_run();
	close(to_small[1]);
	CHECK_EQ(child_wait(pid), 0);
	close(fd);
	TRY(unlink("/tmp/hogs"));
}

/* All of them, from a shell: it goes on when none is left. */
static int hogs_started(void)
{
	int n = 0, status;
	pid_t got;

	for (int i = 0; i < HOGS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			hog();
			_exit(0);
		}
		n += pid > 0;
	}
	/* The status goes to a page that the hogs share, and a call that cannot get a copy of it says so. */
	while ((got = wait(&status)) > 0 || errno == ENOMEM)
		n -= got > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	CHECK_EQ(errno, ECHILD);
	return n == 0 ? 0 : CHECK_FAILED;
}

int main(int argc, char **argv)
{
	wanted = promise(WANTED);
	return argc > 1 && strcmp(argv[1], "from-shell") == 0 ? hogs_started() : test_run(body);
}
