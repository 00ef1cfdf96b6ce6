/* Strings and memory. */
#include "calls.h"

WEAK char *strcpy(char *to, const char *from)
{
	char *at = to;

	while ((*at++ = *from++))
		continue;
	return to;
}

WEAK int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

WEAK unsigned int strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return (unsigned int)(end - s);
}

/* The place of C in S; a 0 is not found. */
WEAK char *strchr(const char *s, char c)
{
	for (; *s; s++)
		if (*s == c)
			return (char *)s;
	return 0;
}

WEAK int atoi(const char *s)
{
	int value = 0;

	while (*s >= '0' && *s <= '9')
		value = value * 10 + (*s++ - '0');
	return value;
}

WEAK void *memset(void *to, int byte, unsigned int n)
{
	void *at = to;

	__asm__ volatile("cld; rep stosb" : "+D"(at), "+c"(n) : "a"(byte) : "memory", "cc");
	return to;
}

/* The ranges may overlap. */
WEAK void *memmove(void *to, const void *from, int n)
{
	char *d = to;
	const char *s = from;

	if (n <= 0)
		return to;
	if (d <= s) {
		__asm__ volatile("cld; rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory", "cc");
		return to;
	}
	d += n - 1;
	s += n - 1;
	__asm__ volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(n) : : "memory", "cc");
	return to;
}
