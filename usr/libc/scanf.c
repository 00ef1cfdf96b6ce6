/* The scanf family: d i u o x p s c [ n and floating point, widths, * and h hh l ll z j.
   A source is a stream or a string; each conversion collects its text into a small buffer and hands it to strtoll or
   strtod, so that the grammar of numbers stands in one place.  Numbers longer than the buffer are cut. */
#include <stdio.h>

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 128 };
enum scan_result { SCAN_OK, SCAN_MISMATCH, SCAN_END };

struct source {
	FILE *f;       /* or NULL */
	const char *s; /* if f is NULL */
	int count;     /* characters taken */
};

struct directive {
	bool discard;
	int width; /* INT_MAX if not given */
	int size;  /* bytes of the integer, 1 2 4 8; of the floating number 4 8 */
	char letter;
	uint32_t set[8]; /* what %[ accepts */
};

static int source_get(struct source *in)
{
	int c = in->f ? fgetc(in->f) : *in->s ? (unsigned char)*in->s++ : EOF;

	in->count += c != EOF;
	return c;
}

static void source_unget(struct source *in, int c)
{
	if (c == EOF)
		return;
	in->count--;
	if (in->f)
		ungetc(c, in->f);
	else
		in->s--;
}

static int skip_space(struct source *in)
{
	int c;

	do
		c = source_get(in);
	while (isspace(c));
	source_unget(in, c);
	return c;
}

static bool set_has(const struct directive *d, int c)
{
	return c != EOF && (d->set[c >> 5] >> (c & 31)) & 1;
}

/* The set behind "%["; the result points behind its closing bracket. */
static const char *parse_set(const char *s, struct directive *d)
{
	bool invert = *s == '^';
	const char *first = s += invert;

	memset(d->set, 0, sizeof d->set);
	for (; *s && (*s != ']' || s == first); s++) {
		int low = (unsigned char)*s, high = low;

		if (s[1] == '-' && s[2] && s[2] != ']') {
			high = (unsigned char)s[2];
			s += 2;
		}
		for (int c = low; c <= high; c++)
			d->set[c >> 5] |= 1u << (c & 31);
	}
	for (int i = 0; invert && i < 8; i++)
		d->set[i] = ~d->set[i];
	return *s ? s + 1 : s;
}

static const char *parse_directive(const char *s, struct directive *d)
{
	*d = (struct directive){.width = INT_MAX, .size = 4};
	if (*s == '*') {
		d->discard = true;
		s++;
	}
	if (isdigit((unsigned char)*s)) {
		char *end;

		d->width = (int)strtol(s, &end, 10);
		s = end;
	}
	for (; *s && strchr("hlLjzt", *s); s++) {
		if (*s == 'h')
			d->size /= 2;
		else if (*s == 'j' || *s == 'L' || (*s == 'l' && (s[1] == 'l' || strchr("aefgEFG", s[1]))))
			d->size = 8;
	}
	d->letter = *s;
	if (!*s)
		return s;
	return *s == '[' ? parse_set(s + 1, d) : s + 1;
}

static void store_integer(void *to, int size, long long value)
{
	switch (size) {
	case 1: *(char *)to = (char)value; break;
	case 2: *(short *)to = (short)value; break;
	case 8: *(long long *)to = value; break;
	default: *(int *)to = (int)value;
	}
}

/* Whether C may stand at place N of a number; loose, strtoll has the last word. */
static bool number_takes(const struct directive *d, const char *text, int n, int c)
{
	bool float_number = strchr("aefgEFG", d->letter) != NULL;
	bool hex = strchr("xXp", d->letter) || (d->letter == 'i' && n >= 2 && (text[1] | 32) == 'x');

	if (c == '+' || c == '-')
		return n == 0 || (float_number && (text[n - 1] | 32) == 'e');
	if (float_number)
		return isdigit(c) || c == '.' || (c && strchr("eEinfatyINFATY", c));
	if ((c == 'x' || c == 'X') && strchr("xXpi", d->letter))
		return n > 0 && text[n - 1] == '0' && (n == 1 || (n == 2 && !isdigit((unsigned char)text[0])));
	return hex ? isxdigit(c) : isdigit(c);
}

static int integer_base(char letter)
{
	return letter == 'i' ? 0 : letter == 'o' ? 8 : strchr("xXp", letter) ? 16 : 10;
}

