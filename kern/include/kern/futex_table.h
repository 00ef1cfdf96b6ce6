/* Who sleeps on which futex: the table behind kern/futex.c, which needs no user memory and no clock, so that the unit
   tests run it.
   A key names a word: the object that a shared mapping shows and the place in it, or an address space and the address.
   Whoever has a key with an object has a reference to the object, so its address means nothing else meanwhile. */
#ifndef KERN_FUTEX_TABLE_H
#define KERN_FUTEX_TABLE_H

#include <kern/waitq.h>

struct mem_object;

struct futex_key {
	const void *where;         /* the object or the address space; compared, never followed */
	struct mem_object *object; /* with a reference; NULL: a word of one address space */
	uint32_t page;             /* of the object, or of the address space */
	uint32_t offset;           /* in the page */
};

struct futex_bucket {
	struct spinlock lock; /* RANK_FUTEX */
	struct list sleepers; /* guarded by lock: of all keys that fall here, in the order of their coming */
};

#define FUTEX_BUCKETS 256u

struct futex_table {
	struct futex_bucket bucket[FUTEX_BUCKETS];
};

/* On the stack of who sleeps.  (B) the lock of the bucket that `bucket` names. */
struct futex_sleeper {
	struct futex_key key;        /* (B) once it is queued: a requeue changes it, and whose reference it is */
	uint32_t bits;               /* (c) > 0 */
	bool woken;                  /* (B) by a waker, who took it off the list */
	struct list link;            /* (B) */
	struct futex_bucket *bucket; /* written under the locks of the old and the new one; stays when it is woken */
	struct waitq wake;           /* it alone sleeps here */
};

void futex_table_init(struct futex_table *t);
struct futex_bucket *futex_bucket_of(struct futex_table *t, const struct futex_key *k);
/* The locks of both, which may be the same. */
void futex_lock_both(struct futex_bucket *a, struct futex_bucket *b);
void futex_unlock_both(struct futex_bucket *a, struct futex_bucket *b);

/* B is S's: where its key falls.  Key and bits are set, the rest is not. */
void futex_enqueue(struct futex_bucket *b, struct futex_sleeper *s) requires_lock(b->lock);
/* B is locked; => the bucket that S is in by now, locked instead. */
struct futex_bucket *futex_follow(struct futex_sleeper *s, struct futex_bucket *b);
/* Wake at most MAX sleepers of K whose bits meet BITS.  => how many. */
uint32_t futex_wake_key(struct futex_bucket *b, const struct futex_key *k, uint32_t max, uint32_t bits)
	requires_lock(b->lock);
/* Make at most MAX sleepers of FROM, in bucket A, sleepers of TO, in bucket B, whose own come first.  A reference
   to TO's object is taken for each.  => how many; the caller drops so many references to FROM's object when it has
   no lock. */
uint32_t futex_move(struct futex_bucket *a, const struct futex_key *from, struct futex_bucket *b,
                    const struct futex_key *to, uint32_t max) requires_lock(a->lock, b->lock);

#endif
