// Every refusal of mmap2, munmap, mprotect, msync, mremap, madvise and mincore: the errno is that of Linux, and after
// it /proc/self/maps is what it was, byte for byte.  The table is that of docs/mmap.md.
// suite: mmap
// cpus: 1 4
// kernels: debug release
#include "check.h"

#define NAME "/tmp/mapped"
#define PROGRAM "/tmp/program"
#define TOP 0x80000000u
enum {
	MMAP2 = 192,
	MUNMAP = 91,
	MPROTECT = 125,
	MSYNC = 144,
	MREMAP = 163,
	MADVISE = 219,
	MINCORE = 218,
	RW = PROT_READ | PROT_WRITE,
	PRIVATE = MAP_PRIVATE,
	SHARED = MAP_SHARED,
	ANON = MAP_PRIVATE | MAP_ANONYMOUS,
	ROOM = 16 * PAGE,
	NOT_KNOWN = 0x4000000, /* a flag without a meaning */
};

/* The layout that the tables speak of, from BASE on: */
#define BASE 0x20000000u
#define WRITABLE (BASE)             /* 4 pages, private */
#define READABLE (BASE + 4 * PAGE)  /* 4 pages, private, only to be read */
#define HOLE (BASE + 8 * PAGE)      /* 2 pages where nothing is */
#define ABOVE (BASE + 10 * PAGE)    /* 4 pages, private */
#define READONLY (BASE + 16 * PAGE) /* 2 pages of a file, shared, of a descriptor that may only read */
#define LAST (BASE + 0x10000000u)   /* 1 page of the file, at the last offset there is */
#define VECTOR (BASE + 0x20000000u) /* a page for mincore to write to */

/* Descriptors of these numbers. */
enum { FILE_RW = 10, FILE_RO, FILE_WO, DIRECTORY, PIPE_OUT, PIPE_IN, TTY, NULL_DEVICE, PROC_FILE, CLOSED, NFDS };

struct refusal {
	const char *what;
	uint32_t number;
	uint32_t args[6];
	int error;
};

