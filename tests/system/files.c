// Files and directories as POSIX has them: reading and writing, holes, sizes, names, links, unlinked files that are
// open, what is refused, descriptors, devices.
// cpus: 1 4
// kernels: debug release
// timeout: 90
#include <dirent.h>
#include <sys/uio.h>

#include "check.h"

#define DIR_PATH "/tmp/files"
enum { ENTRIES = 500, NAME_LONGEST = 255 };

static char buffer[16 * PAGE];

static int file_new(const char *path)
{
	return TRY(open(path, O_RDWR | O_CREAT | O_TRUNC, 0644));
}

static bool is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static off_t size_of(int fd)
{
	struct stat st;

	TRY(fstat(fd, &st));
	return st.st_size;
}

static void offsets(void)
{
	int fd = file_new("a");

	CHECK_EQ(write(fd, "0123456789", 10), 10);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 10);
	CHECK_EQ(read(fd, buffer, 10), 0);
	CHECK_EQ(lseek(fd, -3, SEEK_END), 7);
	CHECK_EQ(read(fd, buffer, 10), 3);
	CHECK(memcmp(buffer, "789", 3) == 0);
	CHECK_EQ(lseek(fd, 2, SEEK_SET), 2);
	CHECK_EQ(write(fd, "ab", 2), 2);
	CHECK_EQ(lseek(fd, -4, SEEK_CUR), 0);
	CHECK_EQ(read(fd, buffer, 100), 10);
	CHECK(memcmp(buffer, "01ab456789", 10) == 0);
	CHECK_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERR(lseek(fd, 0, 17), EINVAL);
	CHECK_ERR(lseek(99, 0, SEEK_SET), EBADF);
	CHECK_ERR(lseek(-1, 0, SEEK_SET), EBADF);
	close(fd);
	fd = TRY(open("a", O_WRONLY | O_APPEND));
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(write(fd, "xyz", 3), 3);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 13);
	CHECK_ERR(read(fd, buffer, 1), EBADF);
	close(fd);
	fd = TRY(open("a", O_RDONLY));
	CHECK_ERR(write(fd, "x", 1), EBADF);
	CHECK_ERR(ftruncate(fd, 0), EINVAL);
	CHECK_EQ(size_of(fd), 13);
	close(fd);
	fd = TRY(open("a", O_RDWR | O_TRUNC));
	CHECK_EQ(size_of(fd), 0);
	close(fd);
	TRY(unlink("a"));
}

static void holes(void)
{
	int fd = file_new("hole");
	struct stat st;

	CHECK_EQ(lseek(fd, 100000, SEEK_SET), 100000);
	CHECK_EQ(size_of(fd), 0);
	CHECK_EQ(write(fd, "end", 3), 3);
	CHECK_EQ(size_of(fd), 100003);
	memset(buffer, 1, sizeof buffer);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, buffer, sizeof buffer), sizeof buffer);
	CHECK(is_zero(buffer, sizeof buffer));
	fsync(fd);
	CHECK(fstat(fd, &st) == 0 && st.st_blocks <= 3 * 8);
	/* shrink into a page, grow again: what was there is zeros */
	CHECK_EQ(ftruncate(fd, 100001), 0);
	CHECK_EQ(ftruncate(fd, 100010), 0);
	CHECK_EQ(lseek(fd, 100000, SEEK_SET), 100000);
	CHECK_EQ(read(fd, buffer, 100), 10);
	CHECK(memcmp(buffer, "e\0\0\0\0\0\0\0\0\0", 10) == 0);
	CHECK_ERR(ftruncate(fd, -1), EINVAL);
	close(fd);
	TRY(unlink("hole"));
}

