// Pointers of system calls into memory that is promised and not there, that shows the page of zeros, that two processes
// share until one writes, that lies in a program's own file: they work, also across pages, and the other side
// keeps its bytes.  And where a buffer ends in nothing, what was not delivered is still there, and counts are exact.
// (efault.c goes through every argument of every call; here each byte is looked at.)
// suite: lazy
// cpus: 1 4
// mem: 64 512
// kernels: debug release
// reject: lazy_pointers.c:[0-9]+:
#include <abi/misc.h>
#include <dirent.h>

#include "_lazy.h"

#define FILE_PATH "/tmp/pointers"
#define BAD ((char *)0x20000000)
enum {
	SYS_WAITPID = 7,
	SYS_LLSEEK = 140,
	SYS_READV = 145,
	SYS_WRITEV = 146,
	SYS_SIGACTION = 174,
	SYS_SIGPROCMASK = 175,
	SYS_GETDENTS64 = 220,
	SIZE = 3 * PAGE,
	EACH = 8 * PAGE
};

static char text[EACH], back[EACH];
static int fds[2], file;

static void text_make(void)
{
	for (int i = 0; i < EACH; i++)
		text[i] = (char)(i * 13 + i / 256 + 1);
}

/* Kinds of memory: EACH bytes, at an address that a table begins at. */

static char *area; /* TABLE bytes, aligned */

static void area_new(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	CHECK(mmap(area, TABLE, PROT_READ | PROT_WRITE, flags, -1, 0) == area);
}

static void promised(void)
{
	area_new();
}

static void showing_zeros(void)
{
	area_new();
	for (int i = 0; i < EACH; i += PAGE)
		CHECK(((volatile char *)area)[i] == 0);
}

/* Every second page is there, every other is not. */
static void chequered(void)
{
	area_new();
	for (int i = 0; i < EACH; i += 2 * PAGE)
		((volatile char *)area)[i] = 0;
}

static const struct kind {
	const char *name;
	void (*make)(void);
	const char *content; /* NULL: zeros */
} kinds[] = {
	{"promised memory", promised, NULL},
	{"the page of zeros", showing_zeros, NULL},
	{"every second page", chequered, NULL},
};
static const struct kind *kind;

/* The byte that memory of this kind has at I before anybody writes. */
static char content_at(int i)
{
	return kind->content ? kind->content[i] : 0;
}

static void content_check(const char *p, int from, int to)
{
	for (int i = from; i < to; i++)
		if (p[i] != content_at(i))
			FAILED("%s: byte %d is %d, not %d", kind->name, i, p[i], content_at(i));
}

/* Into such memory, from AT on. */
static void in_reads(int at)
{
	CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
	CHECK_EQ(read(file, area + at, SIZE), SIZE);
	CHECK(memcmp(area + at, text, SIZE) == 0);
	content_check(area, 0, at);
	content_check(area, at + SIZE, EACH);
}

static void in_pipe_reads(int at)
{
	CHECK_EQ(write(fds[1], text, SIZE), SIZE);
	CHECK_EQ(read(fds[0], area + at, SIZE), SIZE);
	CHECK(memcmp(area + at, text, SIZE) == 0);
	content_check(area, 0, at);
	content_check(area, at + SIZE, EACH);
}

/* The vector itself lies there, across a boundary, and both its buffers. */
static void in_readv(int at)
{
	struct abi_iovec *v = (struct abi_iovec *)(void *)(area + 4 * PAGE - 8);

	v[0] = (struct abi_iovec){(uint32_t)(uintptr_t)area + (uint32_t)at, 1000};
	v[1] = (struct abi_iovec){(uint32_t)(uintptr_t)area + 6 * PAGE - 500, 1000};
	CHECK_EQ(write(fds[1], text, 2000), 2000);
	CHECK_EQ(TRAP(SYS_READV, (uint32_t)fds[0], (uint32_t)(uintptr_t)v, 2), 2000);
	CHECK(memcmp(area + at, text, 1000) == 0);
	CHECK(memcmp(area + 6 * PAGE - 500, text + 1000, 1000) == 0);
	content_check(area, 0, at);
	content_check(area, 6 * PAGE + 500, EACH);
}

