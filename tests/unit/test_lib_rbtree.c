/* lib/rbtree.h: random insertions, removals, replacements and changes beside a sorted array.  The summary is the one mm
   needs, the largest value in a subtree, and is compared with a walk after every step, as is rb_valid(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/rbtree.h>
#include <stdlib.h>

#include "test_lib_random.h"

#define KEYS 200

struct item {
	struct rb_node node;
	uint32_t key;
	uint32_t value;
	uint32_t largest; /* value, of the subtree */
};

static unsigned updates; /* calls of item_update */

static struct item *item_of(struct rb_node *n)
{
	return n ? RB_ENTRY(n, struct item, node) : NULL;
}

static bool item_update(struct rb_node *n)
{
	struct item *it = item_of(n), *l = item_of(n->left), *r = item_of(n->right);
	uint32_t was = it->largest;

	updates++;
	it->largest = it->value;
	if (l && l->largest > it->largest)
		it->largest = l->largest;
	if (r && r->largest > it->largest)
		it->largest = r->largest;
	return it->largest != was;
}

static struct rb_node **item_find(struct rb_root *root, uint32_t key, struct rb_node **parent)
{
	struct rb_node **link = &root->node;

	*parent = NULL;
	while (*link && item_of(*link)->key != key) {
		*parent = *link;
		link = key < item_of(*link)->key ? &(*link)->left : &(*link)->right;
	}
	return link;
}

static struct item *item_add(struct rb_root *root, uint32_t key, uint32_t value)
{
	struct rb_node *parent, **link = item_find(root, key, &parent);
	struct item *it = malloc(sizeof *it);

	*it = (struct item){.key = key, .value = value, .largest = 0xdeadbeef};
	assert_null(*link);
	rb_insert(root, parent, link, &it->node);
	return it;
}

static void tree_free(struct rb_root *root)
{
	struct rb_node *n;

	while ((n = rb_first(root))) {
		rb_remove(root, n);
		assert_true(rb_valid(root));
		free(item_of(n));
	}
	assert_null(root->node);
}

/* Every subtree's summary by walking it, not by believing the children's. */
static uint32_t check_summaries(struct rb_node *n)
{
	struct item *it = item_of(n);
	uint32_t largest, below;

	if (!n)
		return 0;
	largest = it->value;
	below = check_summaries(n->left);
	if (below > largest)
		largest = below;
	below = check_summaries(n->right);
	if (below > largest)
		largest = below;
	assert_int_equal(it->largest, largest);
	return largest;
}

/* MODEL[key] is the item with that key, or NULL. */
static void check_against(struct rb_root *root, struct item *const model[KEYS])
{
	struct rb_node *forth = rb_first(root), *back = rb_last(root);

	for (unsigned k = 0; k < KEYS; k++) {
		if (model[k]) {
			assert_ptr_equal(item_of(forth), model[k]);
			forth = rb_next(forth);
		}
		if (model[KEYS - 1 - k]) {
			assert_ptr_equal(item_of(back), model[KEYS - 1 - k]);
			back = rb_prev(back);
		}
	}
	assert_null(forth);
	assert_null(back);
	assert_true(rb_valid(root));
	check_summaries(root->node);
}

static void an_empty_tree_is_valid_and_has_no_ends(void **state)
{
	struct rb_root root = {NULL, item_update};

	(void)state;
	assert_true(rb_valid(&root));
	assert_null(rb_first(&root));
	assert_null(rb_last(&root));
}

static void model_step(struct random *r, struct rb_root *root, struct item *model[KEYS], unsigned grow)
{
	unsigned k = random_below(r, KEYS);
	struct item *it = model[k], *other;

	if (!it) {
		if (random_below(r, 10) < grow)
			model[k] = item_add(root, k, random_below(r, 1000));
		return;
	}
	switch (random_below(r, 4 + (10 - grow))) {
	case 0: /* its own entry changes */
		it->value = random_below(r, 1000);
		rb_update_path(root, &it->node);
		break;
	case 1: /* another takes its place, with another value */
		other = malloc(sizeof *other);
		*other = (struct item){.key = k, .value = random_below(r, 1000), .largest = it->largest};
		rb_replace(root, &it->node, &other->node);
		free(it);
		model[k] = other;
		break;
	default:
		rb_remove(root, &it->node);
		free(it);
		model[k] = NULL;
		break;
	}
}

