/* Many at once in the file system: files are made, written, linked, listed and removed. */
#include "case.h"

enum { CHILDREN = 4, ROUNDS = 20 };

static char buf[512];

static void name_of(char *name, int child, int number)
{
	name[0] = 's';
	name[1] = (char)('0' + child);
	name[2] = (char)('A' + number);
	name[3] = 0;
}

/* Each in files of its own, all in one folder; those with an even number are gone at the end. */
static int child_writes(int child)
{
	char name[4];
	int wrong = 0;

	memset(buf, '0' + child, sizeof buf);
	for (int i = 0; i < ROUNDS; i++) {
		int fd;

		name_of(name, child, i);
		fd = open(name, O_CREATE | O_RDWR);
		for (int k = 0; k < 20; k++)
			wrong += write(fd, buf, sizeof buf) != (int)sizeof buf;
		wrong += close(fd) != 0;
		if (i % 2 == 0)
			wrong += unlink(name) != 0;
	}
	return wrong;
}

static int count_files(void)
{
	struct dirent de;
	int fd = open(".", O_RDONLY), n = 0;

	while (read(fd, &de, sizeof de) == sizeof de)
		n += de.inum != 0 && de.name[0] == 's' && de.name[3] == 0;
	close(fd);
	return n;
}

static int count_wrong_bytes(const char *name, char byte)
{
	int fd = open(name, O_RDONLY), n, wrong = 0, total = 0;

	while ((n = read(fd, buf, sizeof buf)) > 0) {
		total += n;
		for (int i = 0; i < n; i++)
			wrong += buf[i] != byte;
	}
	close(fd);
	return total == 20 * (int)sizeof buf ? wrong : -1;
}

/* Two that make, link and remove one name: only that nothing hangs or breaks is asked. */
static void race(unsigned int seed)
{
	for (int i = 0; i < 200; i++) {
		seed = seed * 1103515245 + 12345;
		if (seed >> 16 & 1)
			close(open("x", O_RDWR | O_CREATE));
		else if (seed >> 17 & 1)
			link("/cat", "x");
		else
			unlink("x");
	}
}

/* One descriptor, two writers: the offset is shared, and no byte is lost. */
static void shared_descriptor(void)
{
	int fd = open("shared", O_CREATE | O_RDWR), pid = fork(), n, c = 0, p = 0;

	memset(buf, pid ? 'p' : 'c', 10);
	for (int i = 0; i < 500; i++)
		if (write(fd, buf, 10) != 10)
			LEAVE(1);
	if (pid == 0)
		LEAVE(0);
	CHECK(wait_zero() == pid);
	close(fd);
	fd = open("shared", O_RDONLY);
	while ((n = read(fd, buf, sizeof buf)) > 0)
		for (int i = 0; i < n; i++)
			c += buf[i] == 'c', p += buf[i] == 'p';
	CHECK(c == 5000 && p == 5000);
	close(fd);
	CHECK(unlink("shared") == 0);
}

int main(void)
{
	char name[4];

	CHECK(mkdir("stress") == 0 && chdir("stress") == 0);
	for (int child = 0; child < CHILDREN; child++)
		if (fork() == 0)
			LEAVE(child_writes(child) != 0);
	for (int child = 0; child < CHILDREN; child++)
		CHECK(wait_zero() > 0);
	CHECK(count_files() == CHILDREN * ROUNDS / 2);
	for (int child = 0; child < CHILDREN; child++) {
		for (int i = 1; i < ROUNDS; i += 2) {
			name_of(name, child, i);
			if (count_wrong_bytes(name, (char)('0' + child)) != 0)
				CHECK(!"a file has what was written");
			unlink(name);
		}
	}
	if (fork() == 0) {
		race(97);
		LEAVE(0);
	}
	race(1);
	CHECK(wait_zero() > 0);
	unlink("x");
	shared_descriptor();
	CHECK(count_files() == 0 && chdir("/") == 0 && unlink("stress") == 0);
	done("stress");
}
