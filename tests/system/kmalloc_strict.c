// overcommit=strict: kernel memory that is lent to programs takes nothing of what was promised.  When everything is
// promised a greedy one gets ENOMEM, and every promised page is there when it is touched; what was lent is promised
// again when it comes back.
// suite: kmalloc
// append: overcommit=strict
// cpus: 1 4
// mem: 64
// kernels: debug release
// reject: out of memory
#include "check.h"

enum { STEP = 512 << 10, LARGE = 4096, PIECES = 16384, LOOK = 8 /* pages that looking at /proc takes meanwhile */ };

static long long meminfo(const char *name)
{
	static char text[4096];
	int fd = TRY(open("/proc/meminfo", O_RDONLY)), n = TRY(read(fd, text, sizeof text - 1));
	const char *at;

	close(fd);
	text[n] = '\0';
	at = strstr(text, name);
	CHECK(at != NULL);
	return strtoll(at + strlen(name) + 1, NULL, 10) * 1024;
}

static long long room(void)
{
	return meminfo("CommitLimit") - meminfo("Committed_AS");
}

static char *piece[PIECES];

/* => how many pieces of SIZE bytes there were */
static int take_all(size_t size)
{
	int n = 0;

	while (n < PIECES && (piece[n] = kmalloc(size)) != NULL)
		n++;
	CHECK(n < PIECES);
	CHECK_EQ(errno, ENOMEM);
	return n;
}

/* Of N pieces, the last COUNT; their pages are anybody's then, not this CPU's. */
static void give(int n, int count)
{
	while (count-- > 0)
		TRY(kfree(piece[--n]));
	CHECK(freemem() > 0);
}

/* All that can be promised, in one region, but for a little: its tables, and what is needed for looking. */
static char *promise_all(size_t *size)
{
	char *p;

	*size = (size_t)room() / STEP * STEP - STEP;
	p = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	return p;
}

static void greedy(void)
{
	memset(piece, 1, sizeof piece); /* its pages are there */
	give(take_all(LARGE), LOOK);    /* for looking at /proc */
	for (;;)
		sleep_ms(1000);
}

/* First the promise, then what is lent. */
static void promise_is_kept(void)
{
	size_t size;
	char *p = promise_all(&size);
	long long left = room();
	int n;

	CHECK(freemem() > 0); /* what kmalloc keeps at hand goes back, and can be asked for */
	n = take_all(LARGE);
	CHECK(n <= left / LARGE + LOOK);
	for (size_t i = 0; i < size; i += PAGE)
		p[i] = 'p';
	CHECK(kmalloc(LARGE) == NULL);
	give(n, n);
	for (size_t i = 0; i < size; i += PAGE)
		CHECK_EQ(p[i], 'p');
	TRY(munmap(p, size));
	n = take_all(LARGE);
	CHECK(n > left / LARGE + LOOK);
	give(n, n);
}

/* First what is lent, then the promise. */
static void lent_is_not_promised(void)
{
	long long before = (freemem(), room()), between;
	size_t size;
	int n = take_all(LARGE);
	char *p;

	give(n, LOOK);
	n -= LOOK;
	between = room();
	CHECK(before - between >= (long long)n * LARGE);
	p = promise_all(&size);
	CHECK((long long)size <= between);
	for (size_t i = 0; i < size; i += PAGE)
		p[i] = 'p';
	TRY(munmap(p, size));
	give(n, n);
	CHECK(room() > between + (long long)n * LARGE / 2);
}

/* And between processes. */
static void the_greedy_ends_nobody(void)
{
	pid_t pid = child_start(greedy);
	size_t size;
	char *p;

	child_is(pid, 'S');
	p = promise_all(&size);
	for (size_t i = 0; i < size; i += PAGE)
		p[i] = 'p';
	TRY(munmap(p, size));
	TRY(kill(pid, SIGKILL));
	CHECK_EQ(child_wait(pid), -SIGKILL);
}

static void body(void)
{
	memset(piece, 1, sizeof piece);
	promise_is_kept();
	lent_is_not_promised();
	the_greedy_ends_nobody();
}

int main(void)
{
	return test_run(body);
}
