/* A broad walk through the calls, in the manner of xv6's user tests: files, directories, links, pipes, fork and exec,
   the heap, bad pointers. */
#include "case.h"

static char buf[8192];

static int make_file(const char *name, const char *text)
{
	int fd = open(name, O_CREATE | O_RDWR), n = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return n == (int)strlen(text);
}

static void files(void)
{
	int fd = open("small", O_CREATE | O_RDWR);
	struct stat st;

	CHECK(fd >= 0);
	for (int i = 0; i < 100; i++)
		CHECK(write(fd, "aaaaaaaaaa", 10) == 10);
	CHECK(fstat(fd, &st) == 0 && st.type == T_FILE && st.size == 1000 && st.nlink == 1);
	close(fd);
	fd = open("small", O_RDONLY);
	CHECK(read(fd, buf, sizeof buf) == 1000 && buf[999] == 'a');
	CHECK(read(fd, buf, sizeof buf) == 0);
	CHECK(write(fd, "x", 1) == -1);
	CHECK(close(fd) == 0 && close(fd) == -1);
	CHECK(open("small/x", O_RDONLY) == -1 && chdir("small") == -1);
	CHECK(unlink("small") == 0 && unlink("small") == -1 && open("small", O_RDONLY) == -1);
}

/* A file of as many blocks as xv6 allows, each with its number. */
static void big_file(void)
{
	int fd = open("big", O_CREATE | O_RDWR), wrong = 0;

	for (int i = 0; i < (int)MAXFILE; i++) {
		((int *)buf)[0] = i;
		wrong += write(fd, buf, BSIZE) != BSIZE;
	}
	close(fd);
	fd = open("big", O_RDONLY);
	for (int i = 0; i < (int)MAXFILE; i++)
		wrong += read(fd, buf, BSIZE) != BSIZE || ((int *)buf)[0] != i;
	CHECK(wrong == 0 && read(fd, buf, BSIZE) == 0);
	close(fd);
	CHECK(unlink("big") == 0);
}

/* How many records of the folder NAME begin with LETTER. */
static int count_entries(const char *name, char letter)
{
	struct dirent de;
	int fd = open(name, O_RDONLY), n = 0;

	while (read(fd, &de, sizeof de) == sizeof de)
		n += de.inum != 0 && de.name[0] == letter;
	close(fd);
	return n;
}

static void folders(void)
{
	struct stat st;

	CHECK(mkdir("dd") == 0 && mkdir("dd") == -1);
	CHECK(make_file("dd/ff", "ff"));
	CHECK(unlink("dd") == -1);
	CHECK(mkdir("/dd/dd") == 0 && make_file("dd/dd/ff", "FF"));
	CHECK(chdir("dd") == 0 && chdir("dd/../../dd") == 0 && chdir("./..") == 0);
	CHECK(stat("dd/dd/../ff", &st) == 0 && st.size == 2);
	CHECK(stat("dd", &st) == 0 && st.type == T_DIR);
	CHECK(open("dd", O_RDWR) == -1 && open("dd", O_WRONLY) == -1 && open("dd", O_CREATE) == -1);
	CHECK(count_entries("dd", 'f') == 1 && count_entries("dd", '.') == 2);
	CHECK(unlink("dd/.") == -1 && unlink("dd/..") == -1 && unlink("/") == -1);
	CHECK(mkdir("") == -1 && open("", O_CREATE) == -1 && link("README", "") == -1);
	CHECK(unlink("dd/dd/ff") == 0 && unlink("dd/dd") == 0 && unlink("dd/ff") == 0 && unlink("dd") == 0);
}

/* Names of more than 14 letters are the same where their first 14 are. */
static void long_names(void)
{
	CHECK(mkdir("12345678901234") == 0 && mkdir("12345678901234/123456789012345") == 0);
	CHECK(make_file("123456789012345/123456789012345/123456789012345", "x"));
	CHECK(unlink("12345678901234/12345678901234/12345678901234") == 0);
	CHECK(unlink("12345678901234/12345678901234") == 0 && unlink("12345678901234") == 0);
}

static void links(void)
{
	struct stat st;
	int fd;

	CHECK(make_file("lf1", "hello") && link("lf1", "lf2") == 0 && unlink("lf1") == 0);
	CHECK(open("lf1", O_RDONLY) == -1 && stat("lf2", &st) == 0 && st.nlink == 1 && st.size == 5);
	CHECK(link("lf2", "lf2") == -1 && link(".", "lf1") == -1 && link("nothing", "lf1") == -1);
	fd = open("lf2", O_RDWR);
	CHECK(unlink("lf2") == 0 && read(fd, buf, 10) == 5 && buf[0] == 'h');
	close(fd);
}

