/* printf of floating point, exact to the last digit asked for: the number's decimal digits are all known (decimal.h),
   then rounded once. */
#include "format.h"

#include <stdint.h>
#include <string.h>

#include "decimal.h"

enum { PRECISION_DEFAULT = 6 };

/* The pieces of a number as it will be printed. */
struct layout {
	const char *sign;
	int whole;    /* digits before the point */
	int fraction; /* digits behind the point */
	bool point;
	char exponent[8]; /* "e+05", or empty */
	int first;        /* which digit of the decimal is the first before the point; may be negative */
};

static const char *sign_text(const struct conversion *c, bool negative)
{
	return negative ? "-" : c->plus ? "+" : c->space ? " " : "";
}

static void put_digits(struct sink *sink, const struct decimal *d, int from, int n)
{
	char block[64];

	while (n > 0) {
		int some = n < (int)sizeof block ? n : (int)sizeof block;

		for (int i = 0; i < some; i++, from++)
			block[i] = (char)('0' + (from >= 0 && from < d->n ? d->digit[from] : 0));
		format_put(sink, block, (size_t)some);
		n -= some;
	}
}

static void put_layout(struct sink *sink, const struct conversion *c, const struct decimal *d, const struct layout *l)
{
	int sign = (int)strlen(l->sign), exponent = (int)strlen(l->exponent);
	int pad = c->width - sign - l->whole - l->point - l->fraction - exponent;
	bool zeros = c->zero && !c->left;

	if (!c->left && !zeros)
		format_fill(sink, ' ', pad);
	format_put(sink, l->sign, (size_t)sign);
	if (zeros)
		format_fill(sink, '0', pad);
	put_digits(sink, d, l->first, l->whole);
	if (l->point)
		format_put(sink, ".", 1);
	put_digits(sink, d, l->first + l->whole, l->fraction);
	format_put(sink, l->exponent, (size_t)exponent);
	if (c->left)
		format_fill(sink, ' ', pad);
}

static void exponent_write(char *out, char letter, int exponent)
{
	int magnitude = exponent < 0 ? -exponent : exponent;

	*out++ = letter;
	*out++ = exponent < 0 ? '-' : '+';
	if (magnitude >= 100)
		*out++ = (char)('0' + magnitude / 100);
	*out++ = (char)('0' + magnitude / 10 % 10);
	*out++ = (char)('0' + magnitude % 10);
	*out = 0;
}

static void layout_fixed(struct layout *l, const struct decimal *d, int precision)
{
	l->whole = d->n > 0 && d->point > 0 ? d->point : 1;
	l->first = d->n > 0 ? d->point - l->whole : 0;
	l->fraction = precision;
}

static void layout_exponent(struct layout *l, const struct decimal *d, int precision, char letter)
{
	l->whole = 1;
	l->first = 0;
	l->fraction = precision;
	exponent_write(l->exponent, letter, d->n > 0 ? d->point - 1 : 0);
}

/* g: PRECISION significant digits in the shorter form, zeros at the end dropped unless # is given. */
static void layout_general(struct layout *l, struct decimal *d, const struct conversion *c, int precision)
{
	int exponent, behind;

	precision = precision == 0 ? 1 : precision;
	decimal_round(d, precision);
	exponent = d->n > 0 ? d->point - 1 : 0;
	if (exponent < -4 || exponent >= precision) {
		behind = d->n > 0 ? d->n - 1 : 0;
		layout_exponent(l, d, c->alternate ? precision - 1 : behind, c->letter == 'G' ? 'E' : 'e');
	} else {
		behind = d->n > d->point ? d->n - d->point : 0;
		layout_fixed(l, d, c->alternate ? precision - 1 - exponent : behind);
	}
}

static void put_special(struct sink *sink, const struct conversion *c, double x, bool negative)
{
	bool upper = c->letter >= 'E' && c->letter <= 'G';
	const char *name = x != x ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
	const char *sign = sign_text(c, negative);
	int pad = c->width - (int)strlen(name) - (int)strlen(sign);

	if (!c->left)
		format_fill(sink, ' ', pad);
	format_put(sink, sign, strlen(sign));
	format_put(sink, name, strlen(name));
	if (c->left)
		format_fill(sink, ' ', pad);
}

void format_double(struct sink *sink, const struct conversion *c, double x)
{
	int precision = c->precision < 0 ? PRECISION_DEFAULT : c->precision;
	struct layout l = {0};
	struct decimal d;
	bool negative = __builtin_signbit(x);

	if (x != x || x - x != 0) {
		put_special(sink, c, x, negative);
		return;
	}
	decimal_from_double(&d, x);
	l.sign = sign_text(c, negative);
	switch (c->letter | 32) {
	case 'f':
		decimal_round(&d, d.point + precision);
		layout_fixed(&l, &d, precision);
		break;
	case 'e':
		decimal_round(&d, precision + 1);
		layout_exponent(&l, &d, precision, c->letter);
		break;
	default: layout_general(&l, &d, c, precision);
	}
	l.point = l.fraction > 0 || c->alternate;
	put_layout(sink, c, &d, &l);
}
