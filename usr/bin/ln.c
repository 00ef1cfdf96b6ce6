/* Give a file another name.  -f: replace what has it.  Symbolic links do not exist in this system's file format. */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static int link_file(const char *from, const char *to, bool force)
{
	if (force && unlink(to) < 0 && errno != ENOENT) {
		warn("%s", to);
		return 1;
	}
	if (link(from, to) < 0) {
		warn("%s to %s", to, from);
		return 1;
	}
	return 0;
}

static int link_into(const char *from, const char *dir, bool force)
{
	const char *slash = strrchr(from, '/');
	char *to;
	int status;

	if (asprintf(&to, "%s/%s", dir, slash ? slash + 1 : from) < 0)
		err(1, NULL);
	status = link_file(from, to, force);
	free(to);
	return status;
}

int main(int argc, char **argv)
{
	bool force = false;
	struct stat st;
	int status = 0, c;

	opterr = 0;
	while ((c = getopt(argc, argv, "fs")) != -1) {
		if (c == 's')
			errx(1, "symbolic links are not supported; without -s a hard link is made");
		if (c == '?')
			usage("ln [-f] FILE NAME  or  ln [-f] FILE... DIRECTORY");
		force = true;
	}
	if (argc - optind < 2)
		usage("ln [-f] FILE NAME  or  ln [-f] FILE... DIRECTORY");
	if (stat(argv[argc - 1], &st) == 0 && S_ISDIR(st.st_mode)) {
		for (; optind < argc - 1; optind++)
			status |= link_into(argv[optind], argv[argc - 1], force);
		return status;
	}
	if (argc - optind > 2)
		errx(1, "%s: not a directory", argv[argc - 1]);
	return link_file(argv[optind], argv[optind + 1], force);
}
