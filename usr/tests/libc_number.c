/* Numbers out of text, 64-bit division, and that doubles survive their way through text. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "check.h"

union bits {
	double value;
	uint64_t bits;
};

static uint64_t random_state = 12345;

static uint64_t random64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void integers(void)
{
	static const struct {
		const char *text;
		int base;
		long value;
		int used, error;
	} table[] = {
		{"0", 10, 0, 1, 0},
		{"  -42x", 10, -42, 5, 0},
		{"+7", 10, 7, 2, 0},
		{"0x1F", 0, 31, 4, 0},
		{"0x1F", 16, 31, 4, 0},
		{"0x", 16, 0, 1, 0},
		{"0xg", 0, 0, 1, 0},
		{"017", 0, 15, 3, 0},
		{"089", 0, 0, 1, 0},
		{"zz", 36, 1295, 2, 0},
		{"", 10, 0, 0, 0},
		{"-", 10, 0, 0, 0},
		{"abc", 10, 0, 0, 0},
		{"2147483647", 10, LONG_MAX, 10, 0},
		{"2147483648", 10, LONG_MAX, 10, ERANGE},
		{"-2147483648", 10, LONG_MIN, 11, 0},
		{"-2147483649", 10, LONG_MIN, 11, ERANGE},
		{"99999999999999999999999", 10, LONG_MAX, 23, ERANGE},
		{"1", 1, 0, 0, EINVAL},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char *end;
		long value;

		errno = 0;
		value = strtol(table[i].text, &end, table[i].base);
		if (value != table[i].value || end - table[i].text != table[i].used || errno != table[i].error) {
			printf("strtol(\"%s\", %d): %ld, %d used, errno %d\n", table[i].text, table[i].base, value,
			       (int)(end - table[i].text), errno);
			check_failures++;
		}
	}
	CHECK(strtoul("4294967295", NULL, 10) == ULONG_MAX);
	CHECK(strtoul("-1", NULL, 10) == ULONG_MAX);
	CHECK(strtoll("-9223372036854775808", NULL, 10) == LLONG_MIN);
	CHECK(strtoull("18446744073709551615", NULL, 0) == ULLONG_MAX);
	errno = 0;
	CHECK(strtoull("18446744073709551616", NULL, 0) == ULLONG_MAX && errno == ERANGE);
	CHECK(atoi("12abc") == 12);
}

/* Q and R are A / B and A % B, which the definition says, without dividing. */
static void divides(uint64_t a, uint64_t b)
{
	volatile uint64_t x = a, y = b;
	uint64_t q = x / y, r = x % y, back;

	if (!__builtin_mul_overflow(q, b, &back) && r < b && back + r == a)
		return;
	printf("%llu / %llu = %llu, rest %llu\n", (unsigned long long)a, (unsigned long long)b, (unsigned long long)q,
	       (unsigned long long)r);
	check_failures++;
}

static void division(void)
{
	volatile int64_t minus_seven = -7, two = 2, minus_two = -2;

	for (int i = 0; i < 2000; i++) {
		uint64_t a = random64() >> (random64() % 64), b = random64() >> (random64() % 64);

		divides(a, b ? b : 1);
		divides(~0ull - (unsigned int)i, b | 1ull << 63);
		b |= 1ull << 32; /* just below a multiple, where an estimate is one too large */
		divides(b * (uint32_t)(random64() % (~0ull / b) + 1) - 1, b);
	}
	divides(~0ull, ~0ull);
	divides(~0ull, 1);
	divides(~0ull, 1ull << 32);
	divides(~0ull, (1ull << 32) - 1);
	CHECK(minus_seven / two == -3 && minus_seven % two == -1);
	CHECK(minus_seven / minus_two == 3 && minus_seven % minus_two == -1);
	CHECK(lldiv(-7, 2).quot == -3 && lldiv(-7, 2).rem == -1);
}

static void doubles(void)
{
	static const struct {
		const char *text;
		uint64_t bits;
		int used;
	} table[] = {
		{"0", 0, 1},
		{"-0.0", 0x8000000000000000, 4},
		{"1", 0x3ff0000000000000, 1},
		{"  +2.5e1x", 0x4039000000000000, 8},
		{".5", 0x3fe0000000000000, 2},
		{"5.", 0x4014000000000000, 2},
		{"1e", 0x3ff0000000000000, 1},
		{"1e+", 0x3ff0000000000000, 1},
		{"0.1", 0x3fb999999999999a, 3},
		{"9007199254740993", 0x4340000000000000, 16}, /* 2^53 + 1: a tie, to even */
		{"9007199254740993.0000000000000000000000000000000000000000000001", 0x4340000000000001, 63},
		{"1.7976931348623157e308", 0x7fefffffffffffff, 22},
		{"1.7976931348623159e308", 0x7ff0000000000000, 22},
		{"2.2250738585072014e-308", 0x0010000000000000, 23},
		{"2.2250738585072011e-308", 0x000fffffffffffff, 23},
		{"4.9406564584124654e-324", 1, 23},
		{"2.4703282292062327e-324", 0, 23},
		{"2.4703282292062329e-324", 1, 23},
		{"1e-400", 0, 6},
		{"1e99999999999", 0x7ff0000000000000, 13},
		{"inf", 0x7ff0000000000000, 3},
		{"-Infinity", 0xfff0000000000000, 9},
		{".", 0, 0},
		{"e5", 0, 0},
		{"", 0, 0},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char *end;
		union bits u = {.value = strtod(table[i].text, &end)};

		if (u.bits != table[i].bits || end - table[i].text != table[i].used) {
			printf("strtod(\"%s\"): %016llx, %d used\n", table[i].text, (unsigned long long)u.bits,
			       (int)(end - table[i].text));
			check_failures++;
		}
	}
	errno = 0;
	CHECK(strtod("1e999", NULL) == __builtin_inf() && errno == ERANGE);
	errno = 0;
	CHECK(strtod("1e-999", NULL) == 0 && errno == ERANGE);
	CHECK(strtod("nan", NULL) != strtod("nan", NULL));
}

static void round_trips(void)
{
	for (int i = 0; i < 300; i++) {
		union bits in = {.bits = random64()}, out;
		char text[64];

		if (in.value != in.value)
			continue;
		snprintf(text, sizeof text, "%.17g", in.value);
		out.value = strtod(text, NULL);
		if (in.bits != out.bits) {
			printf("%s came back as %.17g\n", text, out.value);
			check_failures++;
		}
	}
}

int main(void)
{
	integers();
	division();
	doubles();
	round_trips();
	return check_end();
}
