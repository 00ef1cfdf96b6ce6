/* Print bytes as numbers: 16 a line, as words, or with -C as bytes and characters.  Equal lines are shown once, then *.
   -n LENGTH, -s SKIP. */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

enum { WIDTH = 16 };

static const char how[] = "hexdump [-C] [-n LENGTH] [-s SKIP] [FILE]...";

struct dump {
	bool canonical, squeezing;
	unsigned long long at, left; /* bytes shown or skipped; bytes still wanted */
	unsigned char last[WIDTH];
	bool any; /* last is valid */
};

static void print_bytes(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < WIDTH; i++) {
		if (i < n)
			printf("%s%02x", i == 8 ? "  " : " ", p[i]);
		else
			printf("%s", i == 8 ? "    " : "   ");
	}
	printf("  |");
	for (size_t i = 0; i < n; i++)
		putchar(isprint(p[i]) ? p[i] : '.');
	putchar('|');
}

static void print_words(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i += 2)
		printf(" %04x", p[i] | (i + 1 < n ? p[i + 1] << 8 : 0));
}

static void dump_line(struct dump *d, const unsigned char *p, size_t n)
{
	bool same = n == WIDTH && d->any && memcmp(p, d->last, WIDTH) == 0;

	if (same && !d->squeezing)
		puts("*");
	d->squeezing = same;
	if (!same) {
		printf(d->canonical ? "%08llx " : "%07llx", d->at);
		if (d->canonical)
			print_bytes(p, n);
		else
			print_words(p, n);
		putchar('\n');
	}
	memcpy(d->last, p, n);
	d->any = true;
	d->at += n;
}

/* The next byte of all FILES, one behind the other; EOF behind the last. */
static int next_byte(FILE **f, char ***files, int *status)
{
	for (;;) {
		int c = *f ? getc(*f) : EOF;

		if (c != EOF)
			return c;
		if (*f && ferror(*f)) {
			warn("read");
			*status = 1;
		}
		if (*f && *f != stdin)
			fclose(*f);
		if (!**files)
			return EOF;
		*f = fopen(**files, "r");
		if (!*f) {
			warn("%s", **files);
			*status = 1;
		}
		++*files;
	}
}

static int dump_files(struct dump *d, char **files, unsigned long long skip)
{
	FILE *f = *files ? NULL : stdin;
	unsigned char line[WIDTH];
	size_t n = 0;
	int status = 0, c;

	d->at = skip;
	while (skip > 0 && next_byte(&f, &files, &status) != EOF)
		skip--;
	while (d->left > 0 && (c = next_byte(&f, &files, &status)) != EOF) {
		line[n++] = (unsigned char)c;
		d->left--;
		if (n == WIDTH) {
			dump_line(d, line, n);
			n = 0;
		}
	}
	if (n > 0)
		dump_line(d, line, n);
	if (d->any)
		printf(d->canonical ? "%08llx\n" : "%07llx\n", d->at);
	return status;
}

int main(int argc, char **argv)
{
	struct dump d = {.left = ~0ull};
	unsigned long long skip = 0;
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "Cn:s:")) != -1) {
		if (c == '?')
			usage(how);
		if (c == 'C')
			d.canonical = true;
		else if (c == 'n')
			d.left = strtoull(optarg, NULL, 0);
		else
			skip = strtoull(optarg, NULL, 0);
	}
	return finish(dump_files(&d, argv + optind, skip));
}