static void pipes(void)
{
	int ends[2], total = 0, n, wrong = 0;
	enum { ROUNDS = 5, SIZE = 1033 };

	CHECK(pipe(ends) == 0);
	if (fork() == 0) {
		close(ends[0]);
		for (int i = 0; i < ROUNDS; i++) {
			for (int k = 0; k < SIZE; k++)
				buf[k] = (char)(i * SIZE + k);
			if (write(ends[1], buf, SIZE) != SIZE)
				LEAVE(1);
		}
		LEAVE(0);
	}
	close(ends[1]);
	for (int size = 1; (n = read(ends[0], buf, size)) > 0; total += n, size = size < 4096 ? 2 * size : size)
		for (int k = 0; k < n; k++)
			wrong += (unsigned char)buf[k] != (unsigned char)(total + k);
	CHECK(total == ROUNDS * SIZE && wrong == 0);
	close(ends[0]);
	CHECK(wait_zero() > 0);
	CHECK(pipe(ends) == 0 && close(ends[0]) == 0 && write(ends[1], "x", 1) == -1 && close(ends[1]) == 0);
}

static void exec_to_file(void)
{
	char *args[] = {"echo", "OK", 0}, *nothing[] = {"x", 0};
	int fd, pid;

	CHECK(exec("nosuchfile", nothing) == -1 && exec("README", nothing) == -1);
	pid = fork();
	if (pid == 0) {
		close(1);
		if (open("echo-ok", O_CREATE | O_WRONLY) == 1)
			exec("echo", args);
		LEAVE(1);
	}
	CHECK(wait_zero() == pid);
	fd = open("echo-ok", O_RDONLY);
	CHECK(read(fd, buf, sizeof buf) == 3 && buf[0] == 'O' && buf[1] == 'K' && buf[2] == '\n');
	close(fd);
	CHECK(unlink("echo-ok") == 0);
}

static void spin(char *arg)
{
	for (;;)
		getpid();
}

static void processes(void)
{
	int pid = fork();

	if (pid == 0)
		spin(0);
	CHECK(pid > 0 && sleep(1) == 0 && kill(pid) == 0);
	CHECK(wait_zero() == (DIALECT[0] == 'x' ? pid : -1)); /* a killed child's status is -1 */
	CHECK(kill(0) == -1 && kill(99999) == -1);
	for (int i = 0; i < 50; i++) {
		pid = fork();
		if (pid == 0)
			LEAVE(0);
		if (wait_zero() != pid)
			CHECK(!"a child of the loop");
	}
	CHECK(wait_zero() == -1);
	CHECK(uptime() > 0 && getpid() > 1);
}

static void heap(void)
{
	char *start = sbrk(0), *a, *b = start;

	for (int i = 0; i < 5000; i++) {
		a = sbrk(1);
		if (a != b)
			CHECK(!"sbrk(1) goes on where it was");
		*a = 1;
		b = a + 1;
	}
	CHECK(sbrk(-5000) == b && sbrk(0) == start);
	a = sbrk(0);
	CHECK(sbrk(100 * PAGE) == a && a[50 * PAGE] == 0);
	a[99 * PAGE] = 9;
	CHECK(sbrk(-PAGE) == a + 100 * PAGE && sbrk(PAGE) == a + 99 * PAGE && a[99 * PAGE] == 0);
	CHECK(sbrk(-100 * PAGE) == a + 100 * PAGE && !survives(read_at, a + 98 * PAGE));
	CHECK(sbrk(-0x70000000) == a && sbrk(0) == a); /* more than there is */
	CHECK((a = malloc(100000)) != 0 && (b = malloc(20)) != 0 && a != b);
	memset(a, 7, 100000);
	free(a);
	free(b);
	CHECK((b = malloc(90000)) == a);
	free(b);
}

static void bad_pointers(void)
{
	char *bad[] = {(char *)0, (char *)0x80000000u, (char *)0xc0000000u, (char *)0xffffe000u, (char *)0xffffffffu};
	int ends[2];

	for (int i = 0; i < (int)(sizeof bad / sizeof bad[0]); i++) {
		int fd = open("bad", O_CREATE | O_RDWR);

		CHECK(write(fd, bad[i], 8192) == -1 && read(fd, bad[i], 8192) <= 0);
		CHECK(pipe(ends) == 0 && write(ends[1], bad[i], 8192) <= 0 && write(ends[1], "x", 1) == 1);
		CHECK(read(ends[0], bad[i], 8192) <= 0);
		CHECK(open(bad[i], O_CREATE | O_WRONLY) == -1 && link("README", bad[i]) == -1);
		CHECK(pipe((int *)bad[i]) == -1);
		CHECK(unlink(bad[i]) == -1 && mkdir(bad[i]) == -1);
		CHECK(chdir(bad[i]) == -1 && exec(bad[i], 0) == -1);
		CHECK(fstat(fd, (struct stat *)bad[i]) == -1);
		CHECK(!survives(read_at, bad[i]) && !survives(write_at, bad[i]));
		close(ends[0]), close(ends[1]), close(fd);
	}
	unlink("bad");
}

int main(int argc, char *argv[])
{
	CHECK(argc == 1 && argv[1] == 0);
	files();
	big_file();
	folders();
	long_names();
	links();
	pipes();
	exec_to_file();
	processes();
	heap();
	bad_pointers();
	CHECK(!survives(write_at, (char *)main)); /* text is read only */
	done("broad");
	return 1;
}
