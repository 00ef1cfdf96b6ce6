/* Formatting: one pass over the format, each conversion read into a struct and then put through the caller's function,
   so that the console, the log ring and a buffer share one path and none needs room for a whole line.
   No floats (the kernel owns no FPU register), no %n, no wide characters, no locale.  A formatter that fills a buffer
   and hands it on was not taken: it would need a limit on the length of a line. */
#include <lib/fmt.h>

#include <lib/div64.h>
#include <lib/string.h>
#include <stdbool.h>

#define DIGITS_MAX 22 /* of UINT64_MAX in octal */

enum length { LENGTH_CHAR, LENGTH_SHORT, LENGTH_INT, LENGTH_LONG, LENGTH_LONG_LONG, LENGTH_SIZE };

/* One conversion, as the format wrote it. */
struct spec {
	bool left, zero, plus, space, alt; /* the flags - 0 + space # */
	int32_t width;                     /* 0: none */
	int32_t precision;                 /* < 0: none */
	enum length length;
	char conversion;
};

struct sink {
	fmt_put_fn put;
	void *ctx;
	int32_t count; /* characters put */
};

/* va_list may be an array type, which a function cannot take the address of portably; a struct around it can be. */
struct args {
	va_list ap;
};

static void sink_char(struct sink *s, char c)
{
	s->put(s->ctx, c);
	s->count++;
}

static void sink_repeat(struct sink *s, char c, int32_t n)
{
	for (; n > 0; n--)
		sink_char(s, c);
}

static void sink_bytes(struct sink *s, const char *bytes, int32_t n)
{
	for (int32_t i = 0; i < n; i++)
		sink_char(s, bytes[i]);
}

/* BYTES, with blanks up to the width. */
static void sink_padded(struct sink *s, const struct spec *sp, const char *bytes, int32_t n)
{
	if (!sp->left)
		sink_repeat(s, ' ', sp->width - n);
	sink_bytes(s, bytes, n);
	if (sp->left)
		sink_repeat(s, ' ', sp->width - n);
}

static const char *flags_read(const char *f, struct spec *sp)
{
	for (;; f++)
		switch (*f) {
		case '-': sp->left = true; break;
		case '0': sp->zero = true; break;
		case '+': sp->plus = true; break;
		case ' ': sp->space = true; break;
		case '#': sp->alt = true; break;
		default: return f;
		}
}

/* A number, or * for an argument. */
static const char *number_read(const char *f, struct args *a, int32_t *out)
{
	int32_t n = 0;

	if (*f == '*') {
		*out = va_arg(a->ap, int);
		return f + 1;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		if (n < 100000) /* a format is ours; more digits than this are a slip, not a width */
			n = n * 10 + (*f - '0');
	*out = n;
	return f;
}

static const char *length_read(const char *f, struct spec *sp)
{
	switch (*f) {
	case 'h': sp->length = f[1] == 'h' ? LENGTH_CHAR : LENGTH_SHORT; return f + (f[1] == 'h' ? 2 : 1);
	case 'l': sp->length = f[1] == 'l' ? LENGTH_LONG_LONG : LENGTH_LONG; return f + (f[1] == 'l' ? 2 : 1);
	case 'z': sp->length = LENGTH_SIZE; return f + 1;
	default: sp->length = LENGTH_INT; return f;
	}
}

/* F is past the %; => past the conversion character (on the NUL, if the format ends too early). */
static const char *spec_read(const char *f, struct args *a, struct spec *sp)
{
	*sp = (struct spec){.precision = -1};
	f = flags_read(f, sp);
	f = number_read(f, a, &sp->width);
	if (sp->width < 0) {
		sp->left = true;
		sp->width = -sp->width;
	}
	if (*f == '.')
		f = number_read(f + 1, a, &sp->precision);
	f = length_read(f, sp);
	sp->conversion = *f;
	return *f ? f + 1 : f;
}

static int64_t arg_signed(struct args *a, enum length length)
{
	switch (length) {
	case LENGTH_CHAR: return (int8_t)va_arg(a->ap, int);
	case LENGTH_SHORT: return (int16_t)va_arg(a->ap, int);
	case LENGTH_INT: return va_arg(a->ap, int);
	case LENGTH_LONG: return va_arg(a->ap, long);
	case LENGTH_LONG_LONG: return va_arg(a->ap, long long);
	case LENGTH_SIZE: return (int64_t)va_arg(a->ap, ptrdiff_t);
	}
	UNREACHABLE();
}

static uint64_t arg_unsigned(struct args *a, enum length length)
{
	switch (length) {
	case LENGTH_CHAR: return (uint8_t)va_arg(a->ap, unsigned);
	case LENGTH_SHORT: return (uint16_t)va_arg(a->ap, unsigned);
	case LENGTH_INT: return va_arg(a->ap, unsigned);
	case LENGTH_LONG: return va_arg(a->ap, unsigned long);
	case LENGTH_LONG_LONG: return va_arg(a->ap, unsigned long long);
	case LENGTH_SIZE: return va_arg(a->ap, size_t);
	}
	UNREACHABLE();
}

/* The digits of VALUE end before END; => the first, END itself for 0. */
static char *digits_binary(char *end, uint64_t value, unsigned shift, char conversion)
{
	const char *set = conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; value != 0; value >>= shift)
		*--end = set[value & ((1u << shift) - 1)];
	return end;
}

static char *digits_u32(char *end, uint32_t value)
{
	for (; value != 0; value /= 10)
		*--end = (char)('0' + value % 10);
	return end;
}

