/* The calendar, both ways, and that clocks run. */
#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static void dates(void)
{
	static const struct {
		time_t t;
		const char *text;
	} table[] = {
		{0, "1970-01-01 00:00:00 4 001"},
		{-1, "1969-12-31 23:59:59 3 365"},
		{951782400, "2000-02-29 00:00:00 2 060"},
		{951868800, "2000-03-01 00:00:00 3 061"},
		{978307199, "2000-12-31 23:59:59 0 366"},
		{1709164800, "2024-02-29 00:00:00 4 060"},
		{1735689599, "2024-12-31 23:59:59 2 366"},
		{2147483647, "2038-01-19 03:14:07 2 019"},
		{-2147483647 - 1, "1901-12-13 20:45:52 5 347"},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char text[64];
		struct tm tm;

		CHECK(strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %w %j", gmtime_r(&table[i].t, &tm)) > 0);
		CHECK_STRING(text, table[i].text);
		CHECK(timegm(&tm) == table[i].t);
	}
	for (time_t t = -2147000000; t < 2147000000 - 40000000; t += 39999989) {
		struct tm tm;

		gmtime_r(&t, &tm);
		CHECK(timegm(&tm) == t);
	}
}

static void normalizing(void)
{
	struct tm tm = {.tm_year = 124, .tm_mon = 13, .tm_mday = 0, .tm_hour = 25, .tm_min = -1};

	CHECK(mktime(&tm) == 1738371540);
	CHECK(tm.tm_year == 125 && tm.tm_mon == 1 && tm.tm_mday == 1 && tm.tm_hour == 0 && tm.tm_min == 59);
}

static void formats(void)
{
	time_t t = 1709212502; /* Thursday 2024-02-29 13:15:02 */
	char text[128];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "%a %A %b %B %e %I %p %y %D %F %R %T %Z %z %% %s%n%t", &tm);
	CHECK_STRING(text, "Thu Thursday Feb February 29 01 PM 24 02/29/24 2024-02-29 "
	                   "13:15 13:15:02 UTC +0000 % 1709212502\n\t");
	CHECK(strftime(text, 5, "%Y", &tm) == 4 && strftime(text, 4, "%Y", &tm) == 0);
	CHECK_STRING(asctime(&tm), "Thu Feb 29 13:15:02 2024\n");
}

static void clocks(void)
{
	struct timespec before, after, nap = {0, 20000000};
	struct timeval now;
	time_t t = time(NULL);

	CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
	CHECK(nanosleep(&nap, NULL) == 0);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
	CHECK((after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec >= 20000000);
	CHECK(gettimeofday(&now, NULL) == 0 && now.tv_sec >= t && now.tv_sec <= t + 5);
	CHECK(clock_gettime(1000, &after) == -1 && errno == EINVAL);
	nap.tv_nsec = 1000000000;
	CHECK(nanosleep(&nap, NULL) == -1 && errno == EINVAL);
}

int main(void)
{
	dates();
	normalizing();
	formats();
	clocks();
	return check_end();
}
