// Every system call with its k-th request for memory failing, k = 1, 2, 3 ... until none fails any more.  Below are the
// scenarios, at least one for each line of sys/syscalls.def; _alloc_fail.h runs and judges them.  How many points of
// failure each has, and what becomes of it there, is written in docs/allocation-failures.md, with which the test
// compares (`./dev failures` writes it anew).
// cpus: 1 4
// mem: 32
// turns: yes
// append: selftest
// suite: lazy
// fsck: yes
// timeout: 120
// expect: alloc_fail: [0-9]+ scenarios of [0-9]+ calls, [0-9]+ points of failure
#include <abi/futex.h>
#include <abi/mman.h>
#include <abi/resource.h>
#include <abi/stat.h>
#include <abi/termios.h>
#include <abi/time.h>

#include <sys/shm.h>

#include "_alloc_fail.h"

enum { TEXT = 64, LONG_FILE = 20 * PAGE };

#define ARGS(c, ...) memcpy((c)->a, (const uint32_t[6]){__VA_ARGS__}, sizeof(c)->a)

static char pattern(uint32_t at)
{
	return (char)(at * 31 + at / 251 + 1);
}

static char *pattern_new(uint32_t n)
{
	char *p = plain(n);

	for (uint32_t i = 0; i < n; i++)
		p[i] = pattern(i);
	return p;
}

static int file_new(const char *name, uint32_t size)
{
	static char page[PAGE];
	int fd = TRY(open(name, O_RDWR | O_CREAT | O_TRUNC, 0644));

	for (uint32_t at = 0; at < size; at += PAGE) {
		uint32_t n = size - at < PAGE ? size - at : PAGE;

		for (uint32_t i = 0; i < n; i++)
			page[i] = pattern(at + i);
		CHECK_EQ(write(fd, page, n), n);
	}
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void bytes_check(const char *p, uint32_t from, int32_t n)
{
	for (int32_t i = 0; i < n; i++)
		if (p[i] != pattern(from + (uint32_t)i))
			FAILED("byte %u is %d", from + (uint32_t)i, p[i]);
}

static void nothing(struct call *c)
{
	(void)c;
}

static void is_zero(const struct call *c, int32_t result)
{
	(void)c;
	CHECK_EQ(result, 0);
}

/* ---- read ---- */

static void read_into(struct call *c, char *to, uint32_t n)
{
	ARGS(c, (uint32_t)file_new("file", 3 * PAGE), P(to), n);
	c->full = (int32_t)n;
}

static void read_plain(struct call *c)
{
	read_into(c, plain(3 * PAGE), 3 * PAGE);
}

static void read_absent(struct call *c)
{
	read_into(c, absent(3) + 100, 2 * PAGE);
}

static void read_copied(struct call *c)
{
	read_into(c, shared(3) + 100, 2 * PAGE);
}

static void read_shared_table(struct call *c)
{
	read_into(c, shared(20) + 100, 2 * PAGE);
}

/* A description that two descriptors share. */
static void read_shared_file(struct call *c)
{
	read_absent(c);
	TRY(dup((int)c->a[0]));
}

static void read_indirect(struct call *c)
{
	read_into(c, plain(PAGE), PAGE);
	close((int)c->a[0]);
	c->a[0] = (uint32_t)file_new("long", LONG_FILE);
	CHECK_EQ(lseek((int)c->a[0], LONG_FILE - PAGE, SEEK_SET), LONG_FILE - PAGE);
}

static void read_hole(struct call *c)
{
	read_into(c, plain(PAGE), PAGE);
	CHECK_EQ(ftruncate((int)c->a[0], 0), 0);
	CHECK_EQ(ftruncate((int)c->a[0], 3 * PAGE), 0);
}

static void read_check(const struct call *c, int32_t result)
{
	uint32_t at = (uint32_t)lseek((int)c->a[0], 0, SEEK_CUR) - (uint32_t)result;

	CHECK(result > 0 && result <= c->full);
	CHECK(at == 0 || at == LONG_FILE - PAGE);
	bytes_check((const char *)(uintptr_t)c->a[1], at, result);
}

static void hole_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, PAGE);
	for (int i = 0; i < PAGE; i++)
		CHECK_EQ(((char *)(uintptr_t)c->a[1])[i], 0);
}

static int fds[2];

static void pipe_filled(uint32_t n)
{
	TRY(pipe(fds));
	for (uint32_t at = 0; at < n; at++) {
		char byte = pattern(at);

		CHECK_EQ(write(fds[1], &byte, 1), 1);
	}
}

static void read_pipe_into(struct call *c, char *to)
{
	pipe_filled(PAGE + 100);
	ARGS(c, (uint32_t)fds[0], P(to), PAGE + 100);
	c->full = PAGE + 100;
}

static void read_pipe(struct call *c)
{
	read_pipe_into(c, plain(2 * PAGE));
}

static void read_pipe_absent(struct call *c)
{
	read_pipe_into(c, absent(3) + 2000);
}

static void read_pipe_copied(struct call *c)
{
	read_pipe_into(c, shared(3) + 2000);
}

/* What was read, and what is left, are the bytes that were written. */
static void read_pipe_check(const struct call *c, int32_t result)
{
	static char rest[2 * PAGE];
	int n = result < c->full ? TRY(read(fds[0], rest, sizeof rest)) : 0;

	CHECK_EQ(result + n, c->full);
	bytes_check((const char *)(uintptr_t)c->a[1], 0, result);
	bytes_check(rest, (uint32_t)result, n);
}

static void read_zero(struct call *c)
{
	ARGS(c, (uint32_t)TRY(open("/dev/zero", O_RDONLY)), P(absent(3) + 100), 2 * PAGE);
	c->full = 2 * PAGE;
}

static struct abi_iovec *two(char *first, char *second)
{
	struct abi_iovec *v = plain(2 * sizeof *v);

	v[0] = (struct abi_iovec){P(first), TEXT};
	v[1] = (struct abi_iovec){P(second), PAGE};
	return v;
}

static void readv_absent(struct call *c)
{
	ARGS(c, (uint32_t)file_new("file", 3 * PAGE), P(two(absent(1), absent(2) + 100)), 2);
	c->full = TEXT + PAGE;
}

static void readv_check(const struct call *c, int32_t result)
{
	const struct abi_iovec *v = (void *)(uintptr_t)c->a[1];

	CHECK(result > 0);
	CHECK_EQ(lseek((int)c->a[0], 0, SEEK_CUR), result);
	bytes_check((const char *)(uintptr_t)v[0].base, 0, result < TEXT ? result : TEXT);
	bytes_check((const char *)(uintptr_t)v[1].base, TEXT, result - TEXT);
}

/* ---- write ---- */

static void write_at(struct call *c, int fd, uint32_t offset, const char *from, uint32_t n)
{
	CHECK_EQ(lseek(fd, (off_t)offset, SEEK_SET), offset);
	ARGS(c, (uint32_t)fd, P(from), n);
	c->full = (int32_t)n;
}

static void write_new(struct call *c)
{
	write_at(c, file_new("file", 0), 0, pattern_new(3 * PAGE), 3 * PAGE);
}

static void write_over(struct call *c)
{
	write_at(c, file_new("file", 3 * PAGE), 200, pattern_new(PAGE), PAGE);
}

static void write_indirect(struct call *c)
{
	write_at(c, file_new("file", 0), 13 * PAGE + 50, pattern_new(PAGE), PAGE);
}

static void write_double_indirect(struct call *c)
{
	write_at(c, file_new("file", 0), 1100 * PAGE, pattern_new(PAGE), PAGE);
}

static void write_hole(struct call *c)
{
	int fd = file_new("file", 0);

	CHECK_EQ(ftruncate(fd, 8 * PAGE), 0);
	write_at(c, fd, 3 * PAGE + 10, pattern_new(TEXT), TEXT);
}

static void write_absent(struct call *c)
{
	write_at(c, file_new("file", 0), 0, absent(3) + 100, 2 * PAGE);
}

static void write_shared_file(struct call *c)
{
	write_new(c);
	TRY(dup((int)c->a[0]));
}

static void write_append(struct call *c)
{
	int fd = file_new("file", 100);

	CHECK_EQ(fcntl(fd, F_SETFL, O_APPEND), 0);
	ARGS(c, (uint32_t)fd, P(pattern_new(2 * PAGE)), 2 * PAGE);
	c->full = 2 * PAGE;
}

