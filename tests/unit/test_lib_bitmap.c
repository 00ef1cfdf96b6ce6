/* lib/bitmap.h beside an array of flags, with a guard word behind the map and every length up to three words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/bitmap.h>
#include <string.h>

#include "test_lib_random.h"

#define BITS 96
#define GUARD 0xa5a5a5a5u

struct model {
	bool bit[BITS];
	uint32_t map[BITMAP_WORDS(BITS) + 1];
};

static void model_random(struct model *m, struct random *r)
{
	uint32_t density = random_below(r, 5);

	memset(m->map, 0, sizeof m->map);
	m->map[BITMAP_WORDS(BITS)] = GUARD;
	for (uint32_t i = 0; i < BITS; i++) {
		m->bit[i] = density == 4 || random_below(r, 4) < density;
		if (m->bit[i])
			bitmap_set(m->map, i);
	}
}

static void model_check(const struct model *m)
{
	for (uint32_t i = 0; i < BITS; i++)
		assert_int_equal(bitmap_test(m->map, i), m->bit[i]);
	assert_int_equal(m->map[BITMAP_WORDS(BITS)], GUARD);
}

static uint32_t first_bit(const struct model *m, uint32_t from, uint32_t end, bool value)
{
	for (; from < end; from++)
		if (m->bit[from] == value)
			return from;
	return BITMAP_NONE;
}

static void single_bits_are_set_and_cleared_alone(void **state)
{
	struct random r = {12};
	struct model m;

	(void)state;
	model_random(&m, &r);
	for (unsigned round = 0; round < 5000; round++) {
		uint32_t i = random_below(&r, BITS);

		m.bit[i] = random_below(&r, 2);
		if (m.bit[i])
			bitmap_set(m.map, i);
		else
			bitmap_clear(m.map, i);
		model_check(&m);
	}
}

static void every_range_is_set_and_cleared_exactly(void **state)
{
	struct random r = {13};
	struct model m;

	(void)state;
	for (uint32_t first = 0; first <= BITS; first++)
		for (uint32_t count = 0; count <= BITS - first; count++) {
			model_random(&m, &r);
			bitmap_set_range(m.map, first, count);
			memset(m.bit + first, 1, count);
			model_check(&m);
			bitmap_clear_range(m.map, first, count);
			memset(m.bit + first, 0, count);
			model_check(&m);
		}
}

static void searches_find_what_a_walk_finds(void **state)
{
	struct random r = {14};
	struct model m;

	(void)state;
	for (unsigned round = 0; round < 50000; round++) {
		uint32_t nbits = random_below(&r, BITS + 1), from = random_below(&r, BITS + 4),
			 max = random_below(&r, BITS + 4);
		uint32_t start, expect, n = 0;

		model_random(&m, &r);
		assert_int_equal(bitmap_find_set(m.map, nbits, from), first_bit(&m, from, nbits, true));
		start = from < nbits ? from : 0;
		expect = first_bit(&m, start, nbits, false);
		if (expect == BITMAP_NONE)
			expect = first_bit(&m, 0, start, false);
		assert_int_equal(bitmap_find_zero(m.map, nbits, from), expect);
		while (n < max && from + n < nbits && !m.bit[from + n])
			n++;
		assert_int_equal(bitmap_zero_run(m.map, nbits, from, max), n);
		n = 0;
		for (uint32_t i = 0; i < nbits; i++)
			n += m.bit[i];
		assert_int_equal(bitmap_count(m.map, nbits), n);
	}
}

static void a_run_may_ask_for_more_bits_than_there_are(void **state)
{
	uint32_t map[2] = {0, 0};

	(void)state;
	assert_int_equal(bitmap_zero_run(map, 64, 3, UINT32_MAX), 61);
	assert_int_equal(bitmap_zero_run(map, 64, 64, UINT32_MAX), 0);
	assert_int_equal(bitmap_find_zero(map, 0, 0), BITMAP_NONE);
}

static void bit_n_lies_in_byte_n_over_8_as_on_the_disk(void **state)
{
	uint32_t map[2] = {0, 0};
	uint8_t bytes[8];

	(void)state;
	bitmap_set(map, 0);
	bitmap_set(map, 13);
	bitmap_set(map, 63);
	memcpy(bytes, map, sizeof bytes);
	assert_memory_equal(bytes, ((uint8_t[]){1, 0x20, 0, 0, 0, 0, 0, 0x80}), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_bits_are_set_and_cleared_alone),
		cmocka_unit_test(every_range_is_set_and_cleared_exactly),
		cmocka_unit_test(searches_find_what_a_walk_finds),
		cmocka_unit_test(a_run_may_ask_for_more_bits_than_there_are),
		cmocka_unit_test(bit_n_lies_in_byte_n_over_8_as_on_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
