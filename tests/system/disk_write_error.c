// blkdebug: disk_write_error.rules
// kernels: debug release
// timeout: 90
// mem: 16 64
/* A block that cannot be written: fsync of its file says EIO, other files are whole, the machine lives and leaves by
   itself. The files fill the disk, so that one of them has the bad block. */
#include "check.h"

enum { FILES = 100, FILE_SIZE = 512 << 10, RUN_MAX = 16 * PAGE };

static char buffer[FILE_SIZE];

/* EIO of the file that has the bad block, 0 of the others, -1: the disk is full. */
static int file_write(int number)
{
	char path[32];
	int fd, n, error = 0;

	snprintf(path, sizeof path, "/tmp/file%d", number);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0) {
		CHECK(errno == ENOSPC || errno == EIO);
		return -1;
	}
	memset(buffer, number, sizeof buffer);
	n = write(fd, buffer, sizeof buffer);
	CHECK(n > 0 || (n == -1 && errno == ENOSPC));
	if (fsync(fd) < 0)
		error = errno;
	CHECK(error == 0 || error == EIO);
	close(fd);
	return n < FILE_SIZE ? -1 : error;
}

/* A file with an error has lost what was written together with the bad block, not more. */
static void file_check(int number, bool is_bad)
{
	char path[32];
	int fd, n, wrong = 0;

	snprintf(path, sizeof path, "/tmp/file%d", number);
	fd = TRY(open(path, O_RDONLY));
	n = read(fd, buffer, sizeof buffer);
	CHECK(n == FILE_SIZE || is_bad);
	for (int i = 0; i < n; i++)
		wrong += buffer[i] != (char)number;
	CHECK(wrong <= (is_bad ? RUN_MAX : 0));
	close(fd);
}

int main(void)
{
	static bool is_bad[FILES];
	int files, bad = 0, result;

	for (files = 0; files < FILES && (result = file_write(files)) >= 0; files++) {
		is_bad[files] = result == EIO;
		bad += is_bad[files];
	}
	printf("%d files, %d of them with an error\n", files, bad);
	CHECK(files > 10 && bad >= 1 && bad <= 2); /* the file's own block, or a table that lies between two files */
	for (int i = 0; i < files; i++)
		file_check(i, is_bad[i]);
	return 0;
}
