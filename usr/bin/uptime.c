/* Print the time, how long the system is up, how many processes there are and how idle the processors were. */
#include <dormouse.h>
#include <err.h>
#include <time.h>

#include "tool.h"

static void print_since(unsigned long s)
{
	if (s >= 86400)
		printf("%lu day%s, ", s / 86400, s >= 2 * 86400 ? "s" : "");
	printf("%lu:%02lu:%02lu", s / 3600 % 24, s / 60 % 60, s % 60);
}

int main(int argc, char **argv)
{
	struct abi_kstat stat;
	struct timespec up;
	time_t now = time(NULL);
	char clock[16];
	struct tm tm;

	(void)argv;
	if (argc > 1)
		usage("uptime");
	if (clock_gettime(CLOCK_BOOTTIME, &up) < 0 && clock_gettime(CLOCK_MONOTONIC, &up) < 0)
		err(1, "clock_gettime");
	strftime(clock, sizeof clock, "%H:%M:%S", gmtime_r(&now, &tm));
	printf("%s up ", clock);
	print_since((unsigned long)up.tv_sec);
	if (kstat(&stat, sizeof stat) >= (int)sizeof stat && stat.uptime_ns > 0 && stat.ncpus > 0)
		printf(", %u processes, %u processor%s, %u%% idle", stat.nprocs, stat.ncpus, stat.ncpus > 1 ? "s" : "",
		       (unsigned int)(stat.idle_ns / stat.ncpus / (stat.uptime_ns / 100 + 1)));
	putchar('\n');
	return finish(0);
}
