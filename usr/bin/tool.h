/* What most of the programs need: a way to say how they are used. */
#ifndef TOOL_H
#define TOOL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_USAGE = 2 };

static inline __attribute__((noreturn)) void usage(const char *how)
{
	fprintf(stderr, "usage: %s\n", how);
	exit(STATUS_USAGE);
}

/* With --help as the only argument: say TEXT and end. */
static inline void help_if_asked(int argc, char **argv, const char *text)
{
	if (argc != 2 || strcmp(argv[1], "--help") != 0)
		return;
	fputs(text, stdout);
	if (fflush(stdout) != 0) {
		perror("standard output");
		exit(1);
	}
	exit(0);
}

/* The end of a program that writes to standard output: STATUS, or 1 if not all of it could be written. */
static inline int finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("standard output");
		return status ? status : 1;
	}
	return status;
}

#endif
