/* Files by name and by descriptor: what is more than the bare call. */
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libc_priv.h"

_Static_assert(sizeof(struct stat) == sizeof(struct abi_stat64), "stat() lets the kernel write struct stat");
_Static_assert(offsetof(struct stat, st_size) == offsetof(struct abi_stat64, size), "struct stat");
_Static_assert(offsetof(struct stat, st_mtim) == offsetof(struct abi_stat64, mtime), "struct stat");
_Static_assert(offsetof(struct stat, st_ino) == offsetof(struct abi_stat64, ino), "struct stat");

int open(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, int) : 0;
	va_end(ap);
	return (int)__sys_open(path, flags | O_LARGEFILE, mode);
}

int openat(int dirfd, const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, int) : 0;
	va_end(ap);
	return (int)__sys_openat(dirfd, path, flags | O_LARGEFILE, mode);
}

int creat(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int fcntl(int fd, int command, ...)
{
	va_list ap;
	int argument;

	va_start(ap, command);
	argument = va_arg(ap, int);
	va_end(ap);
	return (int)__sys_fcntl64(fd, command, argument);
}

int ioctl(int fd, int request, ...)
{
	va_list ap;
	int argument;

	va_start(ap, request);
	argument = va_arg(ap, int);
	va_end(ap);
	return (int)__sys_ioctl(fd, request, argument);
}

off_t lseek(int fd, off_t off, int whence)
{
	off_t result;

	return __sys__llseek(fd, HIGH_HALF(off), LOW_HALF(off), &result, whence) < 0 ? -1 : result;
}

int ftruncate(int fd, off_t size)
{
	return (int)__sys_ftruncate64(fd, LOW_HALF(size), HIGH_HALF(size));
}

int truncate(const char *path, off_t size)
{
	int fd = open(path, O_WRONLY), result;

	if (fd < 0)
		return -1;
	result = ftruncate(fd, size);
	close(fd);
	return result;
}

int fdatasync(int fd)
{
	return fsync(fd);
}

int mknod(const char *path, mode_t mode, dev_t dev)
{
	return (int)__sys_mknod(path, (int)mode, (int)dev);
}

int remove(const char *path)
{
	if (unlink(path) == 0)
		return 0;
	return errno == EISDIR || errno == EPERM ? rmdir(path) : -1;
}

char *getcwd(char *buf, size_t size)
{
	char *own = NULL;

	if (!buf) {
		size = size > 0 ? size : PATH_MAX;
		buf = own = malloc(size);
		if (!buf)
			return NULL;
	}
	if (__sys_getcwd(buf, size) < 0) {
		free(own);
		return NULL;
	}
	return buf;
}

/* The last six characters of TEMPLATE become a name that no file has. */
int mkstemp(char *template)
{
	static unsigned int serial;
	size_t n = strlen(template);
	int fd;

	if (n < 6 || strcmp(template + n - 6, "XXXXXX") != 0) {
		errno = EINVAL;
		return -1;
	}
	do {
		snprintf(template + n - 6, 7, "%06u", ((unsigned int)getpid() * 1000 + serial++) % 1000000);
		fd = open(template, O_RDWR | O_CREAT | O_EXCL, 0600);
	} while (fd < 0 && errno == EEXIST && serial < 1000000);
	return fd;
}
