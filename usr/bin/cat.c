/* Copy files to standard output, straight from descriptor to descriptor: no stream between, nothing held back. */
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static char buffer[16384];

static int copy_out(int fd, const char *name)
{
	ssize_t n;

	while ((n = read(fd, buffer, sizeof buffer)) > 0)
		for (ssize_t done = 0, some; done < n; done += some) {
			some = write(STDOUT_FILENO, buffer + done, (size_t)(n - done));
			if (some < 0)
				err(1, "standard output");
		}
	if (n < 0)
		warn("%s", name);
	return n < 0;
}

static int copy_file(const char *path)
{
	int fd = open(path, O_RDONLY), status;

	if (fd < 0) {
		warn("%s", path);
		return 1;
	}
	status = copy_out(fd, path);
	close(fd);
	return status;
}

int main(int argc, char **argv)
{
	int status = 0;

	opterr = 0;
	while (getopt(argc, argv, "u") != -1) /* -u: never buffered anyway */
		if (optopt != 'u')
			usage("cat [FILE]...");
	if (optind == argc)
		return copy_out(STDIN_FILENO, "standard input");
	for (char **path = argv + optind; *path; path++)
		status |= strcmp(*path, "-") == 0 ? copy_out(STDIN_FILENO, "standard input") : copy_file(*path);
	return status;
}
