/* Print the environment, or run a program with another one: env [-i] [NAME=VALUE]... [PROGRAM [ARGUMENT]...]. */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

int main(int argc, char **argv)
{
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "iu:")) != -1) {
		if (c == '?')
			usage("env [-i] [-u NAME] [NAME=VALUE]... [PROGRAM [ARGUMENT]...]");
		if (c == 'i')
			clearenv();
		else
			unsetenv(optarg);
	}
	for (; optind < argc && strchr(argv[optind], '='); optind++)
		if (putenv(argv[optind]) < 0)
			err(125, "%s", argv[optind]);
	if (optind < argc) {
		execvp(argv[optind], argv + optind);
		warn("%s", argv[optind]);
		return errno == ENOENT ? 127 : 126;
	}
	for (char **e = environ; e && *e; e++)
		puts(*e);
	return finish(0);
}
