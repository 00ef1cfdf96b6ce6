/* The engine of printf: integers, strings and characters.  Output goes to a sink in pieces, so that no length is
   limited by a buffer of ours.  %n is refused by leaving it out: nothing here needs it, and attackers do. */
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

enum length { LENGTH_INT, LENGTH_CHAR, LENGTH_SHORT, LENGTH_LONG, LENGTH_LLONG, LENGTH_LDOUBLE };

void format_put(struct sink *sink, const char *s, size_t n)
{
	if (n == 0)
		return;
	sink->put(sink, s, n);
	sink->count += n;
}

void format_fill(struct sink *sink, char c, int n)
{
	char block[32];

	if (n <= 0)
		return;
	memset(block, c, sizeof block);
	for (; n > (int)sizeof block; n -= (int)sizeof block)
		format_put(sink, block, sizeof block);
	format_put(sink, block, (size_t)n);
}

static void format_string(struct sink *sink, const struct conversion *c, const char *s, size_t n)
{
	int pad = c->width > (int)n ? c->width - (int)n : 0;

	if (!c->left)
		format_fill(sink, ' ', pad);
	format_put(sink, s, n);
	if (c->left)
		format_fill(sink, ' ', pad);
}

/* Write the digits of VALUE before END; the result is where they begin. */
static char *digits_write(char *end, uint64_t value, unsigned int base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	uint32_t low;

	for (; value >> 32; value /= base)
		*--end = digits[value % base];
	for (low = (uint32_t)value; low > 0; low /= base)
		*--end = digits[low % base];
	return end;
}

static const char *integer_prefix(const struct conversion *c, uint64_t value, bool negative)
{
	switch (c->letter) {
	case 'd':
	case 'i': return negative ? "-" : c->plus ? "+" : c->space ? " " : "";
	case 'x': return c->alternate && value ? "0x" : "";
	case 'X': return c->alternate && value ? "0X" : "";
	case 'p': return "0x";
	default: return "";
	}
}

static void format_integer(struct sink *sink, const struct conversion *c, uint64_t value, bool negative)
{
	char buffer[24], *end = buffer + sizeof buffer;
	unsigned int base = strchr("xXp", c->letter) ? 16 : c->letter == 'o' ? 8 : 10;
	char *s = digits_write(end, value, base, c->letter == 'X');
	const char *prefix = integer_prefix(c, value, negative);
	int digits = (int)(end - s), before = (int)strlen(prefix), zeros, pad;

	zeros = (c->precision < 0 ? 1 : c->precision) - digits;
	if (c->letter == 'o' && c->alternate && zeros <= 0)
		zeros = 1;
	zeros = zeros < 0 ? 0 : zeros;
	pad = c->width - before - zeros - digits;
	if (c->zero && !c->left && c->precision < 0 && pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!c->left)
		format_fill(sink, ' ', pad);
	format_put(sink, prefix, (size_t)before);
	format_fill(sink, '0', zeros);
	format_put(sink, s, (size_t)digits);
	if (c->left)
		format_fill(sink, ' ', pad);
}

static const char *parse_flags(const char *s, struct conversion *c)
{
	for (;; s++)
		switch (*s) {
		case '-': c->left = true; break;
		case '+': c->plus = true; break;
		case ' ': c->space = true; break;
		case '#': c->alternate = true; break;
		case '0': c->zero = true; break;
		default: return s;
		}
}

/* A number, or * for the next argument. */
static const char *parse_count(const char *s, va_list *ap, int *out)
{
	*out = 0;
	if (*s == '*') {
		*out = va_arg(*ap, int);
		return s + 1;
	}
	for (; *s >= '0' && *s <= '9'; s++)
		*out = *out > INT_MAX / 10 - 1 ? INT_MAX / 2 : *out * 10 + (*s - '0');
	return s;
}

