/* Complaints of programs.  What waits on standard output goes first, so that the order on a terminal is the true one.
   */
#include <err.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libc_priv.h"

const char *getprogname(void)
{
	const char *slash = strrchr(__program_path, '/');

	return slash ? slash + 1 : __program_path;
}

static void complain(const char *reason, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof text, fmt, ap);
	fflush(stdout);
	fprintf(stderr, "%s: %s%s%s\n", getprogname(), text, reason ? ": " : "", reason ? reason : "");
}

void vwarn(const char *fmt, va_list ap)
{
	complain(strerror(errno), fmt, ap);
}

void vwarnx(const char *fmt, va_list ap)
{
	complain(NULL, fmt, ap);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
}

void warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarnx(fmt, ap);
	va_end(ap);
}

void err(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
	exit(status);
}

void errx(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarnx(fmt, ap);
	va_end(ap);
	exit(status);
}