/* A byte at the end of a file of 1 GiB, one in each kind of block of its inode, and the way back. */
static void sparse(void)
{
	static const off_t places[] = {0,         11 * PAGE, 12 * PAGE, (12 + 1023) * PAGE, (12 + 1024) * PAGE,
	                               100 * MIB, GIB - 1};
	int fd = file_new("sparse");

	for (int i = 0; i < COUNT(places); i++) {
		CHECK_EQ(lseek(fd, places[i], SEEK_SET), places[i]);
		CHECK_EQ(write(fd, &"abcdefgh"[i], 1), 1);
	}
	CHECK_EQ(size_of(fd), GIB);
	fsync(fd);
	for (int i = 0; i < COUNT(places); i++) {
		CHECK_EQ(lseek(fd, places[i], SEEK_SET), places[i]);
		CHECK_EQ(read(fd, buffer, 2), i == COUNT(places) - 1 ? 1 : 2);
		CHECK(buffer[0] == "abcdefgh"[i]);
	}
	CHECK_EQ(lseek(fd, 500ll * MIB, SEEK_SET), 500ll * MIB);
	CHECK_EQ(read(fd, buffer, PAGE), PAGE);
	CHECK(is_zero(buffer, PAGE));
	CHECK_EQ(ftruncate(fd, 12 * PAGE + 1), 0);
	CHECK_EQ(lseek(fd, 11 * PAGE, SEEK_SET), 11 * PAGE);
	CHECK_EQ(read(fd, buffer, 3 * PAGE), PAGE + 1);
	CHECK(buffer[0] == 'b' && buffer[PAGE] == 'c');
	CHECK_ERR(ftruncate(fd, 1ll << 50), EFBIG);
	close(fd);
	TRY(unlink("sparse"));
}

static void vectors(void)
{
	struct iovec v[3] = {{(void *)"abc", 3}, {NULL, 0}, {(void *)"defg", 4}};
	int fd = file_new("vector");

	CHECK_EQ(writev(fd, v, 3), 7);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	v[0] = (struct iovec){buffer, 5};
	v[2] = (struct iovec){buffer + 100, 100};
	CHECK_EQ(readv(fd, v, 3), 7);
	CHECK(memcmp(buffer, "abcde", 5) == 0 && memcmp(buffer + 100, "fg", 2) == 0);
	CHECK_ERR(writev(fd, v, -1), EINVAL);
	CHECK_ERR(writev(fd, v, 1025), EINVAL);
	CHECK_EQ(writev(fd, v, 0), 0);
	close(fd);
	TRY(unlink("vector"));
}

/* dup and fork share the offset and the status flags, a second open does not. */
static void write_child(void)
{
	CHECK_EQ(write(20, "child", 5), 5);
}

static void sharing(void)
{
	int fd = file_new("shared"), other = TRY(open("shared", O_RDONLY)), copy;

	CHECK_EQ(dup2(fd, 20), 20);
	copy = TRY(dup(fd));
	CHECK_EQ(write(fd, "abc", 3), 3);
	CHECK_EQ(lseek(copy, 0, SEEK_CUR), 3);
	CHECK_EQ(lseek(other, 0, SEEK_CUR), 0);
	CHECK_END(write_child, 0);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 8);
	CHECK_EQ(fcntl(copy, F_SETFL, O_APPEND), 0);
	CHECK(fcntl(fd, F_GETFL) & O_APPEND);
	CHECK_EQ(read(other, buffer, 100), 8);
	CHECK(memcmp(buffer, "abcchild", 8) == 0);
	CHECK_EQ(fcntl(fd, F_DUPFD, 30), 30);
	CHECK_EQ(dup2(20, 20), 20);
	CHECK_ERR(dup2(99, 5), EBADF);
	CHECK_ERR(dup2(fd, -1), EBADF);
	CHECK_ERR(dup2(fd, OPEN_MAX), EBADF);
	CHECK_ERR(dup(77), EBADF);
	CHECK_ERR(fcntl(fd, F_DUPFD, -1), EINVAL);
	CHECK_ERR(fcntl(fd, 9999), EINVAL);
	CHECK_ERR(close(99), EBADF);
	for (int i = 3; i < 40; i++)
		close(i);
	TRY(unlink("shared"));
}

static void unlinked(void)
{
	int fd = file_new("gone");
	struct stat st;

	CHECK_EQ(write(fd, "still here", 10), 10);
	TRY(unlink("gone"));
	CHECK_ERR(open("gone", O_RDONLY), ENOENT);
	CHECK(fstat(fd, &st) == 0 && st.st_nlink == 0 && st.st_size == 10);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, buffer, 100), 10);
	CHECK_EQ(write(fd, buffer, 16), 16);
	close(fd);
}

