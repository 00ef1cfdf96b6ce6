/* lib/crc.h: the published vectors, then a bit-by-bit reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/crc.h>
#include <string.h>

#include "test_lib_random.h"

/* RFC 3720, B.4 (its bytes are in network order of the little-endian value). */
static void the_vectors_of_rfc_3720_come_out(void **state)
{
	uint8_t block[32];

	(void)state;
	memset(block, 0, sizeof block);
	assert_int_equal(crc32c(0, block, 32), 0x8a9136aau);
	memset(block, 0xff, sizeof block);
	assert_int_equal(crc32c(0, block, 32), 0x62a8ab43u);
	for (uint8_t i = 0; i < 32; i++)
		block[i] = i;
	assert_int_equal(crc32c(0, block, 32), 0x46dd794eu);
	for (uint8_t i = 0; i < 32; i++)
		block[i] = 31 - i;
	assert_int_equal(crc32c(0, block, 32), 0x113fdb5cu);
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283u);
	assert_int_equal(crc32c(0, NULL, 0), 0);
}

static uint32_t crc_by_bits(const uint8_t *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (; n > 0; n--, p++) {
		crc ^= *p;
		for (unsigned i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static void every_byte_and_every_cut_agree_with_the_definition(void **state)
{
	struct random r = {16};
	uint8_t data[300];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		data[0] = (uint8_t)i;
		assert_int_equal(crc32c(0, data, 1), crc_by_bits(data, 1));
	}
	for (unsigned round = 0; round < 2000; round++) {
		size_t n = random_below(&r, sizeof data), cut = random_below(&r, (uint32_t)n + 1);

		for (size_t i = 0; i < n; i++)
			data[i] = (uint8_t)random_u64(&r);
		assert_int_equal(crc32c(0, data, n), crc_by_bits(data, n));
		assert_int_equal(crc32c(crc32c(0, data, cut), data + cut, n - cut), crc_by_bits(data, n));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_3720_come_out),
		cmocka_unit_test(every_byte_and_every_cut_agree_with_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
