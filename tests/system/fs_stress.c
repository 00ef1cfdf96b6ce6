// Several processes make, write, read, rename, link and remove files in one directory at once; every file says what
// it should hold, whoever wrote it, and at the end nothing is left.
// cpus: 1 4
// timeout: 120
#include "check.h"
#include <dirent.h>

enum { WORKERS = 6, ROUNDS = 300, NAMES = 10, MAX = 40000 };

static uint32_t seed;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static char buf[MAX], want[MAX];

/* A file of kind K, N bytes: byte i is (k + i / 7). */
static void fill(char *p, int k, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (char)(k + i / 7);
}

static void own_file(int me)
{
	char path[32], other[32];
	int n = (int)pick(MAX), k = (int)pick(100), fd, done = 0;

	sprintf(path, "/tmp/s/own%d", me);
	sprintf(other, "/tmp/s/sub%d/moved", me);
	fill(want, k, n);
	fd = TRY(open(path, O_RDWR | O_CREAT | O_TRUNC, 0644));
	while (done < n) {
		int len = 1 + (int)pick(9000);

		if (len > n - done)
			len = n - done;
		CHECK_EQ(write(fd, want + done, (size_t)len), len);
		done += len;
	}
	if (pick(4) == 0)
		TRY(fsync(fd));
	TRY(rename(path, other));
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	memset(buf, 0, (size_t)n);
	CHECK_EQ(read(fd, buf, MAX), n);
	CHECK(memcmp(buf, want, (size_t)n) == 0);
	close(fd);
	fd = TRY(open(other, O_RDONLY));
	CHECK_EQ(read(fd, buf, MAX), n);
	CHECK(memcmp(buf, want, (size_t)n) == 0);
	if (pick(2))
		TRY(unlink(other));
	close(fd);
}

/* Files that anybody may touch: 64 equal bytes, or nothing yet. */
static void shared_file(void)
{
	char a[32], b[32];
	int fd;

	sprintf(a, "/tmp/s/n%u", (unsigned)pick(NAMES));
	sprintf(b, "/tmp/s/n%u", (unsigned)pick(NAMES));
	switch (pick(6)) {
	case 0:
		fd = open(a, O_RDWR | O_CREAT, 0644);
		CHECK(fd >= 0);
		memset(buf, 'a' + (int)pick(26), 64);
		CHECK_EQ(write(fd, buf, 64), 64);
		close(fd);
		break;
	case 1: CHECK(unlink(a) == 0 || errno == ENOENT); break;
	case 2: CHECK(rename(a, b) == 0 || errno == ENOENT); break;
	case 3: CHECK(link(a, b) == 0 || errno == ENOENT || errno == EEXIST); break;
	case 4:
		fd = open(a, O_RDONLY);
		CHECK(fd >= 0 || errno == ENOENT);
		if (fd >= 0) {
			int n = (int)read(fd, buf, 100);

			CHECK(n == 0 || n == 64);
			close(fd);
		}
		break;
	case 5:
		sprintf(a, "/tmp/s/d%u", (unsigned)pick(3));
		if (pick(2))
			CHECK(mkdir(a, 0755) == 0 || errno == EEXIST);
		else
			CHECK(rmdir(a) == 0 || errno == ENOENT);
		break;
	}
}

static void worker(int me)
{
	char path[32];

	seed = (uint32_t)me * 7919 + 1;
	sprintf(path, "/tmp/s/sub%d", me);
	TRY(mkdir(path, 0755));
	for (int i = 0; i < ROUNDS; i++) {
		if (pick(4) == 0)
			own_file(me);
		else
			shared_file();
		if (pick(50) == 0)
			sync();
		if (pick(60) == 0)
			freemem();
	}
	sprintf(path, "/tmp/s/sub%d/moved", me);
	unlink(path);
	sprintf(path, "/tmp/s/sub%d", me);
	TRY(rmdir(path));
	_exit(0);
}

int main(void)
{
	struct dirent *e;
	DIR *d;
	int status, bad = 0;
	struct stat st;

	TRY(mkdir("/tmp/s", 0755));
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0)
			worker(i);
	for (int i = 0; i < WORKERS; i++) {
		wait(&status);
		if (status)
			bad = 1;
	}
	CHECK(!bad);
	d = opendir("/tmp/s");
	while ((e = readdir(d)) != NULL) {
		char path[300];

		if (e->d_name[0] == '.')
			continue;
		sprintf(path, "/tmp/s/%s", e->d_name);
		TRY(stat(path, &st));
		TRY(S_ISDIR(st.st_mode) ? rmdir(path) : unlink(path));
		rewinddir(d);
	}
	closedir(d);
	TRY(rmdir("/tmp/s"));
	printf("good\n");
	return 0;
}
