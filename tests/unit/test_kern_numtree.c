/* kern/numtree.h against a plain array: found by number and by place, and where a number is free. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kern/numtree.h>
#include <string.h>

#include "test_lib_random.h"

#define NUMBERS 200

static struct numtree tree;
static struct numtree_node node[NUMBERS];
static bool taken[NUMBERS];

static int setup(void **state)
{
	(void)state;
	numtree_init(&tree);
	memset(taken, 0, sizeof taken);
	return 0;
}

static void take(int32_t number)
{
	node[number].number = number;
	assert_int_equal(numtree_insert(&tree, &node[number]), !taken[number]);
	taken[number] = true;
}

static void give_back(int32_t number)
{
	numtree_remove(&tree, &node[number]);
	taken[number] = false;
}

/* Every question that can be asked has the answer that the array gives. */
static void assert_agrees(void)
{
	uint32_t place = 0;

	assert_true(numtree_valid(&tree));
	for (int32_t i = 0; i < NUMBERS; i++) {
		int32_t next = i, first_free = i;

		while (next < NUMBERS && !taken[next])
			next++;
		while (first_free < NUMBERS && taken[first_free])
			first_free++;
		assert_ptr_equal(numtree_find(&tree, i), taken[i] ? &node[i] : NULL);
		assert_ptr_equal(numtree_from(&tree, i), next < NUMBERS ? &node[next] : NULL);
		assert_int_equal(numtree_free_number(&tree, i), first_free);
		if (taken[i])
			assert_ptr_equal(numtree_at(&tree, place++), &node[i]);
	}
	assert_null(numtree_at(&tree, place));
	assert_null(numtree_at(&tree, UINT32_MAX));
	assert_int_equal(numtree_count(&tree), place);
}

static void an_empty_one_has_nothing(void **state)
{
	(void)state;
	assert_agrees();
	assert_null(numtree_find(&tree, -5));
	assert_null(numtree_from(&tree, INT32_MIN));
}

static void a_number_is_taken_once(void **state)
{
	struct numtree_node second = {.number = 25};

	(void)state;
	take(25);
	assert_false(numtree_insert(&tree, &second));
	assert_ptr_equal(numtree_find(&tree, 25), &node[25]);
	assert_agrees();
	give_back(25);
	assert_true(numtree_insert(&tree, &second));
	numtree_remove(&tree, &second);
}

static void any_history_agrees_with_the_array(void **state)
{
	struct random random = {4711};

	(void)state;
	for (unsigned step = 0; step < 4000; step++) {
		int32_t number = (int32_t)random_below(&random, NUMBERS);

		if (taken[number] && step % 3)
			give_back(number);
		else
			take(number);
		if (step % 7 == 0)
			assert_agrees();
	}
	assert_agrees();
}

/* A long run of numbers without a gap, and what lies behind it. */
static void a_free_number_is_found_behind_those_that_are_taken(void **state)
{
	(void)state;
	for (int32_t i = 0; i < NUMBERS; i++)
		take(i);
	assert_int_equal(numtree_free_number(&tree, 0), NUMBERS);
	give_back(150);
	assert_int_equal(numtree_free_number(&tree, 0), 150);
	assert_int_equal(numtree_free_number(&tree, 151), NUMBERS);
	assert_agrees();
}

static void the_search_for_a_free_number_begins_again_at_0(void **state)
{
	struct numtree_node last = {.number = INT32_MAX}, before = {.number = INT32_MAX - 1}, first = {.number = 0},
			    negative = {.number = INT32_MIN};

	(void)state;
	assert_int_equal(numtree_free_number(&tree, INT32_MAX), INT32_MAX);
	assert_true(numtree_insert(&tree, &last) && numtree_insert(&tree, &before));
	assert_int_equal(numtree_free_number(&tree, INT32_MAX - 1), 0);
	assert_true(numtree_insert(&tree, &first) && numtree_insert(&tree, &negative));
	assert_int_equal(numtree_free_number(&tree, INT32_MAX), 1);
	assert_ptr_equal(numtree_at(&tree, 0), &negative);
	assert_ptr_equal(numtree_at(&tree, 3), &last);
	assert_true(numtree_valid(&tree));
}

static void a_wrong_order_is_seen(void **state)
{
	(void)state;
	for (int32_t i = 0; i < 20; i++)
		take(i);
	assert_true(numtree_valid(&tree));
	node[7].number = 9;
	assert_false(numtree_valid(&tree));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_one_has_nothing, setup),
		cmocka_unit_test_setup(a_number_is_taken_once, setup),
		cmocka_unit_test_setup(any_history_agrees_with_the_array, setup),
		cmocka_unit_test_setup(a_free_number_is_found_behind_those_that_are_taken, setup),
		cmocka_unit_test_setup(the_search_for_a_free_number_begins_again_at_0, setup),
		cmocka_unit_test_setup(a_wrong_order_is_seen, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
