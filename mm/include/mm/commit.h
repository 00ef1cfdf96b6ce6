/* The overcommit rule: how much memory programs may be promised together (docs/lazy-memory.md).
   Committed are pages that programs may come to own: each private writable page of a region, touched or not, the stack as
   far as it has grown and a little more, and the tables that all of them may need.  The sum is kept under both rules; only
   the strict one refuses. */
#ifndef MM_COMMIT_H
#define MM_COMMIT_H

#include <arch/compiler.h>
#include <arch/types.h>
#include <stdbool.h>

enum commit_rule {
	COMMIT_ALWAYS, /* a promise is limited by address space only; who touches too much is ended */
	COMMIT_STRICT, /* the sum stays below what there is, so that every promise can be kept */
};

/* At boot, after frame_init and before the first address space. */
void commit_set_rule(enum commit_rule rule);
bool commit_is_strict(void);

/* Promise PAGES more. => false: that is too much, nothing changed.  No spinlock held. */
bool commit_take(uint32_t pages) must_check;
void commit_give(uint32_t pages);
/* May the kernel take one more frame for itself?  Under the strict rule only while promises can still be kept. */
bool commit_leaves_room_for_kernel(void);

uint32_t commit_total(void); /* pages promised */
uint32_t commit_limit(void); /* pages: memory without the kernel's and the reserve, now */

#endif
