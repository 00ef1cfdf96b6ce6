// suite: lazy
// mem: 16
// cpus: 1 4
// kernels: debug release
// timeout: 90
// reject: oom_storm.c:[0-9]+:
/* A storm in too little memory: processes that map, fork, copy on write, exec, write files and pipes until something
   cannot be had.  Whatever fails says ENOMEM (or EAGAIN, ENOSPC), whoever ends was ended for want of memory, no byte
   is wrong, and all memory is there afterwards.  An argument is the seed. */
#include "check.h"

enum { WORKERS = 5, STEPS = 25, MOST = 6 * MIB, CHUNK = 32 * PAGE };

static uint32_t child_seed;
static char chunk[CHUNK];

static bool is_shortage(void)
{
	return errno == ENOMEM || errno == EAGAIN || errno == ENOSPC || errno == ENFILE;
}

static bool is_end(int status, int wanted)
{
	return status == wanted << 8 || status == SIGKILL;
}

static char *memory;
static uint32_t size;

static void look(char value)
{
	for (uint32_t i = 0; i < size; i += PAGE)
		if (memory[i] != value)
			FAILED("byte %u is %d, not %d", i, memory[i], value);
}

static void fill(char value)
{
	for (uint32_t i = 0; i < size; i += PAGE)
		memory[i] = value;
}

static void memory_step(char value)
{
	int status;
	pid_t pid;

	size = (1 + random_below(MOST / PAGE)) * PAGE;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		CHECK(is_shortage());
		return;
	}
	fill(value);
	pid = fork();
	if (pid == 0) {
		fill((char)(value + 1));
		look((char)(value + 1));
		_exit(0);
	}
	CHECK(pid > 0 || is_shortage());
	look(value);
	if (pid > 0)
		CHECK(waitpid(pid, &status, 0) == pid && is_end(status, 0));
	look(value);
	CHECK_EQ(munmap(memory, size), 0);
}

static void exec_step(void)
{
	char *const argv[] = {(char *)"true", NULL};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execve("/bin/true", argv, environ);
		_exit(is_shortage() ? 7 : 8);
	}
	CHECK(pid > 0 || is_shortage());
	if (pid > 0)
		CHECK(waitpid(pid, &status, 0) == pid && (is_end(status, 0) || is_end(status, 7)));
}

static void file_step(int worker)
{
	char path[32];
	int fd, n, done = 0;

	snprintf(path, sizeof path, "/tmp/oom%d", worker);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (fd < 0) {
		CHECK(is_shortage());
		return;
	}
	memset(chunk, worker + 1, sizeof chunk);
	for (int i = 0; i < 8 && (n = write(fd, chunk, sizeof chunk)) > 0; i++)
		done += n;
	CHECK(done > 0 || is_shortage());
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	n = read(fd, chunk, sizeof chunk);
	CHECK(n >= 0 || is_shortage());
	for (int i = 0; i < n; i++)
		CHECK(chunk[i] == worker + 1);
	close(fd);
	CHECK(unlink(path) == 0 || is_shortage());
}

static void pipe_step(void)
{
	int fds[2], n, sent = 0;

	if (pipe(fds) < 0) {
		CHECK(is_shortage());
		return;
	}
	CHECK_EQ(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	memset(chunk, 9, sizeof chunk);
	n = write(fds[1], chunk, 64 << 10);
	CHECK(n > 0 || is_shortage());
	sent = n > 0 ? n : 0;
	close(fds[1]);
	while ((n = read(fds[0], chunk, sizeof chunk)) > 0) {
		CHECK(chunk[0] == 9 && chunk[n - 1] == 9);
		sent -= n;
	}
	CHECK(n == 0 && sent == 0);
	close(fds[0]);
}

static int worker_number, gate[2];

/* Until all workers are there: once the first has taken the memory, fork may fail. */
static void wait_for_start(void)
{
	char c;

	close(gate[1]);
	CHECK_EQ(read(gate[0], &c, 1), 0);
	close(gate[0]);
}

static void work(void)
{
	wait_for_start();
	random_state = child_seed;
	for (int i = 0; i < STEPS; i++) {
		uint32_t what = random_below(10);

		if (what < 5)
			memory_step((char)i);
		else if (what < 7)
			exec_step();
		else if (what < 9)
			file_step(worker_number);
		else
			pipe_step();
	}
}

static void body(void)
{
	int others = getprocs(NULL, 0), ended = 0;
	pid_t pids[WORKERS];
	char path[32];

	TRY(pipe(gate));
	for (worker_number = 0; worker_number < WORKERS; worker_number++) {
		child_seed = random_next() | 1;
		pids[worker_number] = child_start(work);
	}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < WORKERS; i++) {
		int end = child_wait(pids[i]);

		CHECK(end == 0 || end == -SIGKILL);
		ended += end != 0;
	}
	orphans_wait(others);
	for (int i = 0; i < WORKERS; i++) {
		snprintf(path, sizeof path, "/tmp/oom%d", i);
		CHECK(unlink(path) == 0 || errno == ENOENT);
	}
	printf("%d of %d were ended\n", ended, WORKERS);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	random_start(argc, argv);
	return test_run(body);
}