/* The bytes before the offset are those that were written; from absent memory they are zeros. */
static void write_check(const struct call *c, int32_t result)
{
	static char back[3 * PAGE];
	int fd = (int)c->a[0];
	off_t end = lseek(fd, 0, SEEK_CUR);

	CHECK(result > 0 && result <= c->full);
	CHECK_EQ(lseek(fd, end - result, SEEK_SET), end - result);
	CHECK_EQ(read(fd, back, (size_t)result), result);
	CHECK_EQ(memcmp(back, (void *)(uintptr_t)c->a[1], (size_t)result), 0);
}

static void write_pipe_from(struct call *c, char *from, uint32_t n)
{
	TRY(pipe(fds));
	ARGS(c, (uint32_t)fds[1], P(from), n);
	c->full = (int32_t)n;
}

static void write_pipe(struct call *c)
{
	write_pipe_from(c, pattern_new(3 * PAGE), 3 * PAGE);
}

static void write_pipe_atomic(struct call *c)
{
	write_pipe_from(c, pattern_new(PAGE), PAGE);
	CHECK_EQ(write(fds[1], plain(100), 100), 100);
	CHECK_EQ(read(fds[0], plain(100), 90), 90);
}

static void write_pipe_absent(struct call *c)
{
	write_pipe_from(c, absent(2) + 100, PAGE);
}

static void write_pipe_check(const struct call *c, int32_t result)
{
	static char back[4 * PAGE];
	int before = 0, n;

	CHECK_EQ(ioctl(fds[0], FIONREAD, &n), 0);
	before = n - result;
	CHECK(before == 0 || before == 10);
	CHECK(result == c->full || c->full > PAGE);
	CHECK_EQ(read(fds[0], back, sizeof back), n);
	CHECK_EQ(memcmp(back + before, (void *)(uintptr_t)c->a[1], (size_t)result), 0);
}

static void writev_new(struct call *c)
{
	ARGS(c, (uint32_t)file_new("file", 0), P(two(pattern_new(TEXT), pattern_new(PAGE))), 2);
	c->full = TEXT + PAGE;
}

static void writev_check(const struct call *c, int32_t result)
{
	struct stat st;

	CHECK(result > 0);
	CHECK_EQ(lseek((int)c->a[0], 0, SEEK_CUR), result);
	CHECK_EQ(fstat((int)c->a[0], &st), 0);
	CHECK_EQ(st.st_size, result);
}

/* ---- open and close ---- */

static void open_old(struct call *c)
{
	close(file_new("file", TEXT));
	ARGS(c, text("file"), O_RDWR);
}

static void open_new(struct call *c)
{
	ARGS(c, text("file"), O_RDWR | O_CREAT, 0644);
}

static void open_new_block(struct call *c)
{
	char name[256];

	CHECK_EQ(mkdir("full", 0755), 0);
	/* 4096 bytes: "." and "..", and 18 records of 200 bytes and their heads; the next does not fit. */
	for (int i = 0; i < 18; i++) {
		snprintf(name, sizeof name, "full/%0210d", i);
		close(TRY(open(name, O_RDWR | O_CREAT, 0644)));
	}
	snprintf(name, sizeof name, "full/%0210d", 99);
	ARGS(c, text(name), O_RDWR | O_CREAT, 0644);
}

static void open_truncate(struct call *c)
{
	close(file_new("file", LONG_FILE));
	ARGS(c, text("file"), O_RDWR | O_TRUNC);
}

static void open_truncate_check(const struct call *c, int32_t result)
{
	struct stat st;

	(void)c;
	sync(); /* what could not be freed at once is free by now */
	CHECK_EQ(fstat(result, &st), 0);
	CHECK_EQ(st.st_size, 0);
	CHECK_EQ(st.st_blocks, 0);
}

static void open_many(struct call *c)
{
	open_old(c);
	descriptors_fill();
}

static void open_long(struct call *c)
{
	char path[300];

	for (int i = 0; i < 280; i += 2)
		memcpy(path + i, "./", 2);
	strcpy(path + 280, "file");
	close(file_new("file", TEXT));
	ARGS(c, text(path), O_RDONLY);
}

static void open_absolute(struct call *c)
{
	close(file_new("file", TEXT));
	ARGS(c, text(DIR "/file"), O_RDONLY);
}

static void open_missing(struct call *c)
{
	ARGS(c, text("missing"), O_RDONLY);
}

static void open_directory(struct call *c)
{
	CHECK_EQ(mkdir("dir", 0755), 0);
	ARGS(c, text("dir"), O_RDONLY | O_DIRECTORY);
}

static void open_device(struct call *c)
{
	ARGS(c, text("/dev/null"), O_RDWR);
}

static void open_terminal(struct call *c)
{
	ARGS(c, text("/dev/tty"), O_RDWR);
}

static void open_check(const struct call *c, int32_t result)
{
	(void)c;
	CHECK(result > REPORT_FD);
	CHECK(fcntl(result, F_GETFD) == 0);
	close(result);
}

static void openat_file(struct call *c)
{
	CHECK_EQ(mkdir("dir", 0755), 0);
	close(file_new("dir/file", TEXT));
	ARGS(c, (uint32_t)TRY(open("dir", O_RDONLY | O_DIRECTORY)), text("file"), O_RDONLY);
}

static void close_file(struct call *c)
{
	ARGS(c, (uint32_t)file_new("file", LONG_FILE));
}

static void close_unlinked(struct call *c)
{
	close_file(c);
	CHECK_EQ(unlink("file"), 0);
}

static void close_unlinked_empty(struct call *c)
{
	ARGS(c, (uint32_t)file_new("file", 0));
	CHECK_EQ(unlink("file"), 0);
}

static void close_pipe(struct call *c)
{
	pipe_filled(3 * PAGE);
	close(fds[1]);
	ARGS(c, (uint32_t)fds[0]);
}

static void close_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, 0);
	CHECK_ERR(fcntl((int)c->a[0], F_GETFD), EBADF);
}

/* ---- descriptors ---- */

static void dup_plain(struct call *c)
{
	ARGS(c, 0);
}

static void dup_many(struct call *c)
{
	descriptors_fill();
	ARGS(c, 0);
}

static void dup2_low(struct call *c)
{
	ARGS(c, 0, 20);
}

static void dup2_high(struct call *c)
{
	ARGS(c, 0, 70);
}

static void dup2_over_unlinked(struct call *c)
{
	close_unlinked(c);
	ARGS(c, 0, c->a[0]);
}

static void fcntl_dup(struct call *c)
{
	ARGS(c, 0, F_DUPFD, 40);
}

static void fcntl_flags(struct call *c)
{
	ARGS(c, 0, F_GETFL);
}

static void is_open(const struct call *c, int32_t result)
{
	(void)c;
	CHECK(fcntl(result, F_GETFD) >= 0);
}

static void pipe_plain(struct call *c)
{
	ARGS(c, P(plain(8)));
}

static void pipe_many(struct call *c)
{
	descriptors_fill();
	close(30);
	ARGS(c, P(plain(8)));
}

static void pipe_absent(struct call *c)
{
	ARGS(c, P(absent(1)));
}

static void pipe_check(const struct call *c, int32_t result)
{
	const int *ends = (const int *)(uintptr_t)c->a[0];
	char byte = 'x';

	CHECK_EQ(result, 0);
	CHECK_EQ(write(ends[1], &byte, 1), 1);
	CHECK_EQ(read(ends[0], &byte, 1), 1);
}

/* ---- names ---- */

static void one_file(struct call *c)
{
	close(file_new("file", TEXT));
	ARGS(c, text("file"), 0);
}

static void long_file(struct call *c)
{
	close(file_new("file", LONG_FILE));
	ARGS(c, text("file"), 0);
}

static void open_file(struct call *c)
{
	file_new("file", LONG_FILE);
	ARGS(c, text("file"), 0);
}

static void is_gone(const struct call *c, int32_t result)
{
	struct stat st;

	CHECK_EQ(result, 0);
	CHECK_ERR(stat((const char *)(uintptr_t)c->a[0], &st), ENOENT);
}

static void link_new(struct call *c)
{
	close(file_new("file", TEXT));
	ARGS(c, text("file"), text("other"));
}

static void link_check(const struct call *c, int32_t result)
{
	struct stat st;

	(void)c;
	CHECK_EQ(result, 0);
	CHECK_EQ(stat("other", &st), 0);
	CHECK_EQ(st.st_nlink, 2);
}

static void rename_over(struct call *c)
{
	link_new(c);
	close(file_new("other", LONG_FILE));
}

static void rename_out(struct call *c)
{
	CHECK_EQ(mkdir("from", 0755), 0);
	CHECK_EQ(mkdir("to", 0755), 0);
	close(file_new("from/file", TEXT));
	ARGS(c, text("from/file"), text("to/other"));
}