static const struct refusal mmap_table[] = {
	{"length 0", MMAP2, {0, 0, RW, ANON, -1, 0}, EINVAL},
	{"length 0 of a file", MMAP2, {0, 0, RW, PRIVATE, FILE_RW, 0}, EINVAL},
	{"length rounds to 0", MMAP2, {0, 0xfffff001, RW, ANON, -1, 0}, ENOMEM},
	{"all 4 GiB", MMAP2, {0, 0xffffffff, RW, ANON, -1, 0}, ENOMEM},
	{"more than user memory", MMAP2, {0, TOP + PAGE, RW, ANON, -1, 0}, ENOMEM},
	{"all of user memory", MMAP2, {0, TOP, PROT_NONE, ANON | MAP_NORESERVE, -1, 0}, ENOMEM},
	{"FIXED, not aligned", MMAP2, {WRITABLE + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0}, EINVAL},
	{"FIXED, half a page off", MMAP2, {HOLE + 0x800, PAGE, RW, PRIVATE | MAP_FIXED, FILE_RW, 0}, EINVAL},
	{"NOREPLACE, not aligned", MMAP2, {HOLE + 1, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0}, EINVAL},
	{"FIXED in the kernel's half", MMAP2, {TOP, PAGE, RW, ANON | MAP_FIXED, -1, 0}, ENOMEM},
	{"FIXED at the top", MMAP2, {0xfffff000, PAGE, RW, ANON | MAP_FIXED, -1, 0}, ENOMEM},
	{"FIXED across the top", MMAP2, {TOP - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0}, ENOMEM},
	{"FIXED, wraps", MMAP2, {TOP - PAGE, 0x7ffff000, RW, ANON | MAP_FIXED, -1, 0}, ENOMEM},
	{"NOREPLACE in the kernel's half", MMAP2, {TOP, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0}, ENOMEM},
	{"NOREPLACE on a region", MMAP2, {WRITABLE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0}, EEXIST},
	{"NOREPLACE, its end on one", MMAP2, {HOLE, 3 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0}, EEXIST},
	{"NOREPLACE of a file", MMAP2, {ABOVE, PAGE, RW, PRIVATE | MAP_FIXED_NOREPLACE, FILE_RW, 0}, EEXIST},
	{"neither private nor shared", MMAP2, {0, PAGE, RW, MAP_ANONYMOUS, -1, 0}, EINVAL},
	{"neither, a file", MMAP2, {0, PAGE, RW, 0, FILE_RW, 0}, EINVAL},
	{"another type", MMAP2, {0, PAGE, RW, 4, FILE_RW, 0}, EINVAL},
	{"another type, anonymous", MMAP2, {0, PAGE, RW, MAP_TYPE | MAP_ANONYMOUS, -1, 0}, EINVAL},
	{"both, anonymous", MMAP2, {0, PAGE, RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0}, EINVAL},
	{"VALIDATE, a strange flag", MMAP2, {0, PAGE, RW, MAP_SHARED_VALIDATE | NOT_KNOWN, FILE_RW, 0}, EOPNOTSUPP},
	{"VALIDATE, no right to write", MMAP2, {0, PAGE, RW, MAP_SHARED_VALIDATE, FILE_RO, 0}, EACCES},
	{"huge pages", MMAP2, {0, PAGE, RW, ANON | MAP_HUGETLB, -1, 0}, EINVAL},
	{"huge pages of a file", MMAP2, {0, PAGE, RW, PRIVATE | MAP_HUGETLB, FILE_RW, 0}, EINVAL},
	{"a file that grows down", MMAP2, {0, PAGE, RW, PRIVATE | MAP_GROWSDOWN, FILE_RW, 0}, EINVAL},
	{"shared, growing down", MMAP2, {0, PAGE, RW, SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0}, EINVAL},
	{"a closed descriptor", MMAP2, {0, PAGE, RW, PRIVATE, CLOSED, 0}, EBADF},
	{"descriptor -1", MMAP2, {0, PAGE, RW, SHARED, -1, 0}, EBADF},
	{"a large descriptor", MMAP2, {0, PAGE, RW, SHARED, 0x7fffffff, 0}, EBADF},
	{"descriptor before length", MMAP2, {0, 0, RW, SHARED, -1, 0}, EBADF},
	{"offset wraps", MMAP2, {0, 2 * PAGE, PROT_READ, PRIVATE, FILE_RW, 0xffffffff}, EOVERFLOW},
	{"offset wraps, anonymous", MMAP2, {0, 2 * PAGE, RW, ANON, -1, 0xffffffff}, EOVERFLOW},
	{"private, write-only", MMAP2, {0, PAGE, PROT_READ, PRIVATE, FILE_WO, 0}, EACCES},
	{"no rights, write-only", MMAP2, {0, PAGE, PROT_NONE, PRIVATE, FILE_WO, 0}, EACCES},
	{"shared, write-only", MMAP2, {0, PAGE, PROT_WRITE, SHARED, FILE_WO, 0}, EACCES},
	{"shared to write, read-only", MMAP2, {0, PAGE, RW, SHARED, FILE_RO, 0}, EACCES},
	{"shared to write, not to read", MMAP2, {0, PAGE, PROT_WRITE, SHARED, FILE_RO, 0}, EACCES},
	{"FIXED over a region, no right", MMAP2, {WRITABLE, PAGE, RW, SHARED | MAP_FIXED, FILE_RO, 0}, EACCES},
	{"a directory", MMAP2, {0, PAGE, PROT_READ, PRIVATE, DIRECTORY, 0}, ENODEV},
	{"a pipe's reading end", MMAP2, {0, PAGE, PROT_READ, SHARED, PIPE_OUT, 0}, ENODEV},
	{"a pipe's writing end", MMAP2, {0, PAGE, PROT_READ, SHARED, PIPE_IN, 0}, EACCES},
	{"a terminal", MMAP2, {0, PAGE, RW, SHARED, TTY, 0}, ENODEV},
	{"/dev/null", MMAP2, {0, PAGE, RW, PRIVATE, NULL_DEVICE, 0}, ENODEV},
	{"a file of /proc", MMAP2, {0, PAGE, PROT_READ, PRIVATE, PROC_FILE, 0}, ENODEV},
	{"FIXED over a region, no file", MMAP2, {WRITABLE, PAGE, RW, PRIVATE | MAP_FIXED, NULL_DEVICE, 0}, ENODEV},
};

