/* Red-black trees whose nodes lie inside the entries; nothing is allocated and nothing can fail.
   The caller searches by itself (it knows the order), hands the place it found to rb_insert(), and may keep in each
   node a summary of the subtree below it: the root's update callback recomputes one node's summary from the node and
   its two children.  A summary must depend only on the entries of the subtree and their order, not on the tree's
   shape. */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include <arch/compiler.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Guarded by whatever guards the tree. */
struct rb_node {
	uintptr_t parent_colour; /* address of the parent (0: this is the top), bit 0 set: black */
	struct rb_node *left;    /* NULL: none */
	struct rb_node *right;
};

struct rb_root {
	struct rb_node *node; /* the top, NULL when empty */
	/* (c) NULL, or: set NODE's summary from NODE and its children; => true if the summary changed. */
	bool (*update)(struct rb_node *node);
};

#define RB_ENTRY(node, type, member) container_of(node, type, member)

static inline struct rb_node *rb_parent(const struct rb_node *n)
{
	return (struct rb_node *)(n->parent_colour & ~(uintptr_t)1);
}

/* Put NODE where the search ended: *LINK (NULL now) is &root->node, or a child pointer of PARENT (NULL for the top).
   Summaries are brought up to date. */
void rb_insert(struct rb_root *root, struct rb_node *parent, struct rb_node **link, struct rb_node *node);
/* Take NODE, which is in the tree, out of it. */
void rb_remove(struct rb_root *root, struct rb_node *node);
/* NEW takes OLD's place and order; OLD is out of the tree. */
void rb_replace(struct rb_root *root, struct rb_node *old, struct rb_node *new_node);
/* NODE's own entry changed in a way its summary knows: bring the summaries from it to the top up to date. */
void rb_update_path(struct rb_root *root, struct rb_node *node);

/* In order; NULL past either end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* => parents match children, no red node has a red child, all paths are equally black, and no summary changes when it
   is recomputed.  The order is the caller's to check.  Walks the whole tree. */
bool rb_valid(const struct rb_root *root);

#endif
