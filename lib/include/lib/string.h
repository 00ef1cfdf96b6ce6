/* Bytes and C strings, under their C names.
   In the kernel (freestanding) they are declared here: the machine layer defines memcpy, memmove and memset (it has a
   faster way than C), lib/string.c the rest.  The macros let the compiler open up short copies and constant strings; a
   file that defines one of them writes its name in parentheses: void *(memcpy)(...).
   On the build machine the C library's own are used, and lib's sources stand beside them as lib_NAME, for the tests. */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stdbool.h>
#include <stddef.h>

#if __STDC_HOSTED__
#include <string.h>
#define LIB_NAME(name) lib_##name
#else
#define LIB_NAME(name) name
#endif

/* Lengths are bytes.  memcpy: the ranges do not overlap; memmove: they may. */
void *LIB_NAME(memcpy)(void *dst, const void *src, size_t n);
void *LIB_NAME(memmove)(void *dst, const void *src, size_t n);
void *LIB_NAME(memset)(void *dst, int byte, size_t n);
int LIB_NAME(memcmp)(const void *a, const void *b, size_t n);
void *LIB_NAME(memchr)(const void *s, int byte, size_t n);
size_t LIB_NAME(strlen)(const char *s);
size_t LIB_NAME(strnlen)(const char *s, size_t max);
int LIB_NAME(strcmp)(const char *a, const char *b);
int LIB_NAME(strncmp)(const char *a, const char *b, size_t n);
char *LIB_NAME(strchr)(const char *s, int c);
char *LIB_NAME(strrchr)(const char *s, int c);

/* Copy SRC with its NUL into DST of SIZE bytes, cut if need be; DST ends with a NUL whenever SIZE > 0.
   => true: all of SRC is there. */
bool str_copy(char *dst, size_t size, const char *src);

#if !__STDC_HOSTED__
#define memcpy(dst, src, n) __builtin_memcpy(dst, src, n)
#define memmove(dst, src, n) __builtin_memmove(dst, src, n)
#define memset(dst, byte, n) __builtin_memset(dst, byte, n)
#define memcmp(a, b, n) __builtin_memcmp(a, b, n)
#define strlen(s) __builtin_strlen(s)
#define strcmp(a, b) __builtin_strcmp(a, b)
#endif

#endif
