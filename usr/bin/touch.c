/* Make files that are not there, and mark others as changed now.  -c: make none.
   There is no call that sets times: cutting a file to the size it has is what marks it. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static int touch(const char *path, bool create)
{
	int fd = open(path, O_WRONLY | (create ? O_CREAT : 0), 0666), status = 0;
	struct stat st;

	if (fd < 0) {
		if (!create && errno == ENOENT)
			return 0;
		warn("%s", path);
		return 1;
	}
	if (fstat(fd, &st) < 0 || (S_ISREG(st.st_mode) && ftruncate(fd, st.st_size) < 0)) {
		warn("%s", path);
		status = 1;
	}
	close(fd);
	return status;
}

int main(int argc, char **argv)
{
	bool create = true;
	int status = 0, c;

	opterr = 0;
	while ((c = getopt(argc, argv, "c")) != -1) {
		if (c == '?')
			usage("touch [-c] FILE...");
		create = false;
	}
	if (optind == argc)
		usage("touch [-c] FILE...");
	for (; optind < argc; optind++)
		status |= touch(argv[optind], create);
	return status;
}
