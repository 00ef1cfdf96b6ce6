/* Corners in which Unix and xv6 differ, or in which kernels were caught: each has been a regression test somewhere. */
#include "case.h"

static char text[4 * PAGE];

/* A write behind the end of a file that was cut short fails in xv6. */
static void write_behind_end(void)
{
	int a = open("cut", O_CREATE | O_TRUNC | O_WRONLY), b;

	CHECK(write(a, "abcd", 4) == 4);
	b = open("cut", O_TRUNC | O_WRONLY);
	CHECK(write(a, "x", 1) == -1 && write(b, "y", 1) == 1);
	close(a), close(b);
	CHECK(unlink("cut") == 0);
}

/* Paths that end where memory ends, or not at all. */
static void strings(void)
{
	char *top, *args[] = {text, text, text, 0}, *wild[] = {(char *)0xffffffffu, 0};

	sbrk(2 * PAGE);
	top = sbrk(0);
	sbrk(PAGE - (int)((unsigned long)top % PAGE));
	top = sbrk(0);
	top[-1] = 'x';
	CHECK(unlink(top - 1) == -1 && open(top - 1, O_CREATE | O_WRONLY) == -1 && link(top - 1, top - 1) == -1);
	CHECK(exec(top - 1, args) == -1);
	memset(text, 'x', sizeof text);
	CHECK(exec("echo", args) == -1);
	for (int i = 0; i < 2000; i++)
		if (exec("echo", wild) != -1)
			CHECK(!"a wild argument");
	text[PAGE] = 0; /* longer than a path may be */
	CHECK(unlink(text) == -1 && open(text, O_CREATE | O_WRONLY) == -1);
	CHECK(link(text, text) == -1 && exec(text, args) == -1);
}

/* What a write took before its memory ended is in the file, and the write has failed. */
static void half_a_write(void)
{
	int fd = open("half", O_CREATE | O_RDWR);
	char *top = sbrk(0), c = 0;

	sbrk((int)(PAGE - (unsigned long)top % PAGE));
	top = sbrk(0);
	top[-1] = 'X';
	CHECK(write(fd, "A", 1) == 1 && close(fd) == 0);
	fd = open("half", O_RDWR);
	CHECK(write(fd, top - 1, 2) == -1 && close(fd) == 0);
	fd = open("half", O_RDONLY);
	CHECK(read(fd, &c, 1) == 1 && c == 'X' && close(fd) == 0 && unlink("half") == 0);
}

static void shrink_all(char *arg)
{
	char *end = sbrk(0);

	sbrk(-(int)(unsigned long)end);
	sbrk(-((int)(unsigned long)end - 3500));
	sbrk((int)0x80000004);
	end = sbrk(0);
	end[-1]++;
}

static void heap_borders(void)
{
	char *end = sbrk(0), *p;

	CHECK(sbrk(-(int)(unsigned long)end - 1) == end && survives(shrink_all, 0) == 1);
	sbrk(PAGE - (int)((unsigned long)end % PAGE));
	sbrk(PAGE);
	sbrk(10);
	sbrk(-20);
	p = (char *)sbrk(0) - 64;
	p[0] = 'q';
	p[1] = 0;
	CHECK(mkdir(p) == 0 && unlink(p) == 0);
	sbrklazy(2 * PAGE); /* a name in two pages, of which one is not there yet */
	p = (char *)(((unsigned long)sbrk(0) - PAGE) / PAGE * PAGE) - 1;
	*p = '/';
	CHECK(open(p, O_RDONLY) >= 3);
}

static void deep_folders(void)
{
	enum { DEEP = 51 };

	for (int i = 0; i < DEEP; i++) {
		CHECK(mkdir("irefd") == 0 && chdir("irefd") == 0 && mkdir("") == -1 && open("", O_CREATE) == -1);
		close(open("xx", O_CREATE));
		unlink("xx");
	}
	for (int i = 0; i < DEEP; i++) {
		chdir("..");
		CHECK(unlink("irefd") == 0);
	}
	CHECK(chdir("/") == 0);
	CHECK(mkdir("gone") == 0 && chdir("gone") == 0 && unlink("../gone") == 0 && chdir("/") == 0);
}

/* Orphans are somebody's, and processes of all ages end. */
static void families(void)
{
	for (int i = 0; i < 100; i++) {
		int pid = fork();

		if (pid == 0) {
			fork();
			fork();
			LEAVE(0);
		}
		CHECK(wait_zero() == pid);
	}
}

/* A tree of forks that grows until there is no more, and is told to stop. */
static void fork_tree(void)
{
	int pid = fork(), fd;

	if (pid == 0) {
		while ((fd = open("stop", O_RDONLY)) < 0)
			if (fork() < 0)
				close(open("stop", O_CREATE | O_RDWR));
		LEAVE(0);
	}
	while ((fd = open("stop", O_RDONLY)) < 0)
		sleep(1);
	close(fd);
	CHECK(wait_zero() == pid);
	sleep(20);
	CHECK(unlink("stop") == 0);
}

/* The heap takes all there is, exec is tried with a little left, and nothing is lost but the child. */
static void exec_without_memory(void)
{
	for (int left = 0; left < 5; left++) {
		if (fork() == 0) {
			char *args[] = {"echo", "x", 0}, *p;

			while ((p = take_page()) != (char *)-1)
				p[PAGE - 1] = 1;
			for (int i = 0; i < left; i++)
				sbrk(-PAGE);
			close(1);
			exec("echo", args);
			LEAVE(0);
		}
		wait_zero();
	}
}

static char fresh[16 * PAGE] = {1}; /* pages of the file */

/* => how many there were. */
static int take_pages(void)
{
	int n = 0;

	while (take_page() != (char *)-1)
		n++;
	return n;
}

static void take_all(char *arg)
{
	take_pages();
	for (unsigned i = 0; i < sizeof fresh; i += PAGE)
		fresh[i] = 1;
}

/* Folders below PATH, as many levels down as a loop would have. => how many paths were too long. */
static int walk(const char *path)
{
	char whole[300], *name;
	struct dirent de;
	struct stat st;
	int fd, deep = 0;

	if (strlen(path) + 1 + DIRSIZ + 1 > sizeof whole)
		return 1;
	fd = open(path, O_RDONLY);
	strcpy(whole, path);
	name = whole + strlen(whole);
	*name++ = '/';
	while (deep == 0 && read(fd, &de, sizeof de) == sizeof de) {
		memmove(name, de.name, DIRSIZ);
		name[DIRSIZ] = 0;
		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && stat(whole, &st) == 0 && st.type == T_DIR)
			deep += walk(whole);
	}
	close(fd);
	return deep;
}

int main(void)
{
	int before, after;

	CHECK(walk(".") == 0 && walk("/proc") == 0);
	CHECK(survives(take_all, 0) == 1);
	write_behind_end();
	strings();
	half_a_write();
	heap_borders();
	deep_folders();
	families();
	fork_tree();
	before = take_pages();
	sbrk(-before * PAGE);
	exec_without_memory();
	after = take_pages();
	sbrk(-after * PAGE);
	CHECK(after == before); /* no page is lost */
	done("corners");
}
