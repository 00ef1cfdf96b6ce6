/* lib/fmt.h: tables of what the C standard says, then generated formats beside the host's snprintf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <lib/fmt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_lib_random.h"

/* Formats are made at run time here, on purpose. */
#pragma clang diagnostic ignored "-Wformat-nonliteral"
#pragma clang diagnostic ignored "-Wformat-security"
#pragma clang diagnostic ignored "-Wformat"

#define CHECK_SAME(...) \
	do { \
		char mine_[128], host_[128]; \
		int host_n_ = snprintf(host_, sizeof host_, __VA_ARGS__); \
		assert_int_equal(fmt_snprintf(mine_, sizeof mine_, __VA_ARGS__), host_n_); \
		assert_string_equal(mine_, host_); \
	} while (0)

#define CHECK_TEXT(expect, ...) \
	do { \
		char mine_[128]; \
		assert_int_equal(fmt_snprintf(mine_, sizeof mine_, __VA_ARGS__), strlen(expect)); \
		assert_string_equal(mine_, expect); \
	} while (0)

static void plain_conversions_print_as_the_standard_says(void **state)
{
	(void)state;
	CHECK_TEXT("", "%s", "");
	CHECK_TEXT("no conversion", "no conversion");
	CHECK_TEXT("-7 7 7", "%d %i %u", -7, 7, 7u);
	CHECK_TEXT("ff FF 17", "%x %X %o", 255u, 255u, 15u);
	CHECK_TEXT("a%b", "%c%%%c", 'a', 'b');
	CHECK_TEXT("-2147483648", "%d", INT32_MIN);
	CHECK_TEXT("-9223372036854775808", "%lld", (long long)INT64_MIN);
	CHECK_TEXT("18446744073709551615", "%llu", (unsigned long long)UINT64_MAX);
	CHECK_TEXT("4294967296000000001", "%llu", 4294967296000000001ull);
	CHECK_TEXT("1777777777777777777777", "%llo", (unsigned long long)UINT64_MAX);
	CHECK_TEXT("0", "%d", 0);
	CHECK_TEXT("[] []", "[%.0d] [%.0x]", 0, 0u);
}

static void a_null_string_is_named_and_not_followed(void **state)
{
	const char *none = NULL;

	(void)state;
	CHECK_TEXT("(null)", "%s", none);
	CHECK_TEXT("  (null)", "%8s", none);
}

static void a_pointer_has_its_full_width(void **state)
{
	char expect[32];

	(void)state;
	snprintf(expect, sizeof expect, "0x%0*x", (int)(2 * sizeof(void *)), 0xbeefu);
	CHECK_TEXT(expect, "%p", (void *)0xbeef);
	snprintf(expect, sizeof expect, "0x%0*x", (int)(2 * sizeof(void *)), 0u);
	CHECK_TEXT(expect, "%p", NULL);
}

static void an_unknown_conversion_is_put_as_it_stands(void **state)
{
	(void)state;
	CHECK_TEXT("%y 5", "%y %d", 5);
	CHECK_TEXT("%-08.3lk", "%-08.3lk");
	CHECK_TEXT("100%", "100%");
	CHECK_TEXT("%5.", "%5.");
	CHECK_TEXT("%ll", "%ll");
}

static void the_output_is_cut_at_the_size_and_its_length_told(void **state)
{
	char buf[8];

	(void)state;
	for (size_t size = 0; size <= sizeof buf; size++) {
		memset(buf, '#', sizeof buf);
		assert_int_equal(fmt_snprintf(buf, size, "%s-%d", "abcd", 42), 7);
		if (size > 0)
			assert_int_equal(strlen(buf), size - 1);
		assert_memory_equal(buf, "abcd-42", size > 0 ? size - 1 : 0);
		for (size_t i = size; i < sizeof buf; i++)
			assert_int_equal(buf[i], '#');
	}
	assert_int_equal(fmt_snprintf(NULL, 0, "%d", 12345), 5);
}

