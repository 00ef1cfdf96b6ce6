// When no frame is free, pages of files that are only cached go, and the slabs of names and files that nobody uses: who
// asks for more than is free gets what they held, and is refused only then.
// suite: lazy
// mem: 64 512
// cpus: 1 4
// kernels: debug release
// reject: reclaim.c:[0-9]+:
#include "_procfs.h"

enum {
	FILES = 600,
	CHUNK = 64 * PAGE,
	FILE_SIZE = MIB,
	SLACK = 64 /* KiB */,
	LOOK = 16 * PAGE /* what looking may take */
};

/* KiB that /proc/meminfo has under NAME (kstat would give back before it counts). */
static long kib(const char *name)
{
	slurp("/proc/meminfo");
	return meminfo(name);
}

static char *promise(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static const char *file_name(int i)
{
	static char name[32];

	snprintf(name, sizeof name, "/tmp/reclaim.%d", i);
	return name;
}

/* Slabs full of names and files that nobody uses. */
static void fill_slabs(void)
{
	for (int i = 0; i < FILES; i++)
		CHECK_EQ(close(TRY(open(file_name(i), O_RDWR | O_CREAT, 0644))), 0);
	sync();
}

static void fill_cache(void)
{
	static char buffer[CHUNK];
	int fd = TRY(open("/tmp/reclaim", O_RDWR | O_CREAT | O_TRUNC, 0644));

	for (int i = 0; i < FILE_SIZE; i += CHUNK)
		CHECK_EQ(write(fd, buffer, CHUNK), CHUNK);
	CHECK_EQ(close(fd), 0);
	sync();
}

/* By a system call, which is told of the end and not killed by it. */
static void take_all(void)
{
	size_t size = (size_t)kib("MemTotal") * 1024 + MIB, held = 0;
	int zero = TRY(open("/dev/zero", O_RDONLY)), n;
	char *p = promise(size);

	while ((n = read(zero, p + held, CHUNK)) > 0)
		held += (size_t)n;
	CHECK_EQ(errno, ENOMEM);
	held &= ~(size_t)(PAGE - 1);
	CHECK_EQ(munmap(p + held - LOOK, LOOK), 0);
}

static void deed(void)
{
	long slab, cached;

	CHECK(freemem() > 0); /* gives back what is empty, and what is cached */
	slab = kib("Slab");
	cached = kib("Cached");
	fill_slabs();
	fill_cache();
	if (kib("Cached") < cached + FILE_SIZE / 1024 || kib("Slab") < slab + 2 * SLACK)
		FAILED("%ld KiB are cached, %ld KiB in slabs: nothing to give back", kib("Cached"), kib("Slab"));
	take_all();
	if (kib("Slab") > slab + SLACK || kib("Cached") > cached + SLACK)
		FAILED("%ld KiB are cached, %ld KiB in slabs (it was %ld, %ld), and memory was refused", kib("Cached"),
		       kib("Slab"), cached, slab);
}

static void body(void)
{
	CHECK_END(deed, 0);
	CHECK_EQ(unlink("/tmp/reclaim"), 0);
	for (int i = 0; i < FILES; i++)
		CHECK_EQ(unlink(file_name(i)), 0);
}

int main(void)
{
	return test_run(body);
}