static void random_operations_match_a_sorted_array(void **state)
{
	struct random r = {10};
	struct item *model[KEYS] = {NULL};
	struct rb_root root = {NULL, item_update};

	(void)state;
	for (unsigned round = 0; round < 30000; round++) {
		/* The tree fills and empties in turn, so that small and large ones are met. */
		model_step(&r, &root, model, round / 1500 % 2 == 0 ? 9 : 2);
		check_against(&root, model);
	}
	tree_free(&root);
}

static void every_removal_from_every_small_tree_leaves_a_valid_one(void **state)
{
	struct random r = {11};

	(void)state;
	for (unsigned size = 1; size <= 24; size++)
		for (unsigned victim = 0; victim < size; victim++)
			for (unsigned shape = 0; shape < 6; shape++) {
				struct rb_root root = {NULL, item_update};
				struct item *model[KEYS] = {NULL};

				for (unsigned i = 0; i < size;) {
					unsigned k = shape == 0   ? i
					             : shape == 1 ? size - 1 - i
					                          : random_below(&r, size);

					if (model[k])
						continue;
					model[k] = item_add(&root, k, random_below(&r, 1000));
					i++;
				}
				rb_remove(&root, &model[victim]->node);
				free(model[victim]);
				model[victim] = NULL;
				check_against(&root, model);
				tree_free(&root);
			}
}

static void a_tree_without_summaries_works_too(void **state)
{
	struct rb_root root = {NULL, NULL};

	(void)state;
	for (unsigned k = 0; k < KEYS; k++)
		item_add(&root, k * 7 % KEYS, 0);
	assert_true(rb_valid(&root));
	rb_update_path(&root, root.node);
	tree_free(&root);
}

static unsigned depth_of(const struct rb_node *n)
{
	unsigned l, r;

	if (!n)
		return 0;
	l = depth_of(n->left);
	r = depth_of(n->right);
	return 1 + (l > r ? l : r);
}

static void ascending_insertions_stay_shallow_and_cost_little(void **state)
{
	struct rb_root root = {NULL, item_update};

	(void)state;
	updates = 0;
	for (unsigned k = 0; k < 4095; k++)
		item_add(&root, k, 1);
	assert_in_range(depth_of(root.node), 12, 24);
	/* The node, a parent whose summary stays, and two per rotation, of which there is less than one each time. */
	assert_in_range(updates, 4095, 4 * 4095);
	tree_free(&root);
}

static void a_broken_tree_is_not_valid(void **state)
{
	struct rb_root root = {NULL, item_update};
	struct rb_node *leaf;
	uintptr_t colour;

	(void)state;
	for (unsigned k = 0; k < 20; k++)
		item_add(&root, k, k);
	leaf = rb_first(&root);
	colour = leaf->parent_colour;
	leaf->parent_colour ^= 1;
	assert_false(rb_valid(&root));
	leaf->parent_colour = colour & 1;
	assert_false(rb_valid(&root));
	leaf->parent_colour = colour;
	assert_true(rb_valid(&root));
	item_of(leaf)->largest++;
	assert_false(rb_valid(&root));
	item_of(leaf)->largest = 0;
	root.node->parent_colour &= ~(uintptr_t)1;
	assert_false(rb_valid(&root));
	root.node->parent_colour |= 1;
	assert_true(rb_valid(&root));
	tree_free(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_tree_is_valid_and_has_no_ends),
		cmocka_unit_test(random_operations_match_a_sorted_array),
		cmocka_unit_test(every_removal_from_every_small_tree_leaves_a_valid_one),
		cmocka_unit_test(a_tree_without_summaries_works_too),
		cmocka_unit_test(ascending_insertions_stay_shallow_and_cost_little),
		cmocka_unit_test(a_broken_tree_is_not_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
