/* Clocks and the calendar; the only time zone is UTC. */
#ifndef _TIME_H
#define _TIME_H

#include <abi/time.h>
#include <stddef.h>
#include <sys/types.h>

#define CLOCKS_PER_SEC 1000000L

struct timespec {
	time_t tv_sec;
	long tv_nsec;
};

struct tm {
	int tm_sec, tm_min, tm_hour;
	int tm_mday; /* 1-31 */
	int tm_mon;  /* 0-11 */
	int tm_year; /* since 1900 */
	int tm_wday; /* 0 is Sunday */
	int tm_yday; /* 0-365 */
	int tm_isdst;
};

time_t time(time_t *out);
clock_t clock(void);
double difftime(time_t a, time_t b);
int clock_gettime(clockid_t clock, struct timespec *out);
int nanosleep(const struct timespec *want, struct timespec *left);
struct tm *gmtime_r(const time_t *t, struct tm *out);
struct tm *gmtime(const time_t *t);
struct tm *localtime_r(const time_t *t, struct tm *out);
struct tm *localtime(const time_t *t);
time_t mktime(struct tm *tm);
time_t timegm(struct tm *tm);
size_t strftime(char *s, size_t size, const char *fmt, const struct tm *tm) __attribute__((format(strftime, 3, 0)));
char *asctime(const struct tm *tm);
char *ctime(const time_t *t);

#endif
