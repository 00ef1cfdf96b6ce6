/* Count lines, words and bytes.  -l -w -c (or -m) choose; all three without. */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

struct counts {
	unsigned long long lines, words, bytes;
};

static bool want_lines, want_words, want_bytes;

static bool count(int fd, struct counts *out)
{
	static char buffer[16384];
	bool in_word = false;
	ssize_t n;

	while ((n = read(fd, buffer, sizeof buffer)) > 0) {
		out->bytes += (unsigned long long)n;
		for (ssize_t i = 0; i < n; i++) {
			bool space = isspace((unsigned char)buffer[i]);

			out->lines += buffer[i] == '\n';
			out->words += !space && !in_word;
			in_word = !space;
		}
	}
	return n == 0;
}

static void print_counts(const struct counts *c, const char *name)
{
	const struct {
		bool wanted;
		unsigned long long value;
	} columns[] = {{want_lines, c->lines}, {want_words, c->words}, {want_bytes, c->bytes}};
	int width = want_lines + want_words + want_bytes > 1 ? 7 : 1;
	bool first = true;

	for (int i = 0; i < 3; i++)
		if (columns[i].wanted) {
			printf("%s%*llu", first ? "" : " ", width, columns[i].value);
			first = false;
		}
	printf("%s%s\n", name ? " " : "", name ? name : "");
}

static int count_file(const char *path, struct counts *total)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY);
	struct counts c = {0, 0, 0};
	bool good = fd >= 0 && count(fd, &c);

	if (!good)
		warn("%s", path);
	if (fd >= 0)
		print_counts(&c, path);
	if (fd > STDERR_FILENO)
		close(fd);
	total->lines += c.lines;
	total->words += c.words;
	total->bytes += c.bytes;
	return !good;
}

int main(int argc, char **argv)
{
	struct counts total = {0, 0, 0};
	int status = 0, files, c;

	opterr = 0;
	while ((c = getopt(argc, argv, "lwcm")) != -1) {
		if (c == '?')
			usage("wc [-lwc] [FILE]...");
		want_lines |= c == 'l';
		want_words |= c == 'w';
		want_bytes |= c == 'c' || c == 'm';
	}
	if (!want_lines && !want_words && !want_bytes)
		want_lines = want_words = want_bytes = true;
	files = argc - optind;
	if (files == 0) {
		if (!count(STDIN_FILENO, &total))
			err(1, "standard input");
		print_counts(&total, NULL);
	}
	for (; optind < argc; optind++)
		status |= count_file(argv[optind], &total);
	if (files > 1)
		print_counts(&total, "total");
	return finish(status);
}