static void rename_directory(struct call *c)
{
	CHECK_EQ(mkdir("from", 0755), 0);
	CHECK_EQ(mkdir("to", 0755), 0);
	CHECK_EQ(mkdir("from/dir", 0755), 0);
	ARGS(c, text("from/dir"), text("to/dir"));
}

static void rename_directory_over(struct call *c)
{
	rename_directory(c);
	CHECK_EQ(mkdir("to/dir", 0755), 0);
}

static void rename_check(const struct call *c, int32_t result)
{
	struct stat st;

	is_gone(c, result);
	CHECK_EQ(stat((const char *)(uintptr_t)c->a[1], &st), 0);
	CHECK_EQ(st.st_nlink, S_ISDIR(st.st_mode) ? 2 : 1);
}

static void mkdir_new(struct call *c)
{
	ARGS(c, text("dir"), 0755);
}

static void mknod_file(struct call *c)
{
	ARGS(c, text("node"), S_IFREG | 0644);
}

static void mknod_device(struct call *c)
{
	ARGS(c, text("node"), S_IFCHR | 0644, 0x103);
}

static void symlink_short(struct call *c)
{
	ARGS(c, text("/README"), text("link"));
}

enum { LONG_TEXT = 1000 };

static void symlink_long(struct call *c)
{
	char *path = absent(1);

	memset(path, '/', LONG_TEXT - 1);
	memcpy(path + LONG_TEXT - 7, "README", 7);
	ARGS(c, P(path), text("link"));
}

static void symlink_check(const struct call *c, int32_t result)
{
	char text[LONG_TEXT];
	struct stat st;

	CHECK_EQ(result, 0);
	CHECK_EQ(readlink("link", text, sizeof text), strlen((const char *)(uintptr_t)c->a[0]));
	CHECK_EQ(stat("link", &st), 0);
	CHECK(S_ISREG(st.st_mode));
}

/* The directory, the link's block, a buffer for the path that goes on behind it. */
static void open_through_link(struct call *c)
{
	CHECK_EQ(mkdir("dir", 0755), 0);
	CHECK_EQ(symlink("dir", "to_dir"), 0);
	CHECK_EQ(symlink("new", "dir/to_new"), 0);
	ARGS(c, text("to_dir/to_new"), O_CREAT | O_RDWR, 0644);
}

static void is_there(const struct call *c, int32_t result)
{
	struct stat st;

	CHECK_EQ(result, 0);
	CHECK_EQ(stat((const char *)(uintptr_t)c->a[0], &st), 0);
}

static void one_directory(struct call *c)
{
	CHECK_EQ(mkdir("dir", 0755), 0);
	ARGS(c, text("dir"));
}

static void getcwd_plain(struct call *c)
{
	ARGS(c, P(plain(TEXT)), TEXT);
}

static void getcwd_absent(struct call *c)
{
	ARGS(c, P(absent(1)), TEXT);
}

static void getcwd_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, sizeof DIR);
	CHECK_STRING((const char *)(uintptr_t)c->a[0], DIR);
}

static void getdents_into(struct call *c, char *to)
{
	for (int i = 0; i < 10; i++) {
		char name[20];

		snprintf(name, sizeof name, "file%d", i);
		close(TRY(open(name, O_RDWR | O_CREAT, 0644)));
	}
	ARGS(c, (uint32_t)TRY(open(".", O_RDONLY | O_DIRECTORY)), P(to), 300);
}

static void getdents_plain(struct call *c)
{
	getdents_into(c, plain(300));
}

static void getdents_absent(struct call *c)
{
	getdents_into(c, absent(1));
}

static void getdents_check(const struct call *c, int32_t result)
{
	(void)c;
	CHECK(result > 200 && result <= 300);
}

/* ---- stat and what else tells about files ---- */

static void stat_plain(struct call *c)
{
	one_file(c);
	c->a[1] = P(plain(sizeof(struct abi_stat64)));
}

static void stat_absent(struct call *c)
{
	one_file(c);
	c->a[1] = P(absent(1));
}

static void stat_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, 0);
	CHECK_EQ(((struct abi_stat64 *)(uintptr_t)c->a[1])->size, TEXT);
}

static void fstat_absent(struct call *c)
{
	ARGS(c, (uint32_t)file_new("file", TEXT), P(absent(1)));
}

static void fstatat_absent(struct call *c)
{
	close(file_new("file", TEXT));
	ARGS(c, (uint32_t)AT_FDCWD, text("file"), P(absent(1)));
}

static void on_file(struct call *c)
{
	ARGS(c, (uint32_t)file_new("file", TEXT));
}

/* What was cut off does not come back, neither by a longer file nor by a write behind its end. */
static void truncate_grow_check(const struct call *c, int32_t result)
{
	static char rest[LONG_FILE];
	int fd = (int)c->a[0], n;

	CHECK_EQ(result, 0);
	if (c->a[1] == 0)
		CHECK_EQ(ftruncate(fd, LONG_FILE), 0);
	CHECK_EQ(lseek(fd, LONG_FILE, SEEK_SET), LONG_FILE);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(lseek(fd, (off_t)c->a[1], SEEK_SET), c->a[1]);
	CHECK_EQ(selftest(SELFTEST_DROP_CACHES), 0);
	n = TRY(read(fd, rest, LONG_FILE - c->a[1]));
	CHECK_EQ(n, LONG_FILE - c->a[1]);
	for (int i = 0; i < n; i++)
		CHECK_EQ(rest[i], 0);
}

static void read_proc(struct call *c)
{
	ARGS(c, (uint32_t)TRY(open("/proc/self/status", O_RDONLY)), P(absent(1)), PAGE);
}

static void open_proc(struct call *c)
{
	ARGS(c, text("/proc/self/status"), O_RDONLY);
}

static void getdents_proc(struct call *c)
{
	ARGS(c, (uint32_t)TRY(open("/proc/self/fd", O_RDONLY | O_DIRECTORY)), P(absent(1)), 300);
}

static void readlink_proc(struct call *c)
{
	CHECK_EQ(dup2(file_new("file", TEXT), 10), 10);
	ARGS(c, text("/proc/self/fd/10"), P(absent(1)), TEXT);
}

static void readlink_check(const struct call *c, int32_t result)
{
	(void)c;
	CHECK_EQ(result, sizeof DIR "/file" - 1);
}

static void readlinkat_proc(struct call *c)
{
	readlink_proc(c);
	ARGS(c, (uint32_t)AT_FDCWD, c->a[0], c->a[1], TEXT);
}

static void dirty_file(struct call *c)
{
	dirty_fd = file_new("file", TEXT);
	ARGS(c, (uint32_t)dirty_fd);
}

static void llseek_absent(struct call *c)
{
	ARGS(c, (uint32_t)file_new("file", TEXT), 0, 7, P(absent(1)), SEEK_SET);
}

static void llseek_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, 0);
	CHECK_EQ(*(int64_t *)(uintptr_t)c->a[3], 7);
}

static void truncate_by(struct call *c, uint32_t had, uint32_t size)
{
	ARGS(c, (uint32_t)file_new("file", had), size);
}

static void truncate_up(struct call *c)
{
	truncate_by(c, TEXT, 3 * PAGE);
}

static void truncate_within(struct call *c)
{
	truncate_by(c, 3 * PAGE, PAGE + 100);
}

static void truncate_indirect(struct call *c)
{
	truncate_by(c, LONG_FILE, 14 * PAGE + 100);
}

static void truncate_all(struct call *c)
{
	truncate_by(c, LONG_FILE, 0);
}

static void truncate_check(const struct call *c, int32_t result)
{
	struct stat st;

	CHECK_EQ(result, 0);
	sync();
	CHECK_EQ(fstat((int)c->a[0], &st), 0);
	CHECK_EQ(st.st_size, c->a[1]);
	CHECK_EQ(st.st_blocks * 512 / PAGE, c->a[1] == 0 ? 0 : c->a[1] == 3 * PAGE ? 1 : c->a[1] < 3 * PAGE ? 2 : 16);
}

/* ---- memory ---- */

static void mmap_args(struct call *c, uint32_t at, uint32_t len, uint32_t flags)
{
	ARGS(c, at, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, (uint32_t)-1, 0);
}

static void mmap_new(struct call *c)
{
	mmap_args(c, P(absent(1)) + 64 * PAGE, 4 * PAGE, MAP_FIXED);
}

static void mmap_joined(struct call *c)
{
	mmap_args(c, P(absent(1)) + PAGE, 4 * PAGE, MAP_FIXED);
}

/* A region of 20 pages that are there. */
static char *touched(void)
{
	return memset(absent(20), 1, 20 * PAGE);
}

