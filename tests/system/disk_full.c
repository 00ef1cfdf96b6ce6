// A full disk: writes, new files and new directories are refused with ENOSPC, nothing is damaged, and what is removed
// gives its space back, to the block.
// kernels: debug release
// cpus: 1 4
// timeout: 90
#include "check.h"

enum { CHUNK = 16 * PAGE };

static char buffer[CHUNK];

/* Blocks that can be written until the disk is full. */
static int fill(const char *path)
{
	int fd = TRY(open(path, O_RDWR | O_CREAT | O_EXCL, 0644)), pages = 0, n;

	for (size_t i = 0; i < sizeof buffer; i++)
		buffer[i] = (char)(i / 7);
	while ((n = write(fd, buffer, sizeof buffer)) > 0)
		pages += n / PAGE;
	CHECK(n == -1 && errno == ENOSPC);
	while (write(fd, buffer, PAGE) == PAGE)
		pages++;
	CHECK_ERR(write(fd, buffer, PAGE), ENOSPC);
	if (fsync(fd) < 0)
		CHECK_EQ(errno, ENOSPC);
	for (int i = 0; i < pages * PAGE; i += CHUNK) {
		static char got[CHUNK];

		CHECK_EQ(lseek(fd, i, SEEK_SET), i);
		n = TRY(read(fd, got, sizeof got));
		CHECK(n > 0 && memcmp(got, buffer, (size_t)n) == 0);
	}
	close(fd);
	return pages;
}

static void refused(void)
{
	int fd = open("/tmp/full.small", O_RDWR | O_CREAT, 0644), i;
	char name[32];

	if (fd >= 0) {
		for (i = 0; i < 1000; i++)
			if (write(fd, buffer, PAGE) != PAGE)
				break;
		CHECK(i < 1000 && errno == ENOSPC);
		close(fd);
		TRY(unlink("/tmp/full.small"));
	} else
		CHECK_EQ(errno, ENOSPC);
	for (i = 0; i < 2000; i++) { /* a directory needs a block of its own */
		snprintf(name, sizeof name, "/tmp/full.d%d", i);
		if (mkdir(name, 0755) < 0)
			break;
	}
	CHECK(i < 2000 && errno == ENOSPC);
	while (--i >= 0) {
		snprintf(name, sizeof name, "/tmp/full.d%d", i);
		TRY(rmdir(name));
	}
	CHECK_EQ(access("/README", R_OK), 0);
}

static void body(void)
{
	int first = fill("/tmp/full"), second;

	CHECK(first > 100);
	refused();
	TRY(unlink("/tmp/full"));
	second = fill("/tmp/full");
	CHECK_EQ(second, first);
	TRY(unlink("/tmp/full"));
}

int main(void)
{
	return test_run(body);
}
