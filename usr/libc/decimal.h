/* Decimal numbers of up to 800 digits, in which a double and its text meet exactly. */
#ifndef LIBC_DECIMAL_H
#define LIBC_DECIMAL_H

#include <stdbool.h>

enum { DECIMAL_DIGITS = 800 }; /* the longest double has 767 */

/* 0.DIGIT[0]DIGIT[1]... times ten to the POINT; zero is N == 0.  Neither the first nor the last digit is 0. */
struct decimal {
	int n, point;
	bool truncated;                      /* digits other than 0 were lost behind the last */
	unsigned char digit[DECIMAL_DIGITS]; /* 0-9 */
};

/* D is the magnitude of X, which is finite. */
void decimal_from_double(struct decimal *d, double x);
/* The nearest double, ties to even; infinity when D is too large. */
double decimal_to_double(struct decimal *d);
/* Round to the first N digits, ties to even; N may be negative or beyond the last digit. */
void decimal_round(struct decimal *d, int n);
/* Drop the zeros behind the last other digit. */
void decimal_trim(struct decimal *d);

#endif
