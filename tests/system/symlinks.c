// Symbolic links: where they lead, how often, what follows them and what does not; texts in inodes and in blocks.
// kernels: debug release
// cpus: 1 4
// fsck: yes
#include "_xv6.h"

#define LONGEST 4095 /* bytes of a text: PATH_MAX with its NUL */

static char text[PATH_MAX + 1], got[PATH_MAX + 1];

static void make_file(const char *path, const char *content)
{
	int fd = TRY(open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644));

	CHECK_EQ(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	CHECK_EQ(close(fd), 0);
}

static void check_content(const char *path, const char *content)
{
	int fd = TRY(open(path, O_RDONLY)), n = TRY(read(fd, got, PATH_MAX));

	got[n] = '\0';
	CHECK_STRING(got, content);
	CHECK_EQ(close(fd), 0);
}

/* A text of N bytes that leads to FILE in this directory, through any number of slashes and dots. */
static const char *text_of(int n, const char *file)
{
	int len = (int)strlen(file);

	memset(text, '/', (size_t)n);
	text[0] = '.';
	memcpy(text + n - len, file, (size_t)len);
	text[n] = '\0';
	return text;
}

static void texts_of_every_length(void)
{
	static const int lengths[] = {3, 4, 55, 56, 57, 58, 100, 255, 256, 1000, 4000, LONGEST};
	struct stat st;

	make_file("f", "content");
	for (int i = 0; i < COUNT(lengths); i++) {
		int n = lengths[i];

		CHECK_EQ(symlink(text_of(n, "f"), "l"), 0);
		CHECK_EQ(readlink("l", got, sizeof got), n);
		CHECK(memcmp(got, text, (size_t)n) == 0);
		CHECK_EQ(readlink("l", got, 3), 3);
		CHECK_EQ(lstat("l", &st), 0);
		CHECK(S_ISLNK(st.st_mode) && st.st_size == n && st.st_nlink == 1);
		if (n < LONGEST) {
			check_content("l", "content");
			CHECK_EQ(stat("l", &st), 0);
			CHECK(S_ISREG(st.st_mode) && st.st_size == 7);
		} else {
			CHECK_ERR(stat("l", &st), ENAMETOOLONG);
		}
		CHECK_EQ(unlink("l"), 0);
	}
	CHECK_ERR(symlink("", "l"), ENOENT);
	CHECK_ERR(symlink("x", "f"), EEXIST);
	CHECK_ERR(symlink("x", "none/l"), ENOENT);
	CHECK_ERR(symlink("x", "/proc/l"), EROFS);
	CHECK_ERR(symlink(memset(text, 'a', PATH_MAX), "l"), ENAMETOOLONG);
	CHECK_ERR(readlink("f", got, sizeof got), EINVAL);
	CHECK_EQ(unlink("f"), 0);
}