/* Out of such memory: what was never written there, too. */
static void out_writes(int at)
{
	CHECK_EQ(write(fds[1], area + at, SIZE), SIZE);
	CHECK_EQ(read(fds[0], back, EACH), SIZE);
	for (int i = 0; i < SIZE; i++)
		CHECK(back[i] == content_at(at + i));
	content_check(area, 0, EACH);
}

static void in_structs(int at)
{
	struct stat *st = (struct stat *)(void *)(area + at), plain;

	CHECK_EQ(fstat(file, &plain), 0);
	CHECK_EQ(fstat(file, st), 0);
	CHECK(memcmp(st, &plain, sizeof plain) == 0);
	content_check(area, 0, at);
	content_check(area, at + (int)sizeof plain, EACH);
}

/* A path and a vector of strings: what the kernel only reads. */
static void exec_child(void)
{
	char *path = area + PAGE - 4, *word = area + 3 * PAGE - 2;
	char **argv = (char **)(void *)(area + 5 * PAGE - 4);

	strcpy(path, "/bin/test");
	strcpy(word, "word");
	argv[0] = path;
	argv[1] = word;
	argv[2] = (char *)(uintptr_t) "=";
	argv[3] = word;
	argv[4] = NULL;
	execve(path, argv, environ);
}

static void in_exec(int at)
{
	(void)at;
	CHECK_END(exec_child, 0); /* `test word = word` */
	content_check(area, 0, EACH);
}

static void (*const uses[])(int) = {in_reads, in_pipe_reads, in_readv, out_writes, in_structs, in_exec};
static const int places[] = {0, 1, PAGE - 1, PAGE / 2, PAGE - 20, 2 * PAGE};

static void all_kinds(void)
{
	for (int k = 0; k < COUNT(kinds); k++) {
		kind = &kinds[k];
		for (int u = 0; u < COUNT(uses); u++)
			for (int at = 0; at < COUNT(places); at++) {
				kind->make();
				uses[u](places[at]);
			}
	}
	area_new();
}

/* The same with a child beside that shares all of it and must find what was there. */
static int gate[2];

static void other_side(void)
{
	char c;

	close(gate[1]);
	CHECK(read(gate[0], &c, 1) == 0);
	content_check(area, 0, EACH);
}

static void both_sides(void)
{
	static const struct kind shared = {"memory of two", promised, text};

	kind = &shared;
	for (int u = 0; u < COUNT(uses); u++) {
		pid_t pid;

		area_new();
		memcpy(area, text, EACH);
		TRY(pipe(gate));
		pid = child_start(other_side);
		close(gate[0]);
		uses[u](PAGE / 2 + 1);
		close(gate[1]);
		CHECK_EQ(child_wait(pid), 0);
	}
	area_new();
}

/* The program's data, of which nobody has touched a byte: a system call that writes there gets a private copy of the
   file's page, and the next to run the program finds what is in the file. */
static char data[EACH] = {[PAGE] = 1, [2 * PAGE - 1] = 2, [2 * PAGE] = 3, [3 * PAGE - 1] = 4};

static int as_program(void)
{
	volatile const char *now = data;

	text_make();
	TRY(pipe(fds));
	CHECK_EQ(write(fds[1], text, PAGE), PAGE);
	CHECK_EQ(read(fds[0], data + PAGE + 100, PAGE), PAGE);
	CHECK(memcmp(data + PAGE + 100, text, PAGE) == 0);
	CHECK(now[PAGE] == 1 && now[2 * PAGE + 99] == text[PAGE - 1] && now[2 * PAGE + 100] == 0 &&
	      now[3 * PAGE - 1] == 4);
	return 33;
}

static void run_program(void)
{
	execve("/bin/lazy_pointers", (char *const[]){(char *)"lazy_pointers", (char *)"program", NULL}, environ);
}

/* Partial transfers.  BROKEN is memory whose second page is not there (or may not be written). */

static char *broken;

static void broken_new(bool read_only)
{
	area_new();
	broken = area;
	if (read_only)
		CHECK_EQ(mprotect(area + PAGE, PAGE, PROT_READ), 0);
	else
		give_back(area + PAGE, PAGE);
}

