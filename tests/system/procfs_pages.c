// What /proc says of pages and frames agrees with what a program has done to them, and its counters move by exactly
// that.  One CPU, so that nobody else changes anything between two looks.
// kernels: debug release
// suite: lazy
// timeout: 120
#include "_procfs.h"

#define BIT(n) (1ull << (n))
#define PRESENT BIT(63)
#define FILE_PAGE BIT(61)
#define EXCLUSIVE BIT(56)
#define PFN(entry) ((entry) & (BIT(55) - 1))
#define UPTODATE BIT(3)
#define DIRTY BIT(4)
#define LRU BIT(5)
#define SLAB BIT(7)
#define FREE BIT(10)
#define MAPPED BIT(11)
#define ANON BIT(12)
#define ZERO_PAGE BIT(24)
#define TABLES BIT(26)
#define KERNEL BIT(32)

enum { WORDS = 512, TOUCHED = 10, SPARSE = 40 };

static uint64_t words[WORDS];
static int pagemap_fd, flags_fd, count_fd;
static volatile bool strict;

static uint64_t word_of(int fd, uint64_t index)
{
	uint64_t word;

	CHECK(lseek(fd, (off_t)(index * 8), SEEK_SET) >= 0);
	CHECK_EQ(read(fd, &word, sizeof word), sizeof word);
	return word;
}

static uint64_t entry_of(const void *p)
{
	return word_of(pagemap_fd, (uintptr_t)p / PAGE);
}

static void check_frame(uint64_t entry, uint64_t flags, uint64_t count)
{
	CHECK_EQ(word_of(flags_fd, PFN(entry)), flags);
	CHECK_EQ(word_of(count_fd, PFN(entry)), count);
}

/* The kernel may have it for the buffer of this very read. */
static void check_free(uint64_t entry)
{
	CHECK_EQ(word_of(flags_fd, PFN(entry)) & ~(FREE | SLAB), 0);
	CHECK_EQ(word_of(count_fd, PFN(entry)), 0);
}

