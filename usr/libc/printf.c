/* The printf family: sinks for strings, streams and descriptors around the engine of format.c. */
#include <stdio.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "stdio_priv.h"

struct string_sink {
	struct sink sink;
	char *s;
	size_t room; /* bytes at s, without the NUL */
};

struct stream_sink {
	struct sink sink;
	FILE *f;
	bool failed;
};

struct fd_sink {
	struct sink sink;
	int fd;
	size_t used;
	bool failed;
	char buffer[512];
};

static void string_put(struct sink *sink, const char *s, size_t n)
{
	struct string_sink *out = (struct string_sink *)sink;

	n = n < out->room ? n : out->room;
	memcpy(out->s, s, n);
	out->s += n;
	out->room -= n;
}

static void stream_put(struct sink *sink, const char *s, size_t n)
{
	struct stream_sink *out = (struct stream_sink *)sink;

	if (!out->failed)
		out->failed = stream_write(out->f, s, n) != n;
}

static void fd_flush(struct fd_sink *out)
{
	for (size_t done = 0; done < out->used && !out->failed;) {
		ssize_t n = write(out->fd, out->buffer + done, out->used - done);

		out->failed = n < 0;
		done += n < 0 ? 0 : (size_t)n;
	}
	out->used = 0;
}

static void fd_put(struct sink *sink, const char *s, size_t n)
{
	struct fd_sink *out = (struct fd_sink *)sink;

	while (n > 0) {
		size_t some = sizeof out->buffer - out->used < n ? sizeof out->buffer - out->used : n;

		memcpy(out->buffer + out->used, s, some);
		out->used += some;
		s += some;
		n -= some;
		if (out->used == sizeof out->buffer)
			fd_flush(out);
	}
}

int vsnprintf(char *s, size_t n, const char *fmt, va_list ap)
{
	char none[1];
	struct string_sink out = {{string_put, 0}, n > 0 ? s : none, n > 0 ? n - 1 : 0};
	int result = format(&out.sink, fmt, ap);

	*out.s = 0;
	return result;
}

int vsprintf(char *s, const char *fmt, va_list ap)
{
	return vsnprintf(s, INT_MAX, fmt, ap);
}

int vdprintf(int fd, const char *fmt, va_list ap)
{
	struct fd_sink out;
	int result;

	out.sink = (struct sink){fd_put, 0};
	out.fd = fd;
	out.used = 0;
	out.failed = false;
	result = format(&out.sink, fmt, ap);
	fd_flush(&out);
	return out.failed ? -1 : result;
}

int vfprintf(FILE *f, const char *fmt, va_list ap)
{
	struct stream_sink out = {{stream_put, 0}, f, false};
	int result;

	if (!stream_begin_write(f))
		return -1;
	if (f->flags & STREAM_UNBUFFERED) { /* still one write for one call */
		result = vdprintf(f->fd, fmt, ap);
		if (result < 0)
			f->flags |= STREAM_ERROR;
		return result;
	}
	result = format(&out.sink, fmt, ap);
	return out.failed ? -1 : result;
}

int vprintf(const char *fmt, va_list ap)
{
	return vfprintf(stdout, fmt, ap);
}

int vasprintf(char **s, const char *fmt, va_list ap)
{
	int n = vsnprintf(NULL, 0, fmt, ap);
	char *text = n < 0 ? NULL : malloc((size_t)n + 1);

	if (!text)
		return -1;
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	*s = text;
	return n;
}

int printf(const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = vprintf(fmt, ap);
	va_end(ap);
	return result;
}

int fprintf(FILE *f, const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = vfprintf(f, fmt, ap);
	va_end(ap);
	return result;
}

int dprintf(int fd, const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = vdprintf(fd, fmt, ap);
	va_end(ap);
	return result;
}

int sprintf(char *s, const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = vsprintf(s, fmt, ap);
	va_end(ap);
	return result;
}

int snprintf(char *s, size_t n, const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = vsnprintf(s, n, fmt, ap);
	va_end(ap);
	return result;
}

int asprintf(char **s, const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = vasprintf(s, fmt, ap);
	va_end(ap);
	return result;
}