static const struct refusal range_table[] = {
	{"munmap, length 0", MUNMAP, {WRITABLE, 0}, EINVAL},
	{"munmap, not aligned", MUNMAP, {WRITABLE + 1, PAGE}, EINVAL},
	{"munmap, the kernel's half", MUNMAP, {TOP, PAGE}, EINVAL},
	{"munmap, across the top", MUNMAP, {TOP - PAGE, 2 * PAGE}, EINVAL},
	{"munmap, wraps", MUNMAP, {WRITABLE, 0xfffff000}, EINVAL},
	{"munmap, length rounds to 0", MUNMAP, {0, 0xffffffff}, EINVAL},
	{"mprotect, not aligned", MPROTECT, {WRITABLE + 1, PAGE, PROT_READ}, EINVAL},
	{"mprotect, unknown right", MPROTECT, {WRITABLE, PAGE, 0x10 | PROT_READ}, EINVAL},
	{"mprotect, grows both ways", MPROTECT, {WRITABLE, PAGE, 0x03000000}, EINVAL},
	{"mprotect, grows down", MPROTECT, {WRITABLE, PAGE, 0x01000000}, EINVAL},
	{"mprotect, a hole", MPROTECT, {HOLE, PAGE, PROT_READ}, ENOMEM},
	{"mprotect, a hole at the end", MPROTECT, {READABLE, 5 * PAGE, RW}, ENOMEM},
	{"mprotect, a hole between", MPROTECT, {READABLE, 8 * PAGE, PROT_NONE}, ENOMEM},
	{"mprotect, a hole first", MPROTECT, {HOLE + PAGE, 2 * PAGE, PROT_READ}, ENOMEM},
	{"mprotect, the kernel's half", MPROTECT, {TOP, PAGE, PROT_READ}, ENOMEM},
	{"mprotect, wraps", MPROTECT, {WRITABLE, 0xfffff000, PROT_READ}, ENOMEM},
	{"mprotect, read-only file", MPROTECT, {READONLY, PAGE, RW}, EACCES},
	{"mprotect, read-only file, part", MPROTECT, {READONLY + PAGE, PAGE, PROT_WRITE}, EACCES},
	{"msync, unknown flag", MSYNC, {WRITABLE, PAGE, 8}, EINVAL},
	{"msync, both", MSYNC, {WRITABLE, PAGE, MS_SYNC | MS_ASYNC}, EINVAL},
	{"msync, not aligned", MSYNC, {WRITABLE + 1, PAGE, MS_SYNC}, EINVAL},
	{"msync, a hole", MSYNC, {HOLE, PAGE, MS_SYNC}, ENOMEM},
	{"msync, a hole between", MSYNC, {READABLE, 8 * PAGE, MS_ASYNC}, ENOMEM},
	{"msync, wraps", MSYNC, {WRITABLE, 0xfffff000, MS_SYNC}, ENOMEM},
	{"madvise, unknown", MADVISE, {WRITABLE, PAGE, 12345}, EINVAL},
	{"madvise, -1", MADVISE, {WRITABLE, PAGE, -1}, EINVAL},
	{"madvise, not aligned", MADVISE, {WRITABLE + 1, PAGE, MADV_NORMAL}, EINVAL},
	{"madvise, discard not aligned", MADVISE, {WRITABLE + 1, PAGE, MADV_DONTNEED}, EINVAL},
	{"madvise, wraps", MADVISE, {WRITABLE, 0xfffff000, MADV_DONTNEED}, EINVAL},
	{"madvise, length rounds to 0", MADVISE, {0, 0xfffff001, MADV_WILLNEED}, EINVAL},
	{"madvise, a hole", MADVISE, {HOLE, PAGE, MADV_WILLNEED}, ENOMEM},
	{"madvise, the kernel's half", MADVISE, {TOP, PAGE, MADV_DONTNEED}, ENOMEM},
	{"mincore, not aligned", MINCORE, {WRITABLE + 1, PAGE, VECTOR}, EINVAL},
	{"mincore, a hole", MINCORE, {HOLE, PAGE, VECTOR}, ENOMEM},
	{"mincore, a hole between", MINCORE, {READABLE, 8 * PAGE, VECTOR}, ENOMEM},
	{"mincore, the kernel's half", MINCORE, {TOP, PAGE, VECTOR}, ENOMEM},
	{"mincore, wraps", MINCORE, {WRITABLE, 0xffffffff, VECTOR}, ENOMEM},
	{"mincore, to nowhere", MINCORE, {WRITABLE, PAGE, 0x1000}, EFAULT},
	{"mincore, to the kernel", MINCORE, {WRITABLE, PAGE, 0xc0000000}, EFAULT},
};

