/* A line of output is collected, so that one printf() is one write() where it fits. */
#include "format.h"

#include "calls.h"

struct out {
	int fd;
	int n; /* characters in text */
	char text[128];
};

static void flush(struct out *o)
{
	if (o->n > 0)
		write(o->fd, o->text, o->n);
	o->n = 0;
}

static void put(struct out *o, char c)
{
	if (o->n == (int)sizeof o->text)
		flush(o);
	o->text[o->n++] = c;
}

static void put_string(struct out *o, const char *s)
{
	for (s = s ? s : "(null)"; *s; s++)
		put(o, *s);
}

/* At least DIGITS of them. */
static void put_number(struct out *o, unsigned long long value, unsigned int base, int digits)
{
	char text[24];
	int n = 0;

	do {
		text[n++] = "0123456789ABCDEF"[value % base];
		value /= base;
	} while (value > 0 || n < digits);
	while (n > 0)
		put(o, text[--n]);
}

static void put_signed(struct out *o, long long value)
{
	if (value < 0)
		put(o, '-');
	put_number(o, value < 0 ? -(unsigned long long)value : (unsigned long long)value, 10, 1);
}

/* A letter that asks for a number, with LONGS l before it. => whether it was one. */
static int put_letter(struct out *o, char letter, int longs, va_list *args)
{
	if (letter != 'd' && letter != 'u' && letter != 'x')
		return 0;
	if (longs == 2 && letter == 'd')
		put_signed(o, va_arg(*args, long long));
	else if (longs == 2)
		put_number(o, va_arg(*args, unsigned long long), letter == 'x' ? 16 : 10, 1);
	else if (letter == 'd')
		put_signed(o, va_arg(*args, int));
	else
		put_number(o, va_arg(*args, unsigned int), letter == 'x' ? 16 : 10, 1);
	return 1;
}

/* AT is behind a %. => behind what it asked for. */
static const char *put_item(struct out *o, const char *at, va_list *args, int wide)
{
	int longs = 0;

	while (longs < 2 && at[longs] == 'l')
		longs++;
	if (put_letter(o, at[longs], longs, args))
		return at + longs + 1;
	if (wide && longs > 0) {
		put_number(o, va_arg(*args, unsigned long), 10, 1);
		return at + 1;
	}
	switch (*at) {
	case 's': put_string(o, va_arg(*args, const char *)); break;
	case 'c': put(o, (char)va_arg(*args, int)); break;
	case 'p':
		put_string(o, wide ? "0x" : "");
		put_number(o, va_arg(*args, unsigned long), 16, wide ? 2 * (int)sizeof(long) : 1);
		break;
	case '%': put(o, '%'); break;
	case 0: put(o, '%'); return at;
	default: put(o, '%'); put(o, *at);
	}
	return at + 1;
}

void xv6_format(int fd, const char *format, va_list args, int wide)
{
	struct out o = {.fd = fd};
	va_list copy;

	va_copy(copy, args);
	while (*format) {
		if (*format == '%')
			format = put_item(&o, format + 1, &copy, wide);
		else
			put(&o, *format++);
	}
	va_end(copy);
	flush(&o);
}
