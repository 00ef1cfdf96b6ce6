/* Copy standard input to standard output and to files.  -a: append to them. */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "tool.h"

static bool write_all(int fd, const char *p, ssize_t n)
{
	while (n > 0) {
		ssize_t some = write(fd, p, (size_t)n);

		if (some < 0)
			return false;
		p += some;
		n -= some;
	}
	return true;
}

/* ARGV[i] goes to FDS[i]; FDS[0] is standard output. */
static int copy_to(const int *fds, char **names, int count)
{
	static char buffer[16384];
	int status = 0;
	ssize_t n;

	while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) > 0)
		for (int i = 0; i < count; i++)
			if (fds[i] >= 0 && !write_all(fds[i], buffer, n)) {
				warn("%s", names[i]);
				status = 1;
			}
	if (n < 0)
		err(1, "standard input");
	return status;
}

int main(int argc, char **argv)
{
	int mode = O_TRUNC, status = 0, count, c;
	int *fds = calloc((size_t)argc + 1, sizeof *fds);

	if (!fds)
		err(1, NULL);
	opterr = 0;
	while ((c = getopt(argc, argv, "a")) != -1) {
		if (c == '?')
			usage("tee [-a] [FILE]...");
		mode = O_APPEND;
	}
	argv += optind - 1;
	argv[0] = (char *)"standard output";
	count = argc - optind + 1;
	fds[0] = STDOUT_FILENO;
	for (int i = 1; i < count; i++) {
		fds[i] = open(argv[i], O_WRONLY | O_CREAT | mode, 0666);
		if (fds[i] < 0) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return copy_to(fds, argv, count) | status;
}
