/* The files of /proc. */
#include "proc_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_FIRST = 4096, LIST_FIRST = 32 };

static char *read_all(int fd)
{
	size_t room = READ_FIRST, length = 0;
	char *text = malloc(room), *more;
	ssize_t n;

	while (text && (n = read(fd, text + length, room - 1 - length)) != 0) {
		if (n < 0)
			goto fail;
		length += (size_t)n;
		if (length < room - 1)
			continue;
		more = realloc(text, room *= 2);
		if (!more)
			goto fail;
		text = more;
	}
	if (text)
		text[length] = '\0';
	return text;
fail:
	free(text);
	return NULL;
}

static char *read_and_close(int fd)
{
	char *text;
	int saved;

	if (fd < 0)
		return NULL;
	text = read_all(fd);
	saved = errno;
	close(fd);
	errno = saved;
	return text;
}

char *proc_read(const char *path)
{
	return read_and_close(open(path, O_RDONLY));
}

int proc_open(int pid, const char *name)
{
	char path[48];

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return open(path, O_RDONLY);
}

char *proc_read_of(int pid, const char *name)
{
	return read_and_close(proc_open(pid, name));
}

long proc_entries(int fd, uint64_t first, uint64_t *out, size_t n)
{
	size_t length = 0, want = n * sizeof *out;
	ssize_t got;

	if (lseek(fd, (off_t)(first * sizeof *out), SEEK_SET) < 0)
		return -1;
	while (length < want && (got = read(fd, (char *)out + length, want - length)) != 0) {
		if (got < 0)
			return -1;
		length += (size_t)got;
	}
	return (long)(length / sizeof *out);
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

struct pid_list {
	int *pid;
	size_t n, room;
};

static bool pid_add(struct pid_list *l, int pid)
{
	size_t room = l->room ? 2 * l->room : LIST_FIRST;
	int *more;

	if (l->n == l->room) {
		more = realloc(l->pid, room * sizeof *more);
		if (!more)
			return false;
		l->pid = more;
		l->room = room;
	}
	l->pid[l->n++] = pid;
	return true;
}

int *proc_list(size_t *n)
{
	struct pid_list list = {0};
	DIR *d = opendir("/proc");
	struct dirent *e;
	bool ok = d != NULL;

	while (ok && (e = readdir(d))) {
		char *end;
		long pid = strtol(e->d_name, &end, 10);

		if (!*end && pid > 0)
			ok = pid_add(&list, (int)pid);
	}
	if (d)
		closedir(d);
	if (ok && list.n > 0) {
		qsort(list.pid, list.n, sizeof *list.pid, compare);
		*n = list.n;
		return list.pid;
	}
	free(list.pid);
	if (ok)
		errno = ENOENT; /* a folder, but no procfs */
	return NULL;
}