static void links(void)
{
	struct stat a, b;
	int fd = file_new("one");

	close(fd);
	TRY(link("one", "two"));
	CHECK(stat("one", &a) == 0 && stat("two", &b) == 0);
	CHECK(a.st_ino == b.st_ino && a.st_nlink == 2 && a.st_dev == b.st_dev);
	CHECK_ERR(link("one", "two"), EEXIST);
	CHECK_ERR(link("missing", "three"), ENOENT);
	CHECK_ERR(link(".", "three"), EPERM);
	CHECK_ERR(link("one", "/dev/three"), EXDEV);
	TRY(unlink("one"));
	CHECK(stat("two", &b) == 0 && b.st_nlink == 1);
	CHECK_ERR(unlink("one"), ENOENT);
	TRY(unlink("two"));
	TRY(mkdir("d", 0755));
	CHECK(unlink("d") == -1 && (errno == EISDIR || errno == EPERM));
	TRY(rmdir("d"));
}

static void renames(void)
{
	struct stat st;

	close(file_new("from"));
	close(file_new("to"));
	TRY(stat("from", &st));
	ino_t ino = st.st_ino;
	TRY(rename("from", "to"));
	CHECK(stat("to", &st) == 0 && st.st_ino == ino && st.st_nlink == 1);
	CHECK_ERR(stat("from", &st), ENOENT);
	TRY(rename("to", "to"));
	TRY(mkdir("d1", 0755));
	TRY(mkdir("d2", 0755));
	TRY(mkdir("d1/sub", 0755));
	CHECK_ERR(rename("to", "d1"), EISDIR);
	CHECK_ERR(rename("d1", "to"), ENOTDIR);
	CHECK(rename("d2", "d1") == -1 && (errno == ENOTEMPTY || errno == EEXIST));
	CHECK_ERR(rename("d1", "d1/sub/x"), EINVAL);
	CHECK_ERR(rename("missing", "x"), ENOENT);
	CHECK_ERR(rename("to", "/dev/x"), EXDEV);
	TRY(rename("d1/sub", "d2/moved"));
	TRY(stat("d2/moved/..", &st));
	ino = st.st_ino;
	CHECK(stat("d2", &st) == 0 && st.st_ino == ino && st.st_nlink == 3);
	CHECK(stat("d1", &st) == 0 && st.st_nlink == 2);
	TRY(rename("d1", "d2/moved")); /* over an empty directory */
	TRY(rmdir("d2/moved"));
	TRY(rmdir("d2"));
	TRY(unlink("to"));
}