static void a_string_with_a_precision_needs_no_nul(void **state)
{
	char *s = malloc(3);

	(void)state;
	memcpy(s, "abc", 3);
	CHECK_TEXT("abc", "%.3s", s);
	CHECK_TEXT("ab", "%.*s", 2, s);
	free(s);
}

struct collected {
	char text[32];
	size_t n;
};

static void collect(void *ctx, char c)
{
	struct collected *out = ctx;

	out->text[out->n++] = c;
}

static void each_character_goes_to_the_callers_function(void **state)
{
	struct collected out = {.n = 0};

	(void)state;
	assert_int_equal(fmt_format(collect, &out, "%s=%#x", "eip", 0x12f1u), 10);
	assert_int_equal(out.n, 10);
	assert_memory_equal(out.text, "eip=0x12f1", 10);
}

static const char *random_flags(struct random *r, const char *permitted, char *out)
{
	char *p = out;

	for (; *permitted; permitted++)
		if (random_below(r, 3) == 0)
			*p++ = *permitted;
	*p = '\0';
	return out;
}

/* "%FLAGS WIDTH .PRECISION LENGTH CONVERSION", each part there or not. */
static void random_spec(struct random *r, const char *flags, const char *length, char conversion, char *out,
                        size_t size)
{
	char f[8], width[8] = "", precision[8] = "";

	if (random_below(r, 2) == 0)
		snprintf(width, sizeof width, "%u", 1 + random_below(r, 30));
	if (random_below(r, 2) == 0)
		snprintf(precision, sizeof precision, random_below(r, 6) == 0 ? "." : ".%u", random_below(r, 26));
	snprintf(out, size, "<%%%s%s%s%s%c>", random_flags(r, flags, f), width, precision, length, conversion);
}

static void check_length(struct random *r, const char *spec, unsigned length)
{
	uint64_t v = random_below(r, 8) == 0 ? 0 : random_of_any_size(r);

	if (random_below(r, 2) == 0)
		v = -v;
	switch (length) {
	case 3: CHECK_SAME(spec, (long)v); break;
	case 4: CHECK_SAME(spec, (long long)v); break;
	case 5: CHECK_SAME(spec, (size_t)v); break;
	default: CHECK_SAME(spec, (int)v); break;
	}
}

static void integers_agree_with_the_host_over_generated_formats(void **state)
{
	static const char *const lengths[] = {"", "h", "hh", "l", "ll", "z"};
	struct random r = {5};
	char spec[64];

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		unsigned length = random_below(&r, 6);
		char conversion = "diuxXo"[random_below(&r, 6)];
		const char *flags = strchr("di", conversion) ? "-0+ " : conversion == 'u' ? "-0" : "-0#";

		random_spec(&r, flags, lengths[length], conversion, spec, sizeof spec);
		check_length(&r, spec, length);
	}
}

static void strings_and_stars_agree_with_the_host(void **state)
{
	static const char *const strings[] = {"", "a", "dormouse", "twenty-five characters ok"};
	struct random r = {6};
	char spec[64];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		int width = (int)random_below(&r, 40) - 20, precision = (int)random_below(&r, 30) - 5;
		const char *s = strings[random_below(&r, 4)];

		random_spec(&r, "-", "", 's', spec, sizeof spec);
		CHECK_SAME(spec, s);
		CHECK_SAME("<%*s|%-*.*s>", width, s, width, precision, s);
		CHECK_SAME("<%*c|%0*d|%+.*d>", width, 'x', width, precision, precision, width);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_conversions_print_as_the_standard_says),
		cmocka_unit_test(a_null_string_is_named_and_not_followed),
		cmocka_unit_test(a_pointer_has_its_full_width),
		cmocka_unit_test(an_unknown_conversion_is_put_as_it_stands),
		cmocka_unit_test(the_output_is_cut_at_the_size_and_its_length_told),
		cmocka_unit_test(a_string_with_a_precision_needs_no_nul),
		cmocka_unit_test(each_character_goes_to_the_callers_function),
		cmocka_unit_test(integers_agree_with_the_host_over_generated_formats),
		cmocka_unit_test(strings_and_stars_agree_with_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
