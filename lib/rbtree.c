/* Red-black trees (Guibas and Sedgewick 1978; the repairs after Cormen et al., Introduction to Algorithms, chapter 13).
   Left and right cases are one piece of code: side(n, right) names a child by a flag that says which way.
   The summaries are made right along the path first, before any repair: a rotation then leaves the rotated subtree with
   the same entries in the same order, so only the two nodes it turned need theirs recomputed, and nothing above.
   AVL trees were not taken: they are a little flatter, but rotate up to the top on removal. */
#include <lib/rbtree.h>

#include <lib/assert.h>

#define BLACK ((uintptr_t)1)
#define DEPTH_MAX 64 /* no tree of 2^32 nodes is deeper: twice the black height */

static inline bool is_red(const struct rb_node *n)
{
	return n && !(n->parent_colour & BLACK);
}

static inline void set_black(struct rb_node *n)
{
	n->parent_colour |= BLACK;
}

static inline void set_red(struct rb_node *n)
{
	n->parent_colour &= ~BLACK;
}

static inline void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->parent_colour = (uintptr_t)parent | (n->parent_colour & BLACK);
}

static inline struct rb_node **side(struct rb_node *n, bool right)
{
	return right ? &n->right : &n->left;
}

/* Whoever pointed down to OLD, a child of PARENT or the top, points to NEW_NODE. */
static inline void child_replace(struct rb_root *root, struct rb_node *parent, const struct rb_node *old,
                                 struct rb_node *new_node)
{
	if (!parent)
		root->node = new_node;
	else
		*side(parent, parent->right == old) = new_node;
}

/* Recompute from N up.  Once a summary stays as it was, so do those above; but not before STALE (may be NULL), a node
   on the way whose summary is from another place in the tree, has been passed. */
static void summaries_update(struct rb_root *root, struct rb_node *n, const struct rb_node *stale)
{
	if (!root->update)
		return;
	for (; n; n = rb_parent(n)) {
		bool changed = root->update(n);

		if (n == stale)
			stale = NULL;
		else if (!changed && !stale)
			return;
	}
}

void rb_update_path(struct rb_root *root, struct rb_node *node)
{
	summaries_update(root, node, NULL);
}

/* X goes down to the side RIGHT says, its child from the other side comes up in its place. */
static void rotate(struct rb_root *root, struct rb_node *x, bool right)
{
	struct rb_node *up = *side(x, !right);
	struct rb_node *inner = *side(up, right);

	*side(x, !right) = inner;
	if (inner)
		set_parent(inner, x);
	child_replace(root, rb_parent(x), x, up);
	set_parent(up, rb_parent(x));
	*side(up, right) = x;
	set_parent(x, up);
	if (root->update) {
		(void)root->update(x);
		(void)root->update(up);
	}
}

/* NODE is red, and its parent may be too; nothing else is wrong. */
static void repair_red(struct rb_root *root, struct rb_node *node)
{
	struct rb_node *parent, *grand, *uncle;
	bool right;

	while (is_red(parent = rb_parent(node))) {
		grand = rb_parent(parent); /* there is one: the top is black */
		right = grand->right == parent;
		uncle = *side(grand, !right);
		set_red(grand);
		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			node = grand;
			continue;
		}
		if (*side(parent, !right) == node) {
			rotate(root, parent, right);
			parent = node;
		}
		set_black(parent);
		rotate(root, grand, !right);
		break;
	}
	set_black(root->node);
}

void rb_insert(struct rb_root *root, struct rb_node *parent, struct rb_node **link, struct rb_node *node)
{
	DEBUG_ASSERT(*link == NULL);
	node->parent_colour = (uintptr_t)parent;
	node->left = NULL;
	node->right = NULL;
	*link = node;
	if (root->update) {
		(void)root->update(node);
		summaries_update(root, parent, NULL);
	}
	repair_red(root, node);
}