/* Other rights, so that it does not become part of what is round it. */
static void mmap_over(struct call *c, const char *region)
{
	mmap_args(c, P(region) + 5 * PAGE, 3 * PAGE, MAP_FIXED);
	c->a[2] = PROT_READ;
}

static void mmap_over_middle(struct call *c)
{
	mmap_over(c, touched());
}

static void mmap_over_shared(struct call *c)
{
	mmap_over(c, shared(20));
}

static void mmap_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, c->a[0]);
	for (uint32_t at = 0; at < c->a[1]; at += PAGE)
		CHECK_EQ(*(char *)(uintptr_t)(c->a[0] + at), 0);
}

static char *mapped_file(uint32_t size, uint32_t flags)
{
	uint32_t at = P(absent(1)) + 64 * PAGE;

	dirty_fd = file_new("file", size);
	CHECK_EQ(P(mmap((void *)(uintptr_t)at, size, PROT_READ | PROT_WRITE, MAP_FIXED | flags, dirty_fd, 0)), at);
	return (char *)(uintptr_t)at;
}

static void mmap_file(struct call *c)
{
	uint32_t at = P(absent(1)) + 64 * PAGE;

	ARGS(c, at, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, (uint32_t)file_new("file", 4 * PAGE), 1);
}

static void mmap_file_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, c->a[0]);
	bytes_check((char *)(uintptr_t)c->a[0], PAGE, 3 * PAGE);
}

static void mmap_anonymous(struct call *c)
{
	mmap_args(c, P(absent(1)) + 64 * PAGE, 4 * PAGE, MAP_FIXED);
	c->a[3] = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED;
}

static void msync_file(struct call *c)
{
	char *p = mapped_file(4 * PAGE, MAP_SHARED);

	p[PAGE] = (char)~p[PAGE];
	ARGS(c, P(p), 4 * PAGE, MS_SYNC);
}

static void mincore_absent(struct call *c)
{
	char *p = touched();

	ARGS(c, P(p), 20 * PAGE, P(absent(1)));
}

static void mincore_check(const struct call *c, int32_t result)
{
	const char *core = (char *)(uintptr_t)c->a[2];

	CHECK_EQ(result, 0);
	for (int i = 0; i < 21; i++)
		CHECK_EQ(core[i], i < 20);
}

static void munmap_middle(struct call *c)
{
	ARGS(c, P(touched()) + 5 * PAGE, 3 * PAGE);
}

static void munmap_end(struct call *c)
{
	ARGS(c, P(touched()) + 15 * PAGE, 5 * PAGE);
}

static void munmap_whole(struct call *c)
{
	ARGS(c, P(touched()), 20 * PAGE);
}

static void munmap_shared_whole(struct call *c)
{
	ARGS(c, P(shared(20)), 20 * PAGE);
}

static void munmap_shared_end(struct call *c)
{
	ARGS(c, P(shared(20)) + 15 * PAGE, 5 * PAGE);
}

static void munmap_shared_middle(struct call *c)
{
	ARGS(c, P(shared(20)) + 5 * PAGE, 3 * PAGE);
}

static void protect_middle(struct call *c)
{
	ARGS(c, P(touched()) + 5 * PAGE, 3 * PAGE, PROT_NONE);
}

static void protect_shared(struct call *c)
{
	ARGS(c, P(shared(20)) + 5 * PAGE, 3 * PAGE, PROT_READ);
}

static void discard_whole(struct call *c)
{
	ARGS(c, P(shared(20)), 20 * PAGE, MADV_DONTNEED);
}

static void discard_middle(struct call *c)
{
	ARGS(c, P(shared(20)) + 5 * PAGE, 3 * PAGE, MADV_DONTNEED);
}

static void mremap_grow(struct call *c)
{
	ARGS(c, P(touched()), 20 * PAGE, 30 * PAGE, 0, 0);
}

static void mremap_to(struct call *c, uint32_t from)
{
	ARGS(c, from + 5 * PAGE, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, P(absent(1)) + 64 * PAGE);
}

static void mremap_move(struct call *c)
{
	mremap_to(c, P(touched()));
}

static void mremap_shared(struct call *c)
{
	mremap_to(c, P(shared(20)));
}

static void mremap_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, c->a[3] ? c->a[4] : c->a[0]);
	CHECK_EQ(*(char *)(uintptr_t)((uint32_t)result + c->a[2] - PAGE), 0);
}

static void kmalloc_large(struct call *c)
{
	CHECK(kmalloc(3000) != NULL);
	ARGS(c, 3000);
}

static void kmalloc_check(const struct call *c, int32_t result)
{
	(void)c;
	CHECK(result < 0 && result % 16 == 0); /* an address of the kernel */
	CHECK_EQ(kfree((void *)result), 0);
}

static void kfree_one(struct call *c)
{
	CHECK(kmalloc(100) != NULL);
	ARGS(c, (uint32_t)kmalloc(3000));
}

static void eager_grow(struct call *c)
{
	ARGS(c, 3 * PAGE);
}

static void eager_shrink(struct call *c)
{
	CHECK(TRAP(0x405, 3 * PAGE) > 0);
	ARGS(c, (uint32_t)-3 * PAGE);
}

static void limit_absent(struct call *c)
{
	ARGS(c, RLIMIT_CORE, P(absent(1)));
}

static void limits_absent(struct call *c)
{
	ARGS(c, 0, RLIMIT_CORE, P(absent(1)), P(absent(1)));
}

static void brk_grow_new(struct call *c)
{
	uint32_t now = (uint32_t)TRAP(45, 0);

	ARGS(c, now + 3 * PAGE);
}

static void brk_grow_more(struct call *c)
{
	brk_grow_new(c);
	CHECK_EQ(TRAP(45, c->a[0]), c->a[0]);
	ARGS(c, c->a[0] + 3 * PAGE);
}

static void brk_shrink(struct call *c)
{
	brk_grow_more(c);
	for (uint32_t at = c->a[0] - 6 * PAGE; at < c->a[0] - 3 * PAGE; at += PAGE)
		*(char *)(uintptr_t)at = 1;
	ARGS(c, c->a[0] - 5 * PAGE);
}

static void brk_shrink_shared(struct call *c)
{
	uint32_t top = ((uint32_t)TRAP(45, 0) + TABLE - 1) & ~(TABLE - 1u);

	CHECK_EQ(TRAP(45, top + 40 * PAGE), top + 40 * PAGE);
	for (uint32_t at = top; at < top + 40 * PAGE; at += PAGE)
		*(char *)(uintptr_t)at = 1;
	shared(1);
	ARGS(c, top + 20 * PAGE);
}

static void protect_whole(struct call *c)
{
	ARGS(c, P(touched()), 20 * PAGE, PROT_READ);
}

static void protect_shared_whole(struct call *c)
{
	ARGS(c, P(shared(20)), 20 * PAGE, PROT_READ);
}

static void discard_touched(struct call *c)
{
	ARGS(c, P(touched()) + 5 * PAGE, 3 * PAGE, MADV_DONTNEED);
}

static void discard_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, 0);
	for (uint32_t at = 0; at < c->a[1]; at += PAGE)
		CHECK_EQ(*(char *)(uintptr_t)(c->a[0] + at), 0);
}

static void remap_of(struct call *c, const char *p, uint32_t to_pages)
{
	ARGS(c, P(p), 20 * PAGE, to_pages * PAGE, MREMAP_MAYMOVE);
}

static void remap_shrink(struct call *c)
{
	remap_of(c, touched(), 7);
}

static void remap_shrink_shared(struct call *c)
{
	remap_of(c, shared(20), 7);
}

/* Something stands behind it. */
static void remap_move(struct call *c)
{
	remap_of(c, touched(), 40);
	map_at(c->a[0] + 30 * PAGE, PAGE);
}

static void remap_move_shared(struct call *c)
{
	remap_of(c, shared(20), 40);
	map_at(c->a[0] + 30 * PAGE, PAGE);
}

static void remap_move_part(struct call *c)
{
	remap_move(c);
	c->a[0] += 5 * PAGE;
	c->a[1] = 3 * PAGE;
}

static void remap_check(const struct call *c, int32_t result)
{
	uint32_t stays = c->a[1] < c->a[2] ? c->a[1] : c->a[2];

	for (uint32_t at = 0; at < c->a[2]; at += PAGE)
		CHECK_EQ(((char *)(uintptr_t)result)[at + 8] != 0, at < stays);
}

static void sbrk_shrink(struct call *c)
{
	brk_shrink(c);
	ARGS(c, (uint32_t)(-2 * PAGE));
}

static void is_there_absent(struct call *c)
{
	ARGS(c, P(absent(2)));
}

