/* lib/list.h: each operation, then random ones beside an array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/list.h>
#include <stdlib.h>

#include "test_lib_random.h"

#define ENTRIES 16

struct entry {
	int value;
	struct list link;
};

static void expect(const struct list *head, const int *values, unsigned n)
{
	const struct list *l = head;

	for (unsigned i = 0; i < n; i++) {
		assert_ptr_equal(l->next->prev, l);
		l = l->next;
		assert_int_equal(LIST_ENTRY(l, struct entry, link)->value, values[i]);
	}
	assert_ptr_equal(l->next, head);
	assert_ptr_equal(head->prev, l);
}

static void a_new_list_is_empty_and_has_no_first(void **state)
{
	struct list head = LIST_INIT(head);

	(void)state;
	assert_true(list_is_empty(&head));
	assert_null(list_first(&head));
	assert_null(list_last(&head));
	assert_null(list_pop(&head));
	assert_null(LIST_FIRST_ENTRY(&head, struct entry, link));
	list_init(&head);
	expect(&head, NULL, 0);
}

static void entries_stand_where_they_were_put(void **state)
{
	struct list head = LIST_INIT(head);
	struct entry e[4] = {{.value = 0}, {.value = 1}, {.value = 2}, {.value = 3}};

	(void)state;
	list_add_tail(&head, &e[1].link);
	list_add_head(&head, &e[0].link);
	list_add_tail(&head, &e[3].link);
	list_insert_before(&e[3].link, &e[2].link);
	expect(&head, (int[]){0, 1, 2, 3}, 4);
	assert_ptr_equal(LIST_FIRST_ENTRY(&head, struct entry, link), &e[0]);
	assert_ptr_equal(list_last(&head), &e[3].link);
	list_remove(&e[1].link);
	list_remove(&e[1].link);
	assert_true(list_is_empty(&e[1].link));
	expect(&head, (int[]){0, 2, 3}, 3);
	assert_ptr_equal(list_pop(&head), &e[0].link);
	expect(&head, (int[]){2, 3}, 2);
}

static void moving_all_appends_in_order_and_empties_the_source(void **state)
{
	struct list a = LIST_INIT(a), b = LIST_INIT(b);
	struct entry e[4] = {{.value = 0}, {.value = 1}, {.value = 2}, {.value = 3}};

	(void)state;
	list_move_all(&a, &b);
	expect(&a, NULL, 0);
	for (unsigned i = 0; i < 4; i++)
		list_add_tail(i < 2 ? &a : &b, &e[i].link);
	list_move_all(&a, &b);
	expect(&a, (int[]){0, 1, 2, 3}, 4);
	expect(&b, NULL, 0);
	list_move_all(&b, &a);
	expect(&b, (int[]){0, 1, 2, 3}, 4);
	expect(&a, NULL, 0);
}

static void loops_visit_each_entry_once_in_order(void **state)
{
	struct list head = LIST_INIT(head);
	struct entry e[3] = {{.value = 0}, {.value = 1}, {.value = 2}}, *at = NULL;
	int n = 0;

	(void)state;
	list_foreach_entry(at, &head, link)
		fail();
	assert_null(at);
	for (unsigned i = 0; i < 3; i++)
		list_add_tail(&head, &e[i].link);
	list_foreach(l, &head)
		assert_int_equal(LIST_ENTRY(l, struct entry, link)->value, n++);
	list_foreach_entry(at, &head, link)
		assert_int_equal(at->value, n++ - 3);
	assert_int_equal(n, 6);
	assert_ptr_equal(at, &e[2]);
}

static void a_safe_loop_lets_its_entry_be_freed(void **state)
{
	struct list head = LIST_INIT(head);
	struct entry *at;

	(void)state;
	for (int i = 0; i < 6; i++) {
		at = malloc(sizeof *at);
		at->value = i;
		list_add_tail(&head, &at->link);
	}
	list_foreach_entry_safe(at, &head, link)
		if (at->value % 2 != 0) {
			list_remove(&at->link);
			free(at);
		}
	expect(&head, (int[]){0, 2, 4}, 3);
	list_foreach_safe(l, &head) {
		list_remove(l);
		free(LIST_ENTRY(l, struct entry, link));
	}
	assert_true(list_is_empty(&head));
}

static void random_operations_match_an_array(void **state)
{
	struct random r = {9};
	struct list head = LIST_INIT(head);
	struct entry e[ENTRIES];
	int model[ENTRIES];
	unsigned n = 0;

	(void)state;
	for (int i = 0; i < ENTRIES; i++) {
		e[i].value = i;
		list_init(&e[i].link);
	}
	for (unsigned round = 0; round < 50000; round++) {
		int i = (int)random_below(&r, ENTRIES);
		unsigned at = 0;

		while (at < n && model[at] != i)
			at++;
		assert_int_equal(list_is_empty(&e[i].link), at == n);
		if (at < n) {
			list_remove(&e[i].link);
			for (n--; at < n; at++)
				model[at] = model[at + 1];
		} else if (random_below(&r, 2) == 0) {
			list_add_tail(&head, &e[i].link);
			model[n++] = i;
		} else {
			list_add_head(&head, &e[i].link);
			for (at = n++; at > 0; at--)
				model[at] = model[at - 1];
			model[0] = i;
		}
		expect(&head, model, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_list_is_empty_and_has_no_first),
		cmocka_unit_test(entries_stand_where_they_were_put),
		cmocka_unit_test(moving_all_appends_in_order_and_empties_the_source),
		cmocka_unit_test(loops_visit_each_entry_once_in_order),
		cmocka_unit_test(a_safe_loop_lets_its_entry_be_freed),
		cmocka_unit_test(random_operations_match_an_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
