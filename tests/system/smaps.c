// /proc/PID/smaps and `pmap -x` say of each kind of region what is promised, there, shared and dirty, to the page:
// private memory before and after a fork, shared memory, files that were read, written and written back.
// suite: mmap
// kernels: debug release
#include "_procfs.h"

#define NAME "/tmp/mapped"
#define AT ((char *)0x20000000) /* a table and a window of its own */
enum { RW = PROT_READ | PROT_WRITE, PAGES = 64, TOUCHED = 10, FILE_PAGES = 16, KB = PAGE / 1024 };

/* All in pages, but the share. */
struct sums {
	long size, present, share_kb, shared_clean, shared_dirty, private_clean, private_dirty, anon;
};

static long field(const char *at, const char *name)
{
	char label[40];
	const char *p;

	snprintf(label, sizeof label, "\n%s:", name);
	p = strstr(at, label);
	CHECK(p != NULL);
	for (p += strlen(label); *p == ' '; p++)
		continue;
	return (long)number(&p);
}

static long pages(const char *at, const char *name)
{
	long kb = field(at, name);

	CHECK_EQ(kb % KB, 0);
	return kb / KB;
}

static struct sums sums_of(int pid, const void *p)
{
	char head[16];
	const char *at;

	slurp(proc_path(pid, "smaps"));
	snprintf(head, sizeof head, "%08x-", (unsigned)(uintptr_t)p);
	at = strstr(room, head);
	CHECK(at != NULL);
	return (struct sums){pages(at, "Size"),          pages(at, "Rss"),          field(at, "Pss"),
	                     pages(at, "Shared_Clean"),  pages(at, "Shared_Dirty"), pages(at, "Private_Clean"),
	                     pages(at, "Private_Dirty"), pages(at, "Anonymous")};
}

/* What `pmap -x` says in the line of P. */
static void pmap_agrees(int pid, const void *p, const struct sums *want)
{
	static char said[ROOM];
	char number_of[16], head[16];
	int fds[2], n, all = 0;
	const char *at;
	pid_t child;

	snprintf(number_of, sizeof number_of, "%d", pid);
	TRY(pipe(fds));
	child = TRY(fork());
	if (child == 0) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execl("/bin/pmap", "pmap", "-x", number_of, (char *)NULL);
		_exit(9);
	}
	close(fds[1]);
	while ((n = TRY(read(fds[0], said + all, (size_t)(ROOM - 1 - all)))) > 0)
		all += n;
	said[all] = '\0';
	close(fds[0]);
	CHECK_EQ(child_wait(child), 0);
	snprintf(head, sizeof head, "\n%08x ", (unsigned)(uintptr_t)p);
	at = strstr(said, head);
	CHECK(at != NULL);
	at += strlen(head);
	const long columns[] = {want->size, want->present, want->shared_clean + want->shared_dirty,
	                        want->shared_dirty + want->private_dirty, want->private_clean + want->private_dirty};
	for (int i = 0; i < COUNT(columns); i++) {
		while (*at == ' ')
			at++;
		CHECK_EQ(number(&at), columns[i] * KB);
	}
}

#define ARE(pid, p, ...) are(__LINE__, pid, p, (struct sums){__VA_ARGS__})
static void are(int line, int pid, const void *p, struct sums want)
{
	struct sums got = sums_of(pid, p);

	if (memcmp(&got, &want, sizeof got) != 0)
		FAILED("line %d: size %ld rss %ld pss %ld kB shared %ld+%ld private %ld+%ld anon %ld", line, got.size,
		       got.present, got.share_kb, got.shared_clean, got.shared_dirty, got.private_clean,
		       got.private_dirty, got.anon);
}

static void map(int len, int prot, int flags, int fd)
{
	CHECK(mmap(AT, (size_t)len * PAGE, prot, flags | MAP_FIXED_NOREPLACE, fd, 0) == AT);
}

/* ---- a child that does something when told, and waits ---- */

static int orders[2], answers[2];

static pid_t helper_start(void (*first)(void), void (*second)(void))
{
	void (*const deed[])(void) = {first, second};
	pid_t pid;
	char byte;

	TRY(pipe(orders));
	TRY(pipe(answers));
	pid = TRY(fork());
	if (pid == 0) {
		close(orders[1]);
		for (int i = 0; i < 2; i++) {
			if (deed[i])
				deed[i]();
			CHECK_EQ(write(answers[1], "a", 1), 1);
			CHECK_EQ(read(orders[0], &byte, 1), 1);
		}
		_exit(0);
	}
	CHECK_EQ(read(answers[0], &byte, 1), 1);
	return pid;
}

static void helper_goes_on(void)
{
	char byte;

	CHECK_EQ(write(orders[1], "o", 1), 1);
	CHECK_EQ(read(answers[0], &byte, 1), 1);
}

static void helper_ends(pid_t pid)
{
	CHECK_EQ(write(orders[1], "o", 1), 1);
	CHECK_EQ(child_wait(pid), 0);
	for (int i = 0; i < 2; i++) {
		close(orders[i]);
		close(answers[i]);
	}
}

/* ---- each kind of memory ---- */

static void writes_one(void)
{
	*AT = 'c';
}

