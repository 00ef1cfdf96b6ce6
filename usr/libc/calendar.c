/* Dates.  UTC and the Gregorian calendar throughout; a year is counted from March, so that the leap day comes last. */
#include <time.h>

#include <stdio.h>
#include <string.h>

enum {
	DAY = 86400,
	DAYS_400_YEARS = 146097,
	DAYS_100_YEARS = 36524,
	DAYS_4_YEARS = 1461,
	DAYS_TO_1970 = 719468, /* from March 1 of year 0 to January 1, 1970 */
	DAYS_MARCH_TO_JANUARY = 306,
};

static const char *const day_names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const month_names[] = {"January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December"};

static int floor_div(int a, int b)
{
	return a / b - (a % b < 0);
}

static int is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to a date; MONTH is 0-11 and DAY_OF_MONTH may be out of its range. */
static int days_from_date(int year, int month, int day_of_month)
{
	int y = year - (month < 2), m = (month + 10) % 12; /* years and months from March */

	return y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) + (153 * m + 2) / 5 + day_of_month -
	       1 - DAYS_TO_1970;
}

static void date_from_days(int days, struct tm *out)
{
	int era, rest, year, day, month;

	days += DAYS_TO_1970;
	era = floor_div(days, DAYS_400_YEARS);
	rest = days - era * DAYS_400_YEARS;
	year = (rest - rest / (DAYS_4_YEARS - 1) + rest / DAYS_100_YEARS - rest / (DAYS_400_YEARS - 1)) / 365;
	day = rest - (365 * year + year / 4 - year / 100);
	month = (5 * day + 2) / 153; /* March is 0 */
	out->tm_mday = day - (153 * month + 2) / 5 + 1;
	out->tm_mon = (month + 2) % 12;
	year += era * 400 + (month >= 10);
	out->tm_year = year - 1900;
	out->tm_yday = month >= 10 ? day - DAYS_MARCH_TO_JANUARY : day + 59 + is_leap(year);
}

struct tm *gmtime_r(const time_t *t, struct tm *out)
{
	int days = floor_div((int)*t, DAY), second = (int)*t - days * DAY;

	date_from_days(days, out);
	out->tm_wday = (days % 7 + 11) % 7; /* the epoch was a Thursday */
	out->tm_hour = second / 3600;
	out->tm_min = second / 60 % 60;
	out->tm_sec = second % 60;
	out->tm_isdst = 0;
	return out;
}

struct tm *gmtime(const time_t *t)
{
	static struct tm result;

	return gmtime_r(t, &result);
}

struct tm *localtime_r(const time_t *t, struct tm *out)
{
	return gmtime_r(t, out);
}

struct tm *localtime(const time_t *t)
{
	return gmtime(t);
}

time_t timegm(struct tm *tm)
{
	int year = tm->tm_year + 1900 + floor_div(tm->tm_mon, 12), month = tm->tm_mon - floor_div(tm->tm_mon, 12) * 12;
	long long seconds = (long long)days_from_date(year, month, tm->tm_mday) * DAY + tm->tm_hour * 3600LL +
	                    tm->tm_min * 60LL + tm->tm_sec;
	time_t result = (time_t)seconds;

	if (result != seconds)
		return -1;
	gmtime_r(&result, tm);
	return result;
}

time_t mktime(struct tm *tm)
{
	return timegm(tm);
}

/* The formats that are short for others. */
static const char *format_expand(char letter)
{
	switch (letter) {
	case 'c': return "%a %b %e %H:%M:%S %Y";
	case 'D':
	case 'x': return "%m/%d/%y";
	case 'F': return "%Y-%m-%d";
	case 'R': return "%H:%M";
	case 'T':
	case 'X': return "%H:%M:%S";
	default: return NULL;
	}
}

static const char *name_of(const char *const *names, int n, int i)
{
	return i >= 0 && i < n ? names[i] : "?";
}

/* The conversions that are names. */
static const char *format_name(char letter, const struct tm *tm)
{
	switch (letter) {
	case 'a':
	case 'A': return name_of(day_names, 7, tm->tm_wday);
	case 'b':
	case 'B':
	case 'h': return name_of(month_names, 12, tm->tm_mon);
	case 'p': return tm->tm_hour < 12 ? "AM" : "PM";
	case 'z': return "+0000";
	case 'Z': return "UTC";
	case 'n': return "\n";
	case 't': return "\t";
	case '%': return "%";
	default: return NULL;
	}
}

/* The conversions that are numbers; -1 for others. */
static int format_number(char letter, const struct tm *tm)
{
	switch (letter) {
	case 'd':
	case 'e': return tm->tm_mday;
	case 'H': return tm->tm_hour;
	case 'I': return (tm->tm_hour + 11) % 12 + 1;
	case 'j': return tm->tm_yday + 1;
	case 'm': return tm->tm_mon + 1;
	case 'M': return tm->tm_min;
	case 'S': return tm->tm_sec;
	case 'u': return tm->tm_wday ? tm->tm_wday : 7;
	case 'w': return tm->tm_wday;
	case 'y': return tm->tm_year % 100;
	case 'Y': return tm->tm_year + 1900;
	default: return -1;
	}
}

/* The text of the conversion LETTER; characters that are none stand for themselves. */
static void format_one(char *field, size_t size, char letter, const struct tm *tm)
{
	const char *longer = format_expand(letter), *name = format_name(letter, tm);
	int number = format_number(letter, tm);
	struct tm copy = *tm;

	if (longer)
		strftime(field, size, longer, tm);
	else if (name)
		snprintf(field, size, letter == 'a' || letter == 'b' || letter == 'h' ? "%.3s" : "%s", name);
	else if (letter == 's')
		snprintf(field, size, "%ld", timegm(&copy));
	else if (number < 0)
		snprintf(field, size, "%%%c", letter);
	else
		snprintf(field, size,
		         letter == 'e'           ? "%2d"
		         : letter == 'j'         ? "%03d"
		         : strchr("uwY", letter) ? "%d"
		                                 : "%02d",
		         number);
}

size_t strftime(char *s, size_t size, const char *fmt, const struct tm *tm)
{
	size_t used = 0;
	char field[64];

	for (; *fmt; fmt++) {
		size_t n;

		if (*fmt == '%' && fmt[1])
			format_one(field, sizeof field, *++fmt, tm);
		else
			snprintf(field, sizeof field, "%c", *fmt);
		n = strlen(field);
		if (used + n >= size)
			return 0;
		memcpy(s + used, field, n);
		used += n;
	}
	if (size == 0)
		return 0;
	s[used] = 0;
	return used;
}

char *asctime(const struct tm *tm)
{
	static char text[64];

	strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y%n", tm);
	return text;
}

char *ctime(const time_t *t)
{
	return asctime(gmtime(t));
}
