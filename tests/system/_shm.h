/* What the tests of shared memory have in common. */
#ifndef SHM_H
#define SHM_H

#include "check.h"

#include <limits.h>
#include <sys/shm.h>

#define NOT_OPENED ((char *)-1)

static inline char *open_id(int id)
{
	char *p = openshmem(id);

	if (p == NOT_OPENED)
		FAILED("openshmem(%d) fails with %d", id, errno);
	return p;
}

static inline int segment(key_t key, size_t size, int flags)
{
	return TRY(shmget(key, size, flags));
}

static inline char *attach(int id, int flags)
{
	char *p = shmat(id, NULL, flags);

	if (p == (void *)-1)
		FAILED("shmat(%d) fails with %d", id, errno);
	return p;
}

static inline struct shmid_ds status_of(int id)
{
	struct shmid_ds ds;

	memset(&ds, 0x5a, sizeof ds);
	TRY(shmctl(id, IPC_STAT, &ds));
	return ds;
}

/* The text of a file of /proc. */
static inline const char *text_of(const char *path)
{
	static char text[65536];
	int fd = TRY(open(path, O_RDONLY)), n, len = 0;

	while ((n = TRY(read(fd, text + len, sizeof text - 1 - (size_t)len))) > 0)
		len += n;
	close(fd);
	text[len] = '\0';
	return text;
}

/* The line of maps for the region that begins at P; "" if there is none. */
static inline const char *region_line(const void *p)
{
	static char line[200];
	const char *text = text_of("/proc/self/maps"), *at, *end;
	char start[12];

	snprintf(start, sizeof start, "%08x-", (unsigned)(uintptr_t)p);
	for (at = text; *at; at = end + 1) {
		end = strchr(at, '\n');
		if (strncmp(at, start, strlen(start)) == 0) {
			snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
			return line;
		}
	}
	return "";
}

/* A region of P that has the rights RIGHTS and the name NAME. */
static inline void check_region(const void *p, const char *rights, const char *name)
{
	const char *line = region_line(p);
	size_t length = strlen(line), tail = strlen(name);

	if (strlen(line) < 22 || strncmp(line + 18, rights, 4) != 0 || length < tail ||
	    strcmp(line + length - tail, name) != 0 || line[length - tail - 1] != ' ')
		FAILED("maps has \"%s\", not %s %s", line, rights, name);
}

static volatile char *touched;

static inline void reads_it(void)
{
	(void)*touched;
}

static inline void writes_it(void)
{
	*touched = 1;
}

/* How a child ends that touches P. */
static inline int end_of_read(const void *p)
{
	touched = (volatile char *)(uintptr_t)p;
	return child_end(reads_it);
}

static inline int end_of_write(const void *p)
{
	touched = (volatile char *)(uintptr_t)p;
	return child_end(writes_it);
}

#endif
