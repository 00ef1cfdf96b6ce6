/* Make directories.  -p: with all that leads to them, and without complaint when they are there. */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static bool make_one(const char *path, bool parents)
{
	struct stat st;

	if (mkdir(path, 0777) == 0)
		return true;
	if (parents && errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	return false;
}

/* Make each directory on the way to PATH; what fails there shows at the last step. */
static void make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		make_one(path, true);
		*slash = '/';
	}
}

int main(int argc, char **argv)
{
	bool parents = false;
	int status = 0;

	opterr = 0;
	while (getopt(argc, argv, "p") != -1) {
		if (optopt != 'p')
			usage("mkdir [-p] DIRECTORY...");
		parents = true;
	}
	if (optind == argc)
		usage("mkdir [-p] DIRECTORY...");
	for (char **path = argv + optind; *path; path++) {
		if (parents)
			make_parents(*path);
		if (!make_one(*path, parents)) {
			warn("%s", *path);
			status = 1;
		}
	}
	return status;
}
