/* Strings and blocks: each against a plain loop or a table, at every alignment. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "check.h"

enum { ROOM = 96 };

static void fill(unsigned char *p)
{
	for (int i = 0; i < ROOM; i++)
		p[i] = (unsigned char)(i * 7 + 1);
}

/* All overlaps, by a copy through a second buffer. */
static void moves(void)
{
	unsigned char got[ROOM], want[ROOM], copy[ROOM];

	for (size_t from = 0; from < 20; from++)
		for (size_t to = 0; to < 20; to++)
			for (size_t n = 0; n < 40; n++) {
				fill(got);
				fill(want);
				for (size_t i = 0; i < n; i++)
					copy[i] = want[from + i];
				for (size_t i = 0; i < n; i++)
					want[to + i] = copy[i];
				CHECK(memmove(got + to, got + from, n) == got + to);
				if (memcmp(got, want, ROOM) != 0) {
					printf("memmove from %u to %u of %u\n", (unsigned)from, (unsigned)to,
					       (unsigned)n);
					check_failures++;
				}
			}
}

static void blocks(void)
{
	unsigned char a[ROOM], b[ROOM];

	for (size_t at = 0; at < 8; at++)
		for (size_t n = 0; n < 40; n++) {
			fill(a);
			fill(b);
			CHECK(memset(a + at, 0x5a, n) == a + at);
			for (size_t i = 0; i < ROOM; i++)
				CHECK(a[i] == (i >= at && i < at + n ? 0x5a : b[i]));
			fill(a);
			CHECK(memcmp(a + at, b + at, n) == 0);
			if (n > 0) {
				a[at + n - 1]++;
				CHECK(memcmp(a + at, b + at, n) > 0 && memcmp(b + at, a + at, n) < 0);
				CHECK(memcmp(a + at, b + at, n - 1) == 0);
			}
		}
	CHECK(memchr("abcabc", 'c', 6) && memchr("abc", 'c', 2) == NULL);
	CHECK(memcmp("a\200", "a\1", 2) > 0);
	CHECK(memmem("hello", 5, "lo", 2) && !memmem("hello", 4, "lo", 2) && !memmem("ab", 2, "abc", 3));
}

static void lengths(void)
{
	char s[ROOM];

	for (size_t at = 0; at < 8; at++)
		for (size_t n = 0; n < 40; n++) {
			memset(s, 0x81, sizeof s);
			s[at + n] = 0;
			CHECK(strlen(s + at) == n);
			CHECK(strnlen(s + at, 20) == (n < 20 ? n : 20));
		}
}

static void copies(void)
{
	char s[16];

	memset(s, '#', sizeof s);
	CHECK(strncpy(s, "abc", 6) == s && memcmp(s, "abc\0\0\0#", 7) == 0);
	CHECK(strlcpy(s, "abcdef", 4) == 6);
	CHECK_STRING(s, "abc");
	CHECK(strlcat(s, "defgh", 6) == 8);
	CHECK_STRING(s, "abcde");
	CHECK_STRING(strcat(strcpy(s, "ab"), "cd"), "abcd");
	CHECK_STRING(strncat(s, "efgh", 2), "abcdef");
	CHECK(stpcpy(s, "xyz") == s + 3);
}

static void searches(void)
{
	const char *s = "a.b,c.d";

	CHECK(strchr(s, '.') == s + 1 && strrchr(s, '.') == s + 5 && strchr(s, 'x') == NULL);
	CHECK(strchr(s, 0) == s + 7 && *strchrnul(s, 'x') == 0);
	CHECK(strspn("aabbc", "ab") == 4 && strcspn("aabbc", "c") == 4 && strcspn("abc", "") == 3);
	CHECK(strpbrk(s, ",.") == s + 1 && strpbrk(s, "xyz") == NULL);
	CHECK(strstr("aaab", "aab") && strstr("abc", "") && !strstr("abc", "abd") && !strstr("", "a"));
	CHECK(strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && strcmp("a", "a") == 0 && strcmp("a", "ab") < 0);
	CHECK(strcmp("\200", "a") > 0);
	CHECK(strncmp("abc", "abd", 2) == 0 && strncmp("abc", "abd", 3) < 0 && strncmp("", "x", 0) == 0);
	CHECK(strcasecmp("HeLLo", "hEllO") == 0 && strncasecmp("ABc", "abd", 2) == 0 && strcasecmp("a", "B") < 0);
}

static void tokens(void)
{
	char text[] = "  one, two,,three ", *state, *s = text, *p;
	char fields[] = "a::b";

	CHECK_STRING(strtok_r(s, " ,", &state), "one");
	CHECK_STRING(strtok_r(NULL, " ,", &state), "two");
	CHECK_STRING(strtok_r(NULL, " ,", &state), "three");
	CHECK(strtok_r(NULL, " ,", &state) == NULL);
	CHECK(strtok_r(NULL, " ,", &state) == NULL);
	p = fields;
	CHECK_STRING(strsep(&p, ":"), "a");
	CHECK_STRING(strsep(&p, ":"), "");
	CHECK_STRING(strsep(&p, ":"), "b");
	CHECK(strsep(&p, ":") == NULL);
}

static void made(void)
{
	char *s = strdup("hello"), *t = strndup("hello", 2);

	CHECK_STRING(s, "hello");
	CHECK_STRING(t, "he");
	free(s);
	free(t);
	CHECK_STRING(strerror(ENOENT), "no such file or directory");
	CHECK_STRING(strerror(9999), "error 9999");
	CHECK_STRING(strsignal(9), "Killed");
	CHECK(ffs(0) == 0 && ffs(8) == 4);
}

static void kinds(void)
{
	for (int c = -1; c < 256; c++) {
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';

		CHECK(!!isalpha(c) == letter && !!isdigit(c) == digit && !!isalnum(c) == (letter || digit));
		CHECK(!!isspace(c) == (c == ' ' || (c >= 9 && c <= 13)));
		CHECK(!!isprint(c) == (c >= 32 && c < 127) && !!iscntrl(c) == ((c >= 0 && c < 32) || c == 127));
		CHECK(!!isxdigit(c) == (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
		CHECK(!!ispunct(c) == (c > 32 && c < 127 && !letter && !digit));
	}
	CHECK(toupper('a') == 'A' && toupper('1') == '1' && tolower('Z') == 'z' && tolower(200) == 200);
}

int main(void)
{
	moves();
	blocks();
	lengths();
	copies();
	searches();
	tokens();
	made();
	kinds();
	return check_end();
}
