/* lib/div64.h beside the host's operators: edges against edges, then random numbers of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/assert.h>
#include <lib/div64.h>

#include "test_lib_random.h"

static void check(uint64_t n, uint64_t d)
{
	uint64_t r64;
	uint32_t r32;

	if (d == 0)
		return;
	assert_true(div64_u64(n, d, &r64) == n / d);
	assert_true(r64 == n % d);
	if ((uint32_t)d == 0)
		return;
	assert_true(div64_u32(n, (uint32_t)d, &r32) == n / (uint32_t)d);
	assert_true(r32 == n % (uint32_t)d);
}

static void check_signed(int64_t n, int64_t d)
{
	int64_t r;

	if (d == 0 || (n == INT64_MIN && d == -1))
		return;
	assert_true(div64_s64(n, d, &r) == n / d);
	assert_true(r == n % d);
}

static void numbers_around_powers_of_two_divide_as_on_the_host(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 64; i++)
		for (unsigned j = 0; j < 64; j++)
			for (int a = -2; a <= 2; a++)
				for (int b = -2; b <= 2; b++) {
					uint64_t n = ((uint64_t)1 << i) + (uint64_t)a,
						 d = ((uint64_t)1 << j) + (uint64_t)b;

					check(n, d);
					check(UINT64_MAX - n, d);
					check_signed((int64_t)n, (int64_t)d);
				}
}

static void random_numbers_divide_as_on_the_host(void **state)
{
	struct random r = {7};

	(void)state;
	for (unsigned round = 0; round < 2000000; round++) {
		uint64_t n = random_of_any_size(&r), d = random_of_any_size(&r);

		check(n, d);
		check_signed((int64_t)n, (int64_t)-d);
		check_signed((int64_t)-n, (int64_t)d);
	}
}

/* Multiples and their neighbours: where an estimated digit is most likely off by one. */
static void multiples_and_their_neighbours_divide_as_on_the_host(void **state)
{
	struct random r = {8};

	(void)state;
	for (unsigned round = 0; round < 500000; round++) {
		uint64_t d = random_of_any_size(&r) | 1, q = UINT64_MAX / d;
		uint64_t n = d * (q - random_below(&r, q > 1000 ? 1000 : (uint32_t)q));

		check(n, d);
		check(n - 1, d);
		check(n + 1, d);
	}
}

static void the_remainder_may_be_left_out_and_the_smallest_number_wraps(void **state)
{
	int64_t r = 1;

	(void)state;
	assert_int_equal(div64_u32(100, 7, NULL), 14);
	assert_int_equal(div64_u64(100, (uint64_t)1 << 40, NULL), 0);
	assert_int_equal(div64_s64(-100, 7, NULL), -14);
	assert_true(div64_s64(INT64_MIN, -1, &r) == INT64_MIN);
	assert_true(r == 0);
}

static jmp_buf panicked;

static void noreturn_fn panic_jumps(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	(void)fmt;
	(void)ap;
	longjmp(panicked, 1);
}

static void division_by_zero_is_a_broken_invariant(void **state)
{
	volatile unsigned panics = 0;

	(void)state;
	kernel_hooks.panic = panic_jumps;
	if (setjmp(panicked) == 0)
		(void)div64_u32(1, 0, NULL);
	else
		panics++;
	if (setjmp(panicked) == 0)
		(void)div64_s64(1, 0, NULL);
	else
		panics++;
	kernel_hooks.panic = NULL;
	assert_int_equal(panics, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_around_powers_of_two_divide_as_on_the_host),
		cmocka_unit_test(random_numbers_divide_as_on_the_host),
		cmocka_unit_test(multiples_and_their_neighbours_divide_as_on_the_host),
		cmocka_unit_test(the_remainder_may_be_left_out_and_the_smallest_number_wraps),
		cmocka_unit_test(division_by_zero_is_a_broken_invariant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
