/* kern/pidmap.h: every number once, none twice, none soon again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kern/pidmap.h>
#include <string.h>

static struct pidmap map;

static int setup(void **state)
{
	(void)state;
	memset(&map, 0, sizeof map);
	return 0;
}

static void the_first_is_one(void **state)
{
	(void)state;
	assert_int_equal(pidmap_take(&map), 1);
	assert_int_equal(pidmap_take(&map), 2);
}

static void a_released_number_is_not_taken_at_once(void **state)
{
	(void)state;
	assert_int_equal(pidmap_take(&map), 1);
	assert_int_equal(pidmap_take(&map), 2);
	pidmap_release(&map, 2);
	assert_int_equal(pidmap_take(&map), 3);
}

static void all_numbers_can_be_had_and_then_none(void **state)
{
	(void)state;
	for (int32_t i = 1; i < PID_MAX; i++)
		assert_int_equal(pidmap_take(&map), i);
	assert_int_equal(pidmap_take(&map), PID_NONE);
	pidmap_release(&map, 77);
	assert_int_equal(pidmap_take(&map), 77);
	assert_int_equal(pidmap_take(&map), PID_NONE);
}

static void after_the_last_the_search_begins_anew_and_skips_what_is_used(void **state)
{
	(void)state;
	for (int32_t i = 1; i < PID_MAX; i++)
		assert_int_equal(pidmap_take(&map), i);
	for (int32_t i = 5; i < 10; i++)
		pidmap_release(&map, i);
	for (int32_t i = 5; i < 10; i++)
		assert_int_equal(pidmap_take(&map), i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_first_is_one, setup),
		cmocka_unit_test_setup(a_released_number_is_not_taken_at_once, setup),
		cmocka_unit_test_setup(all_numbers_can_be_had_and_then_none, setup),
		cmocka_unit_test_setup(after_the_last_the_search_begins_anew_and_skips_what_is_used, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
