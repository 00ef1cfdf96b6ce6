/* A program that uses memory, to be watched: for each size from START to LIMIT by INCREMENT (in MiB) it asks for that much,
   touches all of it, waits, and gives it back.  With -n it touches nothing, and nothing goes. */
#include <err.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

static const char how[] = "memory-user [-n] [-w SECONDS] START LIMIT INCREMENT";
static const char help[] =
	"usage: memory-user [-n] [-w SECONDS] START LIMIT INCREMENT\n"
	"For each size from START to LIMIT by INCREMENT, in MiB: allocate it, touch it, wait, and free it.\n"
	"  -n          do not touch it: it stays a promise\n"
	"  -w SECONDS  how long to wait (1)\n";

enum { MIB = 1 << 20, MIB_MAX = 4095 /* more than there are addresses for */ };

struct use {
	bool touch;
	struct timespec wait;
};

/* What is printed can be read at once, whatever it is printed to. */
static void say(const char *fmt, unsigned long n)
{
	printf(fmt, n);
	if (finish(0) != 0)
		exit(1);
}

static void touch(volatile int *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i] = (int)i;
}

/* => false: there was no memory */
static bool use(const struct use *u, unsigned long mebibytes)
{
	size_t size = (size_t)mebibytes * MIB;
	void *p;

	say("allocating 0x%lx mebibytes\n", mebibytes);
	p = malloc(size);
	say("malloc returned 0x%lx\n", (unsigned long)p);
	if (p) {
		if (u->touch)
			touch(p, size / sizeof(int));
		if (nanosleep(&u->wait, NULL) < 0)
			err(1, "nanosleep");
	}
	say("freeing 0x%lx mebibytes\n", mebibytes);
	free(p);
	return p != NULL;
}

static unsigned long size_parse(const char *text)
{
	char *end;
	long n = strtol(text, &end, 0);

	if (end == text || *end || n <= 0 || n > MIB_MAX)
		usage(how);
	return (unsigned long)n;
}

static struct timespec wait_parse(const char *text)
{
	char *end;
	double n = strtod(text, &end);
	struct timespec t;

	if (end == text || *end || !(n >= 0 && n <= 1e9))
		usage(how);
	t.tv_sec = (time_t)n;
	t.tv_nsec = (long)((n - (double)t.tv_sec) * 1e9);
	return t;
}

int main(int argc, char **argv)
{
	struct use u = {.touch = true, .wait = {.tv_sec = 1}};
	unsigned long start, limit, increment;
	int c;

	help_if_asked(argc, argv, help);
	opterr = 0;
	while ((c = getopt(argc, argv, "nw:")) != -1) {
		if (c == 'n')
			u.touch = false;
		else if (c == 'w')
			u.wait = wait_parse(optarg);
		else
			usage(how);
	}
	if (argc - optind != 3)
		usage(how);
	start = size_parse(argv[optind]);
	limit = size_parse(argv[optind + 1]);
	increment = size_parse(argv[optind + 2]);
	if (start > limit)
		usage("memory-user START LIMIT INCREMENT, START is at most LIMIT");
	for (unsigned long size = start; size <= limit; size += increment)
		if (!use(&u, size))
			return 1;
	return 0;
}
