/* Formatted text into a sink. */
#ifndef LIBC_FORMAT_H
#define LIBC_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct sink {
	void (*put)(struct sink *sink, const char *s, size_t n);
	size_t count; /* bytes given so far, also those that did not fit */
};

/* What stands between % and the conversion's letter. */
struct conversion {
	bool left, plus, space, alternate, zero; /* - + space # 0 */
	int width;
	int precision; /* -1 if not given */
	char letter;
};

/* Returns sink->count; -1 with EOVERFLOW when that is beyond INT_MAX. */
int format(struct sink *sink, const char *fmt, va_list ap);
void format_put(struct sink *sink, const char *s, size_t n);
void format_fill(struct sink *sink, char c, int n);
/* e f g E F G */
void format_double(struct sink *sink, const struct conversion *c, double x);

#endif
