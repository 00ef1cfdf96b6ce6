/* Rename files, or move them into a directory of the same file system. */
#include <err.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static int move(const char *from, const char *to)
{
	if (rename(from, to) == 0)
		return 0;
	warn("%s to %s", from, to);
	return 1;
}

static int move_into(char *from, const char *dir)
{
	size_t n = strlen(from);
	const char *slash;
	char *to;
	int status;

	while (n > 1 && from[n - 1] == '/')
		from[--n] = 0;
	slash = strrchr(from, '/');
	if (asprintf(&to, "%s/%s", dir, slash ? slash + 1 : from) < 0)
		err(1, NULL);
	status = move(from, to);
	free(to);
	return status;
}

int main(int argc, char **argv)
{
	struct stat st;
	int status = 0, c;

	opterr = 0;
	while ((c = getopt(argc, argv, "f")) != -1)
		if (c != 'f')
			usage("mv FROM TO  or  mv FILE... DIRECTORY");
	if (argc - optind < 2)
		usage("mv FROM TO  or  mv FILE... DIRECTORY");
	if (stat(argv[argc - 1], &st) == 0 && S_ISDIR(st.st_mode)) {
		for (; optind < argc - 1; optind++)
			status |= move_into(argv[optind], argv[argc - 1]);
		return status;
	}
	if (argc - optind > 2)
		errx(1, "%s: not a directory", argv[argc - 1]);
	return move(argv[optind], argv[optind + 1]);
}
