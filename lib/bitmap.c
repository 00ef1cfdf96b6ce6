/* Ranges and searches over bitmaps, a word at a time.  A summary level above the words was not taken: a dmfs block of
   bitmap is a thousand words, and the callers keep a hint. */
#include <lib/bitmap.h>

/* The bits of one word from bit LOW on, COUNT (1..32 - LOW) of them. */
static inline uint32_t word_mask(uint32_t low, uint32_t count)
{
	return (UINT32_MAX >> (32 - count)) << low;
}

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

void bitmap_set_range(uint32_t *map, uint32_t first, uint32_t count)
{
	while (count > 0) {
		uint32_t n = min_u32(32 - first % 32, count);

		map[first / 32] |= word_mask(first % 32, n);
		first += n;
		count -= n;
	}
}

void bitmap_clear_range(uint32_t *map, uint32_t first, uint32_t count)
{
	while (count > 0) {
		uint32_t n = min_u32(32 - first % 32, count);

		map[first / 32] &= ~word_mask(first % 32, n);
		first += n;
		count -= n;
	}
}

/* The first set bit of [from, end) in the map with every word XORed with FLIP; BITMAP_NONE if none. */
static uint32_t find(const uint32_t *map, uint32_t from, uint32_t end, uint32_t flip)
{
	uint32_t i = from / 32, word, bit;

	if (from >= end)
		return BITMAP_NONE;
	word = (map[i] ^ flip) & (UINT32_MAX << from % 32);
	while (word == 0) {
		if (i == (end - 1) / 32)
			return BITMAP_NONE;
		word = map[++i] ^ flip;
	}
	bit = i * 32 + (uint32_t)__builtin_ctz(word);
	return bit < end ? bit : BITMAP_NONE;
}

uint32_t bitmap_find_zero(const uint32_t *map, uint32_t nbits, uint32_t hint)
{
	uint32_t bit;

	if (hint >= nbits)
		hint = 0;
	bit = find(map, hint, nbits, UINT32_MAX);
	return bit != BITMAP_NONE ? bit : find(map, 0, hint, UINT32_MAX);
}

uint32_t bitmap_find_set(const uint32_t *map, uint32_t nbits, uint32_t from)
{
	return find(map, from, nbits, 0);
}

uint32_t bitmap_zero_run(const uint32_t *map, uint32_t nbits, uint32_t first, uint32_t max)
{
	uint32_t end, set;

	if (first >= nbits)
		return 0;
	end = first + min_u32(max, nbits - first);
	set = find(map, first, end, 0);
	return (set != BITMAP_NONE ? set : end) - first;
}

uint32_t bitmap_count(const uint32_t *map, uint32_t nbits)
{
	uint32_t n = 0, i;

	for (i = 0; i < nbits / 32; i++)
		n += (uint32_t)__builtin_popcount(map[i]);
	if (nbits % 32 != 0)
		n += (uint32_t)__builtin_popcount(map[i] & word_mask(0, nbits % 32));
	return n;
}