static enum scan_result scan_number(struct source *in, const struct directive *d, va_list *ap)
{
	char text[NUMBER_MAX + 1] = {0}, *end;
	int n = 0, c;
	long long value;
	double real;

	if (skip_space(in) == EOF)
		return SCAN_END;
	for (; n < d->width && n < NUMBER_MAX; n++) {
		c = source_get(in);
		if (c == EOF || !number_takes(d, text, n, c)) {
			source_unget(in, c);
			break;
		}
		text[n] = (char)c;
	}
	if (strchr("aefgEFG", d->letter)) {
		real = strtod(text, &end);
		if (end > text && !d->discard && d->size == 8)
			*va_arg(*ap, double *) = real;
		else if (end > text && !d->discard)
			*va_arg(*ap, float *) = (float)real;
	} else {
		value = strchr("di", d->letter) ? strtoll(text, &end, integer_base(d->letter))
		                                : (long long)strtoull(text, &end, integer_base(d->letter));
		if (end > text && !d->discard)
			store_integer(va_arg(*ap, void *), d->size, value);
	}
	return end > text ? SCAN_OK : SCAN_MISMATCH;
}

/* s, c and [ */
static enum scan_result scan_text(struct source *in, const struct directive *d, va_list *ap)
{
	char *out = d->discard ? NULL : va_arg(*ap, char *);
	int width = d->letter == 'c' && d->width == INT_MAX ? 1 : d->width, n = 0, c = 0;

	if (d->letter == 's')
		skip_space(in);
	for (; n < width; n++) {
		c = source_get(in);
		if (c == EOF || (d->letter == 's' && isspace(c)) || (d->letter == '[' && !set_has(d, c))) {
			source_unget(in, c);
			break;
		}
		if (out)
			*out++ = (char)c;
	}
	if (n == 0 || (d->letter == 'c' && n < width))
		return c == EOF ? SCAN_END : SCAN_MISMATCH;
	if (out && d->letter != 'c')
		*out = 0;
	return SCAN_OK;
}

static enum scan_result scan_literal(struct source *in, char want)
{
	int c = source_get(in);

	if (c == (unsigned char)want)
		return SCAN_OK;
	source_unget(in, c);
	return c == EOF ? SCAN_END : SCAN_MISMATCH;
}

static enum scan_result scan_directive(struct source *in, const struct directive *d, va_list *ap)
{
	switch (d->letter) {
	case 'n':
		if (!d->discard)
			store_integer(va_arg(*ap, void *), d->size, in->count);
		return SCAN_OK;
	case '%': skip_space(in); return scan_literal(in, '%');
	case 's':
	case 'c':
	case '[': return scan_text(in, d, ap);
	default: return d->letter && strchr("diuoxXpaefgEFG", d->letter) ? scan_number(in, d, ap) : SCAN_MISMATCH;
	}
}

static int scan_all(struct source *in, const char *fmt, va_list ap)
{
	enum scan_result result = SCAN_OK;
	struct directive d;
	int stored = 0;
	va_list args;

	va_copy(args, ap);
	while (*fmt && result == SCAN_OK) {
		if (isspace((unsigned char)*fmt)) {
			skip_space(in);
			fmt++;
		} else if (*fmt != '%') {
			result = scan_literal(in, *fmt++);
		} else {
			fmt = parse_directive(fmt + 1, &d);
			result = scan_directive(in, &d, &args);
			stored += result == SCAN_OK && !d.discard && d.letter != 'n' && d.letter != '%';
		}
	}
	va_end(args);
	return result == SCAN_END && stored == 0 ? EOF : stored;
}

int vsscanf(const char *s, const char *fmt, va_list ap)
{
	struct source in = {NULL, s, 0};

	return scan_all(&in, fmt, ap);
}

int vfscanf(FILE *f, const char *fmt, va_list ap)
{
	struct source in = {f, NULL, 0};

	return scan_all(&in, fmt, ap);
}

int scanf(const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = vfscanf(stdin, fmt, ap);
	va_end(ap);
	return result;
}

int fscanf(FILE *f, const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = vfscanf(f, fmt, ap);
	va_end(ap);
	return result;
}

int sscanf(const char *s, const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = vsscanf(s, fmt, ap);
	va_end(ap);
	return result;
}
