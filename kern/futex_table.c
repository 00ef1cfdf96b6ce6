/* The table of futex sleepers (kern/futex_table.h): a fixed number of buckets, each a list.  A table that grows was not
   taken: there are never more sleepers than threads, and then nothing is allocated to sleep.

   A sleeper leaves only through the lock of the bucket that it is in, be it woken or not (futex_follow).  So a waker,
   who holds that lock while it wakes, is through with the sleeper's stack before the sleeper goes on. */
#include <kern/futex_table.h>

#include <lib/assert.h>
#include <lib/hash.h>
#include <mm/object.h>

void futex_table_init(struct futex_table *t)
{
	for (unsigned i = 0; i < FUTEX_BUCKETS; i++) {
		spinlock_init(&t->bucket[i].lock, RANK_FUTEX, "futexes");
		list_init(&t->bucket[i].sleepers);
	}
}

struct futex_bucket *futex_bucket_of(struct futex_table *t, const struct futex_key *k)
{
	uint32_t hash = hash_pair(hash_pair((uint32_t)(uintptr_t)k->where, k->page), k->offset);

	return &t->bucket[hash % FUTEX_BUCKETS];
}

static bool key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->where == b->where && a->page == b->page && a->offset == b->offset;
}

void futex_lock_both(struct futex_bucket *a, struct futex_bucket *b) no_lock_check
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock_second(a < b ? &b->lock : &a->lock);
}

void futex_unlock_both(struct futex_bucket *a, struct futex_bucket *b) no_lock_check
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

void futex_enqueue(struct futex_bucket *b, struct futex_sleeper *s)
{
	s->woken = false;
	waitq_init(&s->wake);
	__atomic_store_n(&s->bucket, b, __ATOMIC_RELAXED);
	list_add_tail(&b->sleepers, &s->link);
}

struct futex_bucket *futex_follow(struct futex_sleeper *s, struct futex_bucket *b) no_lock_check
{
	while (unlikely(__atomic_load_n(&s->bucket, __ATOMIC_RELAXED) != b)) {
		spin_unlock(&b->lock);
		b = __atomic_load_n(&s->bucket, __ATOMIC_RELAXED);
		spin_lock(&b->lock);
	}
	return b;
}

uint32_t futex_wake_key(struct futex_bucket *b, const struct futex_key *k, uint32_t max, uint32_t bits)
{
	struct futex_sleeper *s;
	uint32_t n = 0;

	list_foreach_entry_safe(s, &b->sleepers, link) {
		if (n == max)
			break;
		if (!key_equal(&s->key, k) || !(s->bits & bits))
			continue;
		list_remove(&s->link);
		s->woken = true;
		waitq_wake_one(&s->wake);
		n++;
	}
	return n;
}

uint32_t futex_move(struct futex_bucket *a, const struct futex_key *from, struct futex_bucket *b,
                    const struct futex_key *to, uint32_t max)
{
	struct futex_sleeper *s;
	struct list moved;
	uint32_t n = 0;

	list_init(&moved); /* apart, lest those who move within one bucket be met again */
	list_foreach_entry_safe(s, &a->sleepers, link) {
		if (n == max)
			break;
		if (!key_equal(&s->key, from))
			continue;
		list_remove(&s->link);
		list_add_tail(&moved, &s->link);
		if (to->object)
			to->object->ops->get(to->object);
		s->key = *to;
		__atomic_store_n(&s->bucket, b, __ATOMIC_RELAXED);
		n++;
	}
	list_move_all(&b->sleepers, &moved);
	return n;
}