/* Nine digits at a time, so that only numbers beyond 32 bits pay for a 64-bit division. */
static char *digits_decimal(char *end, uint64_t value)
{
	while (value > UINT32_MAX) {
		uint32_t low;
		char *stop = end - 9;

		value = div64_u32(value, 1000000000, &low);
		end = digits_u32(end, low);
		while (end > stop)
			*--end = '0';
	}
	return digits_u32(end, (uint32_t)value);
}

/* PREFIX (sign or 0x), zeros and digits in the order that flags, width and precision ask for. */
static void sink_number(struct sink *s, const struct spec *sp, const char *prefix, const char *digits, int32_t ndigits)
{
	int32_t nprefix = (int32_t)strlen(prefix);
	int32_t zeros = (sp->precision >= 0 ? sp->precision : 1) - ndigits;
	int32_t blanks;

	if (sp->precision < 0 && sp->zero && !sp->left && sp->width - nprefix - ndigits > zeros)
		zeros = sp->width - nprefix - ndigits;
	if (zeros < 0)
		zeros = 0;
	blanks = sp->width - nprefix - zeros - ndigits;
	if (!sp->left)
		sink_repeat(s, ' ', blanks);
	sink_bytes(s, prefix, nprefix);
	sink_repeat(s, '0', zeros);
	sink_bytes(s, digits, ndigits);
	if (sp->left)
		sink_repeat(s, ' ', blanks);
}

static void put_signed(struct sink *s, const struct spec *sp, int64_t value)
{
	char buf[DIGITS_MAX];
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char *first = digits_decimal(buf + DIGITS_MAX, magnitude);
	const char *sign = value < 0 ? "-" : sp->plus ? "+" : sp->space ? " " : "";

	sink_number(s, sp, sign, first, (int32_t)(buf + DIGITS_MAX - first));
}

static void put_unsigned(struct sink *s, const struct spec *sp, uint64_t value)
{
	char buf[DIGITS_MAX];
	char *end = buf + DIGITS_MAX, *first;
	const char *prefix = "";

	switch (sp->conversion) {
	case 'o':
		first = digits_binary(end, value, 3, 'o');
		if (sp->alt && sp->precision <= end - first && (value != 0 || sp->precision == 0))
			prefix = "0"; /* only where no 0 leads already */
		break;
	case 'x':
	case 'X':
		first = digits_binary(end, value, 4, sp->conversion);
		if (sp->alt && value != 0)
			prefix = sp->conversion == 'X' ? "0X" : "0x";
		break;
	default: first = digits_decimal(end, value); break;
	}
	sink_number(s, sp, prefix, first, (int32_t)(end - first));
}

static void put_pointer(struct sink *s, struct spec *sp, const void *p)
{
	char buf[DIGITS_MAX];
	char *end = buf + DIGITS_MAX;
	char *first = digits_binary(end, (uintptr_t)p, 4, 'x');

	sp->precision = 2 * (int32_t)sizeof p;
	sink_number(s, sp, "0x", first, (int32_t)(end - first));
}

static void put_string(struct sink *s, const struct spec *sp, const char *str)
{
	if (!str)
		str = "(null)";
	sink_padded(s, sp, str, (int32_t)strnlen(str, sp->precision < 0 ? INT32_MAX : (size_t)sp->precision));
}

/* => false: no such conversion, no argument was taken for it. */
static bool spec_put(struct sink *s, struct spec *sp, struct args *a)
{
	char c;

	switch (sp->conversion) {
	case 'd':
	case 'i': put_signed(s, sp, arg_signed(a, sp->length)); return true;
	case 'u':
	case 'x':
	case 'X':
	case 'o': put_unsigned(s, sp, arg_unsigned(a, sp->length)); return true;
	case 'c':
		c = (char)va_arg(a->ap, int);
		sink_padded(s, sp, &c, 1);
		return true;
	case 's': put_string(s, sp, va_arg(a->ap, const char *)); return true;
	case 'p': put_pointer(s, sp, va_arg(a->ap, const void *)); return true;
	case '%': sink_char(s, '%'); return true;
	default: return false;
	}
}

int32_t fmt_vformat(fmt_put_fn put, void *ctx, const char *fmt, va_list ap)
{
	struct sink s = {put, ctx, 0};
	struct args a;
	struct spec sp;

	va_copy(a.ap, ap);
	while (*fmt) {
		const char *start = fmt;

		if (*fmt != '%') {
			sink_char(&s, *fmt++);
			continue;
		}
		fmt = spec_read(fmt + 1, &a, &sp);
		if (!spec_put(&s, &sp, &a))
			sink_bytes(&s, start, (int32_t)(fmt - start));
	}
	va_end(a.ap);
	return s.count;
}

int32_t fmt_format(fmt_put_fn put, void *ctx, const char *fmt, ...)
{
	va_list ap;
	int32_t n;

	va_start(ap, fmt);
	n = fmt_vformat(put, ctx, fmt, ap);
	va_end(ap);
	return n;
}

struct buffer {
	char *at;
	size_t room; /* characters that still fit, the NUL not counted */
};

static void buffer_put(void *ctx, char c)
{
	struct buffer *b = ctx;

	if (b->room == 0)
		return;
	*b->at++ = c;
	b->room--;
}

int32_t fmt_vsnprintf(char *dst, size_t size, const char *fmt, va_list ap)
{
	struct buffer b = {dst, size > 0 ? size - 1 : 0};
	int32_t n = fmt_vformat(buffer_put, &b, fmt, ap);

	if (size > 0)
		*b.at = '\0';
	return n;
}

int32_t fmt_snprintf(char *dst, size_t size, const char *fmt, ...)
{
	va_list ap;
	int32_t n;

	va_start(ap, fmt);
	n = fmt_vsnprintf(dst, size, fmt, ap);
	va_end(ap);
	return n;
}
