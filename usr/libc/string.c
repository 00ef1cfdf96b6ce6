/* NUL-terminated strings.  Byte loops, but for strlen: it is what stdio and paths spend their time in, and reads words
   that never cross a page. */
#include <string.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

size_t strlen(const char *s)
{
	const char *p = s;
	const uint32_t *w;

	for (; (uintptr_t)p & 3; p++)
		if (!*p)
			return (size_t)(p - s);
	/* a byte is zero where subtracting 1 borrows and its top bit was clear */
	for (w = (const uint32_t *)(const void *)p; !((*w - 0x01010101u) & ~*w & 0x80808080u);)
		w++;
	for (p = (const char *)w; *p;)
		p++;
	return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
	const char *end = memchr(s, 0, max);

	return end ? (size_t)(end - s) : max;
}

char *stpcpy(char *restrict to, const char *restrict from)
{
	size_t n = strlen(from);

	memcpy(to, from, n + 1);
	return to + n;
}

char *strcpy(char *restrict to, const char *restrict from)
{
	stpcpy(to, from);
	return to;
}

char *strncpy(char *restrict to, const char *restrict from, size_t n)
{
	size_t len = strnlen(from, n);

	memcpy(to, from, len);
	memset(to + len, 0, n - len);
	return to;
}

size_t strlcpy(char *restrict to, const char *restrict from, size_t size)
{
	size_t len = strlen(from);

	if (size > 0) {
		size_t n = len < size ? len : size - 1;

		memcpy(to, from, n);
		to[n] = 0;
	}
	return len;
}

size_t strlcat(char *restrict to, const char *restrict from, size_t size)
{
	size_t used = strnlen(to, size);

	return used + strlcpy(to + used, from, size - used);
}

char *strcat(char *restrict to, const char *restrict from)
{
	stpcpy(to + strlen(to), from);
	return to;
}

char *strncat(char *restrict to, const char *restrict from, size_t n)
{
	size_t used = strlen(to), len = strnlen(from, n);

	memcpy(to + used, from, len);
	to[used + len] = 0;
	return to;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int strcoll(const char *a, const char *b)
{
	return strcmp(a, b);
}

char *strchrnul(const char *s, int c)
{
	while (*s && *s != (char)c)
		s++;
	return (char *)s;
}

char *strchr(const char *s, int c)
{
	s = strchrnul(s, c);
	return *s == (char)c ? (char *)s : NULL;
}

char *strrchr(const char *s, int c)
{
	return memrchr(s, c, strlen(s) + 1);
}

char *index(const char *s, int c)
{
	return strchr(s, c);
}

char *rindex(const char *s, int c)
{
	return strrchr(s, c);
}

char *strstr(const char *s, const char *what)
{
	return memmem(s, strlen(s), what, strlen(what));
}

/* The first byte of S that is in SET, if WANTED, or that is not, else; or the end of S. */
static const char *span(const char *s, const char *set, bool wanted)
{
	uint32_t members[8] = {0};

	for (; *set; set++)
		members[(unsigned char)*set >> 5] |= 1u << ((unsigned char)*set & 31);
	for (; *s; s++)
		if (((members[(unsigned char)*s >> 5] >> ((unsigned char)*s & 31)) & 1) == wanted)
			break;
	return s;
}

size_t strspn(const char *s, const char *set)
{
	return (size_t)(span(s, set, false) - s);
}

size_t strcspn(const char *s, const char *set)
{
	return (size_t)(span(s, set, true) - s);
}

char *strpbrk(const char *s, const char *set)
{
	s = span(s, set, true);
	return *s ? (char *)s : NULL;
}

char *strsep(char **s, const char *delims)
{
	char *token = *s, *end;

	if (!token)
		return NULL;
	end = token + strcspn(token, delims);
	*s = *end ? end + 1 : NULL;
	*end = 0;
	return token;
}

char *strtok_r(char *restrict s, const char *restrict delims, char **restrict state)
{
	char *token = s ? s : *state;

	if (!token)
		return NULL;
	token += strspn(token, delims);
	*state = token;
	return *token ? strsep(state, delims) : NULL;
}

char *strtok(char *restrict s, const char *restrict delims)
{
	static char *state;

	return strtok_r(s, delims, &state);
}

char *strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, s, len);
	copy[len] = 0;
	return copy;
}

char *strdup(const char *s)
{
	return strndup(s, strlen(s));
}

static int lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

int strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		int x = lower((unsigned char)*a), y = lower((unsigned char)*b);

		if (x != y || !x)
			return x - y;
	}
	return 0;
}

int strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, SIZE_MAX);
}

int ffs(int n)
{
	return __builtin_ffs(n);
}
