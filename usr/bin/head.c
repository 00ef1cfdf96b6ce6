/* Print the beginning of files: -n LINES (10), or -c BYTES. */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static const char how[] = "head [-n LINES] [-c BYTES] [FILE]...";

static long long number(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (end == text || *end || n < 0)
		usage(how);
	return n;
}

static void print_head(FILE *f, long long left, bool bytes)
{
	int c;

	while (left > 0 && (c = getc(f)) != EOF) {
		putchar(c);
		left -= bytes || c == '\n';
	}
}

static int head_file(const char *path, long long n, bool bytes, bool title)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	static bool printed;
	int status;

	if (!f) {
		warn("%s", path);
		return 1;
	}
	if (title)
		printf("%s==> %s <==\n", printed ? "\n" : "", path);
	printed = true;
	print_head(f, n, bytes);
	status = ferror(f) != 0;
	if (status)
		warn("%s", path);
	if (f != stdin)
		fclose(f);
	return status;
}

int main(int argc, char **argv)
{
	bool bytes = false, title;
	long long n = 10;
	int status = 0, c;

	if (argc > 1 && argv[1][0] == '-' && isdigit((unsigned char)argv[1][1])) { /* -5 */
		n = number(argv[1] + 1);
		optind = 2;
	}
	opterr = 0;
	while ((c = getopt(argc, argv, "n:c:")) != -1) {
		if (c == '?')
			usage(how);
		bytes = c == 'c';
		n = number(optarg);
	}
	title = argc - optind > 1;
	if (optind == argc)
		return finish(head_file("-", n, bytes, false));
	for (; optind < argc; optind++)
		status |= head_file(argv[optind], n, bytes, title);
	return finish(status);
}