static void is_there_in_object(struct call *c)
{
	uint32_t at = P(absent(1)) + 64 * PAGE;

	CHECK_EQ(P(mmap((void *)(uintptr_t)at, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
	                0)),
	         at);
	ARGS(c, at);
}

static void is_there_in_file(struct call *c)
{
	char *p = mapped_file(4 * PAGE, MAP_SHARED);

	CHECK_EQ(p[PAGE], pattern(PAGE));
	ARGS(c, P(p) + PAGE);
}

static void is_there_in_table(struct call *c)
{
	char *p = absent(2);

	p[PAGE] = 1;
	ARGS(c, P(p));
}

static void is_there_copied(struct call *c)
{
	ARGS(c, P(shared(2)));
}

static void is_there_shared_table(struct call *c)
{
	ARGS(c, P(shared(20)));
}

/* ---- processes ---- */

static void fork_many_files(struct call *c)
{
	(void)c;
	descriptors_fill();
	TRY(dup(0));
}

static void fork_floating_point(struct call *c)
{
	(void)c;
	__asm__ volatile("fninit");
}

static void fork_tables(struct call *c)
{
	(void)c;
	for (int i = 0; i < 4; i++) {
		char *p = absent(20);

		for (int at = 0; at < (i < 2 ? 20 : 3) * PAGE; at += PAGE)
			p[at] = 1;
	}
}

static void fork_check(const struct call *c, int32_t result)
{
	(void)c;
	CHECK_EQ(child_wait(result), 0);
}

static void zombie_make(void)
{
	pid_t pid = TRY(fork());

	if (pid == 0)
		_exit(7);
	child_is(pid, 'Z');
}

static void wait_plain(struct call *c)
{
	zombie_make();
	ARGS(c, (uint32_t)-1, P(plain(4)), 0, P(plain(sizeof(struct abi_rusage))));
}

static void wait_absent(struct call *c)
{
	zombie_make();
	ARGS(c, (uint32_t)-1, P(absent(1)), 0, P(absent(2) + PAGE - 10));
}

static void wait_check(const struct call *c, int32_t result)
{
	CHECK(result > 0);
	CHECK_EQ(*(int *)(uintptr_t)c->a[1], 7 << 8);
}

static struct elf {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version, entry, phoff, shoff, flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	struct {
		uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
	} load;
	uint8_t code[32];
} elf = {
	.ident = {0x7f, 'E', 'L', 'F', 1, 1, 1},
	.type = 2,
	.machine = 3,
	.version = 1,
	.entry = 0x10000000 + offsetof(struct elf, code),
	.phoff = offsetof(struct elf, load),
	.ehsize = offsetof(struct elf, load),
	.phentsize = sizeof elf.load,
	.phnum = 1,
	.load = {1, 0, 0x10000000, 0x10000000, sizeof elf, 3 * PAGE, 7, PAGE},
	/* mov $0x404,%eax; mov $10,%ebx; xor %ecx,%ecx; int $0x80: disarm, and end with the number of requests
	   mov %eax,%ebx; mov $1,%eax; int $0x80 */
	.code = {0xb8, 4, 4, 0, 0, 0xbb, 10, 0, 0, 0, 0x31, 0xc9, 0xcd, 0x80, 0x89, 0xc3, 0xb8, 1, 0, 0, 0, 0xcd, 0x80},
};

static void program_new(const struct elf *e)
{
	int fd = TRY(open("program", O_RDWR | O_CREAT, 0755));

	CHECK_EQ(write(fd, e, sizeof *e), sizeof *e);
	close(fd);
}

static void exec_of(struct call *c, const struct elf *e)
{
	uint32_t *v = plain(12);

	program_new(e);
	v[0] = text("program");
	v[1] = text("argument");
	v[2] = 0;
	ARGS(c, v[0], P(v), P(v));
}

static void exec_plain(struct call *c)
{
	exec_of(c, &elf);
}

/* Linked at 0, and not where a page of the file is: as xv6 links. */
static void exec_copied(struct call *c)
{
	struct elf low = elf;

	low.entry = low.load.vaddr = 0;
	low.load.offset = offsetof(struct elf, code);
	low.load.filesz = sizeof low.code;
	exec_of(c, &low);
}

/* Linked where a program of xv6 is that can be mapped. */
static void exec_low(struct call *c)
{
	struct elf low = elf;

	low.load.vaddr = PAGE;
	low.entry = PAGE + offsetof(struct elf, code);
	exec_of(c, &low);
}

static void exec_much(struct call *c)
{
	uint32_t *v = plain(12);

	exec_plain(c);
	v[0] = P(memset(absent(4), 'a', 3 * PAGE));
	v[1] = 0;
	c->a[1] = P(v);
	file_new("file", TEXT);
	CHECK_EQ(fcntl(file_new("unlinked", LONG_FILE), F_SETFD, FD_CLOEXEC), 0);
	CHECK_EQ(unlink("unlinked"), 0);
}

static void exit_with_all(struct call *c)
{
	touched();
	shared(20);
	close_unlinked(c);
	pipe_filled(2 * PAGE);
	zombie_make();
	__asm__ volatile("fninit");
	ARGS(c, 0);
}

static void kill_child(struct call *c)
{
	pid_t pid = TRY(fork());

	if (pid == 0)
		for (;;)
			sleep(1);
	ARGS(c, (uint32_t)pid, SIGTERM);
}

static void kill_check(const struct call *c, int32_t result)
{
	CHECK_EQ(result, 0);
	CHECK_EQ(child_wait((pid_t)c->a[0]), -SIGTERM);
}

/* A child ends the runner when it waits. */
static void pause_ended(struct call *c)
{
	pid_t self = getpid();

	(void)c;
	if (TRY(fork()) > 0)
		return;
	close(REPORT_FD);
	child_is(self, 'S');
	kill(self, SIGTERM);
	_exit(0);
}

static void sigaction_absent(struct call *c)
{
	char *p = absent(1);

	ARGS(c, SIGUSR1, P(p), P(absent(1)), 8);
	((struct abi_sigaction *)(void *)p)->handler = ABI_SIG_IGN;
}

static void sigaction_check(const struct call *c, int32_t result)
{
	struct abi_sigaction now;

	(void)c;
	CHECK_EQ(result, 0);
	CHECK_EQ(TRAP(174, SIGUSR1, 0, P(&now), 8), 0);
	CHECK_EQ(now.handler, ABI_SIG_IGN);
}

static void sigprocmask_absent(struct call *c)
{
	uint32_t *set = plain(8);

	set[0] = 1u << (SIGUSR2 - 1);
	set[1] = 0;
	ARGS(c, SIG_SETMASK, P(set), P(absent(1)), 8);
}

static void new_group_check(const struct call *c, int32_t result)
{
	(void)c;
	CHECK_EQ(result, 0);
	CHECK_EQ(getpgrp(), getpid());
}

static void session_check(const struct call *c, int32_t result)
{
	(void)c;
	CHECK_EQ(result, getpid());
	CHECK_EQ(getsid(0), getpid());
}

static void thread_area(struct call *c)
{
	struct abi_user_desc *d = (void *)plain(sizeof *d);

	*d = (struct abi_user_desc){(uint32_t)-1, 0x1000, 0xfffff, 0x51};
	ARGS(c, P(d));
}

static void thread_area_copied(struct call *c)
{
	char *p = absent(2) + PAGE - 2;

	thread_area(c);
	c->a[0] = P(memcpy(p, (void *)(uintptr_t)c->a[0], sizeof(struct abi_user_desc)));
	share();
}

/* ---- the rest ---- */

static void to_absent(struct call *c)
{
	ARGS(c, P(absent(1)));
}

static void buffer_absent(struct call *c)
{
	ARGS(c, P(absent(3) + PAGE - 50), 2000);
}

static void clock_absent(struct call *c)
{
	ARGS(c, CLOCK_MONOTONIC, P(absent(1)));
}

static void sleep_absent(struct call *c)
{
	struct abi_timespec *t = plain(sizeof *t);

	*t = (struct abi_timespec){0, 1000};
	ARGS(c, P(t), P(absent(1)));
}

static void sleep_from_absent(struct call *c)
{
	ARGS(c, P(absent(1)), 0);
}

/* Nobody would wake it: the word is not 1, or the time is over. */
static void futex_absent(struct call *c)
{
	ARGS(c, P(absent(1)), FUTEX_WAIT, 1);
}

static void futex_object(struct call *c)
{
	is_there_in_object(c);
	ARGS(c, c->a[0], FUTEX_WAIT, 1);
}

static void futex_time_absent(struct call *c)
{
	ARGS(c, P(absent(1)), FUTEX_WAIT_PRIVATE, 0, P(absent(1)));
}

