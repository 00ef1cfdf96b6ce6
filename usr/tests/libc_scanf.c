/* sscanf and fscanf. */
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

static void numbers(void)
{
	int a = 0, b = 0, c = 0, n = 0;
	unsigned int u = 0;
	long long wide = 0;
	short narrow = 0;
	unsigned char byte = 0;

	CHECK(sscanf("12 -7 0x1f", "%d %d %x", &a, &b, &u) == 3 && a == 12 && b == -7 && u == 31);
	CHECK(sscanf("0x10 010 10", "%i %i %i", &a, &b, &c) == 3 && a == 16 && b == 8 && c == 10);
	CHECK(sscanf("4294967295", "%u", &u) == 1 && u == 4294967295u);
	CHECK(sscanf("-123456789012", "%lld", &wide) == 1 && wide == -123456789012);
	CHECK(sscanf("70000 300", "%hd %hhu", &narrow, &byte) == 2 && narrow == 4464 && byte == 44);
	CHECK(sscanf("12345", "%2d%3d", &a, &b) == 2 && a == 12 && b == 345);
	CHECK(sscanf("1,2", "%d,%d%n", &a, &b, &n) == 2 && n == 3);
	CHECK(sscanf("1 2 3", "%d %*d %d", &a, &b) == 2 && a == 1 && b == 3);
	CHECK(sscanf("777", "%o", &u) == 1 && u == 511);
}

static void reals(void)
{
	double d = 0;
	float f = 0;

	CHECK(sscanf("3.5e2 -0.25", "%lf %f", &d, &f) == 2 && d == 350.0 && f == -0.25f);
}

static void text(void)
{
	char a[16], b[16], c, pair[2];

	CHECK(sscanf("  hello world", "%s %5s", a, b) == 2);
	CHECK_STRING(a, "hello");
	CHECK_STRING(b, "world");
	CHECK(sscanf("abcdef", "%3s%s", a, b) == 2);
	CHECK_STRING(a, "abc");
	CHECK_STRING(b, "def");
	CHECK(sscanf(" x", "%c", &c) == 1 && c == ' ');
	CHECK(sscanf("xy", "%2c", pair) == 1 && pair[0] == 'x' && pair[1] == 'y');
	CHECK(sscanf("key=value", "%[^=]=%s", a, b) == 2);
	CHECK_STRING(a, "key");
	CHECK(sscanf("abc123", "%[a-z]%[]0-9]", a, b) == 2);
	CHECK_STRING(b, "123");
}

static void failures(void)
{
	int a = 5, b = 5;
	char s[8];

	CHECK(sscanf("", "%d", &a) == EOF);
	CHECK(sscanf("x", "%d", &a) == 0 && a == 5);
	CHECK(sscanf("1 x", "%d %d", &a, &b) == 1 && b == 5);
	CHECK(sscanf("1;2", "%d,%d", &a, &b) == 1);
	CHECK(sscanf("abc", "%[0-9]", s) == 0);
	CHECK(sscanf("50%", "%d%%", &a) == 1);
}

/* What a conversion looks at and does not take stays in the stream. */
static void streams(void)
{
	int fds[2], a = 0, b = 0;
	FILE *f;

	CHECK(pipe(fds) == 0);
	CHECK(write(fds[1], "10 20rest", 9) == 9);
	close(fds[1]);
	f = fdopen(fds[0], "r");
	CHECK(fscanf(f, "%d%d", &a, &b) == 2 && a == 10 && b == 20);
	CHECK(fgetc(f) == 'r');
	CHECK(fscanf(f, "%d", &a) == 0);
	CHECK(fgetc(f) == 'e');
	fclose(f);
}

int main(void)
{
	numbers();
	reals();
	text();
	failures();
	streams();
	return check_end();
}
