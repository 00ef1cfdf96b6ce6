/* Drop lines equal to the one before.  -c with counts, -d only repeated ones, -u only the others. */
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static bool counts, repeated, single;

static void print_group(const char *line, unsigned int n)
{
	if (n == 0 || (repeated && n == 1) || (single && n > 1))
		return;
	if (counts)
		printf("%7u ", n);
	puts(line);
}

static void filter(FILE *f)
{
	char *line = NULL, *last = NULL;
	size_t size = 0;
	unsigned int n = 0;
	ssize_t length;

	while ((length = getline(&line, &size, f)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = 0;
		if (n > 0 && strcmp(line, last) == 0) {
			n++;
			continue;
		}
		print_group(last, n);
		free(last);
		last = strdup(line);
		if (!last)
			err(1, NULL);
		n = 1;
	}
	print_group(last, n);
	free(last);
	free(line);
}

int main(int argc, char **argv)
{
	FILE *f = stdin;
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "cdu")) != -1) {
		if (c == '?')
			usage("uniq [-cdu] [FILE]");
		counts |= c == 'c';
		repeated |= c == 'd';
		single |= c == 'u';
	}
	if (argc - optind > 1)
		usage("uniq [-cdu] [FILE]");
	if (optind < argc && !(f = fopen(argv[optind], "r")))
		err(1, "%s", argv[optind]);
	filter(f);
	return finish(ferror(f) != 0);
}
