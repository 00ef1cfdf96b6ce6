/* List files.  -l long, -a with those whose name begins with a dot, -d directories themselves, -1 one a line,
   -i with inode numbers.  In columns when standard output is a terminal. */
#include <dirent.h>
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

struct item {
	char *name;
	struct stat st;
};

struct list {
	struct item *items;
	size_t n, room;
};

static bool all, itself, inodes, one_column, long_form;
static int status;

static void list_add(struct list *l, const char *name, const struct stat *st)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 32;
		l->items = realloc(l->items, l->room * sizeof *l->items);
		if (!l->items)
			err(1, NULL);
	}
	l->items[l->n].name = strdup(name);
	l->items[l->n].st = *st;
	if (!l->items[l->n++].name)
		err(1, NULL);
}

static void list_free(struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->items[i].name);
	free(l->items);
}

static int item_compare(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

static char type_letter(mode_t mode)
{
	return S_ISDIR(mode)    ? 'd'
	       : S_ISCHR(mode)  ? 'c'
	       : S_ISBLK(mode)  ? 'b'
	       : S_ISFIFO(mode) ? 'p'
	       : S_ISLNK(mode)  ? 'l'
	                        : '-';
}

static void print_mode(mode_t mode)
{
	static const char letters[] = "rwxrwxrwx";
	char text[11];

	text[0] = type_letter(mode);
	for (int i = 0; i < 9; i++)
		text[i + 1] = mode & (0400u >> i) ? letters[i] : '-';
	text[10] = 0;
	printf("%s", text);
}

static void print_long(const struct item *item)
{
	const struct stat *st = &item->st;
	char date[32];
	struct tm tm;

	strftime(date, sizeof date, "%Y-%m-%d %H:%M", gmtime_r(&st->st_mtime, &tm));
	if (inodes)
		printf("%6llu ", st->st_ino);
	print_mode(st->st_mode);
	printf(" %3u %u %u ", st->st_nlink, st->st_uid, st->st_gid);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		printf("%4u,%4u", ABI_MAJOR((unsigned int)st->st_rdev), ABI_MINOR((unsigned int)st->st_rdev));
	else
		printf("%9lld", st->st_size);
	printf(" %s %s\n", date, item->name);
}

static int terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static int print_short(const struct item *item)
{
	return inodes ? printf("%6llu %s", item->st.st_ino, item->name) : printf("%s", item->name);
}

/* Down the columns, then across, as wide as the longest name. */
static void print_columns(const struct list *l, size_t width)
{
	size_t longest = 0, columns, rows;

	for (size_t i = 0; i < l->n; i++)
		longest = strlen(l->items[i].name) > longest ? strlen(l->items[i].name) : longest;
	longest += inodes ? 9 : 2;
	columns = width / longest > 0 ? width / longest : 1;
	rows = (l->n + columns - 1) / columns;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < l->n; i += rows) {
			int used = print_short(&l->items[i]);

			if (i + rows < l->n)
				printf("%*s", (int)longest - used, "");
		}
		putchar('\n');
	}
}

static void list_print(struct list *l)
{
	int width = one_column || long_form ? 0 : terminal_width();

	qsort(l->items, l->n, sizeof *l->items, item_compare);
	if (width > 0) {
		print_columns(l, (size_t)width);
		return;
	}
	for (size_t i = 0; i < l->n; i++) {
		if (long_form) {
			print_long(&l->items[i]);
		} else {
			print_short(&l->items[i]);
			putchar('\n');
		}
	}
}

/* What fstatat says, where it is needed at all. */
static bool item_stat(DIR *dir, const char *path, const struct dirent *entry, struct stat *st)
{
	memset(st, 0, sizeof *st);
	st->st_ino = entry->d_ino;
	if (!long_form || fstatat(dirfd(dir), entry->d_name, st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	warn("%s/%s", path, entry->d_name);
	status = 1;
	return false;
}

static void list_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct list l = {0};
	struct dirent *entry;
	struct stat st;

	if (!dir) {
		warn("%s", path);
		status = 1;
		return;
	}
	while ((entry = readdir(dir)))
		if ((all || entry->d_name[0] != '.') && item_stat(dir, path, entry, &st))
			list_add(&l, entry->d_name, &st);
	closedir(dir);
	list_print(&l);
	list_free(&l);
}

/* Files first, as one list; then each directory under its name. */
static void list_arguments(char **paths, int n)
{
	struct list files = {0}, dirs = {0};
	struct stat st;

	for (; *paths; paths++) {
		if (stat(*paths, &st) < 0) {
			warn("%s", *paths);
			status = 2;
		} else {
			list_add(S_ISDIR(st.st_mode) && !itself ? &dirs : &files, *paths, &st);
		}
	}
	list_print(&files);
	qsort(dirs.items, dirs.n, sizeof *dirs.items, item_compare);
	for (size_t i = 0; i < dirs.n; i++) {
		if (n > 1)
			printf("%s%s:\n", i > 0 || files.n > 0 ? "\n" : "", dirs.items[i].name);
		list_directory(dirs.items[i].name);
	}
	list_free(&files);
	list_free(&dirs);
}

int main(int argc, char **argv)
{
	static char *here[] = {(char *)".", NULL};
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "adil1")) != -1) {
		if (c == '?')
			usage("ls [-adil1] [FILE]...");
		all |= c == 'a';
		itself |= c == 'd';
		inodes |= c == 'i';
		long_form |= c == 'l';
		one_column |= c == '1';
	}
	list_arguments(optind < argc ? argv + optind : here, optind < argc ? argc - optind : 1);
	return finish(status);
}
