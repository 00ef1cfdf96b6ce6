#include "calls.h"
#include "format.h"

WEAK void printf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	xv6_format(1, format, args, 1);
	va_end(args);
}

WEAK void fprintf(int fd, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	xv6_format(fd, format, args, 1);
	va_end(args);
}
