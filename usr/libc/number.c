/* Text to integers.  One scanner reads the digits into 64 bits; the functions differ in the range they clip to. */
#include <stdlib.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>

struct scanned {
	uint64_t value;
	bool negative, overflow;
};

static unsigned int digit_value(char c)
{
	if (isdigit((unsigned char)c))
		return (unsigned int)(c - '0');
	return isalpha((unsigned char)c) ? (unsigned int)(tolower((unsigned char)c) - 'a' + 10) : UINT_MAX;
}

/* Skip what stands before the digits at S; *BASE 0 is decided by the prefix. */
static const char *scan_prefix(const char *s, struct scanned *out, int *base)
{
	while (isspace((unsigned char)*s))
		s++;
	if (*s == '+' || *s == '-')
		out->negative = *s++ == '-';
	if ((*base == 0 || *base == 16) && s[0] == '0' && (s[1] | 32) == 'x' && isxdigit((unsigned char)s[2])) {
		*base = 16;
		return s + 2;
	}
	if (*base == 0)
		*base = *s == '0' ? 8 : 10;
	return s;
}

static struct scanned scan(const char *s, char **end, int base)
{
	struct scanned out = {0};
	const char *p = scan_prefix(s, &out, &base), *first = p;

	if (base < 2 || base > 36) {
		errno = EINVAL;
		p = first;
	} else {
		for (unsigned int d; (d = digit_value(*p)) < (unsigned int)base; p++)
			if (__builtin_mul_overflow(out.value, (uint64_t)base, &out.value) ||
			    __builtin_add_overflow(out.value, (uint64_t)d, &out.value))
				out.overflow = true;
	}
	if (end)
		*end = (char *)(p == first ? s : p);
	return out;
}

static int64_t clip_signed(struct scanned n, int64_t min, int64_t max)
{
	uint64_t limit = n.negative ? -(uint64_t)min : (uint64_t)max;

	if (n.overflow || n.value > limit) {
		errno = ERANGE;
		return n.negative ? min : max;
	}
	return (int64_t)(n.negative ? -n.value : n.value);
}

static uint64_t clip_unsigned(struct scanned n, uint64_t max)
{
	if (n.overflow || n.value > max) {
		errno = ERANGE;
		return max;
	}
	return n.negative ? -n.value : n.value;
}

long strtol(const char *s, char **end, int base)
{
	return (long)clip_signed(scan(s, end, base), LONG_MIN, LONG_MAX);
}

unsigned long strtoul(const char *s, char **end, int base)
{
	return (unsigned long)clip_unsigned(scan(s, end, base), ULONG_MAX);
}

long long strtoll(const char *s, char **end, int base)
{
	return clip_signed(scan(s, end, base), LLONG_MIN, LLONG_MAX);
}

unsigned long long strtoull(const char *s, char **end, int base)
{
	return clip_unsigned(scan(s, end, base), ULLONG_MAX);
}

intmax_t strtoimax(const char *s, char **end, int base)
{
	return strtoll(s, end, base);
}

uintmax_t strtoumax(const char *s, char **end, int base)
{
	return strtoull(s, end, base);
}

int atoi(const char *s)
{
	return (int)strtol(s, NULL, 10);
}

long atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long atoll(const char *s)
{
	return strtoll(s, NULL, 10);
}

int abs(int n)
{
	return n < 0 ? -n : n;
}

long labs(long n)
{
	return n < 0 ? -n : n;
}

long long llabs(long long n)
{
	return n < 0 ? -n : n;
}

div_t div(int a, int b)
{
	return (div_t){a / b, a % b};
}

ldiv_t ldiv(long a, long b)
{
	return (ldiv_t){a / b, a % b};
}

lldiv_t lldiv(long long a, long long b)
{
	return (lldiv_t){a / b, a % b};
}
