/* lib/string.h: each function beside the C library's own, over short strings at every alignment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/string.h>
#include <stdlib.h>

#include "test_lib_random.h"

#define LEN 80
#define PAD 8

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

/* Bytes of a small alphabet, so that equal runs and hits are frequent. */
static void fill(struct random *r, uint8_t *p, size_t n, uint32_t letters)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)('a' + random_below(r, letters));
}

static void memcpy_copies_what_it_is_told_and_nothing_else(void **state)
{
	struct random r = {1};
	uint8_t src[LEN + PAD], mine[LEN + PAD], host[LEN + PAD];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t from = random_below(&r, PAD), to = random_below(&r, PAD), n = random_below(&r, LEN);

		fill(&r, src, sizeof src, 26);
		fill(&r, mine, sizeof mine, 26);
		memcpy(host, mine, sizeof mine);
		assert_ptr_equal(lib_memcpy(mine + to, src + from, n), mine + to);
		memcpy(host + to, src + from, n);
		assert_memory_equal(mine, host, sizeof mine);
	}
}

static void memmove_copes_with_every_overlap(void **state)
{
	struct random r = {2};
	uint8_t mine[LEN + PAD], host[LEN + PAD];

	(void)state;
	for (unsigned from = 0; from < 20; from++)
		for (unsigned to = 0; to < 20; to++)
			for (unsigned n = 0; n < 40; n++) {
				fill(&r, mine, sizeof mine, 26);
				memcpy(host, mine, sizeof mine);
				assert_ptr_equal(lib_memmove(mine + to, mine + from, n), mine + to);
				memmove(host + to, host + from, n);
				assert_memory_equal(mine, host, sizeof mine);
			}
}

static void memset_fills_exactly_its_range(void **state)
{
	static const int bytes[] = {0, 1, 0x7f, 0x80, 0xff, 0x1234, -1};
	uint8_t mine[LEN], host[LEN];

	(void)state;
	for (unsigned b = 0; b < sizeof bytes / sizeof *bytes; b++)
		for (unsigned at = 0; at < 8; at++)
			for (unsigned n = 0; n < LEN - 8; n++) {
				memset(mine, '.', LEN);
				memset(host, '.', LEN);
				assert_ptr_equal(lib_memset(mine + at, bytes[b], n), mine + at);
				memset(host + at, bytes[b], n);
				assert_memory_equal(mine, host, LEN);
			}
}

static void memcmp_and_memchr_agree_with_the_host(void **state)
{
	struct random r = {3};
	uint8_t a[LEN + PAD], b[LEN + PAD];

	(void)state;
	for (unsigned round = 0; round < 50000; round++) {
		size_t x = random_below(&r, PAD), y = random_below(&r, PAD), n = random_below(&r, LEN);

		fill(&r, a + x, n, 26);
		memcpy(b + y, a + x, n);
		if (n > 0 && random_below(&r, 4) != 0)
			b[y + random_below(&r, (uint32_t)n)] = (uint8_t)random_u64(&r);
		assert_int_equal(sign(lib_memcmp(a + x, b + y, n)), sign(memcmp(a + x, b + y, n)));
		assert_ptr_equal(lib_memchr(b + y, 'q' + 0x100, n), memchr(b + y, 'q', n));
		assert_ptr_equal(lib_memchr(b + y, 0xe9, n), memchr(b + y, 0xe9, n));
	}
}

static void string_functions_agree_with_the_host(void **state)
{
	struct random r = {4};
	char a[12], b[12];

	(void)state;
	for (unsigned round = 0; round < 100000; round++) {
		size_t n = random_below(&r, 14);

		fill(&r, (uint8_t *)a, sizeof a, 2);
		fill(&r, (uint8_t *)b, sizeof b, 2);
		a[random_below(&r, sizeof a)] = '\0';
		b[random_below(&r, sizeof b)] = '\0';
		a[sizeof a - 1] = b[sizeof b - 1] = '\0';
		if (random_below(&r, 8) == 0)
			a[0] = (char)0xe9; /* compared as unsigned char */
		assert_int_equal(lib_strlen(a), strlen(a));
		assert_int_equal(lib_strnlen(a, n), strnlen(a, n));
		assert_int_equal(sign(lib_strcmp(a, b)), sign(strcmp(a, b)));
		assert_int_equal(sign(lib_strncmp(a, b, n)), sign(strncmp(a, b, n)));
		assert_ptr_equal(lib_strchr(a, 'b'), strchr(a, 'b'));
		assert_ptr_equal(lib_strrchr(a, 'a'), strrchr(a, 'a'));
		assert_ptr_equal(lib_strchr(a, '\0'), strchr(a, '\0'));
		assert_ptr_equal(lib_strrchr(a, '\0'), strrchr(a, '\0'));
	}
}

/* Each string ends where its memory ends: one byte more, and the address sanitizer reports it. */
static void strings_are_not_read_past_their_end(void **state)
{
	char *s = malloc(3);

	(void)state;
	memcpy(s, "ab", 3);
	assert_int_equal(lib_strlen(s), 2);
	assert_null(lib_strchr(s, 'x'));
	assert_null(lib_strrchr(s, 'x'));
	assert_int_equal(lib_strncmp(s, "abc", 9), -'c');
	assert_int_equal(lib_strnlen(s, 3), 2);
	s[2] = 'c';
	assert_int_equal(lib_strnlen(s, 3), 3);
	assert_null(lib_memchr(s, 'x', 3));
	free(s);
}

static void str_copy_says_whether_it_fit_and_always_ends_the_string(void **state)
{
	static const struct {
		const char *src;
		size_t size;
		bool fit;
		const char *expect;
	} cases[] = {
		{"", 1, true, ""},       {"", 8, true, ""},       {"abc", 4, true, "abc"},
		{"abc", 5, true, "abc"}, {"abc", 3, false, "ab"}, {"abc", 1, false, ""},
	};
	char buf[8];

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		memset(buf, '#', sizeof buf);
		assert_int_equal(str_copy(buf, cases[i].size, cases[i].src), cases[i].fit);
		assert_string_equal(buf, cases[i].expect);
		assert_int_equal(buf[cases[i].size < 8 ? cases[i].size : 7], cases[i].size < 8 ? '#' : buf[7]);
	}
	buf[0] = '#';
	assert_false(str_copy(buf, 0, ""));
	assert_int_equal(buf[0], '#');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memcpy_copies_what_it_is_told_and_nothing_else),
		cmocka_unit_test(memmove_copes_with_every_overlap),
		cmocka_unit_test(memset_fills_exactly_its_range),
		cmocka_unit_test(memcmp_and_memchr_agree_with_the_host),
		cmocka_unit_test(string_functions_agree_with_the_host),
		cmocka_unit_test(strings_are_not_read_past_their_end),
		cmocka_unit_test(str_copy_says_whether_it_fit_and_always_ends_the_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