/* N pages: few are copied tables after a fork, many a shared one. */
static void private_memory(int n)
{
	int self = getpid();
	struct sums all = {PAGES, n, n * KB, 0, 0, 0, n, n};
	pid_t pid;

	map(PAGES, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	ARE(self, AT, PAGES, 0, 0, 0, 0, 0, 0, 0);
	CHECK_EQ(*(volatile char *)(AT + 50 * PAGE), 0); /* the page of zeros is no memory */
	ARE(self, AT, PAGES, 0, 0, 0, 0, 0, 0, 0);
	memset(AT, 1, (size_t)n * PAGE);
	are(__LINE__, self, AT, all);
	pmap_agrees(self, AT, &all);
	pid = helper_start(NULL, writes_one);
	ARE(self, AT, PAGES, n, n * KB / 2, 0, n, 0, 0, n);
	ARE(pid, AT, PAGES, n, n * KB / 2, 0, n, 0, 0, n);
	helper_goes_on();
	ARE(self, AT, PAGES, n, (n - 1) * KB / 2 + KB, 0, n - 1, 0, 1, n);
	ARE(pid, AT, PAGES, n, (n - 1) * KB / 2 + KB, 0, n - 1, 0, 1, n);
	helper_ends(pid);
	are(__LINE__, self, AT, all);
	TRY(mprotect(AT, PAGES * PAGE, PROT_NONE)); /* what is there stays there */
	are(__LINE__, self, AT, all);
	TRY(munmap(AT, PAGES * PAGE));
}

static void shared_memory(void)
{
	struct sums two = {PAGES, 2, 2 * KB, 0, 0, 0, 2, 0};
	int self = getpid();
	pid_t pid;

	map(PAGES, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	AT[0] = AT[PAGE] = 's';
	are(__LINE__, self, AT, two);
	pmap_agrees(self, AT, &two);
	pid = helper_start(NULL, writes_one);
	ARE(self, AT, PAGES, 2, KB, 0, 2, 0, 0, 0);
	helper_goes_on();
	ARE(pid, AT, PAGES, 2, KB, 0, 2, 0, 0, 0); /* a write makes no copy */
	helper_ends(pid);
	are(__LINE__, self, AT, two);
	TRY(munmap(AT, PAGES * PAGE));
}

static int make_file(void)
{
	static char buf[PAGE];
	int fd = TRY(open(NAME, O_CREAT | O_TRUNC | O_RDWR, 0644));

	for (int i = 0; i < FILE_PAGES; i++)
		CHECK_EQ(write(fd, buf, sizeof buf), PAGE);
	TRY(fsync(fd));
	return fd;
}

static void shared_file(void)
{
	struct sums mixed = {FILE_PAGES, FILE_PAGES, FILE_PAGES * KB, 0, 0, FILE_PAGES - 2, 2, 0};
	int fd = make_file(), self = getpid();
	pid_t pid;

	map(FILE_PAGES, RW, MAP_SHARED, fd);
	CHECK_EQ(*(volatile char *)AT, 0); /* and its neighbours, which are cached */
	ARE(self, AT, FILE_PAGES, FILE_PAGES, FILE_PAGES * KB, 0, 0, FILE_PAGES, 0, 0);
	AT[0] = AT[5 * PAGE] = 'd';
	are(__LINE__, self, AT, mixed);
	pmap_agrees(self, AT, &mixed);
	pid = helper_start(NULL, NULL);
	ARE(self, AT, FILE_PAGES, FILE_PAGES, FILE_PAGES * KB / 2, FILE_PAGES - 2, 2, 0, 0, 0);
	helper_goes_on();
	helper_ends(pid);
	TRY(msync(AT, FILE_PAGES * PAGE, MS_SYNC));
	ARE(self, AT, FILE_PAGES, FILE_PAGES, FILE_PAGES * KB, 0, 0, FILE_PAGES, 0, 0);
	CHECK_EQ(lseek(fd, 3 * PAGE, SEEK_SET), 3 * PAGE);
	CHECK_EQ(write(fd, "w", 1), 1); /* dirty, whoever made it so */
	ARE(self, AT, FILE_PAGES, FILE_PAGES, FILE_PAGES * KB, 0, 0, FILE_PAGES - 1, 1, 0);
	TRY(fsync(fd));
	TRY(munmap(AT, FILE_PAGES * PAGE));
	TRY(close(fd));
}

static void private_file(void)
{
	int fd = make_file(), self = getpid();

	map(FILE_PAGES, RW, MAP_PRIVATE, fd);
	CHECK_EQ(*(volatile char *)AT, 0);
	AT[2 * PAGE] = 'p';
	ARE(self, AT, FILE_PAGES, FILE_PAGES, FILE_PAGES * KB, 0, 0, FILE_PAGES - 1, 1, 1);
	CHECK(mmap(AT + 32 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0) == AT + 32 * PAGE);
	CHECK_EQ(*(volatile char *)(AT + 32 * PAGE), 0); /* seen twice, if by the same process */
	ARE(self, AT, FILE_PAGES, FILE_PAGES, FILE_PAGES * KB - KB / 2, 1, 0, FILE_PAGES - 2, 1, 1);
	ARE(self, AT + 32 * PAGE, 1, 1, KB / 2, 1, 0, 0, 0, 0);
	TRY(munmap(AT + 32 * PAGE, PAGE));
	TRY(munmap(AT, FILE_PAGES * PAGE));
	TRY(close(fd));
}

static void body(void)
{
	memset(room, 1, sizeof room);
	private_memory(TOUCHED);
	private_memory(40);
	shared_memory();
	shared_file();
	private_file();
	TRY(unlink(NAME));
}

int main(void)
{
	return test_run(body);
}
