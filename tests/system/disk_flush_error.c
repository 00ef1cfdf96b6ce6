// blkdebug: disk_flush_error.rules
// kernels: debug release
/* A drive that cannot flush its cache: fsync says EIO, the data is there, and the machine leaves all the same. */
#include "check.h"

int main(void)
{
	char got[8] = "";
	int fd = TRY(open("/tmp/file", O_RDWR | O_CREAT, 0644));

	CHECK_EQ(write(fd, "written", 8), 8);
	CHECK_ERR(fsync(fd), EIO);
	sync();
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, got, 8), 8);
	CHECK_STRING(got, "written");
	close(fd);
	return 0;
}