static void futex_move(struct call *c)
{
	is_there_in_object(c);
	ARGS(c, c->a[0], FUTEX_CMP_REQUEUE, 1, 1, P(absent(1)), 0);
}

static void terminal_get(struct call *c)
{
	ARGS(c, (uint32_t)TRY(open("/dev/tty", O_RDWR)), TCGETS, P(absent(1)));
}

static void terminal_set(struct call *c)
{
	terminal_get(c);
	c->a[1] = TCSETS;
	c->a[2] = P(plain(64));
	CHECK_EQ(ioctl((int)c->a[0], TCGETS, (void *)(uintptr_t)c->a[2]), 0);
}

static void terminal_write(struct call *c)
{
	ARGS(c, (uint32_t)TRY(open("/dev/tty", O_RDWR)), P(absent(1)), 2);
	c->full = 2;
}

static void pipe_bytes(struct call *c)
{
	pipe_filled(TEXT);
	ARGS(c, (uint32_t)fds[0], FIONREAD, P(absent(1)));
}

static void on_self(struct call *c)
{
	ARGS(c, (uint32_t)getpid());
}

/* ---- shared memory ---- */

enum { SHMEM_ID = 25, SEGMENT_PAGES = 20, SHM_KEY = 0x1234, FIXED_PAGE = 64 };

static void shmem_open_new(struct call *c)
{
	ARGS(c, SHMEM_ID);
}

static void shmem_open_again(struct call *c)
{
	CHECK(openshmem(SHMEM_ID) != (char *)-1);
	ARGS(c, SHMEM_ID);
}

/* Another has it, and this process has not. */
static void shmem_open_others(struct call *c)
{
	shmem_open_again(c);
	share();
	CHECK_EQ(closeshmem(SHMEM_ID), 0);
}

static void shmem_check(const struct call *c, int32_t result)
{
	(void)c;
	CHECK_EQ(*(char *)(uintptr_t)result, 0);
	*(char *)(uintptr_t)result = 1;
}

static void shmem_close_twice_open(struct call *c)
{
	shmem_open_again(c);
	shmem_open_again(c);
}

/* The page lies in a table with many others, which a child shares. */
static void shmem_close_shared_table(struct call *c)
{
	char *at = absent(SEGMENT_PAGES), *p = openshmem(SHMEM_ID);

	CHECK(p != (char *)-1);
	CHECK(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at) == at);
	for (int i = 0; i < SEGMENT_PAGES; i++)
		at[i * PAGE] = 1;
	share();
	ARGS(c, SHMEM_ID);
}

static void fork_shmem(struct call *c)
{
	(void)c;
	for (int id = 1; id <= 3; id++)
		*openshmem(id) = 1;
}

static void segment_new(struct call *c)
{
	ARGS(c, IPC_PRIVATE, SEGMENT_PAGES * PAGE, 0600);
}

static void segment_new_key(struct call *c)
{
	ARGS(c, SHM_KEY, SEGMENT_PAGES * PAGE, IPC_CREAT | IPC_EXCL | 0600);
}

static void segment_check(const struct call *c, int32_t result)
{
	(void)c;
	CHECK_EQ(shmctl(result, IPC_RMID, NULL), 0);
}

/* A segment that goes with this process. */
static int segment_of_ours(void)
{
	int id = TRY(shmget(SHM_KEY, SEGMENT_PAGES * PAGE, IPC_CREAT | 0600));

	CHECK(shmat(id, NULL, 0) != (void *)-1);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
	return id;
}

static void segment_attach(struct call *c)
{
	ARGS(c, (uint32_t)segment_of_ours());
}

static void segment_attach_over(struct call *c)
{
	int id = segment_of_ours();
	char *at = absent(3 * SEGMENT_PAGES) + SEGMENT_PAGES * PAGE;

	at[0] = at[-PAGE] = 1;
	ARGS(c, (uint32_t)id, P(at), SHM_REMAP);
}

static void segment_attach_ipc(struct call *c)
{
	ARGS(c, ABI_IPC_SHMAT, (uint32_t)segment_of_ours(), 0, P(absent(1)));
}

static void segment_attach_check(const struct call *c, int32_t result)
{
	char *p = (char *)(uintptr_t)(c->number == 117 ? *(uint32_t *)(uintptr_t)c->a[3] : (uint32_t)result);

	CHECK_EQ(p[SEGMENT_PAGES * PAGE - 1], 0);
	CHECK_EQ(shmdt(p), 0);
}

static char *segment_at(uint32_t at)
{
	char *p = shmat(segment_of_ours(), (void *)(uintptr_t)at, 0);

	CHECK_EQ(P(p), at);
	for (int i = 0; i < SEGMENT_PAGES; i++)
		p[i * PAGE] = 1;
	return p;
}

static void segment_detach(struct call *c)
{
	ARGS(c, P(segment_at(P(absent(1)) + FIXED_PAGE * PAGE)));
}

/* In the table is another page too, so the detach cannot just drop it. */
static void segment_detach_shared_table(struct call *c)
{
	char *beside = absent(1);

	*beside = 1;
	ARGS(c, P(segment_at(P(beside) + FIXED_PAGE * PAGE)));
	share();
}

static void segment_stat(struct call *c)
{
	ARGS(c, (uint32_t)segment_of_ours(), IPC_STAT, P(absent(1)));
}

static void segment_remove(struct call *c)
{
	ARGS(c, (uint32_t)segment_of_ours(), IPC_RMID);
}

static void is_there_in_shmem(struct call *c)
{
	ARGS(c, P(openshmem(SHMEM_ID)));
}

