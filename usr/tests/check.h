/* What the tests of libc share: a claim that prints where it failed.  A test is silent and exits 0, or 1 after
   failures. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <string.h>

static int check_failures;

#define CHECK(claim) \
	do { \
		if (!(claim)) { \
			printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #claim); \
			check_failures++; \
		} \
	} while (0)

#define CHECK_STRING(got, want) check_string(__FILE__, __LINE__, got, want)

static inline void check_string(const char *file, int line, const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return;
	printf("%s:%d: got \"%s\", not \"%s\"\n", file, line, got, want);
	check_failures++;
}

/* The exit status of the test. */
static inline int check_end(void)
{
	return check_failures > 0;
}

#endif