static char *map_pages(int n)
{
	char *p = mmap(NULL, (size_t)n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void arrays_are_open(void)
{
	pagemap_fd = TRY(open("/proc/self/pagemap", O_RDONLY));
	flags_fd = TRY(open("/proc/kpageflags", O_RDONLY));
	count_fd = TRY(open("/proc/kpagecount", O_RDONLY));
}

static void arrays_are_closed(void)
{
	close(pagemap_fd);
	close(flags_fd);
	close(count_fd);
}

static void reads_are_of_whole_words(void)
{
	const int fds[] = {pagemap_fd, flags_fd, count_fd};

	for (int i = 0; i < COUNT(fds); i++) {
		CHECK_EQ(lseek(fds[i], 0, SEEK_SET), 0);
		CHECK_ERR(read(fds[i], words, 7), EINVAL);
		CHECK_ERR(read(fds[i], words, 12), EINVAL);
		CHECK_EQ(read(fds[i], words, 0), 0);
		CHECK_EQ(read(fds[i], words, 16), 16);
		CHECK_EQ(lseek(fds[i], 4, SEEK_SET), 4);
		CHECK_ERR(read(fds[i], words, 8), EINVAL);
		CHECK_EQ(lseek(fds[i], 0x7ffffff8, SEEK_SET), 0x7ffffff8);
		CHECK_EQ(read(fds[i], words, 8), 0);
	}
	CHECK_EQ(lseek(pagemap_fd, (KERNEL_BASE / PAGE - 3) * 8, SEEK_SET), (KERNEL_BASE / PAGE - 3) * 8);
	CHECK_EQ(read(pagemap_fd, words, sizeof words), 3 * 8); /* user memory ends there */
}

/* ---- the states of a page ---- */

static void a_page_lives(void)
{
	char *p = map_pages(64);
	uint64_t zero, own;

	p += (uintptr_t)p % (16 * PAGE) ? 16 * PAGE - (uintptr_t)p % (16 * PAGE) : 0; /* a window of read faults */
	CHECK_EQ(entry_of(p), 0);
	CHECK_EQ(*(volatile char *)p, 0);
	zero = entry_of(p);
	CHECK_EQ(zero & ~PFN(~0ull), PRESENT);
	check_frame(zero, ZERO_PAGE, 0);
	CHECK_EQ(entry_of(p + 15 * PAGE), zero);
	CHECK_EQ(entry_of(p + 16 * PAGE), 0);
	*p = 1;
	own = entry_of(p);
	CHECK_EQ(own & ~PFN(~0ull), PRESENT | EXCLUSIVE);
	CHECK(PFN(own) != PFN(zero));
	check_frame(own, ANON | MAPPED, 1);
	CHECK_EQ(mprotect(p, PAGE, PROT_NONE), 0);
	CHECK_EQ(entry_of(p), own);
	CHECK_EQ(mprotect(p, PAGE, PROT_READ | PROT_WRITE), 0);
	CHECK_EQ(entry_of(p), own);
	CHECK_EQ(munmap(p, PAGE), 0);
	CHECK_EQ(entry_of(p), 0);
	check_free(own);
	CHECK_EQ(munmap(p + PAGE, 47 * PAGE), 0);
}

static void the_child_is_told(int fd)
{
	CHECK_EQ(write(fd, "x", 1), 1);
}

static void the_child_waits(int fd)
{
	char byte;

	CHECK_EQ(read(fd, &byte, 1), 1);
}

/* COUNT pages are touched in one table; fork copies the table of few pages and shares that of many. */
static void a_page_is_shared_by_fork(int count)
{
	char *p = (char *)0x10000000; /* tables of its own */
	int to_child[2], to_parent[2], fd;
	uint64_t own, both;
	pid_t pid;

	CHECK(mmap(p, (size_t)count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	      p);
	memset(p, 1, (size_t)count * PAGE);
	own = entry_of(p);
	CHECK_EQ(own & ~PFN(~0ull), PRESENT | EXCLUSIVE);
	TRY(pipe(to_child));
	TRY(pipe(to_parent));
	pid = TRY(fork());
	if (pid == 0) {
		the_child_waits(to_child[0]);
		*p = 2;
		the_child_is_told(to_parent[1]);
		the_child_waits(to_child[0]);
		_exit(0);
	}
	both = entry_of(p);
	CHECK_EQ(both, PRESENT | PFN(own));
	check_frame(own, ANON | MAPPED, count <= 16 ? 2 : 1); /* entries that show it: of two tables, or of one */
	fd = TRY(open(proc_path(pid, "pagemap"), O_RDONLY));
	CHECK_EQ(word_of(fd, (uintptr_t)p / PAGE), both);
	the_child_is_told(to_child[1]);
	the_child_waits(to_parent[0]);
	own = word_of(fd, (uintptr_t)p / PAGE); /* the child's copy */
	CHECK_EQ(own & ~PFN(~0ull), PRESENT | EXCLUSIVE);
	CHECK(PFN(own) != PFN(both));
	check_frame(own, ANON | MAPPED, 1);
	check_frame(both, ANON | MAPPED, 1);
	CHECK_EQ(entry_of(p), both | EXCLUSIVE);
	if (count > 1)
		CHECK_EQ(entry_of(p + PAGE) & EXCLUSIVE, 0);
	the_child_is_told(to_child[1]);
	CHECK_EQ(child_wait(pid), 0);
	CHECK_ERR(read(fd, words, 8), ESRCH);
	close(fd);
	CHECK_EQ(entry_of(p + (count - 1) * PAGE) & EXCLUSIVE, EXCLUSIVE);
	check_free(own);
	for (int i = 0; i < 2; i++) {
		close(to_child[i]);
		close(to_parent[i]);
	}
	CHECK_EQ(munmap(p, (size_t)count * PAGE), 0);
}

static void a_file_page_is_cached(void)
{
	const char *text = (const char *)(uintptr_t)a_file_page_is_cached;
	uint64_t entry = entry_of(text), count;

	CHECK_EQ(entry & ~(PFN(~0ull) | EXCLUSIVE), PRESENT | FILE_PAGE);
	CHECK_EQ(word_of(flags_fd, PFN(entry)), UPTODATE | LRU | MAPPED);
	count = word_of(count_fd, PFN(entry));
	CHECK(count >= 1 && count <= 3); /* this, its parent, and its parent; fork may share or copy the table */
}

/* ---- sums ---- */

static uint32_t tally(uint64_t flag)
{
	uint32_t n = 0;
	int got;

	CHECK_EQ(lseek(flags_fd, 0, SEEK_SET), 0);
	while ((got = TRY(read(flags_fd, words, sizeof words))) > 0)
		for (int i = 0; i < got / 8; i++)
			n += (words[i] & flag) != 0;
	return n;
}

static void frames_add_up(void)
{
	uint32_t anon = tally(ANON), tables = tally(TABLES), cached = tally(LRU), dirty = tally(DIRTY);
	uint32_t all = anon + tables + cached + tally(SLAB) + tally(FREE) + tally(KERNEL) + tally(ZERO_PAGE);

	CHECK_EQ(lseek(count_fd, (off_t)all * 8, SEEK_SET), (off_t)all * 8);
	CHECK_EQ(read(count_fd, words, 8), 0); /* every frame has one of these flags, and there are no more frames */
	CHECK_EQ(tally(ZERO_PAGE), 1);
	slurp("/proc/meminfo");
	CHECK_EQ(meminfo("AnonPages") + meminfo("Shmem"), anon * 4);
	CHECK_EQ(meminfo("PageTables"), tables * 4);
	CHECK_EQ(meminfo("Cached") + meminfo("Buffers"), cached * 4);
	CHECK_EQ(meminfo("Dirty"), dirty * 4);
	slurp("/proc/vmstat");
	CHECK_EQ(vmstat("nr_anon_pages") + vmstat("nr_shmem"), anon);
	CHECK_EQ(vmstat("nr_page_table_pages"), tables);
	CHECK_EQ(vmstat("nr_file_pages"), cached);
}

static void memory_moves(void)
{
	char *p = map_pages(200), *whole = (char *)0x20000000;
	long free, anon, rest;

	*p = 1;
	slurp("/proc/meminfo");
	slurp("/proc/meminfo");
	free = meminfo("MemFree");
	anon = meminfo("AnonPages");
	rest = meminfo("Slab") + meminfo("PageTables") + meminfo("Cached") + meminfo("Buffers");
	memset(p + PAGE, 1, 100 * PAGE);
	slurp("/proc/meminfo");
	CHECK_EQ(meminfo("AnonPages") - anon, 400);
	CHECK_EQ(meminfo("MemFree") + meminfo("AnonPages") + meminfo("Slab") + meminfo("PageTables") +
	                 meminfo("Cached") + meminfo("Buffers"),
	         free + anon + rest);
	CHECK_EQ(munmap(p, 200 * PAGE), 0);
	slurp("/proc/meminfo");
	CHECK_EQ(meminfo("AnonPages"), anon - 4);
	rest = meminfo("Committed_AS");
	CHECK(mmap(whole, TABLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == whole);
	slurp("/proc/meminfo");
	CHECK_EQ(meminfo("Committed_AS") - rest, 4096 + 4); /* the pages, and the table for them */
	CHECK_EQ(munmap(whole, TABLE), 0);
	slurp("/proc/meminfo");
	CHECK_EQ(meminfo("Committed_AS"), rest);
}

/* The number behind NAME in /proc/self/status. */
static long status(const char *name)
{
	const char *at = strstr(room, name);

	CHECK(at);
	return strtol(at + strlen(name), NULL, 10);
}

/* Of the process's pages, so many are shared memory's. */
static void rss_is_shared(long pages)
{
	const char *p = room;
	long files;

	slurp("/proc/self/statm");
	slurp("/proc/self/status");
	files = status("RssFile:");
	CHECK_EQ(status("RssShmem:"), pages * 4);
	CHECK_EQ(status("RssAnon:") + files + pages * 4, status("VmRSS:"));
	slurp("/proc/self/statm");
	for (int i = 0; i < 2; i++) {
		number(&p);
		p = expect(p, " ");
	}
	CHECK_EQ((long)number(&p) * 4, files + pages * 4);
}

/* The pages that are there, not those that are promised, and each once; AnonPages is not concerned. */
static void shared_memory_counts(void)
{
	char *p = mmap(NULL, 100 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *named;
	long anon;

	CHECK(p != MAP_FAILED);
	rss_is_shared(0);
	slurp("/proc/vmstat");
	CHECK_EQ(vmstat("nr_shmem"), 0);
	anon = vmstat("nr_anon_pages");
	for (int i = 0; i < 30; i++)
		p[i * PAGE] = 1;
	named = openshmem(25);
	CHECK(named != (char *)-1);
	*named = 1;
	slurp("/proc/vmstat");
	CHECK_EQ(vmstat("nr_shmem"), 30 + 1 + 1); /* and the node that leads to the 30 */
	CHECK_EQ(vmstat("nr_anon_pages"), anon);
	rss_is_shared(31);
	frames_add_up();
	CHECK_EQ(munmap(p, 20 * PAGE), 0); /* the memory stays, for who else may have it */
	rss_is_shared(11);
	slurp("/proc/meminfo");
	CHECK_EQ(meminfo("Shmem"), (30 + 1 + 1) * 4);
	CHECK_EQ(munmap(p + 20 * PAGE, 80 * PAGE), 0);
	CHECK_EQ(closeshmem(25), 0);
	slurp("/proc/meminfo");
	CHECK_EQ(meminfo("Shmem"), 0);
}

/* ---- faults ---- */

struct faults {
	long zero_fill, zero_page, copy, takeover, split, file, stack, refused, all, minor;
};

static struct faults faults_now(void)
{
	struct faults f;

	slurp("/proc/self/stat");
	f.minor = (long)stat_parse().field[10];
	slurp("/proc/vmstat");
	f.zero_fill = vmstat("fault_zero_fill");
	f.zero_page = vmstat("fault_zero_page");
	f.copy = vmstat("fault_cow_copy");
	f.takeover = vmstat("fault_cow_takeover");
	f.split = vmstat("fault_table_split");
	f.file = vmstat("fault_file");
	f.stack = vmstat("fault_stack");
	f.refused = vmstat("fault_refused");
	f.all = vmstat("pgfault");
	return f;
}

/* Since *BEFORE, nothing but what WANT says; what is not named there is 0. */
static void faults_were(struct faults *before, struct faults want)
{
	struct faults now = faults_now();

	if (!strict)
		return;
	CHECK_EQ(now.zero_fill - before->zero_fill, want.zero_fill);
	CHECK_EQ(now.zero_page - before->zero_page, want.zero_page);
	CHECK_EQ(now.copy - before->copy, want.copy);
	CHECK_EQ(now.takeover - before->takeover, want.takeover);
	CHECK_EQ(now.split - before->split, want.split);
	CHECK_EQ(now.file - before->file, want.file);
	CHECK_EQ(now.stack - before->stack, want.stack);
	CHECK_EQ(now.refused - before->refused, want.refused);
	CHECK_EQ(now.all - before->all, want.all);
	CHECK_EQ(now.minor - before->minor, want.minor);
	*before = now;
}

/* All that the measuring touches is there. */
static struct faults faults_start(void)
{
	struct faults f = faults_now();

	strict = false; /* for the first time that may be missing, or copied after a fork */
	faults_were(&f, (struct faults){0});
	strict = true;
	f = faults_now();
	faults_were(&f, (struct faults){0});
	return f;
}

static void touches_are_counted(void)
{
	char *p = map_pages(TOUCHED + 1), *q = (char *)0x20000000;
	struct faults f;

	*p = 1;
	CHECK(mmap(q, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == q);
	f = faults_start();
	for (int i = 1; i <= TOUCHED; i++)
		p[i * PAGE] = 1;
	faults_were(&f, (struct faults){.zero_fill = TOUCHED, .all = TOUCHED, .minor = TOUCHED});
	for (int i = 0; i < 32; i++)
		CHECK_EQ(*(volatile char *)(q + i * PAGE), 0);
	faults_were(&f, (struct faults){.zero_page = 2, .all = 2, .minor = 2}); /* 16 pages at a time */
	q[3 * PAGE] = 1;
	faults_were(&f, (struct faults){.zero_fill = 1, .all = 1, .minor = 1});
	CHECK_EQ(munmap(p, (TOUCHED + 1) * PAGE), 0);
	CHECK_EQ(munmap(q, 64 * PAGE), 0);
	faults_were(&f, (struct faults){0});
}

static void __attribute__((noinline)) deep(volatile char *below)
{
	*below = 1;
}

static void the_stack_is_counted(void)
{
	struct faults f = faults_start();
	unsigned here = (unsigned)(uintptr_t)&f / PAGE * PAGE;

	slurp("/proc/self/maps");
	here = maps_find(here).start;
	f = faults_start();
	deep((char *)(uintptr_t)(here - PAGE)); /* near enough below the stack pointer */
	faults_were(&f, (struct faults){.stack = 1, .zero_fill = 1, .all = 1, .minor = 1});
}

static void refused(void)
{
	*(volatile char *)0x60000000 = 1;
}

static void copies_are_counted(void)
{
	char *p = (char *)0x10000000;
	struct faults f;
	long before;
	pid_t pid;
	int fds[2];
	char byte;

	/* Many pages, so that fork shares the table. */
	CHECK(mmap(p, SPARSE * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
	memset(p, 1, SPARSE * PAGE);
	TRY(pipe(fds));
	pid = TRY(fork());
	if (pid == 0) {
		close(fds[1]);
		_exit((int)read(fds[0], &byte, 1));
	}
	child_is(pid, 'S'); /* its own first faults are over */
	f = faults_start();
	*p = 2;
	faults_were(&f, (struct faults){.split = 1, .copy = 1, .all = 1, .minor = 1});
	p[PAGE] = 2;
	faults_were(&f, (struct faults){.copy = 1, .all = 1, .minor = 1});
	close(fds[0]);
	close(fds[1]);
	CHECK_EQ(child_wait(pid), 0);
	f = faults_start();
	p[2 * PAGE] = 2;
	faults_were(&f, (struct faults){.takeover = 1, .all = 1, .minor = 1});
	CHECK_EQ(munmap(p, SPARSE * PAGE), 0);
	f = faults_start();
	before = f.refused;
	CHECK_END(refused, -SIGSEGV);
	CHECK_EQ(faults_now().refused - before, 1);
}

/* Pages that were read from the disk are major faults, of this process and of all. */
static void reading_is_major(void)
{
	long before;
	int fds[2];
	pid_t pid;

	slurp("/proc/vmstat");
	before = vmstat("pgmajfault");
	CHECK(freemem() > 0); /* drops what is only cached: among it the pages of /bin/uniq */
	TRY(pipe(fds));
	pid = TRY(fork());
	if (pid == 0) {
		dup2(fds[0], 0);
		close(fds[0]);
		close(fds[1]);
		execl("/bin/uniq", "uniq", (char *)NULL);
		_exit(9);
	}
	close(fds[0]);
	do {
		sleep_ms(2);
		slurp(proc_path(pid, "stat"));
	} while (strcmp(stat_parse().name, "uniq") != 0 || stat_parse().state != 'S');
	CHECK(stat_parse().field[12] > 0);
	before += (long)stat_parse().field[12];
	close(fds[1]);
	CHECK_EQ(child_wait(pid), 0);
	slurp("/proc/vmstat");
	CHECK(vmstat("pgmajfault") >= before);
}

static void body(void)
{
	memset(room, 1, sizeof room);
	memset(words, 1, sizeof words);
	arrays_are_open();
	reads_are_of_whole_words();
	a_page_lives();
	a_page_is_shared_by_fork(1);
	a_page_is_shared_by_fork(SPARSE);
	a_file_page_is_cached();
	frames_add_up();
	memory_moves();
	shared_memory_counts();
	touches_are_counted();
	the_stack_is_counted();
	copies_are_counted();
	reading_is_major();
	arrays_are_closed();
}

int main(void)
{
	return test_run(body);
}
