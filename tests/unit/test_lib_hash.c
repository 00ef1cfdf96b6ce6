/* lib/hash.h: known values, and that different numbers stay different. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/hash.h>

#include "test_lib_random.h"

static void strings_hash_to_the_published_fnv_1a_values(void **state)
{
	(void)state;
	assert_int_equal(hash_string(""), 0x811c9dc5u);
	assert_int_equal(hash_string("a"), 0xe40c292cu);
	assert_int_equal(hash_string("foobar"), 0xbf9cf968u);
	assert_int_equal(hash_bytes(HASH_START, "foobar", 6), 0xbf9cf968u);
	assert_int_equal(hash_bytes(hash_bytes(HASH_START, "foo", 3), "bar", 3), 0xbf9cf968u);
}

/* The steps of hash_u32 backwards; the factors are the inverses of its own modulo 2^32. */
static uint32_t unhash(uint32_t x)
{
	x = (x ^ (x >> 16)) * 0x43021123u;
	x = (x ^ (x >> 15) ^ (x >> 30)) * 0x1d69e2a5u;
	return x ^ (x >> 16);
}

static void a_hashed_number_can_be_had_back_so_no_two_collide(void **state)
{
	struct random r = {20};

	(void)state;
	for (unsigned round = 0; round < 100000; round++) {
		uint32_t x = (uint32_t)random_u64(&r);

		assert_int_equal(unhash(hash_u32(x)), x);
	}
}

/* 2^16 page numbers into 2^10 buckets: 64 each on average, and no bucket with twice that. */
static void low_bits_of_the_hash_spread_regular_keys(void **state)
{
	unsigned buckets[1024] = {0};

	(void)state;
	for (uint32_t object = 0; object < 256; object++)
		for (uint32_t page = 0; page < 256; page++)
			buckets[hash_pair(0xc0000000u + object * 64, page) % 1024]++;
	for (unsigned i = 0; i < 1024; i++)
		assert_in_range(buckets[i], 16, 128);
	assert_true(hash_pair(1, 2) != hash_pair(2, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_hash_to_the_published_fnv_1a_values),
		cmocka_unit_test(a_hashed_number_can_be_had_back_so_no_two_collide),
		cmocka_unit_test(low_bits_of_the_hash_spread_regular_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
