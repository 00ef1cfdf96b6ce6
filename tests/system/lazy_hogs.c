// Twenty processes at once that each want more memory than there is: each ends with SIGKILL and its line in the log,
// nobody else does, the small ones work on meanwhile, and all memory is there again afterwards.
// With the argument `hog` it is one of them, with `fork` it starts all twenty and goes away (for lazy_hogs_shell.py).
// suite: lazy
// cpus: 1 4
// mem: 64 512
// kernels: debug release
// timeout: 120
// reject: lazy_hogs.c:[0-9]+:
// log: pid [0-9]+ lazy_hogs: out of memory, addr 0x[0-9a-f]+--kill proc
#include "_lazy.h"

enum { HOGS = 20, WANTED = GIB, FILE_SIZE = 10 * PAGE };

static char *wanted; /* where the hogs' promise lies: the same place in each */

static void hog(void)
{
	char *p = mmap(wanted, WANTED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	CHECK(p == wanted);
	for (uint32_t i = 0; i < WANTED; i += PAGE)
		p[i] = 1;
}

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
		CHECK_EQ(write(from_small[1], &question, sizeof question), sizeof question);
	}
}

static void small_answers(uint32_t question)
{
	uint32_t got = 0;

	CHECK_EQ(write(to_small[1], &question, sizeof question), sizeof question);
	CHECK_EQ(read(from_small[0], &got, sizeof got), sizeof got);
	CHECK_EQ(got, answer(question));
}

static bool init_lives(void)
{
	static struct abi_procinfo list[128];
	int n = getprocs(list, sizeof list);

	for (int i = 0; i < n && i < COUNT(list); i++)
		if (list[i].pid == 1)
			return strcmp(list[i].name, "init") == 0 && list[i].state != 'Z';
	return false;
}

/* What this small process does meanwhile: a file, a pipe, memory, and children, which may be refused and no more. */
static int fd;

static void work(uint32_t round)
{
	static char buffer[FILE_SIZE], again[FILE_SIZE];
	pid_t pid;
	char *p;

	memset(buffer, (int)round + 1, sizeof buffer);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(write(fd, buffer, sizeof buffer), sizeof buffer);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, again, sizeof again), sizeof again);
	CHECK(memcmp(buffer, again, sizeof again) == 0);
	p = promise(4 * PAGE);
	memset(p, 1, 4 * PAGE);
	give_back(p, 4 * PAGE);
	pid = fork();
	if (pid == 0)
		_exit(5);
	CHECK(pid > 0 || errno == ENOMEM || errno == EAGAIN);
	if (pid > 0)
		CHECK_EQ(child_wait(pid), 5);
	CHECK(init_lives());
}

/* Some process has ended: it was a hog, and its line says so. */
static bool hog_ended(pid_t *hogs)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);
	uint32_t addr;

	if (pid == 0)
		return false;
	for (int i = 0; i < HOGS; i++)
		if (hogs[i] == pid)
			hogs[i] = 0, pid = -pid;
	if (pid > 0)
		FAILED("process %d, which is no hog, ended with status %#x", pid, status);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		FAILED("a hog ended with status %#x", status);
	addr = shortage_of(-pid, "lazy_hogs");
	CHECK(addr >= (uint32_t)(uintptr_t)wanted && addr < (uint32_t)(uintptr_t)wanted + WANTED);
	return true;
}

/* N hogs at once. */
static void hogs_run(int n)
{
	static pid_t hogs[HOGS];
	uint32_t round = 0;

	for (int i = 0; i < n; i++)
		hogs[i] = child_start(hog);
	for (int left = n; left > 0; round++) {
		work(round);
		small_answers(round);
		if (hog_ended(hogs))
			left--;
		else
			sleep_ms(5);
	}
}

static void body(void)
{
	pid_t pid;

	wanted = promise(WANTED);
	fd = TRY(open("/tmp/hogs", O_RDWR | O_CREAT | O_TRUNC, 0644));
	TRY(pipe(to_small));
	TRY(pipe(from_small));
	pid = child_start(small);
	work(0);
	small_answers(0);
	hogs_run(1);
	hogs_run(HOGS);
	small_answers(1);
	close(to_small[1]);
	CHECK_EQ(child_wait(pid), 0);
	close(fd);
	TRY(unlink("/tmp/hogs"));
}

int main(int argc, char **argv)
{
	wanted = promise(WANTED);
	if (argc > 1 && strcmp(argv[1], "hog") == 0)
		hog();
	for (int i = 0; argc > 1 && i < HOGS; i++)
		child_start(hog);
	return argc > 1 ? 0 : test_run(body);
}