/* d/e/f, and links to all of that. */
static void in_the_middle_of_paths(void)
{
	struct stat st;

	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_EQ(mkdir("d/e", 0755), 0);
	make_file("d/e/f", "deep");
	CHECK_EQ(symlink("d", "to_d"), 0);
	CHECK_EQ(symlink("e", "d/to_e"), 0);
	CHECK_EQ(symlink("../../to_d/to_e/f", "d/e/back"), 0);
	CHECK_EQ(symlink("/links/d/e", "absolute"), 0);
	check_content("to_d/to_e/f", "deep");
	check_content("to_d//to_e///back", "deep");
	check_content("absolute/f", "deep");
	check_content("to_d/e/../to_e/../../absolute/back", "deep");
	CHECK_EQ(stat("to_d/", &st), 0);
	CHECK(S_ISDIR(st.st_mode));
	CHECK_EQ(lstat("to_d/", &st), 0);
	CHECK(S_ISDIR(st.st_mode));
	CHECK_EQ(lstat("to_d", &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK_ERR(stat("d/e/back/", &st), ENOTDIR);
	CHECK_ERR(stat("d/e/back/x", &st), ENOTDIR);
	make_file("to_d/to_e/new", "made");
	check_content("d/e/new", "made");
	CHECK_EQ(rename("to_d/to_e/new", "absolute/newer"), 0);
	check_content("d/e/newer", "made");
	CHECK_EQ(mkdir("absolute/dir//", 0755), 0);
	CHECK_EQ(rmdir("to_d/to_e/dir//"), 0);
	CHECK_EQ(unlink("to_d/to_e/newer"), 0);
	CHECK_EQ(chdir("absolute"), 0);
	CHECK_STRING(getcwd(got, sizeof got), "/links/d/e");
	CHECK_EQ(chdir("/links"), 0);
}

/* The name itself is what these are about. */
static void names_of_links(void)
{
	struct stat a, b;

	CHECK_ERR(rmdir("to_d"), ENOTDIR);
	CHECK_ERR(mkdir("to_d", 0755), EEXIST);
	CHECK_EQ(link("to_d", "again"), 0);
	CHECK_EQ(lstat("to_d", &a), 0);
	CHECK_EQ(lstat("again", &b), 0);
	CHECK(S_ISLNK(b.st_mode) && a.st_ino == b.st_ino && b.st_nlink == 2);
	CHECK_EQ(rename("again", "moved"), 0);
	check_content("moved/e/f", "deep");
	CHECK_EQ(unlink("moved"), 0);
	CHECK_EQ(stat("d", &a), 0); /* what it led to is as it was */
	CHECK_ERR(open("to_d", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK_EQ(unlink("to_d"), 0);
	CHECK_EQ(unlink("absolute"), 0);
	CHECK_EQ(unlink("d/to_e"), 0);
	CHECK_EQ(unlink("d/e/back"), 0);
	CHECK_EQ(unlink("d/e/f"), 0);
	CHECK_EQ(rmdir("d/e"), 0);
	CHECK_EQ(rmdir("d"), 0);
}

static void links_to_nothing(void)
{
	struct stat st;
	int fd;

	CHECK_EQ(symlink("nothing", "l"), 0);
	CHECK_ERR(open("l", O_RDONLY), ENOENT);
	CHECK_ERR(stat("l", &st), ENOENT);
	CHECK_ERR(open("l", O_CREAT | O_EXCL | O_RDWR, 0644), EEXIST);
	CHECK_ERR(open("l", O_CREAT | O_NOFOLLOW | O_RDWR, 0644), ELOOP);
	CHECK_EQ(symlink("l", "m"), 0);
	fd = TRY(open("m", O_CREAT | O_RDWR, 0644));
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(close(fd), 0);
	check_content("nothing", "x");
	CHECK_EQ(unlink("nothing"), 0);
	CHECK_EQ(unlink("m"), 0);
	CHECK_EQ(unlink("l"), 0);
	CHECK_EQ(symlink("/proc/self/status", "l"), 0);
	fd = TRY(open("l", O_RDONLY));
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink("l"), 0);
}

enum { MOST = 40 };

/* Of a chain of links, 40 are followed; a circle is none. */
static void chains_and_circles(void)
{
	char from[16], to[16] = "end";
	struct stat st;

	make_file("end", "end");
	for (int i = 0; i <= MOST; i++) {
		snprintf(from, sizeof from, "c%d", i);
		CHECK_EQ(symlink(to, from), 0);
		strcpy(to, from);
		if (i < MOST) {
			check_content(from, "end");
			CHECK_EQ(close(TRY(open(from, O_CREAT | O_RDWR, 0644))), 0);
		}
	}
	CHECK_ERR(stat(from, &st), ELOOP);
	CHECK_ERR(open(from, O_CREAT | O_RDWR, 0644), ELOOP);
	for (int i = 0; i <= MOST; i++) {
		snprintf(from, sizeof from, "c%d", i);
		CHECK_EQ(unlink(from), 0);
	}
	CHECK_EQ(unlink("end"), 0);
	CHECK_EQ(symlink("b", "a"), 0);
	CHECK_EQ(symlink("./a", "b"), 0);
	CHECK_ERR(stat("a", &st), ELOOP);
	CHECK_ERR(stat("a/x", &st), ELOOP);
	CHECK_ERR(open("b", O_CREAT | O_RDWR, 0644), ELOOP);
	CHECK_ERR(mkdir("a/x", 0755), ELOOP);
	CHECK_EQ(unlink("a"), 0);
	CHECK_EQ(unlink("b"), 0);
	CHECK_EQ(symlink("s/s/s", "s"), 0);
	CHECK_ERR(stat("s", &st), ELOOP);
	CHECK_EQ(unlink("s"), 0);
}

/* As the courses' test looks at them. */
static void through_the_second_gate(void)
{
	struct xv6_rv_stat st;
	int32_t fd;

	make_file("f", "content");
	CHECK_EQ(GATE(XV6_symlink, P("f"), P("a_name_that_is_cut")), 0);
	CHECK_EQ(GATE(XV6_symlink, P("f"), P("a_name_that_is")), -1);
	fd = GATE(XV6_open, P("a_name_that_is"), XV6_O_RDONLY);
	CHECK_EQ(GATE(XV6_RV_fstat, fd, P(&st)), 0);
	CHECK_EQ(st.type, XV6_T_FILE);
	CHECK_EQ(GATE(XV6_close, fd), 0);
	fd = GATE(XV6_open, P("a_name_that_is"), XV6_O_RDONLY | XV6_O_NOFOLLOW);
	CHECK_EQ(GATE(XV6_RV_fstat, fd, P(&st)), 0);
	CHECK_EQ(st.type, XV6_T_SYMLINK);
	CHECK_EQ(GATE(XV6_read, fd, P(got), 1), -1);
	CHECK_EQ(GATE(XV6_write, fd, P(got), 1), -1);
	CHECK_EQ(GATE(XV6_close, fd), 0);
	CHECK_EQ(GATE(XV6_unlink, P("a_name_that_is")), 0);
	CHECK_EQ(GATE(XV6_symlink, P(""), P("l")), -1);
	CHECK_EQ(GATE(XV6_symlink, KERNEL_BASE, P("l")), -1);
	CHECK_EQ(GATE(XV6_symlink, P("l"), KERNEL_BASE), -1);
	CHECK_EQ(GATE(XV6_unlink, P("f")), 0);
}

static void body(void)
{
	CHECK_EQ(mkdir("/links", 0755), 0);
	CHECK_EQ(chdir("/links"), 0);
	texts_of_every_length();
	in_the_middle_of_paths();
	names_of_links();
	links_to_nothing();
	chains_and_circles();
	through_the_second_gate();
	CHECK_EQ(chdir("/"), 0);
	CHECK_EQ(rmdir("/links"), 0);
}

int main(void)
{
	int status = test_run(body);

	/* For fsck, one of each kind. */
	CHECK_EQ(symlink(text_of(300, "README"), "/long_link"), 0);
	CHECK_EQ(symlink("README", "/short_link"), 0);
	return status;
}