static const struct refusal mremap_table[] = {
	{"not aligned", MREMAP, {WRITABLE + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE}, EINVAL},
	{"new length 0", MREMAP, {WRITABLE, PAGE, 0, MREMAP_MAYMOVE}, EINVAL},
	{"old length 0, private", MREMAP, {WRITABLE, 0, PAGE, MREMAP_MAYMOVE}, EINVAL},
	{"unknown flag", MREMAP, {WRITABLE, PAGE, PAGE, 8}, EINVAL},
	{"fixed, but may not move", MREMAP, {WRITABLE, PAGE, PAGE, MREMAP_FIXED, HOLE}, EINVAL},
	{"to what is not aligned", MREMAP, {WRITABLE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, HOLE + 1}, EINVAL},
	{"onto itself", MREMAP, {WRITABLE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, WRITABLE + PAGE}, EINVAL},
	{"to the kernel's half", MREMAP, {WRITABLE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, TOP}, EINVAL},
	{"across the top", MREMAP, {WRITABLE, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, TOP - PAGE}, EINVAL},
	{"fixed, too large", MREMAP, {WRITABLE, PAGE, TOP + PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, HOLE}, EINVAL},
	{"a hole", MREMAP, {HOLE, PAGE, 2 * PAGE, MREMAP_MAYMOVE}, EFAULT},
	{"a hole, to a place", MREMAP, {HOLE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, ABOVE}, EFAULT},
	{"the kernel's half", MREMAP, {TOP, PAGE, 2 * PAGE, MREMAP_MAYMOVE}, EFAULT},
	{"two regions", MREMAP, {WRITABLE, 5 * PAGE, 6 * PAGE, MREMAP_MAYMOVE}, EFAULT},
	{"two regions, to a place",
         MREMAP,
         {WRITABLE, 5 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, ABOVE},
         EFAULT},
	{"no room to grow", MREMAP, {WRITABLE, PAGE, 5 * PAGE, 0}, ENOMEM},
	{"no room above the hole", MREMAP, {READABLE, 4 * PAGE, 7 * PAGE, 0}, ENOMEM},
	{"no room anywhere", MREMAP, {WRITABLE, PAGE, 0x7fff0000, MREMAP_MAYMOVE}, ENOMEM},
	{"larger than user memory", MREMAP, {WRITABLE, PAGE, TOP + PAGE, MREMAP_MAYMOVE}, ENOMEM},
	{"beyond the last offset", MREMAP, {LAST, PAGE, 2 * PAGE, MREMAP_MAYMOVE}, EINVAL},
};

/* ---- the layout ---- */

static void map_at(uint32_t at, uint32_t len, int prot, int flags, int fd, uint32_t page)
{
	CHECK_EQ((uint32_t)TRAP(MMAP2, at, len, (uint32_t)prot, (uint32_t)(flags | MAP_FIXED_NOREPLACE), (uint32_t)fd,
	                        page),
	         at);
}

