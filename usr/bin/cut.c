/* Print parts of lines: -f LIST fields, which -d CHARACTER divides (a tab without), or -c LIST characters.
   LIST is numbers and ranges: 1,3-5,7-. */
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

enum { PLACES = 1024 };

static const char how[] = "cut -f LIST [-d CHARACTER] [FILE]...  or  cut -c LIST [FILE]...";
static bool wanted[PLACES + 1]; /* the last stands for all beyond */
static bool characters;
static char delimiter = '\t';

static void parse_list(const char *s)
{
	while (*s) {
		char *end;
		long low = *s == '-' ? 1 : strtol(s, &end, 10), high = low;

		if (*s == '-')
			end = (char *)s;
		if (*end == '-') {
			s = end + 1;
			high = strtol(s, &end, 10);
			high = end == s ? PLACES : high;
		}
		if (low < 1 || high < low || (*end && *end != ','))
			usage(how);
		for (long i = low; i <= high && i <= PLACES; i++)
			wanted[i] = true;
		s = *end ? end + 1 : end;
	}
}

static bool is_wanted(size_t place)
{
	return wanted[place < PLACES ? place : PLACES];
}

static void cut_characters(const char *line)
{
	for (size_t i = 0; line[i]; i++)
		if (is_wanted(i + 1))
			putchar(line[i]);
}

static void cut_fields(char *line)
{
	const char divider[] = {delimiter, 0};
	bool first = true;
	char *field;

	if (!strchr(line, delimiter)) {
		fputs(line, stdout);
		return;
	}
	for (size_t i = 1; (field = strsep(&line, divider)); i++)
		if (is_wanted(i)) {
			if (!first)
				putchar(delimiter);
			fputs(field, stdout);
			first = false;
		}
}

static int cut_file(const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (!f) {
		warn("%s", path);
		return 1;
	}
	while ((n = getline(&line, &size, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		if (characters)
			cut_characters(line);
		else
			cut_fields(line);
		putchar('\n');
	}
	free(line);
	if (f != stdin)
		fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0, lists = 0, c;

	opterr = 0;
	while ((c = getopt(argc, argv, "f:c:d:")) != -1) {
		if (c == '?' || (c == 'd' && !*optarg))
			usage(how);
		if (c == 'd') {
			delimiter = *optarg;
			continue;
		}
		characters = c == 'c';
		parse_list(optarg);
		lists++;
	}
	if (lists != 1)
		usage(how);
	if (optind == argc)
		return finish(cut_file("-"));
	for (; optind < argc; optind++)
		status |= cut_file(argv[optind]);
	return finish(status);
}