static void directories(void)
{
	char path[PATH_MAX];
	struct stat st;

	TRY(mkdir("d", 0751));
	CHECK(stat("d", &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0751 && st.st_nlink == 2);
	CHECK_ERR(mkdir("d", 0755), EEXIST);
	CHECK_ERR(mkdir("d/x/y", 0755), ENOENT);
	TRY(mkdir("d/e", 0755));
	CHECK_ERR(rmdir("d"), ENOTEMPTY);
	CHECK_ERR(rmdir("d/."), EINVAL);
	TRY(chdir("d/e"));
	CHECK_STRING(getcwd(path, sizeof path), DIR_PATH "/d/e");
	CHECK(getcwd(path, 5) == NULL && errno == ERANGE);
	TRY(chdir("../.."));
	CHECK_STRING(getcwd(path, sizeof path), DIR_PATH);
	TRY(chdir("/../.."));
	CHECK_STRING(getcwd(path, sizeof path), "/");
	TRY(chdir(DIR_PATH));
	close(file_new("f"));
	CHECK_ERR(open("f/x", O_RDONLY), ENOTDIR);
	CHECK_ERR(open("f/", O_RDONLY), ENOTDIR);
	CHECK_ERR(open("f/.", O_RDONLY), ENOTDIR);
	CHECK_ERR(mkdir("f", 0755), EEXIST);
	CHECK_ERR(rmdir("f"), ENOTDIR);
	CHECK_ERR(chdir("f"), ENOTDIR);
	CHECK_ERR(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_ERR(open("d", O_WRONLY), EISDIR);
	CHECK_ERR(open("d", O_RDWR), EISDIR);
	CHECK_ERR(open("", O_RDONLY), ENOENT);
	int fd = TRY(open("d", O_RDONLY));
	CHECK_ERR(read(fd, buffer, 10), EISDIR);
	close(fd);
	fd = TRY(openat(AT_FDCWD, "d//./e/../e", O_RDONLY | O_DIRECTORY));
	CHECK_ERR(openat(fd, "nothing", O_RDONLY), ENOENT);
	CHECK_EQ(close(TRY(openat(fd, "inside", O_CREAT | O_WRONLY, 0600))), 0);
	CHECK(fstatat(fd, "inside", &st, 0) == 0 && S_ISREG(st.st_mode));
	close(fd);
	TRY(unlink("d/e/inside"));
	TRY(rmdir("d/e"));
	TRY(rmdir("d"));
	TRY(unlink("f"));
}

/* A working directory that is removed: nothing can be made in it, and one can leave. */
static void removed_cwd(void)
{
	char path[64];

	TRY(mkdir("w", 0755));
	TRY(chdir("w"));
	TRY(rmdir("../w"));
	CHECK_ERR(open("x", O_CREAT | O_WRONLY, 0644), ENOENT);
	CHECK_ERR(mkdir("x", 0755), ENOENT);
	CHECK(getcwd(path, sizeof path) == NULL && errno == ENOENT);
	TRY(chdir(DIR_PATH));
}

static void names(void)
{
	char name[NAME_LONGEST + 2];
	struct stat st;

	memset(name, 'n', sizeof name);
	name[NAME_LONGEST] = 0;
	close(file_new(name));
	TRY(stat(name, &st));
	name[NAME_LONGEST] = 'n';
	name[NAME_LONGEST + 1] = 0;
	CHECK_ERR(open(name, O_CREAT | O_WRONLY, 0644), ENAMETOOLONG);
	CHECK_ERR(stat(name, &st), ENAMETOOLONG);
	name[NAME_LONGEST] = 0;
	TRY(unlink(name));
	close(file_new("odd \n\t\"name'\001\377"));
	TRY(unlink("odd \n\t\"name'\001\377"));
}

static void modes(void)
{
	struct stat st;
	mode_t old = umask(027);
	int fd = TRY(open("m", O_CREAT | O_EXCL | O_WRONLY, 0777));

	CHECK(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0750);
	CHECK_EQ(umask(old), 027);
	CHECK_ERR(open("m", O_CREAT | O_EXCL | O_WRONLY, 0777), EEXIST);
	CHECK_ERR(open("/README/x", O_CREAT | O_EXCL | O_WRONLY, 0777), ENOTDIR);
	CHECK(S_ISREG(st.st_mode) && st.st_uid == 0 && st.st_gid == 0 && st.st_nlink == 1 && st.st_ino != 0);
	CHECK(st.st_blksize == PAGE && st.st_ino32 == (uint32_t)st.st_ino);
	CHECK(st.st_mtime > 1700000000 && time(NULL) - st.st_mtime < 100 && st.st_mtime <= time(NULL) + 1);
	CHECK_EQ(write(fd, buffer, 5000), 5000);
	fsync(fd);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 5000 && st.st_blocks >= 10 && st.st_blocks <= 24);
	CHECK_EQ(access("m", F_OK), 0);
	CHECK_EQ(access("m", R_OK | W_OK | X_OK), 0);
	CHECK_EQ(access("/README", R_OK | W_OK), 0);
	CHECK_ERR(access("/README", X_OK), EACCES);
	CHECK_ERR(access("nothing", F_OK), ENOENT);
	CHECK_ERR(access("m", 8), EINVAL);
	close(fd);
	TRY(unlink("m"));
}

/* 500 entries are read while every second one is removed: each of the others is seen once, none that was never there.
   */
static void many_entries(void)
{
	static char seen[ENTRIES];
	char name[32];
	int number, total = 0;
	struct dirent *e;
	DIR *dir;

	TRY(mkdir("many", 0755));
	TRY(chdir("many"));
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof name, "entry%d", i);
		close(file_new(name));
	}
	memset(seen, 0, sizeof seen);
	dir = opendir(".");
	CHECK(dir != NULL);
	while ((e = readdir(dir))) {
		if (sscanf(e->d_name, "entry%d", &number) != 1) {
			CHECK(strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0);
			CHECK(e->d_type == DT_DIR || e->d_type == DT_UNKNOWN);
			continue;
		}
		CHECK(number >= 0 && number < ENTRIES && !seen[number]);
		CHECK(e->d_ino != 0 && (e->d_type == DT_REG || e->d_type == DT_UNKNOWN));
		seen[number] = 1;
		total++;
		if (number % 2 == 0)
			TRY(unlink(e->d_name));
	}
	closedir(dir);
	CHECK_EQ(total, ENTRIES);
	for (int i = 1; i < ENTRIES; i += 2) {
		snprintf(name, sizeof name, "entry%d", i);
		TRY(unlink(name));
	}
	TRY(chdir(".."));
	TRY(rmdir("many"));
}

