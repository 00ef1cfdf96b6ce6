/* Text to double, correctly rounded; also inf and nan.  Hexadecimal floats are not read. */
#include <stdlib.h>

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "decimal.h"

/* Read digits and a point into D; *ANY says whether there was a digit. */
static const char *scan_digits(const char *s, struct decimal *d, bool *any)
{
	bool point_seen = false;

	for (;; s++) {
		if (*s == '.' && !point_seen) {
			point_seen = true;
			continue;
		}
		if (!isdigit((unsigned char)*s))
			break;
		*any = true;
		if (d->n == 0 && *s == '0') { /* leading zeros only move the point */
			d->point -= point_seen;
			continue;
		}
		if (d->n < DECIMAL_DIGITS)
			d->digit[d->n++] = (unsigned char)(*s - '0');
		else
			d->truncated |= *s != '0';
		d->point += !point_seen;
	}
	return s;
}

static const char *scan_exponent(const char *s, struct decimal *d)
{
	const char *digits = s + 1;
	long exponent;
	int saved = errno;
	char *end;

	if ((*s | 32) != 'e')
		return s;
	if (*digits == '+' || *digits == '-')
		digits++;
	if (!isdigit((unsigned char)*digits))
		return s;
	exponent = strtol(s + 1, &end, 10);
	errno = saved;
	exponent = exponent > 99999 ? 99999 : exponent < -99999 ? -99999 : exponent;
	d->point += (int)exponent;
	return end;
}

/* The length of a name of infinity or not-a-number at S, or 0. */
static size_t scan_special(const char *s, double *value)
{
	if (strncasecmp(s, "inf", 3) == 0) {
		*value = __builtin_inf();
		return strncasecmp(s, "infinity", 8) == 0 ? 8 : 3;
	}
	if (strncasecmp(s, "nan", 3) == 0) {
		*value = __builtin_nan("");
		return 3;
	}
	return 0;
}

static double scan_finite(const char **s)
{
	struct decimal d = {0};
	bool any = false;
	const char *end = scan_digits(*s, &d, &any);
	bool zero = d.n == 0;
	double value;

	if (!any)
		return 0;
	*s = scan_exponent(end, &d);
	decimal_trim(&d);
	value = decimal_to_double(&d);
	if (!zero && (value == 0 || value == __builtin_inf()))
		errno = ERANGE;
	return value;
}

double strtod(const char *s, char **end)
{
	const char *p = s, *number;
	bool negative = false;
	double value = 0;

	while (isspace((unsigned char)*p))
		p++;
	if (*p == '+' || *p == '-')
		negative = *p++ == '-';
	number = p;
	p += scan_special(p, &value);
	if (p == number)
		value = scan_finite(&p);
	if (end)
		*end = (char *)(p == number ? s : p);
	return negative ? -value : value;
}

float strtof(const char *s, char **end)
{
	return (float)strtod(s, end);
}

double atof(const char *s)
{
	return strtod(s, NULL);
}
