// The audit finds nothing, again and again, while processes on all CPUs fork, write, map, grow, exec, read and write
// files, talk through pipes and are killed: what it looks at is consistent wherever a thread may stand.  An argument is
// the seed.
// suite: lazy
// cpus: 1 4 8
// mem: 32
// kernels: debug release
// reject: audit_storm.c:[0-9]+:
// reject: audit:
// timeout: 120
#include "check.h"

enum { WORKERS = 8, AUDITS = 60, SPREAD = 300, BYTES = 3 * PAGE };

static const char *self;

static void touch(char *p, int pages)
{
	for (int i = 0; i < pages; i++)
		if (random_below(3))
			p[i * PAGE]++;
}

/* More pages than fork copies, written by parent and child; part of it unmapped. */
static void fork_and_write(void)
{
	int pages = 8 + (int)random_below(64);
	char *p = mmap(NULL, (size_t)pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	CHECK(p != MAP_FAILED);
	touch(p, pages);
	child = TRY(fork());
	if (child == 0) {
		touch(p, pages);
		munmap(p + PAGE, (size_t)random_below((uint32_t)pages) * PAGE + PAGE);
		_exit(0);
	}
	touch(p, pages);
	CHECK(munmap(p, (size_t)(pages / 2) * PAGE) == 0);
	CHECK_EQ(child_wait(child), 0);
	CHECK(munmap(p, (size_t)pages * PAGE) == 0);
}

static void grow_and_shrink(void)
{
	char *heap = sbrk(SPREAD * PAGE);

	CHECK(heap != (void *)-1);
	for (int i = 0; i < SPREAD; i += 1 + (int)random_below(20))
		heap[i * PAGE] = 1;
	CHECK(sbrk(-SPREAD * PAGE) != (void *)-1);
}

static void exec_self(void)
{
	pid_t child = TRY(fork());

	if (child == 0) {
		execl(self, "audit_storm", "end", (char *)NULL);
		_exit(1);
	}
	CHECK_EQ(child_wait(child), 0);
}

static void file_and_back(void)
{
	static char data[BYTES], back[BYTES];
	char name[32];
	int fd;

	snprintf(name, sizeof name, "/tmp/storm.%d", getpid());
	fd = TRY(open(name, O_RDWR | O_CREAT | O_TRUNC, 0600));
	memset(data, (int)random_next(), BYTES);
	CHECK_EQ(write(fd, data, BYTES), BYTES);
	if (random_below(4) == 0)
		TRY(fsync(fd));
	TRY(lseek(fd, 0, SEEK_SET));
	CHECK_EQ(read(fd, back, BYTES), BYTES);
	CHECK(memcmp(data, back, BYTES) == 0);
	TRY(ftruncate(fd, (int)random_below(BYTES)));
	TRY(close(fd));
	TRY(unlink(name));
}

/* The reader sleeps, and may be killed in its sleep. */
static void pipe_to_child(void)
{
	static char data[2 * PAGE];
	int fds[2];
	pid_t child;

	TRY(pipe(fds));
	child = TRY(fork());
	if (child == 0) {
		TRY(close(fds[1]));
		while (read(fds[0], data, sizeof data) > 0)
			continue;
		_exit(0);
	}
	TRY(close(fds[0]));
	CHECK_EQ(write(fds[1], data, sizeof data), (int)sizeof data);
	if (random_below(2)) {
		TRY(kill(child, SIGKILL));
		CHECK_EQ(child_wait(child), -SIGKILL);
		TRY(close(fds[1]));
	} else {
		TRY(close(fds[1]));
		CHECK_EQ(child_wait(child), 0);
	}
}

/* All of it at once, with more frames in hand than a pause takes; then other rights, another place, other pages. */
static void eager_and_moved(void)
{
	const int pages = 100;
	char *heap = sbrk_eager(pages * PAGE), *p, *old;

	CHECK(heap != (void *)-1);
	heap[0] = 1;
	CHECK(sbrk_eager(-pages * PAGE) != (void *)-1);
	p = mmap(NULL, (size_t)pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	touch(p, pages);
	CHECK(mprotect(p, (size_t)pages / 2 * PAGE, PROT_NONE) == 0);
	CHECK(mprotect(p, (size_t)pages / 4 * PAGE, PROT_READ) == 0);
	CHECK(madvise(p + 3 * PAGE, 9 * PAGE, MADV_DONTNEED) == 0);
	old = p;
	p = mremap(p, (size_t)pages / 4 * PAGE, (size_t)pages * PAGE, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED);
	CHECK(munmap(p, (size_t)pages * PAGE) == 0);
	CHECK(munmap(old + pages / 4 * PAGE, (size_t)(pages - pages / 4) * PAGE) == 0);
}

/* More than are copied or dropped between two pauses. */
static void many_regions(void)
{
	const int n = 150;
	char *p = mmap(NULL, (size_t)n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	CHECK(p != MAP_FAILED);
	touch(p, n);
	for (int i = 0; i < n; i += 2)
		CHECK(mprotect(p + i * PAGE, PAGE, PROT_READ) == 0);
	child = TRY(fork());
	if (child == 0)
		_exit(munmap(p, (size_t)n / 2 * PAGE));
	CHECK(munmap(p, (size_t)n * PAGE) == 0);
	CHECK_EQ(child_wait(child), 0);
}

/* A file that others read; large enough for pages to be read while the machine is stopped. */
static void read_a_program(void)
{
	static char data[PAGE];
	int fd = TRY(open(self, O_RDONLY));

	while (TRY(read(fd, data, sizeof data)) > 0)
		continue;
	TRY(close(fd));
}

static void worker(void)
{
	static void (*const deeds[])(void) = {
		fork_and_write, grow_and_shrink, exec_self,       file_and_back,
		pipe_to_child,  read_a_program,  eager_and_moved, many_regions,
	};

	for (;;)
		deeds[random_below(COUNT(deeds))]();
}

static void body(void)
{
	int others = getprocs(NULL, 0);
	pid_t workers[WORKERS];

	for (int i = 0; i < WORKERS; i++) {
		random_state = (random_next() * 2654435761u) | 1;
		workers[i] = child_start(worker);
	}
	for (int i = test_rounds(AUDITS); i > 0; i--) {
		CHECK_EQ(selftest(SELFTEST_AUDIT), 0);
		sleep_ms((int)random_below(30));
	}
	for (int i = 0; i < WORKERS; i++)
		TRY(kill(workers[i], SIGKILL));
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(workers[i]), -SIGKILL);
	orphans_wait(others);
	for (int i = 0; i < WORKERS; i++) { /* what one that was killed has left */
		char name[32];

		snprintf(name, sizeof name, "/tmp/storm.%d", workers[i]);
		if (unlink(name) < 0)
			CHECK_EQ(errno, ENOENT);
	}
}

int main(int argc, char **argv)
{
	self = argv[0][0] == '/' ? argv[0] : "/bin/audit_storm";
	if (argc > 1 && strcmp(argv[1], "end") == 0)
		return 0;
	random_start(argc, argv);
	return test_run(body);
}
