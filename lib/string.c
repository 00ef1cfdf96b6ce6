/* C strings and comparing memory, byte by byte.
   Strings in a kernel are short (names, paths, words of the command line); the tricks that look at four bytes at once
   were not taken: they read past the end and pay off beyond a length that does not occur here.  memcmp alone goes by
   words while it can, for it also compares blocks of the disk. */
#include <lib/string.h>

#include <arch/compiler.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;
#define WORD sizeof(word)

int(LIB_NAME(memcmp))(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;

	if ((((uintptr_t)p | (uintptr_t)q) & (WORD - 1)) == 0)
		for (; n >= WORD && *(const word *)(const void *)p == *(const word *)(const void *)q; n -= WORD) {
			p += WORD;
			q += WORD;
		}
	for (; n > 0; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

void *LIB_NAME(memchr)(const void *s, int byte, size_t n)
{
	const uint8_t *p = s;

	for (; n > 0; n--, p++)
		if (*p == (uint8_t)byte)
			return (void *)(uintptr_t)p;
	return NULL;
}

size_t(LIB_NAME(strlen))(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return (size_t)(p - s);
}

size_t LIB_NAME(strnlen)(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int(LIB_NAME(strcmp))(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (uint8_t)*a - (uint8_t)*b;
}

int LIB_NAME(strncmp)(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++)
		if (*a != *b || !*a)
			return (uint8_t)*a - (uint8_t)*b;
	return 0;
}

char *LIB_NAME(strchr)(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (!*s)
			return NULL;
	}
}

char *LIB_NAME(strrchr)(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (!*s)
			return (char *)(uintptr_t)last;
	}
}

bool str_copy(char *dst, size_t size, const char *src)
{
	size_t i;

	if (size == 0)
		return false;
	for (i = 0; i < size - 1 && src[i]; i++)
		dst[i] = src[i];
	dst[i] = '\0';
	return src[i] == '\0';
}
