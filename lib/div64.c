/* 64-bit division out of 32-bit operations, and the helpers by which the compiler divides on i386. Long division with
   large digits (Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D): 64 by 32 bits with two digits of 16
   bits, 64 by 64 with one digit of 32 bits.  The processor's divl would do the former in one instruction, but C
   cannot say it, and assembly has no place outside arch/; the bit-by-bit loop was not taken: 64 rounds. Nothing here
   may divide a 64-bit number with `/`: that is a call of the function being defined. */
#include <lib/div64.h>

#include <lib/assert.h>
#include <stdbool.h>
#include <stddef.h>

static inline uint32_t high(uint64_t x)
{
	return (uint32_t)(x >> 32);
}

/* One 16-bit digit of (HIGH : DIGIT) / D where D has its top bit set and HIGH < D; the remainder to *REM. */
static uint32_t digit16(uint32_t top, uint32_t digit, uint32_t d, uint32_t *rem)
{
	uint32_t q = top / (d >> 16);
	uint32_t r = top % (d >> 16);

	/* The estimate from D's upper half is at most two too large. */
	while (r < 0x10000 && (q > 0xffff || q * (d & 0xffff) > (r << 16 | digit))) {
		q--;
		r += d >> 16;
	}
	*rem = (top << 16 | digit) - q * d; /* modulo 2^32, which the true remainder is below */
	return q;
}

/* N / D for N's upper half < D: the quotient has 32 bits. */
static uint32_t div_64_by_32(uint64_t n, uint32_t d, uint32_t *rem)
{
	unsigned shift = (unsigned)__builtin_clz(d);
	uint32_t r, q;

	n <<= shift;
	q = digit16(high(n), (uint32_t)n >> 16, d << shift, &r) << 16;
	q |= digit16(r, (uint32_t)n & 0xffff, d << shift, &r);
	*rem = r >> shift;
	return q;
}

uint64_t div64_u32(uint64_t n, uint32_t d, uint32_t *rem)
{
	uint32_t q_high, q_low, r;

	KASSERT(d != 0);
	q_high = high(n) / d;
	r = high(n) % d;
	if (r == 0) {
		q_low = (uint32_t)n / d;
		r = (uint32_t)n % d;
	} else {
		q_low = div_64_by_32((uint64_t)r << 32 | (uint32_t)n, d, &r);
	}
	if (rem)
		*rem = r;
	return (uint64_t)q_high << 32 | q_low;
}

/* D >= 2^32, so the quotient has 32 bits and one digit gives it.  N / 2 keeps the estimate's dividend in 64 bits: with
   D moved up until its top bit is set, N moved as far would need 96. */
static uint64_t div_by_large(uint64_t n, uint64_t d, uint64_t *rem)
{
	unsigned shift = (unsigned)__builtin_clz(high(d));
	uint32_t d_top = high(d << shift), q, unused;

	q = div_64_by_32(n >> 1, d_top, &unused);
	q = (uint32_t)((uint64_t)q << shift >> 31);
	if (q != 0)
		q--; /* the estimate is exact or one too large; now exact or one too small */
	n -= q * d;
	if (n >= d) {
		n -= d;
		q++;
	}
	*rem = n;
	return q;
}

uint64_t div64_u64(uint64_t n, uint64_t d, uint64_t *rem)
{
	uint64_t q, r;
	uint32_t r32;

	if (high(d) != 0) {
		q = div_by_large(n, d, &r);
	} else {
		q = div64_u32(n, (uint32_t)d, &r32);
		r = r32;
	}
	if (rem)
		*rem = r;
	return q;
}

static inline uint64_t magnitude(int64_t x)
{
	return x < 0 ? -(uint64_t)x : (uint64_t)x;
}

int64_t div64_s64(int64_t n, int64_t d, int64_t *rem)
{
	uint64_t r;
	uint64_t q = div64_u64(magnitude(n), magnitude(d), &r);

	if (rem)
		*rem = (int64_t)(n < 0 ? -r : r);
	return (int64_t)((n < 0) != (d < 0) ? -q : q);
}

#if !__STDC_HOSTED__
/* Names and signatures of the compiler's runtime library (libgcc manual, "Integer library routines"). */
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rem);
int64_t __divdi3(int64_t n, int64_t d);
int64_t __moddi3(int64_t n, int64_t d);
int64_t __divmoddi4(int64_t n, int64_t d, int64_t *rem);

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
	return div64_u64(n, d, NULL);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
	uint64_t r;

	(void)div64_u64(n, d, &r);
	return r;
}

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rem)
{
	return div64_u64(n, d, rem);
}

int64_t __divdi3(int64_t n, int64_t d)
{
	return div64_s64(n, d, NULL);
}

int64_t __moddi3(int64_t n, int64_t d)
{
	int64_t r;

	(void)div64_s64(n, d, &r);
	return r;
}

int64_t __divmoddi4(int64_t n, int64_t d, int64_t *rem)
{
	return div64_s64(n, d, rem);
}
#endif
