/* What the programs of the cases share.  A case prints what it found, in figures that depend on what the kernel did;
   the file N.out says what they must be.  Whatever makes going on senseless ends the program with status 2 and its
   reason. */
#ifndef CASE_H
#define CASE_H

#include <dormouse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, CASE_BROKEN = 2, ANON = MAP_PRIVATE | MAP_ANONYMOUS, RW = PROT_READ | PROT_WRITE };

/* The result of a call that cannot fail here. */
#define MUST(call) must((intptr_t)(call), #call)

static inline intptr_t must(intptr_t result, const char *what)
{
	if (result == -1) {
		printf("%s: %s\n", what, strerror(errno));
		exit(CASE_BROKEN);
	}
	return result;
}

/* LEN bytes, mapped as FLAGS say; DESCRIPTOR is -1 without a file. */
static inline char *map(size_t len, int prot, int flags, int descriptor, off_t offset)
{
	return (char *)MUST(mmap(NULL, len, prot, flags, descriptor, offset));
}

/* How many of the LEN bytes at P are not C. */
static inline size_t count_others(const char *p, size_t len, char c)
{
	size_t others = 0;

	for (size_t i = 0; i < len; i++)
		others += p[i] != c;
	return others;
}

/* A child that does DEED with ARG: its exit status, or minus the signal that ended it. */
static inline int in_child(void (*deed)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = (pid_t)MUST(fork());
	if (pid == 0) {
		deed(arg);
		fflush(stdout);
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline void read_byte(void *p)
{
	(void)*(volatile char *)p;
}

static inline void write_byte(void *p)
{
	*(volatile char *)p = 'x';
}

/* Is the byte at P there to be read?  A system call is asked, which refuses where an access would be fatal. */
static inline bool is_there(const char *p)
{
	int ends[2];
	bool there;

	MUST(pipe(ends));
	there = write(ends[1], p, 1) == 1;
	close(ends[0]);
	close(ends[1]);
	return there;
}

/* A file of SIZE bytes, byte I of it being file_byte(I), open for reading and writing. */
static inline char file_byte(size_t i)
{
	return (char)('a' + (i + i / PAGE) % 26);
}

static inline int make_file(const char *name, size_t size)
{
	int descriptor = (int)MUST(open(name, O_CREAT | O_TRUNC | O_RDWR, 0644));

	for (size_t i = 0; i < size; i++) {
		char c = file_byte(i);

		MUST(write(descriptor, &c, 1));
	}
	return descriptor;
}

/* How many of the LEN bytes at P are not those of such a file from OFFSET on. */
static inline size_t count_unlike_file(const char *p, size_t offset, size_t len)
{
	size_t unlike = 0;

	for (size_t i = 0; i < len; i++)
		unlike += p[i] != file_byte(offset + i);
	return unlike;
}

#endif