static void too_many_open(void)
{
	int n = 0, fd;

	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	CHECK_EQ(errno, EMFILE);
	CHECK_EQ(n, OPEN_MAX - 3);
	CHECK_ERR(dup(0), EMFILE);
	CHECK_ERR(pipe((int *)buffer), EMFILE);
	close(500);
	CHECK_ERR(pipe((int *)buffer), EMFILE); /* one is not enough, and must not be lost */
	CHECK_EQ(open("/dev/null", O_RDONLY), 500);
	CHECK_ERR(open("emfile", O_CREAT | O_WRONLY, 0644), EMFILE);
	CHECK_ERR(access("emfile", F_OK), ENOENT);
}

static void devices(void)
{
	struct stat st;
	int null = TRY(open("/dev/null", O_RDWR)), zero = TRY(open("/dev/zero", O_RDWR)), tty;

	CHECK_EQ(write(null, buffer, 1000), 1000);
	CHECK_EQ(read(null, buffer, 1000), 0);
	memset(buffer, 1, sizeof buffer);
	CHECK_EQ(read(zero, buffer, sizeof buffer), sizeof buffer);
	CHECK(is_zero(buffer, sizeof buffer));
	CHECK_EQ(write(zero, buffer, 1000), 1000);
	CHECK(fstat(null, &st) == 0 && S_ISCHR(st.st_mode) && ABI_MAJOR(st.st_rdev) == 1 && ABI_MINOR(st.st_rdev) == 3);
	CHECK(fstat(zero, &st) == 0 && S_ISCHR(st.st_mode) && ABI_MAJOR(st.st_rdev) == 1 && ABI_MINOR(st.st_rdev) == 5);
	CHECK(!isatty(null) && !isatty(zero) && isatty(STDOUT_FILENO));
	tty = TRY(open("/dev/tty", O_RDWR));
	CHECK(isatty(tty));
	close(tty);
	tty = TRY(open("/dev/console", O_WRONLY));
	CHECK(isatty(tty));
	close(tty);
	CHECK_ERR(open("/dev/none", O_RDONLY), ENOENT);
	CHECK(open("/dev/none", O_CREAT | O_WRONLY, 0644) == -1);
	CHECK(unlink("/dev/null") == -1);
	close(null);
	close(zero);
}

/* Reading and writing at pages' edges, against a copy in memory. */
static void model(void)
{
	static char want[8 * PAGE], got[8 * PAGE];
	int fd = file_new("model");
	uint32_t size = 0;

	memset(want, 0, sizeof want);
	for (int i = 0; i < 300; i++) {
		uint32_t at = random_below(7 * PAGE), n = random_below(PAGE);

		if (random_below(8) == 0) {
			CHECK_EQ(ftruncate(fd, at), 0);
			if (at < size)
				memset(want + at, 0, sizeof want - at);
			size = at;
			continue;
		}
		for (uint32_t j = 0; j < n; j++)
			got[j] = (char)random_next();
		CHECK_EQ(lseek(fd, at, SEEK_SET), at);
		CHECK_EQ(write(fd, got, n), n);
		memcpy(want + at, got, n);
		size = n && at + n > size ? at + n : size;
		CHECK_EQ(size_of(fd), size);
		if (i % 50 == 0)
			fsync(fd);
	}
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, got, sizeof got), size);
	CHECK(memcmp(got, want, size) == 0);
	close(fd);
	TRY(unlink("model"));
}

static void body(void)
{
	TRY(mkdir(DIR_PATH, 0755));
	TRY(chdir(DIR_PATH));
	offsets();
	holes();
	sparse();
	vectors();
	sharing();
	unlinked();
	links();
	renames();
	directories();
	removed_cwd();
	names();
	modes();
	many_entries();
	CHECK_END(too_many_open, 0);
	devices();
	model();
	TRY(chdir("/"));
	TRY(rmdir(DIR_PATH));
}

int main(int argc, char **argv)
{
	random_start(argc, argv);
	return test_run(body);
}
