/* Copy files.  -r: directories with what is in them.  Times and owners are not kept; modes of files are. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static char buffer[16384];
static bool recursive;

static int copy_path(const char *from, const char *to);

static bool copy_bytes(int in, int out)
{
	ssize_t n;

	while ((n = read(in, buffer, sizeof buffer)) > 0)
		for (ssize_t done = 0, some; done < n; done += some) {
			some = write(out, buffer + done, (size_t)(n - done));
			if (some < 0)
				return false;
		}
	return n == 0;
}

static int copy_file(const char *from, const char *to, mode_t mode)
{
	int in = open(from, O_RDONLY), out, status = 0;

	if (in < 0) {
		warn("%s", from);
		return 1;
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, mode & 0777);
	if (out < 0) {
		warn("%s", to);
		status = 1;
		goto close_in;
	}
	if (!copy_bytes(in, out)) {
		warn("%s to %s", from, to);
		status = 1;
	}
	if (close(out) < 0 && status == 0) {
		warn("%s", to);
		status = 1;
	}
close_in:
	close(in);
	return status;
}

static int copy_child(const char *from, const char *to, const char *name)
{
	char *source, *target;
	int status;

	if (asprintf(&source, "%s/%s", from, name) < 0 || asprintf(&target, "%s/%s", to, name) < 0)
		err(1, NULL);
	status = copy_path(source, target);
	free(source);
	free(target);
	return status;
}

static int copy_directory(const char *from, const char *to)
{
	struct dirent *entry;
	int status = 0;
	DIR *dir;

	if (mkdir(to, 0777) < 0 && errno != EEXIST) {
		warn("%s", to);
		return 1;
	}
	dir = opendir(from);
	if (!dir) {
		warn("%s", from);
		return 1;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			status |= copy_child(from, to, entry->d_name);
	closedir(dir);
	return status;
}

/* Whether TO is FROM, or lies in it, where a copy would feed itself. */
static bool is_inside(const struct stat *from, const char *to)
{
	char *path = strdup(to);
	bool inside = false;
	struct stat st;

	if (!path)
		err(1, NULL);
	for (;;) {
		char *slash = strrchr(path, '/');

		if (stat(*path ? path : "/", &st) == 0)
			inside |= st.st_ino == from->st_ino && st.st_dev == from->st_dev;
		if (!slash)
			break;
		*slash = 0;
	}
	if (to[0] != '/' && stat(".", &st) == 0)
		inside |= st.st_ino == from->st_ino && st.st_dev == from->st_dev;
	free(path);
	return inside;
}

static int copy_path(const char *from, const char *to)
{
	struct stat source, target;

	if (stat(from, &source) < 0) {
		warn("%s", from);
		return 1;
	}
	if (S_ISDIR(source.st_mode)) {
		if (recursive)
			return copy_directory(from, to);
		warnx("%s: is a directory (use -r)", from);
		return 1;
	}
	if (stat(to, &target) == 0 && target.st_ino == source.st_ino && target.st_dev == source.st_dev) {
		warnx("%s and %s are the same file", from, to);
		return 1;
	}
	return copy_file(from, to, source.st_mode);
}

/* The copy that a user asks for: TO is the target itself, or the directory it goes into. */
static int copy_argument(char *from, const char *to, bool into)
{
	size_t n = strlen(from);
	struct stat st;
	const char *slash;
	char *target;
	int status = 1;

	while (n > 1 && from[n - 1] == '/')
		from[--n] = 0;
	slash = strrchr(from, '/');
	if (asprintf(&target, into ? "%s/%s" : "%s", to, slash ? slash + 1 : from) < 0)
		err(1, NULL);
	if (stat(from, &st) == 0 && S_ISDIR(st.st_mode) && is_inside(&st, target))
		warnx("%s lies in %s", target, from);
	else
		status = copy_path(from, target);
	free(target);
	return status;
}

int main(int argc, char **argv)
{
	int status = 0, c;
	struct stat st;
	bool into;

	opterr = 0;
	while ((c = getopt(argc, argv, "rRf")) != -1) {
		if (c == '?')
			usage("cp [-r] FROM TO  or  cp [-r] FILE... DIRECTORY");
		recursive |= c != 'f';
	}
	if (argc - optind < 2)
		usage("cp [-r] FROM TO  or  cp [-r] FILE... DIRECTORY");
	into = stat(argv[argc - 1], &st) == 0 && S_ISDIR(st.st_mode);
	if (argc - optind > 2 && !into)
		errx(1, "%s: not a directory", argv[argc - 1]);
	for (; optind < argc - 1; optind++)
		status |= copy_argument(argv[optind], argv[argc - 1], into);
	return status;
}
