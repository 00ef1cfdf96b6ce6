/* Remove files.  -r: directories with all that is in them; -f: without complaint about what is not there.
   A directory is read anew after each removal in it: a reader may lose its place when entries go. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static bool recursive, forced;

static bool remove_path(const char *path);

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Remove the names that one pass over PATH finds; *COUNT is how many went. */
static bool remove_entries(const char *path, int *count)
{
	DIR *dir = opendir(path);
	bool good = dir != NULL;
	struct dirent *entry;
	char *child;

	*count = 0;
	while (dir && (entry = readdir(dir))) {
		if (is_dots(entry->d_name))
			continue;
		if (asprintf(&child, "%s/%s", path, entry->d_name) < 0)
			err(1, NULL);
		if (remove_path(child))
			++*count;
		else
			good = false;
		free(child);
	}
	if (dir)
		closedir(dir);
	else
		warn("%s", path);
	return good;
}

static bool remove_tree(const char *path)
{
	int count;
	bool good;

	do
		good = remove_entries(path, &count);
	while (good && count > 0);
	if (good && rmdir(path) < 0) {
		warn("%s", path);
		good = false;
	}
	return good;
}

static bool remove_path(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (forced && errno == ENOENT)
			return true;
		warn("%s", path);
		return false;
	}
	if (S_ISDIR(st.st_mode)) {
		if (recursive)
			return remove_tree(path);
		errno = EISDIR;
	} else if (unlink(path) == 0) {
		return true;
	}
	warn("%s", path);
	return false;
}

/* The directory itself and the one above cannot go. */
static bool refused(const char *path)
{
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;

	if (!is_dots(last) && strcmp(path, "/") != 0)
		return false;
	warnx("%s: not removed", path);
	return true;
}

int main(int argc, char **argv)
{
	int status = 0, c;

	opterr = 0;
	while ((c = getopt(argc, argv, "rRf")) != -1) {
		if (c == '?')
			usage("rm [-rf] FILE...");
		recursive |= c != 'f';
		forced |= c == 'f';
	}
	if (optind == argc && !forced)
		usage("rm [-rf] FILE...");
	for (char **path = argv + optind; *path; path++)
		if (refused(*path) || !remove_path(*path))
			status = 1;
	return status;
}
