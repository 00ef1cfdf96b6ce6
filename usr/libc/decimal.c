/* Exact conversion between doubles and decimal digits.
   A double is an integer times a power of two, and a decimal number can be multiplied and divided by two without loss
   (each halving adds at most one digit).  So both directions are "shift the decimal, then read off".  It is slow for
   exponents of hundreds; tables of powers of ten would be faster, and larger than all of stdio. */
#include "decimal.h"

#include <stdint.h>
#include <string.h>

enum {
	SHIFT_MAX = 28, /* 9 << 28 and the carries still fit 32 bits */
	MANTISSA_BITS = 52,
	EXPONENT_BIAS = 1023,
	EXPONENT_MIN = -1022,
	EXPONENT_SPECIAL = 0x7ff,
};

union double_bits {
	double value;
	uint64_t bits;
};

void decimal_trim(struct decimal *d)
{
	while (d->n > 0 && d->digit[d->n - 1] == 0)
		d->n--;
	if (d->n == 0)
		d->point = 0;
}

/* Multiply by 2 to the K, at most SHIFT_MAX. */
static void shift_left(struct decimal *d, int k)
{
	unsigned char product[DECIMAL_DIGITS + 10];
	int at = (int)sizeof product, length;
	uint32_t carry = 0;

	for (int i = d->n - 1; i >= 0 || carry > 0; i--) {
		if (i >= 0)
			carry += (uint32_t)d->digit[i] << k;
		product[--at] = (unsigned char)(carry % 10);
		carry /= 10;
	}
	length = (int)sizeof product - at;
	d->point += length - d->n;
	d->n = length < DECIMAL_DIGITS ? length : DECIMAL_DIGITS;
	memcpy(d->digit, product + at, (size_t)d->n);
	for (int i = d->n; i < length; i++)
		d->truncated |= product[at + i] != 0;
	decimal_trim(d);
}

/* Divide by 2 to the K, at most SHIFT_MAX: long division, digits going out behind those coming in. */
static void shift_right(struct decimal *d, int k)
{
	uint32_t rest = 0, mask = (1u << k) - 1;
	int in = 0, out = 0;

	for (; rest >> k == 0 && (in < d->n || rest > 0); in++)
		rest = rest * 10 + (in < d->n ? d->digit[in] : 0);
	d->point -= in - 1;
	while (out < DECIMAL_DIGITS && (in < d->n || rest > 0)) {
		d->digit[out++] = (unsigned char)(rest >> k);
		rest = (rest & mask) * 10 + (in < d->n ? d->digit[in] : 0);
		in++;
	}
	d->truncated |= rest > 0 || in < d->n;
	d->n = out;
	decimal_trim(d);
}

/* Multiply by 2 to the K, which may be negative. */
static void shift(struct decimal *d, int k)
{
	if (d->n == 0)
		return;
	for (; k > SHIFT_MAX; k -= SHIFT_MAX)
		shift_left(d, SHIFT_MAX);
	for (; k < -SHIFT_MAX; k += SHIFT_MAX)
		shift_right(d, SHIFT_MAX);
	if (k > 0)
		shift_left(d, k);
	else if (k < 0)
		shift_right(d, -k);
}

/* Whether the digits from N on are more than half of one at N-1, or exactly half and that one is odd. */
static bool rounds_up(const struct decimal *d, int n)
{
	if (n < 0 || n >= d->n)
		return false;
	if (d->digit[n] == 5 && n + 1 == d->n && !d->truncated)
		return n > 0 && d->digit[n - 1] % 2 == 1;
	return d->digit[n] >= 5;
}

void decimal_round(struct decimal *d, int n)
{
	bool up = rounds_up(d, n);

	if (n >= d->n)
		return;
	d->n = n < 0 ? 0 : n;
	d->truncated = false;
	if (!up) {
		decimal_trim(d);
		return;
	}
	while (d->n > 0 && d->digit[d->n - 1] == 9)
		d->n--;
	if (d->n > 0) {
		d->digit[d->n - 1]++;
	} else {
		d->digit[d->n++] = 1;
		d->point++;
	}
}

static void decimal_from_integer(struct decimal *d, uint64_t value)
{
	unsigned char reversed[20];
	int n = 0;

	for (; value > 0; value /= 10)
		reversed[n++] = (unsigned char)(value % 10);
	d->n = d->point = n;
	d->truncated = false;
	for (int i = 0; i < n; i++)
		d->digit[i] = reversed[n - 1 - i];
	decimal_trim(d);
}

void decimal_from_double(struct decimal *d, double x)
{
	union double_bits u = {.value = x};
	int exponent = (int)(u.bits >> MANTISSA_BITS) & EXPONENT_SPECIAL;
	uint64_t mantissa = u.bits & ((1ull << MANTISSA_BITS) - 1);

	if (exponent > 0)
		mantissa |= 1ull << MANTISSA_BITS;
	else
		exponent = 1;
	decimal_from_integer(d, mantissa);
	shift(d, exponent - EXPONENT_BIAS - MANTISSA_BITS);
}

/* Shift D into [1/2, 1); the result is the power of two that was taken out. */
static int normalize(struct decimal *d)
{
	int taken = 0;

	while (d->point != 0 || d->digit[0] < 5) {
		/* steps that cannot reach the other side of the range */
		int k = d->point > 0 ? -(3 * (d->point - 1) + 1) : d->point < 0 ? 3 * -d->point : 1;

		k = k > SHIFT_MAX ? SHIFT_MAX : k < -SHIFT_MAX ? -SHIFT_MAX : k;
		shift(d, k);
		taken -= k;
	}
	return taken;
}

/* The whole part, rounded; D is below 2 to the 54. */
static uint64_t decimal_integer(struct decimal *d)
{
	uint64_t value = 0;

	decimal_round(d, d->point);
	for (int i = 0; i < d->point; i++)
		value = value * 10 + (i < d->n ? d->digit[i] : 0);
	return value;
}

double decimal_to_double(struct decimal *d)
{
	union double_bits u = {.bits = 0};
	int exponent;

	if (d->n == 0 || d->point < -330)
		return 0;
	if (d->point > 310)
		return __builtin_inf();
	exponent = normalize(d) - 1; /* the number is 1.xxx times 2 to this */
	if (exponent < EXPONENT_MIN) {
		shift(d, exponent - EXPONENT_MIN);
		exponent = EXPONENT_MIN;
	}
	shift(d, MANTISSA_BITS + 1);
	u.bits = decimal_integer(d);
	if (u.bits >> (MANTISSA_BITS + 1)) {
		u.bits >>= 1;
		exponent++;
	}
	if (exponent > EXPONENT_BIAS)
		return __builtin_inf();
	if (u.bits >> MANTISSA_BITS) /* else it is subnormal, whose exponent field is 0 */
		u.bits += (uint64_t)(exponent + EXPONENT_BIAS - 1) << MANTISSA_BITS;
	return u.value;
}
