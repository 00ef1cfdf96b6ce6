/* Hashes for tables in memory, not for anything an adversary chooses to fight over, nor for the disk. */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 2166136261u /* FNV-1a, 32 bits: offset basis and prime (Fowler, Noll, Vo) */
#define HASH_PRIME 16777619u

/* The LEN bytes at DATA, after what gave HASH (HASH_START: nothing). */
static inline uint32_t hash_bytes(uint32_t hash, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * HASH_PRIME;
	return hash;
}

static inline uint32_t hash_string(const char *s)
{
	uint32_t hash = HASH_START;

	for (; *s; s++)
		hash = (hash ^ (uint8_t)*s) * HASH_PRIME;
	return hash;
}

/* Every bit of X reaches every bit of the result, and different X give different results. */
static inline uint32_t hash_u32(uint32_t x)
{
	x = (x ^ (x >> 16)) * 0x7feb352du; /* multipliers: C. Wellons, "hash prospector" (public domain), lowbias32 */
	x = (x ^ (x >> 15)) * 0x846ca68bu;
	return x ^ (x >> 16);
}

static inline uint32_t hash_pair(uint32_t a, uint32_t b)
{
	return hash_u32(hash_u32(a) + b);
}

#endif
