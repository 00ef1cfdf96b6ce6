// Shared anonymous memory: one object for all who were forked, whoever touches a page first, and nothing left of it
// when the last one goes.
// suite: mmap
// cpus: 1 4
// kernels: debug release
#include "check.h"

enum { PAGES = 64, RW = PROT_READ | PROT_WRITE, FLAGS = MAP_SHARED | MAP_ANONYMOUS, WORKERS = 6, ROUNDS = 200 };

static char *share(uint32_t len)
{
	char *p = mmap(NULL, len, RW, FLAGS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static char *p;

static void touch_after_fork(void)
{
	CHECK_EQ(p[0], 'p');
	CHECK_EQ(p[PAGE], 0);
	p[PAGE] = 'c';
	p[40 * PAGE] = 'C';
	p[0] = 'd';
}

/* A table with many pages is shared after the fork; what one fills in its own copy the other finds in the object. */
static void after_fork(void)
{
	p = share(PAGES * PAGE);
	for (int i = 0; i < PAGES; i++)
		CHECK(p[i * PAGE] == 0 && p[i * PAGE + PAGE - 1] == 0);
	p[0] = 'p';
	CHECK_END(touch_after_fork, 0);
	CHECK(p[0] == 'd' && p[PAGE] == 'c' && p[40 * PAGE] == 'C');
	TRY(munmap(p, PAGES * PAGE));
	p = share(PAGES * PAGE);
	p[0] = 'p';
	CHECK_END(touch_after_fork, 0); /* now no page but the first was there */
	CHECK(p[0] == 'd' && p[PAGE] == 'c' && p[40 * PAGE] == 'C' && p[2 * PAGE] == 0);
	TRY(munmap(p, PAGES * PAGE));
}

static void grandchild(void)
{
	p[5 * PAGE] = 'g';
}

static void child(void)
{
	CHECK_END(grandchild, 0);
	CHECK_EQ(p[5 * PAGE], 'g');
	TRY(munmap(p, 5 * PAGE)); /* this process's only */
	p[6 * PAGE] = 'c';
}

static void generations(void)
{
	p = share(PAGES * PAGE);
	CHECK_END(child, 0);
	CHECK(p[5 * PAGE] == 'g' && p[6 * PAGE] == 'c' && p[0] == 0);
	/* Given back is the right to see, not the page. */
	TRY(madvise(p, PAGES * PAGE, MADV_DONTNEED));
	CHECK(p[5 * PAGE] == 'g');
	TRY(mprotect(p, PAGES * PAGE, PROT_READ));
	CHECK_END(grandchild, -SIGSEGV);
	TRY(mprotect(p, PAGES * PAGE, PROT_NONE));
	TRY(mprotect(p, PAGES * PAGE, RW));
	CHECK(p[6 * PAGE] == 'c');
	p = mremap(p, PAGES * PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED && p[5 * PAGE] == 'g');
	p += (PAGES - 5) * PAGE;
	CHECK_END(grandchild, -SIGBUS); /* the object did not grow */
	p -= (PAGES - 5) * PAGE;
	TRY(munmap(p, 2 * PAGES * PAGE));
}

/* Each has its own byte in each page; whoever comes first makes the page. */
static int worker_number;

static void worker(void)
{
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < PAGES; i++) {
			char *own = p + ((i * 13 + worker_number * 7) % PAGES) * PAGE + worker_number;

			CHECK_EQ(*own, (char)round);
			*own = (char)(round + 1);
		}
}

static void storm(void)
{
	pid_t pid[WORKERS];

	p = share(PAGES * PAGE);
	for (worker_number = 0; worker_number < WORKERS; worker_number++)
		pid[worker_number] = child_start(worker);
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(pid[i]), 0);
	for (int i = 0; i < PAGES; i++)
		for (int w = 0; w < WORKERS + 1; w++)
			CHECK_EQ(p[i * PAGE + w], w < WORKERS ? (char)ROUNDS : 0);
	TRY(munmap(p, PAGES * PAGE));
}

/* A promise costs nothing, and pages far apart cost no more than themselves and their nodes. */
static void sparse(void)
{
	uint32_t before = anon_bytes();

	p = share(GIB / 2);
	CHECK_EQ(anon_bytes(), before);
	p[0] = p[GIB / 2 - 1] = 's';
	CHECK_EQ(anon_bytes() - before, 5 * PAGE);
	CHECK_EQ(audit_fails(), 0);
	CHECK(p[GIB / 4] == 0);
	TRY(munmap(p, GIB / 2));
	CHECK_EQ(anon_bytes(), before);
	CHECK_ERR(mmap(NULL, 0x80000000u, RW, FLAGS, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, 0, RW, FLAGS, -1, 0), EINVAL);
}

static void zero_device(void)
{
	int fd = TRY(open("/dev/zero", O_RDWR));

	p = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	TRY(close(fd));
	p[0] = 'p';
	CHECK_END(touch_after_fork, 0);
	CHECK(p[0] == 'd' && p[40 * PAGE] == 'C');
	TRY(munmap(p, PAGES * PAGE));
}

static void reads_word(void)
{
	CHECK_EQ(read(3, p + 3 * PAGE - 2, 4), 4); /* into pages that are not there */
}

static void through_calls(void)
{
	int fds[2];

	p = share(PAGES * PAGE);
	TRY(pipe(fds));
	CHECK_EQ(dup2(fds[0], 3), 3);
	CHECK_EQ(write(fds[1], "word", 4), 4);
	CHECK_END(reads_word, 0);
	CHECK(memcmp(p + 3 * PAGE - 2, "word", 4) == 0);
	for (int i = 3; i < 8; i++)
		close(i);
	TRY(munmap(p, PAGES * PAGE));
}

static void body(void)
{
	after_fork();
	generations();
	storm();
	sparse();
	zero_device();
	through_calls();
	CHECK_EQ(audit_fails(), 0);
	share(PAGES * PAGE)[0] = 1; /* exit leaves nothing behind */
}

int main(void)
{
	return test_run(body);
}
