/* Widths of the integer types on i386, and the limits of the system. */
#ifndef _LIMITS_H
#define _LIMITS_H

#include <abi/fcntl.h>

#define CHAR_BIT 8
#define SCHAR_MAX 127
#define SCHAR_MIN (-128)
#define UCHAR_MAX 255
#define CHAR_MIN SCHAR_MIN
#define CHAR_MAX SCHAR_MAX
#define SHRT_MAX 32767
#define SHRT_MIN (-32768)
#define USHRT_MAX 65535
#define INT_MAX 2147483647
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX 4294967295u
#define LONG_MAX 2147483647L
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX 4294967295ul
#define LLONG_MAX 9223372036854775807LL
#define LLONG_MIN (-LLONG_MAX - 1)
#define ULLONG_MAX 18446744073709551615ull
#define SSIZE_MAX INT_MAX
#define MB_LEN_MAX 1

#define ARG_MAX 131072
#define LINE_MAX 2048
#define PIPE_BUF 4096

#endif
