/* Remove empty directories. */
#include <err.h>
#include <unistd.h>

#include "tool.h"

int main(int argc, char **argv)
{
	int status = 0;

	opterr = 0;
	if (getopt(argc, argv, "") != -1 || optind == argc)
		usage("rmdir DIRECTORY...");
	for (char **path = argv + optind; *path; path++)
		if (rmdir(*path) < 0) {
			warn("%s", *path);
			status = 1;
		}
	return status;
}
