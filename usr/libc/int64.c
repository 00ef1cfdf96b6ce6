/* Division of 64-bit numbers, which the compiler asks for by these names.
   A divisor of 32 bits takes two div instructions, the high half first.  A longer one: the quotient fits 32 bits, so
   it is estimated from the divisor's top 32 bits, which is at most one too large, and put right. */
#include <stdint.h>

uint64_t __udivmoddi4(uint64_t a, uint64_t b, uint64_t *rest);
uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __umoddi3(uint64_t a, uint64_t b);
int64_t __divdi3(int64_t a, int64_t b);
int64_t __moddi3(int64_t a, int64_t b);
int64_t __divmoddi4(int64_t a, int64_t b, int64_t *rest);

/* HIGH:LOW / B, where HIGH < B. */
static uint32_t divide_wide(uint32_t high, uint32_t low, uint32_t b, uint32_t *rest)
{
	uint32_t quotient;

	__asm__("divl %4" : "=a"(quotient), "=d"(*rest) : "a"(low), "d"(high), "r"(b) : "cc");
	return quotient;
}

static uint64_t divide_by_short(uint64_t a, uint32_t b, uint64_t *rest)
{
	uint32_t low_rest, high = (uint32_t)(a >> 32), high_quotient = high / b;
	uint32_t low_quotient = divide_wide(high % b, (uint32_t)a, b, &low_rest);

	*rest = low_rest;
	return (uint64_t)high_quotient << 32 | low_quotient;
}

static uint64_t divide_by_long(uint64_t a, uint64_t b, uint64_t *rest)
{
	unsigned int shift = (unsigned int)__builtin_clz((uint32_t)(b >> 32));
	uint64_t half = a >> 1; /* keeps the high half below the divisor */
	uint32_t top = (uint32_t)((b << shift) >> 32), unused;
	uint64_t quotient = divide_wide((uint32_t)(half >> 32), (uint32_t)half, top, &unused);

	quotient = quotient << shift >> 31;
	if (quotient > 0)
		quotient--;
	*rest = a - quotient * b;
	if (*rest >= b) {
		*rest -= b;
		quotient++;
	}
	return quotient;
}

uint64_t __udivmoddi4(uint64_t a, uint64_t b, uint64_t *rest)
{
	uint64_t unused;

	if (!rest)
		rest = &unused;
	return b >> 32 ? divide_by_long(a, b, rest) : divide_by_short(a, (uint32_t)b, rest);
}

uint64_t __udivdi3(uint64_t a, uint64_t b)
{
	return __udivmoddi4(a, b, 0);
}

uint64_t __umoddi3(uint64_t a, uint64_t b)
{
	uint64_t rest;

	__udivmoddi4(a, b, &rest);
	return rest;
}

static uint64_t magnitude(int64_t x)
{
	return x < 0 ? -(uint64_t)x : (uint64_t)x;
}

int64_t __divmoddi4(int64_t a, int64_t b, int64_t *rest)
{
	uint64_t r, q = __udivmoddi4(magnitude(a), magnitude(b), &r);

	*rest = (int64_t)(a < 0 ? -r : r);
	return (int64_t)((a < 0) != (b < 0) ? -q : q);
}

int64_t __divdi3(int64_t a, int64_t b)
{
	int64_t rest;

	return __divmoddi4(a, b, &rest);
}

int64_t __moddi3(int64_t a, int64_t b)
{
	int64_t rest;

	__divmoddi4(a, b, &rest);
	return rest;
}
