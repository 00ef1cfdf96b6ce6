/* Print the lines that match.  -i ignore case, -v the others, -n with numbers, -c only how many, -q only the exit
   status, -l only names of files, -F plain text, -h without names, -s silent about files, -e PATTERN.  0: some line,
   1: none, 2: trouble. */
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "pattern.h"
#include "tool.h"

static bool invert, numbers, count_only, quiet, names_only, with_names, silent;
static struct pattern *pattern;

static void print_match(const char *name, unsigned int number, const char *line)
{
	if (with_names)
		printf("%s:", name);
	if (numbers)
		printf("%u:", number);
	puts(line);
}

static unsigned int search_lines(FILE *f, const char *name)
{
	unsigned int found = 0, number = 0;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, f)) > 0) {
		number++;
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		if (pattern_matches(pattern, line) == invert)
			continue;
		found++;
		if (quiet || names_only)
			break;
		if (!count_only)
			print_match(name, number, line);
	}
	free(line);
	return found;
}

/* 0, 1 or 2, as the exit status. */
static int search_file(const char *path)
{
	bool input = strcmp(path, "-") == 0;
	FILE *f = input ? stdin : fopen(path, "r");
	const char *name = input ? "(standard input)" : path;
	unsigned int found;
	int status;

	if (!f) {
		if (!silent)
			warn("%s", path);
		return 2;
	}
	found = search_lines(f, name);
	status = ferror(f) ? 2 : found == 0;
	if (ferror(f) && !silent)
		warn("%s", path);
	if (names_only && found > 0)
		puts(name);
	else if (count_only && !quiet && with_names)
		printf("%s:%u\n", name, found);
	else if (count_only && !quiet)
		printf("%u\n", found);
	if (!input)
		fclose(f);
	return status;
}

static __attribute__((noreturn)) void usage_grep(void)
{
	usage("grep [-chilnqsvF] [-e] PATTERN [FILE]...");
}

static const char *parse_options(int argc, char **argv, bool *plain, bool *ignore_case, bool *no_names)
{
	const char *text = NULL;
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "ce:hilnqsvF")) != -1) {
		if (c == '?')
			usage_grep();
		if (c == 'e')
			text = optarg;
		count_only |= c == 'c';
		*no_names |= c == 'h';
		*ignore_case |= c == 'i';
		names_only |= c == 'l';
		numbers |= c == 'n';
		quiet |= c == 'q';
		silent |= c == 's';
		invert |= c == 'v';
		*plain |= c == 'F';
	}
	if (!text && optind == argc)
		usage_grep();
	return text ? text : argv[optind++];
}

int main(int argc, char **argv)
{
	bool plain = false, ignore_case = false, no_names = false, found = false, trouble = false;
	const char *text = parse_options(argc, argv, &plain, &ignore_case, &no_names), *why;

	pattern = pattern_compile(text, plain, ignore_case, &why);
	if (!pattern)
		errx(2, "%s: %s", text, why);
	with_names = argc - optind > 1 && !no_names;
	if (optind == argc)
		argv[--optind] = (char *)"-";
	for (char **path = argv + optind; *path; path++) {
		int status = search_file(*path);

		found |= status == 0;
		trouble |= status == 2;
	}
	return finish(quiet && found ? 0 : trouble ? 2 : !found);
}
