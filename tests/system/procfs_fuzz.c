// Hostile use of /proc: processes that come and go do anything that a call can be asked, with paths below /proc (their
// own, each other's, of nobody), offsets and sizes up to the largest, buffers that are absent, read-only or promised;
// and they end with what they have open, many of them by SIGKILL.  Results do not matter; afterwards nothing is left
// behind.  `procfs_fuzz SEED LIVES` for longer runs.
// cpus: 1 4
// kernels: debug release
// suite: lazy
// timeout: 240
#include <sched.h>

#include "_procfs.h"

enum { WORKERS = 8, STEPS = 400, FILES = 6, FIRST_FD = 3, LAST_FD = 30, FDS = 37 };
enum { CALL_READLINK = 85, CALL_LLSEEK = 140, CALL_GETCWD = 183, CALL_GETDENTS64 = 220 };
#define PICK(a) a[random_below(COUNT(a))]

static unsigned lives = 4;
static char *read_only, *promised;

/* As the kernel has it: sizes and pointers that libc would not let through. */
static long raw_call(long n, uint32_t a, const void *b, uint32_t c, const void *d, uint32_t e)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(n), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
	return result;
}

/* ---- arguments ---- */

static const char *const below_proc[] = {
	"cmdline", "cpuinfo", "filesystems", "kpagecount", "kpageflags", "loadavg",     "meminfo",
	"mounts",  "self",    "slabinfo",    "stat",       "sysvipc",    "sysvipc/shm", "sysvipc/..",
	"uptime",  "version", "vmstat",      ".",          "..",         "nothing",     "",
};
static const char *const below_process[] = {
	"cmdline", "comm",  "cwd",  "environ", "exe",    "fd", "maps", "mounts",  "pagemap",
	"root",    "smaps", "stat", "statm",   "status", ".",  "..",   "nothing", "",
};

static int any_pid(void)
{
	switch (random_below(3)) {
	case 0: return getpid();
	case 1: return getppid();
	}
	return getpid() - 20 + (int)random_below(40);
}

static const char *any_path(void)
{
	static char path[2][128];
	static unsigned turn;
	char *p = path[turn++ % 2];
	size_t n = sizeof path[0];

	switch (random_below(8)) {
	case 0: snprintf(p, n, "/proc/%s", PICK(below_proc)); break;
	case 1: snprintf(p, n, "/proc/self/%s", PICK(below_process)); break;
	case 2: snprintf(p, n, "/proc/self/fd/%u", (unsigned)random_below(FDS)); break;
	case 3: snprintf(p, n, "/proc/%d/fd/%u/", any_pid(), (unsigned)random_below(FDS)); break;
	case 4: snprintf(p, n, "/proc/%d/%s", any_pid(), PICK(below_process)); break;
	case 5: snprintf(p, n, "/proc/%d/%s/%s", any_pid(), PICK(below_process), PICK(below_process)); break;
	case 6: snprintf(p, n, "/tmp/fuzz%u", (unsigned)random_below(FILES)); break;
	case 7: snprintf(p, n, "%s", PICK(below_process)); break;
	}
	return p;
}

static void *any_buffer(void)
{
	static char here[2 * PAGE];

	switch (random_below(8)) {
	case 0: return (void *)0x60000000;
	case 1: return read_only;
	case 2: return read_only - 1 - random_below(64);
	case 3: return promised + random_below(3 * PAGE);
	case 4: return (void *)(KERNEL_BASE - 1);
	}
	return here + random_below(64);
}

static uint32_t any_size(void)
{
	switch (random_below(6)) {
	case 0: return random_below(9);
	case 1: return random_below(9) * 8;
	case 2: return PAGE;
	case 3: return random_below(2 * PAGE);
	case 4: return INT32_MAX;
	}
	return random_below(300);
}

static uint64_t any_offset(void)
{
	switch (random_below(5)) {
	case 0: return random_below(100);
	case 1: return random_below(MIB) * 8ull;
	case 2: return INT64_MAX - random_below(5000);
	case 3: return (uint64_t)random_next() << 20;
	}
	return 256 + random_below(40000);
}

static int any_fd(void)
{
	return FIRST_FD + (int)random_below(FDS);
}

/* Of the console nobody reads, and pipes are empty. */
static bool may_block(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 || S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode);
}

/* ---- deeds ---- */

static void do_open(void)
{
	static const int flags[] = {
		O_RDONLY,   O_RDONLY, O_RDONLY, O_RDWR,           O_WRONLY | O_APPEND,        O_DIRECTORY,
		O_NOFOLLOW, O_TRUNC,  O_CREAT,  O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_TRUNC, O_RDWR | O_CREAT | O_EXCL,
	};
	int fd = open(any_path(), PICK(flags) | O_NONBLOCK, 0755);

	if (fd > LAST_FD)
		close(fd);
}