static void open_as(int number, const char *name, int flags)
{
	int fd = TRY(open(name, flags, 0755));

	CHECK_EQ(dup2(fd, number), number);
	TRY(close(fd));
}

static void descriptors(void)
{
	static char buf[PAGE];
	int ends[2];

	memset(buf, 'f', sizeof buf);
	open_as(FILE_RW, NAME, O_CREAT | O_TRUNC | O_RDWR);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(write(FILE_RW, buf, sizeof buf), PAGE);
	open_as(FILE_RO, NAME, O_RDONLY);
	open_as(FILE_WO, NAME, O_WRONLY);
	open_as(DIRECTORY, "/tmp", O_RDONLY);
	TRY(pipe(ends));
	CHECK_EQ(dup2(ends[0], PIPE_OUT), PIPE_OUT);
	CHECK_EQ(dup2(ends[1], PIPE_IN), PIPE_IN);
	TRY(close(ends[0]));
	TRY(close(ends[1]));
	open_as(TTY, "/dev/console", O_RDWR);
	open_as(NULL_DEVICE, "/dev/null", O_RDWR);
	open_as(PROC_FILE, "/proc/self/maps", O_RDONLY);
}

static void layout(void)
{
	descriptors();
	map_at(WRITABLE, 4 * PAGE, RW, ANON, -1, 0);
	map_at(READABLE, 4 * PAGE, PROT_READ, ANON, -1, 0);
	map_at(ABOVE, 4 * PAGE, RW, ANON, -1, 0);
	map_at(READONLY, 2 * PAGE, PROT_READ, SHARED, FILE_RO, 1);
	map_at(LAST, PAGE, PROT_READ, PRIVATE, FILE_RW, 0xfffffffe);
	map_at(VECTOR, PAGE, RW, ANON, -1, 0);
	*(char *)WRITABLE = 'w';
}

static void clear_up(void)
{
	CHECK_EQ(munmap((void *)BASE, READONLY + 2 * PAGE - BASE), 0);
	CHECK_EQ(munmap((void *)LAST, PAGE), 0);
	CHECK_EQ(munmap((void *)VECTOR, PAGE), 0);
	for (int fd = FILE_RW; fd < CLOSED; fd++)
		TRY(close(fd));
	TRY(unlink(NAME));
}

/* ---- what is looked at ---- */

static char before[ROOM], after[ROOM];

static int read_maps(char *to)
{
	int fd = TRY(open("/proc/self/maps", O_RDONLY)), n, all = 0;

	while ((n = TRY(read(fd, to + all, (size_t)(ROOM - 1 - all)))) > 0)
		all += n;
	TRY(close(fd));
	CHECK(all > 0 && all < ROOM - 1);
	to[all] = '\0';
	return all;
}

static void refuse_all(const struct refusal *table, int n)
{
	read_maps(before);
	for (const struct refusal *r = table; r < table + n; r++) {
		int32_t got = trap(r->number, r->args);

		if (got != -r->error)
			FAILED("%s: %d, not %d", r->what, (int)got, -r->error);
		read_maps(after);
		if (strcmp(before, after) != 0)
			FAILED("%s: maps have changed:\n%s\n%s", r->what, before, after);
	}
	CHECK_EQ(*(char *)WRITABLE, 'w');
	CHECK_EQ(*(char *)READONLY, 'f');
}

