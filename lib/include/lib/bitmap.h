/* Bitmaps in 32-bit words, bit 0 the lowest of word 0.  In memory of a little-endian machine that is also the layout of
   dmfs's bitmaps on disk.  Not atomic. */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include <stdbool.h>
#include <stdint.h>

#define BITMAP_NONE UINT32_MAX                              /* no such bit */
#define BITMAP_WORDS(nbits) (((uint32_t)(nbits) + 31) / 32) /* words that hold NBITS bits */

static inline bool bitmap_test(const uint32_t *map, uint32_t bit)
{
	return (map[bit / 32] >> (bit % 32)) & 1;
}

static inline void bitmap_set(uint32_t *map, uint32_t bit)
{
	map[bit / 32] |= (uint32_t)1 << (bit % 32);
}

static inline void bitmap_clear(uint32_t *map, uint32_t bit)
{
	map[bit / 32] &= ~((uint32_t)1 << (bit % 32));
}

/* The bits [first, first + count). */
void bitmap_set_range(uint32_t *map, uint32_t first, uint32_t count);
void bitmap_clear_range(uint32_t *map, uint32_t first, uint32_t count);

/* => the first clear bit of [0, nbits) at or after HINT, else the first before it; BITMAP_NONE when all are set.
   A HINT beyond the end counts as 0. */
uint32_t bitmap_find_zero(const uint32_t *map, uint32_t nbits, uint32_t hint);
/* => the first set bit at or after FROM, BITMAP_NONE when there is none. */
uint32_t bitmap_find_set(const uint32_t *map, uint32_t nbits, uint32_t from);
/* => how many bits from FIRST on are clear, at most MAX and not beyond NBITS. */
uint32_t bitmap_zero_run(const uint32_t *map, uint32_t nbits, uint32_t first, uint32_t max);
/* => how many bits of [0, nbits) are set. */
uint32_t bitmap_count(const uint32_t *map, uint32_t nbits);

#endif