/* After the table each call that has no line in it fails the test. */
static const struct scenario scenarios[] = {
	{"exit", "with everything open", exit_with_all, NULL, ENDS, 0},
	{"exit_group", "with everything open", exit_with_all, NULL, ENDS, 0},
	{"fork", "small program", nothing, fork_check, FORKS, 0},
	{"fork", "small program, may draw on the reserve", nothing, fork_check, FORKS | SMALL, 0},
	{"fork", "with more tables, shared and copied", fork_tables, fork_check, FORKS, 0},
	{"fork", "with many descriptors", fork_many_files, fork_check, FORKS, 0},
	{"fork", "that has used the FPU", fork_floating_point, fork_check, FORKS, 0},
	{"read", "file into memory that is there", read_plain, read_check, 0, 0},
	{"read", "file into absent memory", read_absent, read_check, 0, 0},
	{"read", "file into absent memory, may draw on the reserve", read_absent, read_check, SMALL, 0},
	{"read", "file into copy-on-write memory", read_copied, read_check, 0, 0},
	{"read", "file into memory with a shared table", read_shared_table, read_check, 0, 0},
	{"read", "description of two descriptors", read_shared_file, read_check, 0, 0},
	{"read", "file behind an indirect block", read_indirect, read_check, 0, 0},
	{"read", "hole", read_hole, hole_check, 0, 0},
	{"read", "pipe into memory that is there", read_pipe, read_pipe_check, 0, 0},
	{"read", "pipe into absent memory", read_pipe_absent, read_pipe_check, 0, 0},
	{"read", "pipe into copy-on-write memory", read_pipe_copied, read_pipe_check, 0, 0},
	{"read", "/dev/zero into absent memory", read_zero, NULL, 0, 0},
	{"readv", "file into absent memory", readv_absent, readv_check, 0, 0},
	{"write", "new blocks of a file", write_new, write_check, 0, 0},
	{"write", "over a part of two blocks", write_over, write_check, 0, 0},
	{"write", "first block behind an indirect one", write_indirect, write_check, 0, 0},
	{"write", "first block behind two indirect ones", write_double_indirect, write_check, 0, 0},
	{"write", "into a hole", write_hole, write_check, 0, 0},
	{"write", "from absent memory", write_absent, write_check, 0, 0},
	{"write", "description of two descriptors", write_shared_file, write_check, 0, 0},
	{"write", "appending", write_append, write_check, 0, 0},
	{"write", "pipe, three pages", write_pipe, write_pipe_check, 0, 0},
	{"write", "pipe, all or nothing", write_pipe_atomic, write_pipe_check, 0, 0},
	{"write", "pipe from absent memory", write_pipe_absent, write_pipe_check, 0, 0},
	{"write", "terminal from absent memory", terminal_write, NULL, 0, 0},
	{"writev", "new blocks of a file", writev_new, writev_check, 0, 0},
	{"open", "file", open_old, open_check, 0, 0},
	{"open", "file, whole path", open_absolute, open_check, 0, 0},
	{"open", "no such file", open_missing, NULL, 0, -ENOENT},
	{"open", "new file", open_new, open_check, 0, 0},
	{"open", "new file in a new block of the directory", open_new_block, open_check, 0, 0},
	{"open", "truncate", open_truncate, open_truncate_check, 0, 0},
	{"open", "descriptors full", open_many, open_check, 0, 0},
	{"open", "long path", open_long, open_check, 0, 0},
	{"open", "directory", open_directory, open_check, 0, 0},
	{"open", "/dev/null", open_device, open_check, 0, 0},
	{"open", "/dev/tty", open_terminal, open_check, 0, 0},
	{"openat", "file", openat_file, open_check, 0, 0},
	{"close", "file", close_file, close_check, 0, 0},
	{"close", "last of an unlinked file", close_unlinked, close_check, 0, 0},
	{"close", "last of an unlinked empty file", close_unlinked_empty, close_check, 0, 0},
	{"close", "pipe with bytes", close_pipe, close_check, 0, 0},
	{"waitpid", "memory that is there", wait_plain, wait_check, 0, 0},
	{"waitpid", "absent memory", wait_absent, wait_check, 0, 0},
	{"wait4", "memory that is there", wait_plain, wait_check, 0, 0},
	{"wait4", "absent memory", wait_absent, wait_check, 0, 0},
	{"link", "new name", link_new, link_check, 0, 0},
	{"unlink", "file", one_file, is_gone, 0, 0},
	{"unlink", "file with an indirect block", long_file, is_gone, 0, 0},
	{"unlink", "file that is open", open_file, is_gone, 0, 0},
	{"execve", "small arguments", exec_plain, NULL, EXECS, 0},
	{"execve", "arguments of three pages, descriptors to close", exec_much, NULL, EXECS, 0},
	{"execve", "program linked at 0, which is copied", exec_copied, NULL, EXECS, 0},
	{"execve", "program linked at 0x1000, which is mapped", exec_low, NULL, EXECS, 0},
	{"chdir", "directory", one_directory, is_zero, 0, 0},
	{"time", "absent memory", to_absent, NULL, 0, 0},
	{"mknod", "file", mknod_file, is_there, 0, 0},
	{"mknod", "device", mknod_device, is_there, 0, 0},
	{"lseek", "file", on_file, is_zero, 0, 0},
	{"_llseek", "absent memory", llseek_absent, llseek_check, 0, 0},
	{"getpid", "", nothing, NULL, 0, 0},
	{"getuid", "", nothing, NULL, 0, 0},
	{"pause", "ended by a signal", pause_ended, NULL, ENDS, -SIGTERM},
	{"access", "file", one_file, is_zero, 0, 0},
	{"sync", "dirty file", dirty_file, is_zero, DIRTY, 0},
	{"kill", "child", kill_child, kill_check, 0, 0},
	{"rename", "file in one directory", link_new, rename_check, 0, 0},
	{"rename", "file over another", rename_over, rename_check, 0, 0},
	{"rename", "file into another directory", rename_out, rename_check, 0, 0},
	{"rename", "directory into another", rename_directory, rename_check, 0, 0},
	{"rename", "directory over an empty one", rename_directory_over, rename_check, 0, 0},
	{"mkdir", "new directory", mkdir_new, is_there, 0, 0},
	{"rmdir", "empty directory", one_directory, is_gone, 0, 0},
	{"dup", "descriptors not full", dup_plain, is_open, 0, 0},
	{"dup", "descriptors full", dup_many, is_open, 0, 0},
	{"dup2", "low number", dup2_low, is_open, 0, 0},
	{"dup2", "high number", dup2_high, is_open, 0, 0},
	{"dup2", "over the last of an unlinked file", dup2_over_unlinked, is_open, 0, 0},
	{"pipe", "memory that is there", pipe_plain, pipe_check, 0, 0},
	{"pipe", "absent memory", pipe_absent, pipe_check, 0, 0},
	{"pipe", "descriptors nearly full", pipe_many, pipe_check, 0, 0},
	{"times", "absent memory", to_absent, NULL, 0, 0},
	{"brk", "first growth", brk_grow_new, NULL, BREAKS, 0},
	{"brk", "growth", brk_grow_more, NULL, BREAKS, 0},
	{"brk", "shrink", brk_shrink, NULL, BREAKS, 0},
	{"brk", "shrink within a shared table", brk_shrink_shared, NULL, BREAKS, 0},
	{"getgid", "", nothing, NULL, 0, 0},
	{"geteuid", "", nothing, NULL, 0, 0},
	{"getegid", "", nothing, NULL, 0, 0},
	{"ioctl", "attributes of the terminal to absent memory", terminal_get, is_zero, 0, 0},
	{"ioctl", "attributes of the terminal set", terminal_set, is_zero, 0, 0},
	{"ioctl", "bytes in a pipe to absent memory", pipe_bytes, is_zero, 0, 0},
	{"setpgid", "group of its own", nothing, new_group_check, 0, 0},
	{"umask", "", nothing, NULL, 0, 0},
	{"getppid", "", nothing, NULL, 0, 0},
	{"getpgrp", "", nothing, NULL, 0, 0},
	{"setsid", "session of its own", nothing, session_check, 0, 0},
	{"setrlimit", "from absent memory", limit_absent, is_zero, 0, 0},
	{"getrlimit", "to absent memory", limit_absent, is_zero, 0, 0},
	{"reboot", "wrong words", nothing, NULL, 0, -EINVAL},
	{"munmap", "whole region", munmap_whole, is_zero, 0, 0},
	{"munmap", "end of a region", munmap_end, is_zero, 0, 0},
	{"munmap", "middle of a region", munmap_middle, is_zero, 0, 0},
	{"munmap", "whole region with a shared table", munmap_shared_whole, is_zero, 0, 0},
	{"munmap", "end of a region with a shared table", munmap_shared_end, is_zero, 0, 0},
	{"munmap", "middle of a region with a shared table", munmap_shared_middle, is_zero, 0, 0},
	{"ftruncate", "longer", truncate_up, truncate_check, 0, 0},
	{"ftruncate", "shorter, within a block", truncate_within, truncate_check, 0, 0},
	{"ftruncate", "shorter, behind an indirect block", truncate_indirect, truncate_check, 0, 0},
	{"ftruncate", "nothing left", truncate_all, truncate_check, 0, 0},
	{"ftruncate", "nothing left, then longer", truncate_all, truncate_grow_check, 0, 0},
	{"ftruncate", "shorter, then a write behind", truncate_indirect, truncate_grow_check, 0, 0},
	{"ftruncate64", "shorter, behind an indirect block", truncate_indirect, truncate_check, 0, 0},
	{"sysinfo", "absent memory", to_absent, is_zero, 0, 0},
	{"fsync", "dirty file", dirty_file, is_zero, DIRTY, 0},
	{"uname", "absent memory", to_absent, is_zero, 0, 0},
	{"mprotect", "middle of a region", protect_middle, is_zero, 0, 0},
	{"mprotect", "middle of a region with a shared table", protect_shared, is_zero, 0, 0},
	{"getpgid", "itself", on_self, NULL, 0, 0},
	{"getsid", "itself", on_self, NULL, 0, 0},
	{"sched_yield", "", nothing, is_zero, 0, 0},
	{"futex", "wait on an absent word", futex_absent, NULL, 0, -EAGAIN},
	{"futex", "wait on an absent word of shared memory", futex_object, NULL, 0, -EAGAIN},
	{"futex", "wait on an absent word, time from absent memory", futex_time_absent, NULL, 0, -ETIMEDOUT},
	{"futex", "compare an absent word of shared memory, and move", futex_move, is_zero, 0, 0},
	{"futex_time64", "wait on an absent word, time from absent memory", futex_time_absent, NULL, 0, -ETIMEDOUT},
	{"nanosleep", "rest to absent memory", sleep_absent, is_zero, 0, 0},
	{"nanosleep", "time from absent memory", sleep_from_absent, is_zero, 0, 0},
	{"mremap", "growth in place", mremap_grow, mremap_check, 0, 0},
	{"mremap", "middle of a region to another place", mremap_move, mremap_check, 0, 0},
	{"mremap", "middle of a region with a shared table", mremap_shared, mremap_check, 0, 0},
	{"rt_sigaction", "absent memory", sigaction_absent, sigaction_check, 0, 0},
	{"rt_sigprocmask", "absent memory", sigprocmask_absent, is_zero, 0, 0},
	{"getcwd", "memory that is there", getcwd_plain, getcwd_check, 0, 0},
	{"getcwd", "absent memory", getcwd_absent, getcwd_check, 0, 0},
	{"ugetrlimit", "to absent memory", limit_absent, is_zero, 0, 0},
	{"mmap2", "new region", mmap_new, mmap_check, 0, 0},
	{"mmap2", "joins its neighbour", mmap_joined, mmap_check, 0, 0},
	{"mmap2", "over the middle of a region", mmap_over_middle, mmap_check, 0, 0},
	{"mmap2", "over the middle of a region with a shared table", mmap_over_shared, mmap_check, 0, 0},
	{"stat64", "memory that is there", stat_plain, stat_check, 0, 0},
	{"stat64", "absent memory", stat_absent, stat_check, 0, 0},
	{"lstat64", "absent memory", stat_absent, stat_check, 0, 0},
	{"fstat64", "absent memory", fstat_absent, stat_check, 0, 0},
	{"fstatat64", "absent memory", fstatat_absent, is_zero, 0, 0},
	{"getuid32", "", nothing, NULL, 0, 0},
	{"getgid32", "", nothing, NULL, 0, 0},
	{"geteuid32", "", nothing, NULL, 0, 0},
	{"getegid32", "", nothing, NULL, 0, 0},
	{"mmap2", "a file", mmap_file, mmap_file_check, 0, 0},
	{"mmap2", "shared memory", mmap_anonymous, mmap_check, 0, 0},
	{"msync", "dirty file", msync_file, is_zero, DIRTY, 0},
	{"mincore", "to absent memory", mincore_absent, mincore_check, 0, 0},
	{"madvise", "a whole shared table is discarded", discard_whole, is_zero, AGAIN, 0},
	{"madvise", "a part of a shared table is discarded", discard_middle, is_zero, AGAIN, 0},
	{"getdents64", "memory that is there", getdents_plain, getdents_check, 0, 0},
	{"getdents64", "absent memory", getdents_absent, getdents_check, 0, 0},
	{"fcntl64", "duplicate to a high number", fcntl_dup, is_open, 0, 0},
	{"fcntl64", "flags", fcntl_flags, NULL, 0, 0},
	{"gettid", "", nothing, NULL, 0, 0},
	{"set_thread_area", "memory that is there", thread_area, is_zero, 0, 0},
	{"set_thread_area", "copy-on-write memory", thread_area_copied, is_zero, 0, 0},
	{"set_tid_address", "", nothing, NULL, 0, 0},
	{"clock_gettime", "absent memory", clock_absent, is_zero, 0, 0},
	{"prlimit64", "from and to absent memory", limits_absent, is_zero, 0, 0},
	{"clock_gettime64", "absent memory", clock_absent, is_zero, 0, 0},
	{"freemem", "dirty file", dirty_file, NULL, DIRTY, 0},
	{"getprocs", "absent memory", buffer_absent, NULL, 0, 0},
	{"klog", "absent memory", buffer_absent, NULL, 0, 0},
	{"kstat", "absent memory", buffer_absent, NULL, 0, 0},
	{"selftest", "no such test", nothing, NULL, 0, -EINVAL},
	{"read", "file of /proc into absent memory", read_proc, NULL, 0, 0},
	{"open", "file of /proc", open_proc, open_check, 0, 0},
	{"getdents64", "directory of /proc, absent memory", getdents_proc, NULL, 0, 0},
	{"symlink", "text in the inode", symlink_short, symlink_check, 0, 0},
	{"symlink", "text in a block, absent memory", symlink_long, symlink_check, 0, 0},
	{"open", "new file behind two symbolic links", open_through_link, is_open, 0, 0},
	{"readlink", "descriptor in /proc, absent memory", readlink_proc, readlink_check, 0, 0},
	{"readlinkat", "descriptor in /proc, absent memory", readlinkat_proc, readlink_check, 0, 0},
	{"mprotect", "whole region", protect_whole, is_zero, 0, 0},
	{"mprotect", "whole region with a shared table", protect_shared_whole, is_zero, 0, 0},
	{"madvise", "the middle of a region is discarded", discard_touched, discard_check, AGAIN, 0},
	{"mremap", "shrink", remap_shrink, remap_check, 0, 0},
	{"mremap", "shrink with a shared table", remap_shrink_shared, remap_check, 0, 0},
	{"mremap", "grow and move", remap_move, remap_check, 0, 0},
	{"mremap", "grow and move with a shared table", remap_move_shared, remap_check, 0, 0},
	{"mremap", "move a part", remap_move_part, remap_check, 0, 0},
	{"sbrk_eager", "growth", eager_grow, NULL, 0, 0},
	{"sbrk_eager", "shrink", eager_shrink, NULL, 0, 0},
	{"sbrk_eager", "shrink of a heap from brk", sbrk_shrink, NULL, 0, 0},
	{"kmalloc", "large", kmalloc_large, kmalloc_check, 0, 0},
	{"kfree", "one of two", kfree_one, is_zero, 0, 0},
	{"fork", "with pages of openshmem", fork_shmem, fork_check, FORKS, 0},
	{"openshmem", "new page", shmem_open_new, shmem_check, 0, 0},
	{"openshmem", "page of another", shmem_open_others, shmem_check, 0, 0},
	{"openshmem", "open already", shmem_open_again, shmem_check, 0, 0},
	{"closeshmem", "last", shmem_open_again, is_zero, 0, 0},
	{"closeshmem", "not the last", shmem_close_twice_open, is_zero, 0, 0},
	{"closeshmem", "last, with a shared table", shmem_close_shared_table, is_zero, 0, 0},
	{"shmget", "new segment", segment_new, segment_check, 0, 0},
	{"shmget", "new segment with a key", segment_new_key, segment_check, 0, 0},
	{"shmat", "anywhere", segment_attach, segment_attach_check, 0, 0},
	{"shmat", "over the middle of a region", segment_attach_over, segment_attach_check, 0, 0},
	{"ipc", "shmat, address to absent memory", segment_attach_ipc, segment_attach_check, 0, 0},
	{"shmdt", "whole table", segment_detach, is_zero, 0, 0},
	{"shmdt", "part of a shared table", segment_detach_shared_table, is_zero, 0, 0},
	{"shmctl", "status to absent memory", segment_stat, is_zero, 0, 0},
	{"shmctl", "removal", segment_remove, is_zero, 0, 0},
	{"(read of memory)", "absent, no table", is_there_absent, NULL, 0, 0},
	{"(read of memory)", "absent", is_there_in_table, NULL, 0, 0},
	{"(write to memory)", "absent, no table", is_there_absent, NULL, 0, 0},
	{"(write to memory)", "absent, no table, may draw on the reserve", is_there_absent, NULL, SMALL, 0},
	{"(write to memory)", "absent", is_there_in_table, NULL, 0, 0},
	{"(write to memory)", "copy-on-write", is_there_copied, NULL, 0, 0},
	{"(write to memory)", "shared table", is_there_shared_table, NULL, 0, 0},
	{"(write to memory)", "shared memory", is_there_in_object, NULL, 0, 0},
	{"(write to memory)", "page of openshmem", is_there_in_shmem, NULL, 0, 0},
	{"(write to memory)", "a clean page of a file", is_there_in_file, NULL, DIRTY, 0},
	{"(floating point)", "first use", nothing, NULL, 0, 0},
};

