/* What the printf of both dialects is made of. */
#ifndef XV6_LIB_FORMAT_H
#define XV6_LIB_FORMAT_H

#include <stdarg.h>

/* Write to FD.  %d %u %x %p %s %c %%, with l or ll before d, u and x; hexadecimal is in capitals.  WIDE: %p has 0x
   and all its digits, %l alone is %lu.  Any other letter comes out as it is, with its %. */
void xv6_format(int fd, const char *format, va_list args, int wide);

#endif
