// blkdebug: disk_read_error.rules
// kernels: debug release
// timeout: 90
// mem: 16
/* A block that cannot be read: read says EIO there and only there, a program that lies there is ended, the machine
   lives. The file fills the disk and is larger than memory, so that it comes from the disk again. */
#include "check.h"

static char page[PAGE];

static int file_fill(const char *path)
{
	int fd = TRY(open(path, O_RDWR | O_CREAT | O_EXCL, 0644)), pages = 0;

	for (;; pages++) {
		memset(page, pages % 251 + 1, sizeof page);
		if (write(fd, page, sizeof page) != PAGE)
			break;
	}
	CHECK_EQ(errno, ENOSPC);
	close(fd);
	sync();
	return pages;
}

int main(void)
{
	int pages = file_fill("/tmp/all"), bad = 0, fd = TRY(open("/tmp/all", O_RDONLY));

	CHECK(pages * (PAGE / 1024) > 20 << 10);
	for (int i = 0; i < pages; i++) {
		CHECK_EQ(lseek(fd, (off_t)i * PAGE, SEEK_SET), (off_t)i * PAGE);
		errno = 0;
		if (read(fd, page, sizeof page) != PAGE) {
			CHECK_EQ(errno, EIO);
			bad++;
			continue;
		}
		for (int j = 0; j < PAGE; j++)
			CHECK(page[j] == (char)(i % 251 + 1));
	}
	close(fd);
	printf("%d pages, %d of them could not be read\n", pages, bad);
	CHECK_EQ(bad, 1);
	TRY(unlink("/tmp/all"));
	return 0;
}