static void do_read(void)
{
	int fd = any_fd();

	if (!may_block(fd))
		(void)!read(fd, any_buffer(), any_size());
}

static void do_seek(void)
{
	uint64_t to = any_offset(), at;

	raw_call(CALL_LLSEEK, (uint32_t)any_fd(), (void *)(uint32_t)(to >> 32), (uint32_t)to, &at, random_below(3));
}

static void do_list(void)
{
	raw_call(CALL_GETDENTS64, (uint32_t)any_fd(), any_buffer(), random_below(2) ? random_below(100) : any_size(),
	         NULL, 0);
}

static void do_readlink(void)
{
	raw_call(CALL_READLINK, (uint32_t)any_path(), any_buffer(), any_size(), NULL, 0);
}

static void do_look(void)
{
	struct stat st;

	stat(any_path(), &st);
	lstat(any_path(), &st);
	access(any_path(), (int)random_below(8));
	raw_call(CALL_GETCWD, (uint32_t)any_buffer(), (void *)any_size(), 0, NULL, 0);
}

static void do_chdir(void)
{
	(void)!chdir(any_path());
}

static void do_names(void)
{
	switch (random_below(5)) {
	case 0: rename(any_path(), any_path()); break;
	case 1: link(any_path(), any_path()); break;
	case 2: unlink(any_path()); break;
	case 3: mkdir(any_path(), 0755); break;
	case 4: rmdir(any_path()); break;
	}
}

static void do_descriptors(void)
{
	int fds[2];

	switch (random_below(4)) {
	case 0: close(any_fd()); break;
	case 1: dup2(any_fd(), any_fd()); break;
	case 2: fcntl(any_fd(), (int)random_below(6), (int)random_below(60)); break;
	case 3:
		if (pipe(fds) == 0 && fds[1] > LAST_FD) {
			close(fds[0]);
			close(fds[1]);
		}
		break;
	}
}

static void do_write(void)
{
	int fd = any_fd();

	if (!may_block(fd))
		(void)!write(fd, any_buffer(), random_below(PAGE + 900));
	(void)!ftruncate(any_fd(), (off_t)random_below(20000));
}

static void do_memory(void)
{
	char *p =
		mmap(NULL, (1 + random_below(300)) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED) {
		*p = 1;
		if (random_below(2))
			munmap(p, PAGE);
	}
	(void)!sbrk((int)random_below(20000) - 9000);
}

/* A child that inherits all, opens more, and may run a program, which may be this one (main). */
static void do_fork(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (uint32_t n = random_below(30); n > 0; n--) {
			do_open();
			do_read();
		}
		if (random_below(4) == 0)
			execl(random_below(2) ? "/bin/true" : any_path(), "true", "an\nother", (char *)NULL);
		_exit(0);
	}
	if (random_below(3) == 0)
		sched_yield();
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}

static void life(uint32_t seed)
{
	static void (*const deeds[])(void) = {
		do_open,  do_open,        do_open,        do_open,  do_read,     do_read,     do_read, do_read,
		do_seek,  do_list,        do_list,        do_list,  do_readlink, do_readlink, do_look, do_chdir,
		do_names, do_descriptors, do_descriptors, do_write, do_memory,   do_fork,
	};

	random_state = seed | 1;
	read_only = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	promised = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(read_only != MAP_FAILED && promised != MAP_FAILED);
	read_only += PAGE;
	CHECK_EQ(mprotect(read_only, PAGE, PROT_READ), 0);
	for (int i = 0; i < STEPS; i++)
		PICK(deeds)();
	_exit(0);
}

static void worker(void)
{
	for (unsigned i = 0; i < lives; i++) {
		uint32_t seed = random_next();
		pid_t pid = TRY(fork());

		if (pid == 0)
			life(seed);
		if (random_below(3) == 0) {
			usleep(random_below(20000));
			CHECK_EQ(kill(pid, SIGKILL), 0);
		}
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	}
}

/* What init has to wait for has gone too. */
static void grandchildren_end(void)
{
	struct abi_procinfo procs[4];

	while (getprocs(procs, sizeof procs) > 4)
		usleep(10000);
}

static void body(void)
{
	pid_t pids[WORKERS];
	char path[32];

	for (int i = 0; i < WORKERS; i++) {
		random_next();
		pids[i] = child_start(worker);
	}
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof path, "/tmp/fuzz%d", i);
		unlink(path);
		rmdir(path);
	}
	grandchildren_end();
}

int main(int argc, char **argv)
{
	if (strcmp(argv[0], "true") == 0)
		return 0; /* /proc/PID/exe was run */
	random_start(argc, argv);
	if (argc > 2)
		lives = (unsigned)strtoul(argv[2], NULL, 0);
	return test_run(body);
}