/* The paths through NODE (NULL: the empty place below PARENT) lack one black node. */
static void repair_black(struct rb_root *root, struct rb_node *node, struct rb_node *parent)
{
	struct rb_node *sibling, *near, *far;
	bool right;

	while (parent && !is_red(node)) {
		right = parent->left != node; /* an empty place has a sibling, so this is unambiguous */
		sibling = *side(parent, !right);
		if (is_red(sibling)) {
			set_black(sibling);
			set_red(parent);
			rotate(root, parent, right);
			sibling = *side(parent, !right);
		}
		near = *side(sibling, right);
		far = *side(sibling, !right);
		if (!is_red(near) && !is_red(far)) {
			set_red(sibling);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (!is_red(far)) {
			rotate(root, sibling, !right);
			far = sibling;
			sibling = near;
		}
		sibling->parent_colour = (sibling->parent_colour & ~BLACK) | (parent->parent_colour & BLACK);
		set_black(parent);
		set_black(far);
		rotate(root, parent, right);
		return;
	}
	if (node)
		set_black(node);
}

/* NODE has two children: its successor takes its place, and the hole is where that one was.  => the hole's content and,
   in *PARENT, the node above it; *BLACK_LOST: a black node vanished there. */
static struct rb_node *successor_lift(struct rb_root *root, struct rb_node *node, struct rb_node **parent,
                                      bool *black_lost)
{
	struct rb_node *next = node->right, *hole;

	while (next->left)
		next = next->left;
	hole = next->right;
	*black_lost = !is_red(next);
	*parent = next;
	if (next != node->right) {
		*parent = rb_parent(next);
		(*parent)->left = hole;
		if (hole)
			set_parent(hole, *parent);
		next->right = node->right;
		set_parent(next->right, next);
	}
	next->left = node->left;
	set_parent(next->left, next);
	child_replace(root, rb_parent(node), node, next);
	next->parent_colour = node->parent_colour;
	summaries_update(root, *parent, next);
	return hole;
}

void rb_remove(struct rb_root *root, struct rb_node *node)
{
	struct rb_node *hole, *parent;
	bool black_lost;

	if (node->left && node->right) {
		hole = successor_lift(root, node, &parent, &black_lost);
	} else {
		hole = node->left ? node->left : node->right;
		parent = rb_parent(node);
		black_lost = !is_red(node);
		child_replace(root, parent, node, hole);
		if (hole)
			set_parent(hole, parent);
		summaries_update(root, parent, NULL);
	}
	if (black_lost)
		repair_black(root, hole, parent);
}

void rb_replace(struct rb_root *root, struct rb_node *old, struct rb_node *new_node)
{
	new_node->parent_colour = old->parent_colour;
	new_node->left = old->left;
	new_node->right = old->right;
	child_replace(root, rb_parent(old), old, new_node);
	if (new_node->left)
		set_parent(new_node->left, new_node);
	if (new_node->right)
		set_parent(new_node->right, new_node);
	summaries_update(root, new_node, new_node);
}

static struct rb_node *outermost(struct rb_node *n, bool right)
{
	while (n && *side(n, right))
		n = *side(n, right);
	return n;
}

/* The neighbour of N in order, on the side RIGHT says. */
static struct rb_node *neighbour(const struct rb_node *n, bool right)
{
	struct rb_node *at = (struct rb_node *)(uintptr_t)n, *parent;

	if (*side(at, right))
		return outermost(*side(at, right), !right);
	while ((parent = rb_parent(at)) && *side(parent, right) == at)
		at = parent;
	return parent;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return outermost(root->node, false);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->node, true);
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, true);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, false);
}

/* => the number of black nodes on every path below and including N, or -1 if something is wrong. */
static int32_t black_height(const struct rb_root *root, struct rb_node *n, const struct rb_node *parent, unsigned depth)
{
	int32_t left, right;

	if (!n)
		return 0;
	if (depth > DEPTH_MAX || rb_parent(n) != parent || (is_red(n) && is_red(parent)))
		return -1;
	left = black_height(root, n->left, n, depth + 1);
	right = black_height(root, n->right, n, depth + 1);
	if (left < 0 || left != right || (root->update && root->update(n)))
		return -1;
	return left + !is_red(n);
}

bool rb_valid(const struct rb_root *root)
{
	return !is_red(root->node) && black_height(root, root->node, NULL, 0) >= 0;
}
