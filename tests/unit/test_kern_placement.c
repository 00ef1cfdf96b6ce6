/* kern/placement.h: every combination of idle CPUs, and the thieves' choice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kern/placement.h>

static void a_woken_thread_goes_home_unless_another_cpu_is_idle_and_home_is_not(void **state)
{
	(void)state;
	for (uint32_t idle = 0; idle < 1u << ARCH_MAX_CPUS; idle++) {
		for (unsigned last = 0; last < ARCH_MAX_CPUS; last++) {
			unsigned cpu = place_woken(last, idle);

			if (idle == 0 || (idle >> last & 1))
				assert_int_equal(cpu, last);
			else
				assert_true(idle >> cpu & 1);
		}
	}
}

static void a_thief_takes_from_the_longest_queue(void **state)
{
	const unsigned ready[4] = {1, 0, 3, 2};

	(void)state;
	assert_int_equal(place_victim(1, ready, 4), 2);
	assert_int_equal(place_victim(0, ready, 4), 2);
}

static void a_thief_never_takes_from_itself_or_from_an_empty_queue(void **state)
{
	const unsigned only_mine[4] = {5, 0, 0, 0};

	(void)state;
	assert_int_equal(place_victim(0, only_mine, 4), CPU_NONE);
	assert_int_equal(place_victim(1, only_mine, 4), 0);
	assert_int_equal(place_victim(0, only_mine, 1), CPU_NONE);
}

static void of_equal_queues_each_thief_takes_the_next(void **state)
{
	const unsigned ready[4] = {1, 1, 1, 1};

	(void)state;
	for (unsigned cpu = 0; cpu < 4; cpu++)
		assert_int_equal(place_victim(cpu, ready, 4), (cpu + 1) % 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_woken_thread_goes_home_unless_another_cpu_is_idle_and_home_is_not),
		cmocka_unit_test(a_thief_takes_from_the_longest_queue),
		cmocka_unit_test(a_thief_never_takes_from_itself_or_from_an_empty_queue),
		cmocka_unit_test(of_equal_queues_each_thief_takes_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
