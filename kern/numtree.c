/* Numbered things (kern/numtree.h): a red-black tree whose nodes know how many there are below them.  So it says where
   the k-th is, and where a number is free: as long as what lies between two numbers is as many as it could be, there
   is no gap.  A hash was not taken: it would have to grow, which may fail, and has no order to show. */
#include <kern/numtree.h>

static struct numtree_node *of_node(const struct rb_node *n)
{
	return n ? RB_ENTRY(n, struct numtree_node, node) : NULL;
}

static uint32_t count_of(const struct rb_node *n)
{
	return n ? of_node(n)->count : 0;
}

static bool update_count(struct rb_node *node)
{
	struct numtree_node *n = of_node(node);
	uint32_t count = count_of(node->left) + count_of(node->right) + 1;

	if (n->count == count)
		return false;
	n->count = count;
	return true;
}

void numtree_init(struct numtree *t)
{
	t->root = (struct rb_root){.node = NULL, .update = update_count};
}

struct numtree_node *numtree_from(const struct numtree *t, int32_t number)
{
	struct numtree_node *best = NULL;

	for (struct rb_node *node = t->root.node; node;) {
		struct numtree_node *n = of_node(node);

		if (n->number < number) {
			node = node->right;
			continue;
		}
		best = n;
		node = node->left;
	}
	return best;
}

struct numtree_node *numtree_find(const struct numtree *t, int32_t number)
{
	struct numtree_node *n = numtree_from(t, number);

	return n && n->number == number ? n : NULL;
}

bool numtree_insert(struct numtree *t, struct numtree_node *n)
{
	struct rb_node *parent = NULL, **link = &t->root.node;

	while (*link) {
		const struct numtree_node *at = of_node(*link);

		if (at->number == n->number)
			return false;
		parent = *link;
		link = n->number < at->number ? &parent->left : &parent->right;
	}
	n->count = 0;
	rb_insert(&t->root, parent, link, &n->node);
	return true;
}

void numtree_remove(struct numtree *t, struct numtree_node *n)
{
	rb_remove(&t->root, &n->node);
}

uint32_t numtree_count(const struct numtree *t)
{
	return count_of(t->root.node);
}

struct numtree_node *numtree_at(const struct numtree *t, uint32_t place)
{
	struct rb_node *node = t->root.node;

	while (node) {
		uint32_t before = count_of(node->left);

		if (place == before)
			break;
		if (place < before) {
			node = node->left;
		} else {
			place -= before + 1;
			node = node->right;
		}
	}
	return of_node(node);
}

/* How many have a number < NUMBER. */
static uint32_t count_below(const struct numtree *t, int32_t number)
{
	uint32_t below = 0;

	for (struct rb_node *node = t->root.node; node;) {
		bool is_below = of_node(node)->number < number;

		below += is_below ? count_of(node->left) + 1 : 0;
		node = is_below ? node->right : node->left;
	}
	return below;
}

/* The last number such that all from NUMBER, which is taken, up to it are taken. */
static int32_t end_of_run(const struct numtree *t, int32_t number)
{
	uint32_t first = count_below(t, number);
	int32_t end = number;

	for (struct rb_node *node = t->root.node; node;) {
		const struct numtree_node *n = of_node(node);
		bool no_gap = n->number >= number &&
		              count_below(t, n->number) - first == (uint32_t)n->number - (uint32_t)number;

		if (no_gap && n->number > end)
			end = n->number;
		node = no_gap || n->number < number ? node->right : node->left;
	}
	return end;
}

int32_t numtree_free_number(const struct numtree *t, int32_t number)
{
	while (numtree_find(t, number)) {
		int32_t end = end_of_run(t, number);

		number = end == INT32_MAX ? 0 : end + 1;
	}
	return number;
}

bool numtree_valid(const struct numtree *t)
{
	const struct numtree_node *last = NULL;

	if (!rb_valid(&t->root))
		return false;
	for (const struct rb_node *n = rb_first(&t->root); n; n = rb_next(n)) {
		if (last && of_node(n)->number <= last->number)
			return false;
		last = of_node(n);
	}
	return true;
}
