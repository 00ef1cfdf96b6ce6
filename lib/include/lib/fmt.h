/* printf's formatting without floats and without a buffer of its own.
   Conversions d i u x X o c s p %, flags - 0 + space #, width and precision (also *), lengths hh h l ll z.
   %p prints 0x and the address in full width (eight digits in the kernel). */
#ifndef LIB_FMT_H
#define LIB_FMT_H

#include <arch/compiler.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Receives one character of the output at a time. */
typedef void (*fmt_put_fn)(void *ctx, char c);

/* => the number of characters put.  An unknown conversion is put as it stands and takes no argument. */
int32_t fmt_vformat(fmt_put_fn put, void *ctx, const char *fmt, va_list ap) printf_like(3, 0);
int32_t fmt_format(fmt_put_fn put, void *ctx, const char *fmt, ...) printf_like(3, 4);

/* Into DST of SIZE bytes, cut if need be, NUL at the end whenever SIZE > 0 (SIZE 0 permits DST NULL).
   => the length the whole output has, without the NUL: it was cut if that is >= SIZE. */
int32_t fmt_vsnprintf(char *dst, size_t size, const char *fmt, va_list ap) printf_like(3, 0);
int32_t fmt_snprintf(char *dst, size_t size, const char *fmt, ...) printf_like(3, 4);

#endif