/* What a call gave that could deliver at most FIRST bytes of more: EFAULT (and nothing happened), or no more. */
static int partial(const char *call, int got, int first)
{
	if (got == -1 && errno == EFAULT)
		return 0;
	if (got < 1 || got > first)
		FAILED("%s gives %d, errno %d, where %d bytes could be had", call, got, errno, first);
	return got;
}
#define PARTIAL(call, first) partial(#call, call, first)

static void pipe_loses_nothing(void)
{
	for (int at = 0; at < PAGE; at += 455) {
		int n, rest;

		CHECK_EQ(write(fds[1], text, SIZE), SIZE);
		n = PARTIAL(read(fds[0], broken + at, SIZE), PAGE - at);
		CHECK(memcmp(broken + at, text, (size_t)n) == 0);
		CHECK_ERR(read(fds[0], broken + PAGE, 1), EFAULT);
		rest = read(fds[0], back, EACH);
		CHECK_EQ(n + rest, SIZE);
		CHECK(memcmp(back, text + n, (size_t)rest) == 0);
	}
}

static void pipe_gets_no_more(void)
{
	for (int at = 0; at < PAGE; at += 455) {
		int n;

		memcpy(broken, text, PAGE);
		n = PARTIAL(write(fds[1], broken + at, 2 * PAGE), PAGE - at);
		CHECK_EQ(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
		CHECK_EQ(read(fds[0], back, EACH), n > 0 ? n : -1);
		CHECK(memcmp(back, text + at, (size_t)n) == 0);
		CHECK_EQ(fcntl(fds[0], F_SETFL, 0), 0);
	}
}

static void file_offset_is_exact(void)
{
	for (int at = 0; at < PAGE; at += 455) {
		int n;

		CHECK_EQ(lseek(file, 100, SEEK_SET), 100);
		n = PARTIAL(read(file, broken + at, SIZE), PAGE - at);
		CHECK(memcmp(broken + at, text + 100, (size_t)n) == 0);
		CHECK_EQ(lseek(file, 0, SEEK_CUR), 100 + n);
		CHECK_ERR(read(file, broken + PAGE, 1), EFAULT);
		CHECK_EQ(lseek(file, 0, SEEK_CUR), 100 + n);
	}
}

static void file_gets_no_more(void)
{
	int fd = TRY(open(FILE_PATH ".2", O_RDWR | O_CREAT | O_TRUNC, 0644));

	for (int at = 0; at < PAGE; at += 455) {
		struct stat st;
		int n;

		CHECK_EQ(ftruncate(fd, 0), 0);
		CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
		memcpy(broken, text, PAGE);
		n = PARTIAL(write(fd, broken + at, 2 * PAGE), PAGE - at);
		CHECK_EQ(lseek(fd, 0, SEEK_CUR), n);
		CHECK(fstat(fd, &st) == 0 && st.st_size == n);
		CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
		CHECK_EQ(read(fd, back, EACH), n);
		CHECK(memcmp(back, text + at, (size_t)n) == 0);
	}
	close(fd);
	TRY(unlink(FILE_PATH ".2"));
}

/* Over a file that is there already, what is not written stays. */
static void file_keeps_the_rest(void)
{
	int n;

	memset(broken, 0x33, PAGE);
	CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
	n = PARTIAL(write(file, broken + 1000, SIZE), PAGE - 1000);
	CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
	CHECK_EQ(read(file, back, EACH), EACH);
	for (int i = 0; i < n; i++)
		CHECK(back[i] == 0x33);
	CHECK(memcmp(back + n, text + n, (size_t)(EACH - n)) == 0);
	CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
	CHECK_EQ(write(file, text, EACH), EACH);
}

static void vectors(void)
{
	struct abi_iovec v[2] = {{(uint32_t)(uintptr_t)back, 1000}, {(uint32_t)(uintptr_t)broken + PAGE, 1000}};
	int n, rest;

	CHECK_EQ(write(fds[1], text, 2000), 2000);
	n = TRAP(SYS_READV, (uint32_t)fds[0], (uint32_t)(uintptr_t)v, 2);
	CHECK(n == -EFAULT || (n > 0 && n <= 1000));
	n = n < 0 ? 0 : n;
	CHECK(memcmp(back, text, (size_t)n) == 0);
	rest = read(fds[0], back, EACH);
	CHECK_EQ(n + rest, 2000);
	CHECK(memcmp(back, text + n, (size_t)rest) == 0);
}

/* Entries of a directory that could not be handed over come with the next call. */
static void directories(void)
{
	int fd = TRY(open("/bin", O_RDONLY | O_DIRECTORY)), whole, n, all = 0, broken_all = 0;

	while ((whole = TRAP(SYS_GETDENTS64, (uint32_t)fd, (uint32_t)(uintptr_t)back, EACH)) > 0)
		all += whole;
	CHECK_EQ(whole, 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	do {
		n = TRAP(SYS_GETDENTS64, (uint32_t)fd, (uint32_t)(uintptr_t)broken + PAGE - 100, EACH);
		CHECK(n == -EFAULT || (n >= 0 && n <= 100));
		broken_all += n > 0 ? n : 0;
		n = TRAP(SYS_GETDENTS64, (uint32_t)fd, (uint32_t)(uintptr_t)back, 300);
		CHECK(n >= 0);
		broken_all += n;
	} while (n > 0);
	CHECK_EQ(broken_all, all);
	close(fd);
}

static void leave_7(void)
{
	_exit(7);
}

/* A child whose status cannot be told is there to be waited for. */
static void children(void)
{
	pid_t pid = child_start(leave_7);

	child_is(pid, 'Z');
	CHECK_EQ(TRAP(SYS_WAITPID, (uint32_t)pid, (uint32_t)(uintptr_t)BAD, 0), -EFAULT);
	CHECK_EQ(TRAP(SYS_WAITPID, (uint32_t)-1, (uint32_t)(uintptr_t)broken + PAGE - 2, 0), -EFAULT);
	CHECK_EQ(child_wait(pid), 7);
}

/* A call that could not say what was, does not change what is. */
static void nothing_changes(void)
{
	struct abi_sigaction ignore = {.handler = ABI_SIG_IGN}, now;
	uint32_t mask[2] = {1u << (SIGUSR1 - 1), 0}, mask_now[2] = {1, 1};

	CHECK_EQ(TRAP(SYS_SIGACTION, SIGUSR1, (uint32_t)(uintptr_t)&ignore, (uint32_t)(uintptr_t)BAD, 8), -EFAULT);
	CHECK_EQ(TRAP(SYS_SIGACTION, SIGUSR1, 0, (uint32_t)(uintptr_t)&now, 8), 0);
	CHECK_EQ(now.handler, ABI_SIG_DFL);
	CHECK_EQ(TRAP(SYS_SIGPROCMASK, SIG_BLOCK, (uint32_t)(uintptr_t)mask, (uint32_t)(uintptr_t)BAD, 8), -EFAULT);
	CHECK_EQ(TRAP(SYS_SIGPROCMASK, SIG_BLOCK, 0, (uint32_t)(uintptr_t)mask_now, 8), 0);
	CHECK(mask_now[0] == 0 && mask_now[1] == 0);
	CHECK_EQ(lseek(file, 50, SEEK_SET), 50);
	CHECK_EQ(TRAP(SYS_LLSEEK, (uint32_t)file, 0, 10, (uint32_t)(uintptr_t)BAD, SEEK_SET), -EFAULT);
	CHECK_EQ(lseek(file, 0, SEEK_CUR), 50);
}

static void body(void)
{
	char *p;

	text_make();
	p = promise(2 * TABLE);
	area = table_ceil(p);
	TRY(pipe(fds));
	file = TRY(open(FILE_PATH, O_RDWR | O_CREAT | O_TRUNC, 0644));
	CHECK_EQ(write(file, text, EACH), EACH);
	all_kinds();
	both_sides();
	for (int i = 0; i < 3; i++)
		CHECK_END(run_program, 33);
	for (int read_only = 0; read_only < 2; read_only++) {
		broken_new(read_only);
		pipe_loses_nothing();
		file_offset_is_exact();
	}
	broken_new(false);
	pipe_gets_no_more();
	file_gets_no_more();
	file_keeps_the_rest();
	vectors();
	directories();
	children();
	nothing_changes();
	CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
	CHECK_EQ(read(file, back, EACH), EACH);
	CHECK(memcmp(back, text, EACH) == 0);
	TRY(unlink(FILE_PATH));
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "program") == 0)
		return as_program();
	return test_run(body);
}