static const char *parse_length(const char *s, enum length *out)
{
	*out = LENGTH_INT;
	switch (*s) {
	case 'h': *out = s[1] == 'h' ? LENGTH_CHAR : LENGTH_SHORT; return s + (s[1] == 'h' ? 2 : 1);
	case 'l': *out = s[1] == 'l' ? LENGTH_LLONG : LENGTH_LONG; return s + (s[1] == 'l' ? 2 : 1);
	case 'j': *out = LENGTH_LLONG; return s + 1;
	case 'z':
	case 't': return s + 1;
	case 'L': *out = LENGTH_LDOUBLE; return s + 1;
	default: return s;
	}
}

static const char *parse_conversion(const char *s, va_list *ap, struct conversion *c, enum length *length)
{
	s = parse_count(parse_flags(s, c), ap, &c->width);
	if (c->width < 0) {
		c->left = true;
		c->width = -c->width;
	}
	c->precision = -1;
	if (*s == '.')
		s = parse_count(s + 1, ap, &c->precision);
	s = parse_length(s, length);
	c->letter = *s;
	return *s ? s + 1 : s;
}

static int64_t argument_signed(va_list *ap, enum length length)
{
	switch (length) {
	case LENGTH_CHAR: return (signed char)va_arg(*ap, int);
	case LENGTH_SHORT: return (short)va_arg(*ap, int);
	case LENGTH_LLONG:
	case LENGTH_LDOUBLE: return va_arg(*ap, long long);
	case LENGTH_INT:
	case LENGTH_LONG: break;
	}
	return va_arg(*ap, long);
}

static uint64_t argument_unsigned(va_list *ap, enum length length)
{
	switch (length) {
	case LENGTH_CHAR: return (unsigned char)va_arg(*ap, int);
	case LENGTH_SHORT: return (unsigned short)va_arg(*ap, int);
	case LENGTH_LLONG:
	case LENGTH_LDOUBLE: return va_arg(*ap, unsigned long long);
	case LENGTH_INT:
	case LENGTH_LONG: break;
	}
	return va_arg(*ap, unsigned long);
}

static void format_argument(struct sink *sink, const struct conversion *c, enum length length, va_list *ap)
{
	const char *s;
	int64_t n;
	char one;

	switch (c->letter) {
	case 'd':
	case 'i':
		n = argument_signed(ap, length);
		format_integer(sink, c, n < 0 ? -(uint64_t)n : (uint64_t)n, n < 0);
		return;
	case 'o':
	case 'u':
	case 'x':
	case 'X': format_integer(sink, c, argument_unsigned(ap, length), false); return;
	case 'p': format_integer(sink, c, (uintptr_t)va_arg(*ap, void *), false); return;
	case 'c':
		one = (char)va_arg(*ap, int);
		format_string(sink, c, &one, 1);
		return;
	case 's':
		s = va_arg(*ap, const char *);
		s = s ? s : "(null)";
		format_string(sink, c, s, c->precision < 0 ? strlen(s) : strnlen(s, (size_t)c->precision));
		return;
	case '%': format_put(sink, "%", 1); return;
	default:
		format_double(sink, c,
		              length == LENGTH_LDOUBLE ? (double)va_arg(*ap, long double) : va_arg(*ap, double));
	}
}

int format(struct sink *sink, const char *fmt, va_list ap)
{
	va_list args;

	va_copy(args, ap);
	while (*fmt) {
		size_t plain = strcspn(fmt, "%");
		struct conversion c = {0};
		enum length length;

		format_put(sink, fmt, plain);
		fmt += plain;
		if (!*fmt)
			break;
		fmt = parse_conversion(fmt + 1, &args, &c, &length);
		if (c.letter == '\0' || !strchr("diouxXpcs%eEfFgG", c.letter)) {
			errno = EINVAL;
			va_end(args);
			return -1;
		}
		format_argument(sink, &c, length, &args);
	}
	va_end(args);
	if (sink->count > INT_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	return (int)sink->count;
}
