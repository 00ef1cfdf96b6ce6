#include "calls.h"
#include "format.h"

WEAK void printf(int fd, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	xv6_format(fd, format, args, 0);
	va_end(args);
}
