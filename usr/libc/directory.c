/* Reading directories: records of getdents64, handed out where they lie in the buffer. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "libc_priv.h"

_Static_assert(offsetof(struct dirent, d_name) == offsetof(struct abi_dirent64, name), "readdir hands out the record");

struct dir_stream {
	int fd;
	size_t pos, end; /* bytes of records: next, and in all */
	_Alignas(8) char records[2048];
};

DIR *fdopendir(int fd)
{
	DIR *dir = malloc(sizeof *dir);

	if (!dir)
		return NULL;
	dir->fd = fd;
	dir->pos = dir->end = 0;
	return dir;
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;

	if (fd < 0)
		return NULL;
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}

struct dirent *readdir(DIR *dir)
{
	struct dirent *entry;

	if (dir->pos >= dir->end) {
		long n = __sys_getdents64(dir->fd, dir->records, sizeof dir->records);

		if (n <= 0)
			return NULL;
		dir->pos = 0;
		dir->end = (size_t)n;
	}
	entry = (struct dirent *)(void *)(dir->records + dir->pos);
	dir->pos += entry->d_reclen;
	return entry;
}

void rewinddir(DIR *dir)
{
	lseek(dir->fd, 0, SEEK_SET);
	dir->pos = dir->end = 0;
}

int dirfd(DIR *dir)
{
	return dir->fd;
}

int closedir(DIR *dir)
{
	int fd = dir->fd;

	free(dir);
	return close(fd);
}