static bool has_scenario(const char *call)
{
	for (int i = 0; i < COUNT(scenarios); i++)
		if (strcmp(scenarios[i].call, call) == 0)
			return true;
	return false;
}

static void coverage(void)
{
	for (int i = 0; i < COUNT(calls); i++)
		if (!has_scenario(calls[i].name)) {
			printf("FAILED: %s has no scenario here\n", calls[i].name);
			failures++;
		}
}

/* Arguments: `measure` does not compare with docs/; then a call, to try its scenarios alone. */
int main(int argc, char **argv)
{
	bool measure = argc > 1 && strcmp(argv[1], "measure") == 0;
	const char *only = argc > 2 ? argv[2] : NULL;
	char *hog = mmap(NULL, HOG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(hog != MAP_FAILED);
	CHECK(selftest(SELFTEST_DROP_CACHES) == 0);
	memset(hog, 1, HOG);
	memset(&ledger_before, 1, sizeof ledger_before);
	memset(&ledger_now, 1, sizeof ledger_now);
	memset(log_text, 1, sizeof log_text);
	directory_make();
	ledger_look(&ledger_before);
	ledger_compare(&ledger_before, &ledger_before);
	for (int i = 0; i < COUNT(scenarios); i++)
		if (!only || strcmp(only, scenarios[i].call) == 0)
			scenario_run(&scenarios[i], hog, !measure);
	coverage();
	if (failures > 0) {
		printf("alloc_fail: %d failures\n", failures);
		return CHECK_FAILED;
	}
	printf("alloc_fail: %d scenarios of %d calls, %d points of failure\n", COUNT(scenarios), COUNT(calls),
	       points_all);
	return 0;
}
