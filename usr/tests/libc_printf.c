/* printf and friends against a table of what C says they print. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

/* FMT with its arguments prints WANT, and says its length. */
#define PRINTS(want, ...) \
	do { \
		char text[512]; \
		int n = snprintf(text, sizeof text, __VA_ARGS__); \
		CHECK_STRING(text, want); \
		CHECK(n == (int)strlen(want)); \
	} while (0)

/* Flags that C leaves without meaning, and lengths that narrow, are tested too. */
#pragma clang diagnostic ignored "-Wformat"

static void integers(void)
{
	PRINTS("0 -1 2147483647 -2147483648", "%d %i %d %d", 0, -1, INT_MAX, INT_MIN);
	PRINTS("4294967295 ffffffff FFFFFFFF 37777777777", "%u %x %X %o", ~0u, ~0u, ~0u, ~0u);
	PRINTS("-9223372036854775808 18446744073709551615", "%lld %llu", LLONG_MIN, ULLONG_MAX);
	PRINTS("ffffffffffffffff 1777777777777777777777", "%llx %llo", ULLONG_MAX, ULLONG_MAX);
	PRINTS("-1 255 -1 65535", "%hhd %hhu %hd %hu", 255, -1, 65535, -1);
	PRINTS("123456789012 5 -5", "%jd %zu %td", (intmax_t)123456789012, (size_t)5, (ptrdiff_t)-5);
	PRINTS("+5 -5  5 5", "%+d %+d % d %d", 5, -5, 5, 5);
	PRINTS("0x1f 0X1F 037 0 0", "%#x %#X %#o %#x %#o", 31, 31, 31, 0, 0);
	PRINTS("100000000000", "%llu", 100000000000ull);
}

static void widths(void)
{
	PRINTS("[   42] [42   ] [00042] [  +42] [+0042]", "[%5d] [%-5d] [%05d] [%+5d] [%+05d]", 42, 42, 42, 42, 42);
	PRINTS("[  042] [042  ] [] [     ] [+]", "[%5.3d] [%-5.3d] [%.0d] [%5.0d] [%+.0d]", 42, 42, 0, 0, 0);
	PRINTS("[-0042] [   -42] [0x0000002a] [      0x2a]", "[%05d] [%6d] [%#010x] [%#10x]", -42, -42, 42, 42);
	PRINTS("[   42] [42   ] [  042]", "[%*d] [%*d] [%*.*d]", 5, 42, -5, 42, 5, 3, 42);
	PRINTS("[00000000000000000000000000000000000000000000000042]", "[%.50d]", 42);
	PRINTS("[                                                42]", "[%50d]", 42);
	PRINTS("[0x804a000] [0x0]", "[%p] [%p]", (void *)0x804a000, (void *)0);
}

static void strings(void)
{
	PRINTS("hello [  abc] [abc  ] [ab] [   ab]", "%s [%5s] [%-5s] [%.2s] [%5.2s]", "hello", "abc", "abc", "abc",
	       "abc");
	PRINTS("x [  x] [x  ] % 100%", "%c [%3c] [%-3c] %% 100%%", 'x', 'x', 'x');
	PRINTS("(null) [] [abc]", "%s [%.0s] [%.*s]", (char *)NULL, "abc", -1, "abc");
	PRINTS("abc", "%.3s", "abcdef");
	PRINTS("", "%s", "");
}

static void fixed(void)
{
	double infinity = __builtin_inf();

	PRINTS("0.000000 1.500000 -1.500000 3.142", "%f %f %f %.3f", 0.0, 1.5, -1.5, 3.14159);
	PRINTS("0 2 2 4 -0", "%.0f %.0f %.0f %.0f %.0f", 0.5, 1.5, 2.5, 3.5, -0.25);
	PRINTS("0. 1.", "%#.0f %#.0f", 0.0, 1.0);
	PRINTS("[    1.50] [1.50    ] [00001.50] [+1.5]", "[%8.2f] [%-8.2f] [%08.2f] [%+.1f]", 1.5, 1.5, 1.5, 1.5);
	PRINTS("100000000000000000000.00", "%.2f", 1e20);
	PRINTS("0.1000000000000000055511151231257827021181583404541015625", "%.55f", 0.1);
	PRINTS("179769313486231570814527423731704356798070", "%.42s", "1797693134862315708145274237317043567980705");
	PRINTS("0.00 0.01 1.00 9.99 10.0", "%.2f %.2f %.2f %.2f %.1f", 0.001, 0.009, 0.999, 9.994, 9.96);
	PRINTS("inf -inf nan INF", "%f %f %f %F", infinity, -infinity, __builtin_nan(""), infinity);
	PRINTS("[   inf] [inf   ] [  +inf]", "[%6f] [%-6f] [%+6f]", infinity, infinity, infinity);
	PRINTS("-0.000000", "%f", -0.0);
}

static void exponents(void)
{
	PRINTS("1.000000e+00 1.234560e+05 -2.50e-03 0.000000e+00", "%e %e %.2e %e", 1.0, 123456.0, -0.0025, 0.0);
	PRINTS("1e+01 1E+100 1e-300 1.e+00", "%.0e %.0E %.0e %#.0e", 9.9, 1e100, 1e-300, 1.0);
	PRINTS("4.9406564584124654e-324", "%.16e", 4.9406564584124654e-324);
	PRINTS("1.7976931348623157e+308", "%.16e", 1.7976931348623157e308);
	PRINTS("1 0.0001 1e-05 100000 1e+06 123456 1.23457e+06", "%g %g %g %g %g %g %g", 1.0, 0.0001, 0.00001, 100000.0,
	       1000000.0, 123456.0, 1234567.0);
	PRINTS("0.1 3.14 1e+20 0 1.5", "%g %.3g %g %g %G", 0.1, 3.14159, 1e20, 0.0, 1.5);
	PRINTS("0.30000000000000004", "%.17g", 0.30000000000000004);
	PRINTS("1.00000 0.100000 1.e+20", "%#g %#g %#.0g", 1.0, 0.1, 1e20);
	PRINTS("[       1.5] [1.5       ] [00000001.5]", "[%10g] [%-10g] [%010g]", 1.5, 1.5, 1.5);
	PRINTS("2.5", "%Lg", (long double)2.5);
}

static void short_buffers(void)
{
	char text[8] = "#######";

	CHECK(snprintf(text, 4, "%s", "abcdef") == 6);
	CHECK_STRING(text, "abc");
	CHECK(text[4] == '#');
	CHECK(snprintf(text, 1, "%d", 12345) == 5);
	CHECK_STRING(text, "");
	CHECK(snprintf(NULL, 0, "%1000d", 1) == 1000);
	CHECK(snprintf(text, sizeof text, "%k", 1) == -1 && errno == EINVAL);
}

static void allocated(void)
{
	char *text = NULL;

	CHECK(asprintf(&text, "%s-%d", "abc", 7) == 5);
	CHECK_STRING(text, "abc-7");
	free(text);
}

static void descriptors(void)
{
	char text[2048];
	int fds[2];
	ssize_t n;

	CHECK(pipe(fds) == 0);
	CHECK(dprintf(fds[1], "%1000d|%s", 5, "end") == 1004);
	n = read(fds[0], text, sizeof text);
	CHECK(n == 1004 && memcmp(text + 999, "5|end", 5) == 0);
	close(fds[0]);
	close(fds[1]);
	errno = 0;
	CHECK(dprintf(fds[1], "x") == -1 && errno == EBADF);
}

int main(void)
{
	integers();
	widths();
	strings();
	fixed();
	exponents();
	short_buffers();
	allocated();
	descriptors();
	return check_end();
}
