/* Numbers for the properties in test_lib_*.c: the same in every run, so that a failure can be had again.
   xorshift64* (Marsaglia 2003, Vigna 2014). */
#ifndef TEST_LIB_RANDOM_H
#define TEST_LIB_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state; /* not 0 */
};

static inline uint64_t random_u64(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545F4914F6CDD1Du;
}

/* 0..N - 1. */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return (uint32_t)((random_u64(r) >> 32) * n >> 32);
}

/* Of a random number of bits, so that small and large ones are equally frequent; now and then all ones. */
static inline uint64_t random_of_any_size(struct random *r)
{
	uint64_t x = random_u64(r);

	if (random_below(r, 8) == 0)
		x = UINT64_MAX;
	return x >> random_below(r, 64);
}

#endif
