/* Wait for some seconds; fractions, and the suffixes s m h d, are understood; several are added. */
#include <err.h>
#include <string.h>
#include <time.h>

#include "tool.h"

static double seconds(const char *text)
{
	static const char suffixes[] = "smhd";
	static const double factors[] = {1, 60, 3600, 86400};
	char *end;
	double n = strtod(text, &end);
	const char *suffix = *end ? strchr(suffixes, *end) : suffixes;

	if (end == text || !suffix || (*end && end[1]) || !(n >= 0))
		usage("sleep SECONDS...");
	return n * factors[suffix - suffixes];
}

int main(int argc, char **argv)
{
	double total = 0;
	struct timespec t;

	if (argc < 2)
		usage("sleep SECONDS...");
	for (int i = 1; i < argc; i++)
		total += seconds(argv[i]);
	if (total > 2147483647.0)
		total = 2147483647.0;
	t.tv_sec = (time_t)total;
	t.tv_nsec = (long)((total - (double)t.tv_sec) * 1e9);
	if (nanosleep(&t, NULL) < 0)
		err(1, "sleep");
	return 0;
}