/* What Linux lets pass, and so do we. */
static void allowed(void)
{
	char *p;

	CHECK_EQ(mprotect((void *)HOLE, 0, 0x77), 0); /* nothing to change: nothing is wrong */
	CHECK_EQ(madvise((void *)HOLE, 0, MADV_DONTNEED), 0);
	CHECK_EQ(msync((void *)HOLE, 0, MS_SYNC), 0);
	CHECK_EQ(mincore((void *)HOLE, 0, NULL), 0);
	CHECK_EQ(munmap((void *)HOLE, PAGE), 0); /* nothing was there */
	CHECK_EQ(mprotect((void *)READONLY, PAGE, PROT_NONE), 0);
	CHECK_EQ(mprotect((void *)READONLY, PAGE, PROT_READ), 0);
	p = mmap(NULL, PAGE, RW | 0x100, ANON | NOT_KNOWN | MAP_GROWSDOWN, -1, 0);
	CHECK(p != MAP_FAILED && p[0] == 0);
	TRY(munmap(p, PAGE));
	p = mmap(NULL, PAGE, RW, MAP_SHARED_VALIDATE, FILE_RW, 0);
	CHECK(p != MAP_FAILED && p[0] == 'f');
	TRY(munmap(p, PAGE));
	p = mmap(NULL, PAGE, RW, PRIVATE, FILE_RO, 0); /* a copy needs no right to write the file */
	CHECK(p != MAP_FAILED);
	p[0] = 'p';
	TRY(munmap(p, PAGE));
	p = mmap((void *)(HOLE + 77), PAGE, RW, ANON, -1, 0); /* a hint is rounded, and taken when free */
	CHECK(p == (void *)HOLE);
	TRY(munmap(p, PAGE));
	p = mmap((void *)(HOLE + 77), 3 * PAGE, RW, ANON, -1, 0); /* else another place */
	CHECK(p != MAP_FAILED && p != (void *)HOLE);
	TRY(munmap(p, 3 * PAGE));
	p = mmap((void *)0xc0000000u, PAGE, RW, ANON, -1, 0);
	CHECK(p != MAP_FAILED);
	TRY(munmap(p, PAGE));
	CHECK(mmap(NULL, PAGE, RW, ANON | MAP_FIXED, -1, 0) == NULL); /* page 0 for who demands it */
	TRY(munmap(NULL, PAGE));
	read_maps(after);
	CHECK_STRING(after, before);
}

/* ---- a program's file ---- */

static void copy_program(void)
{
	static char buf[PAGE];
	int in = TRY(open("/bin/true", O_RDONLY)), out = TRY(open(PROGRAM, O_CREAT | O_TRUNC | O_RDWR, 0755)), n;

	while ((n = TRY(read(in, buf, sizeof buf))) > 0)
		CHECK_EQ(write(out, buf, (size_t)n), n);
	TRY(close(in));
	TRY(close(out));
}

static void run_program(void)
{
	char *argv[] = {"true", NULL};

	execv(PROGRAM, argv);
	_exit(errno);
}

static void unmap_half_and_run(void)
{
	CHECK_EQ(munmap((void *)HOLE, PAGE), 0);
	run_program();
}

/* Who may write to a program through a mapping has it open for writing, though the descriptor is closed. */
static void text_busy(void)
{
	int fd;

	copy_program();
	CHECK_END(run_program, 0);
	fd = TRY(open(PROGRAM, O_RDWR));
	CHECK_END(run_program, ETXTBSY);
	map_at(HOLE, 2 * PAGE, PROT_READ, SHARED, fd, 0); /* it may come to write it: mprotect */
	TRY(close(fd));
	CHECK_END(run_program, ETXTBSY);
	CHECK_END(unmap_half_and_run, ETXTBSY);
	TRY(munmap((void *)HOLE, 2 * PAGE));
	CHECK_END(run_program, 0);
	fd = TRY(open(PROGRAM, O_RDONLY));
	map_at(HOLE, 2 * PAGE, PROT_READ, SHARED, fd, 0);
	TRY(close(fd));
	CHECK_END(run_program, 0);
	TRY(munmap((void *)HOLE, 2 * PAGE));
	/* And the other way round: this program runs. */
	CHECK_ERR(open("/proc/self/exe", O_RDWR), ETXTBSY);
	CHECK_ERR(open("/bin/mmap_errors", O_WRONLY), ETXTBSY);
	TRY(unlink(PROGRAM));
}

static void body(void)
{
	layout();
	refuse_all(mmap_table, COUNT(mmap_table));
	refuse_all(range_table, COUNT(range_table));
	refuse_all(mremap_table, COUNT(mremap_table));
	allowed();
	text_busy();
	clear_up();
}

int main(void)
{
	return test_run(body);
}
