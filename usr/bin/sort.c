/* Sort lines.  -r backwards, -n by the number at the beginning, -u one of equal ones.  Everything is held in memory. */
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

struct line {
	char *text;
	size_t place;  /* in the input: equal lines keep their order */
	double number; /* of -n */
};

static struct line *lines;
static size_t line_count, line_room;
static bool reverse, numeric, unique;

static void line_add(char *text)
{
	if (line_count == line_room) {
		line_room = line_room ? 2 * line_room : 256;
		lines = realloc(lines, line_room * sizeof *lines);
		if (!lines)
			err(2, NULL);
	}
	lines[line_count] = (struct line){text, line_count, numeric ? strtod(text, NULL) : 0};
	line_count++;
}

static void read_lines(FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, f)) > 0) {
		char *text;

		if (line[n - 1] == '\n')
			line[--n] = 0;
		text = strndup(line, (size_t)n);
		if (!text)
			err(2, NULL);
		line_add(text);
	}
	free(line);
}

static int key_compare(const struct line *a, const struct line *b)
{
	if (numeric)
		return (a->number > b->number) - (a->number < b->number);
	return strcmp(a->text, b->text);
}

static int line_compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = key_compare(x, y);

	if (order == 0 && numeric && !unique)
		order = strcmp(x->text, y->text);
	if (order != 0)
		return reverse ? -order : order;
	return x->place < y->place ? -1 : 1;
}

static int read_file(const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	bool good = f != NULL;

	if (f) {
		read_lines(f);
		good = !ferror(f);
	}
	if (!good)
		warn("%s", path);
	if (f && f != stdin)
		fclose(f);
	return good ? 0 : 2;
}

int main(int argc, char **argv)
{
	int status = 0, c;

	opterr = 0;
	while ((c = getopt(argc, argv, "rnu")) != -1) {
		if (c == '?')
			usage("sort [-rnu] [FILE]...");
		reverse |= c == 'r';
		numeric |= c == 'n';
		unique |= c == 'u';
	}
	if (optind == argc)
		status = read_file("-");
	for (; optind < argc; optind++)
		status |= read_file(argv[optind]);
	if (status)
		return status;
	qsort(lines, line_count, sizeof *lines, line_compare);
	for (size_t i = 0; i < line_count; i++)
		if (!unique || i == 0 || key_compare(&lines[i - 1], &lines[i]) != 0)
			puts(lines[i].text);
	return finish(0);
}
