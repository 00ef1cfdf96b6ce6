/* Things that have a number, in its order: found by their number and by their place, in logarithmic time.  The nodes
   lie inside the things, so nothing is allocated and nothing can fail for want of memory. */
#ifndef KERN_NUMTREE_H
#define KERN_NUMTREE_H

#include <arch/compiler.h>
#include <lib/rbtree.h>

/* Guarded by whatever guards the tree. */
struct numtree_node {
	struct rb_node node;
	int32_t number;
	uint32_t count; /* things of this subtree */
};

struct numtree {
	struct rb_root root;
};

void numtree_init(struct numtree *t);
/* NULL: there is none. */
struct numtree_node *numtree_find(const struct numtree *t, int32_t number);
/* => false: its number is taken, nothing changed. */
bool numtree_insert(struct numtree *t, struct numtree_node *n) must_check;
void numtree_remove(struct numtree *t, struct numtree_node *n);
uint32_t numtree_count(const struct numtree *t);
/* The one that has PLACE others before it; NULL: there are not so many. */
struct numtree_node *numtree_at(const struct numtree *t, uint32_t place);
/* The first one of a number >= NUMBER; NULL: there is none. */
struct numtree_node *numtree_from(const struct numtree *t, int32_t number);
/* The first number from NUMBER (>= 0) on that is free, beginning again at 0 after the last.  Not all are taken. */
int32_t numtree_free_number(const struct numtree *t, int32_t number);
/* Order, counts and the tree itself are right.  Walks all of it. */
bool numtree_valid(const struct numtree *t);

#endif
