/* Give a file another name.  -f: replace what has it.  -s: a symbolic link. */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

#define USAGE "ln [-fs] FILE NAME  or  ln [-fs] FILE... DIRECTORY"

static bool force;
static int (*make)(const char *from, const char *to) = link;

static int link_file(const char *from, const char *to)
{
	if (force && unlink(to) < 0 && errno != ENOENT) {
		warn("%s", to);
		return 1;
	}
	if (make(from, to) < 0) {
		warn("%s to %s", to, from);
		return 1;
	}
	return 0;
}

static int link_into(const char *from, const char *dir)
{
	const char *slash = strrchr(from, '/');
	char *to;
	int status;

	if (asprintf(&to, "%s/%s", dir, slash ? slash + 1 : from) < 0)
		err(1, NULL);
	status = link_file(from, to);
	free(to);
	return status;
}

int main(int argc, char **argv)
{
	struct stat st;
	int status = 0, c;

	opterr = 0;
	while ((c = getopt(argc, argv, "fs")) != -1) {
		if (c == '?')
			usage(USAGE);
		if (c == 's')
			make = symlink;
		else
			force = true;
	}
	if (argc - optind < 2)
		usage(USAGE);
	if (stat(argv[argc - 1], &st) == 0 && S_ISDIR(st.st_mode)) {
		for (; optind < argc - 1; optind++)
			status |= link_into(argv[optind], argv[argc - 1]);
		return status;
	}
	if (argc - optind > 2)
		errx(1, "%s: not a directory", argv[argc - 1]);
	return link_file(argv[optind], argv[optind + 1]);
}
