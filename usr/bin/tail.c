/* Print the end of files: -n LINES (10) or -c BYTES; +N begins at the Nth instead.
   Reads everything once and keeps what may be the end, so that pipes work too; the kept part grows by doubling and
   drops what is no longer needed when it is full. */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static const char how[] = "tail [-n [+]LINES] [-c [+]BYTES] [FILE]...";
static long long amount = 10;
static bool bytes, from_start;

static void parse_amount(const char *text)
{
	char *end;

	from_start = *text == '+';
	amount = strtoll(text, &end, 10);
	if (end == text || *end)
		usage(how);
	amount = amount < 0 ? -amount : amount; /* -n -5 means -n 5 */
}

static void print_from(FILE *f)
{
	long long at = 1;
	int c;

	while ((c = getc(f)) != EOF) {
		if (at >= amount)
			putchar(c);
		at += bytes || c == '\n';
	}
}

/* Where the last AMOUNT lines or bytes of the N bytes at S begin. */
static size_t end_begin(const char *s, size_t n)
{
	long long lines = 0;
	size_t i = n;

	if (bytes)
		return (long long)n > amount ? n - (size_t)amount : 0;
	if (i > 0 && amount > 0)
		i--; /* the newline that ends the last line */
	else
		return n;
	while (i > 0 && !(s[i - 1] == '\n' && ++lines == amount))
		i--;
	return i;
}

static void print_end(FILE *f)
{
	size_t room = 65536, used = 0, n, begin;
	char *kept = malloc(room);

	while (kept && (n = fread(kept + used, 1, room - used, f)) > 0) {
		used += n;
		if (used < room)
			continue;
		begin = end_begin(kept, used);
		used -= begin;
		memmove(kept, kept + begin, used);
		if (used > room / 2) {
			char *grown = realloc(kept, room *= 2);

			if (!grown)
				err(1, NULL);
			kept = grown;
		}
	}
	if (!kept)
		err(1, NULL);
	begin = end_begin(kept, used);
	fwrite(kept + begin, 1, used - begin, stdout);
	free(kept);
}

static int tail_file(const char *path, bool title)
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
	if (from_start)
		print_from(f);
	else
		print_end(f);
	status = ferror(f) != 0;
	if (status)
		warn("%s", path);
	if (f != stdin)
		fclose(f);
	return status;
}

int main(int argc, char **argv)
{
	bool title;
	int status = 0, c;

	if (argc > 1 && argv[1][0] == '-' && isdigit((unsigned char)argv[1][1])) { /* -5 */
		parse_amount(argv[1] + 1);
		optind = 2;
	}
	opterr = 0;
	while ((c = getopt(argc, argv, "n:c:")) != -1) {
		if (c == '?')
			usage(how);
		bytes = c == 'c';
		parse_amount(optarg);
	}
	title = argc - optind > 1;
	if (optind == argc)
		return finish(tail_file("-", false));
	for (; optind < argc; optind++)
		status |= tail_file(argv[optind], title);
	return finish(status);
}
