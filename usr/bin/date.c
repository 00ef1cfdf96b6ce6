/* Print the date and time (UTC), or what +FORMAT says of them. */
#include <err.h>
#include <string.h>
#include <time.h>

#include "tool.h"

int main(int argc, char **argv)
{
	const char *format = "%a %b %e %H:%M:%S UTC %Y";
	static char text[1024];
	time_t now = time(NULL);
	struct tm tm;

	if (argc > 1 && strcmp(argv[1], "-u") == 0) { /* always */
		argc--;
		argv++;
	}
	if (argc > 2 || (argc == 2 && argv[1][0] != '+'))
		usage("date [-u] [+FORMAT]");
	if (argc == 2)
		format = argv[1] + 1;
#pragma clang diagnostic ignored "-Wformat-nonliteral"
	if (!strftime(text, sizeof text, format, gmtime_r(&now, &tm)) && *format)
		errx(1, "the result is too long");
	puts(text);
	return finish(0);
}
