/* Futexes (kern/futex.h, docs/futex.md).

   No wake-up is lost.  A sleeper compares the word and joins the bucket's list in one go under the bucket's lock; a
   waker has changed the word before it takes that lock.  If the waker's lock comes first, the sleeper reads the new
   value and does not sleep; if the sleeper's comes first, the waker finds it on the list.

   Under a spinlock no page fault may be served, so the word is read by the form that serves none.  If its page is
   not there, the lock is let go, the page brought in, and all begins anew, with the key, too: what the address
   shows may be another object by now.  Between the look-up of the key and the reading of the word the program can
   map something else there only from another thread of its own; what it then compares is its own affair, but it
   never sleeps on memory that is freed: the key holds its object.

   That also says what munmap, truncation, exec and the exit of others do to one who sleeps: nothing.  It sleeps on a
   place in an object, or on an address of its own space, and whoever names that place wakes it. */
#include <kern/futex.h>

#include <arch/time.h>
#include <kern/futex_table.h>
#include <kern/thread.h>
#include <kern/usercopy.h>
#include <kern/uspace.h>
#include <mm/object.h>

static struct futex_table futexes;

void futex_init(void)
{
	futex_table_init(&futexes);
}

/* ---- keys ---- */

/* What the region of VA says: if it shares an object, that is what K names, with a reference.  => E_FAULT: there is no
   region, or nobody may touch it. */
static enum status find_object(struct uspace *us, vaddr_t va, struct futex_key *k)
{
	const struct vma *v;
	enum status st = E_FAULT;

	uspace_lock(us);
	v = vma_find(&us->as.vmas, va);
	if (v && v->prot != 0)
		st = OK;
	if (st == OK && (v->flags & VMA_SHARED) && v->object) {
		v->object->ops->get(v->object);
		k->where = k->object = v->object;
		k->page = v->object_page + ((va - v->start) >> PAGE_SHIFT);
	}
	uspace_unlock(us);
	return st;
}

static enum status key_get(user_ptr_t word, bool private, struct futex_key *k)
{
	struct uspace *us = current_thread()->uspace;

	if (word.va % sizeof(uint32_t) != 0)
		return E_INVAL;
	if (word.va >= USER_TOP)
		return E_FAULT;
	*k = (struct futex_key){us, NULL, word.va >> PAGE_SHIFT, word.va & PAGE_MASK};
	return private ? OK : find_object(us, word.va, k);
}

/* N references. */
static void key_put(const struct futex_key *k, uint32_t n)
{
	for (; k->object && n > 0; n--)
		k->object->ops->put(k->object);
}

/* ---- the word ---- */

/* => OK: it holds VALUE; E_AGAIN; E_RESTART: its page is not there.  With any lock held. */
static enum status word_compare(user_ptr_t word, uint32_t value)
{
	uint32_t now;

	if (copy_from_user_nofault(&now, word, sizeof now) != sizeof now)
		return E_RESTART;
	return now == value ? OK : E_AGAIN;
}

/* ST, but when the page of WORD was not there: E_RESTART if it is now. */
static enum status word_fetch(user_ptr_t word, enum status st)
{
	enum status fetched = st == E_RESTART ? user_fault_in(word, false) : OK;

	return fetched == OK ? st : fetched;
}

/* ---- waiting ---- */

/* S is in B, which is locked on entry, and let go. */
static enum status sleep_in(struct futex_bucket *b, struct futex_sleeper *s, uint64_t deadline) no_lock_check
{
	enum status st;

	do {
		st = waitq_wait(&s->wake, &b->lock, WAIT_INTERRUPTIBLE, deadline);
		b = futex_follow(s, b);
	} while (st == OK && !s->woken);
	if (s->woken)
		st = OK; /* this wake-up was counted: a signal or the time that came as well does not swallow it */
	else
		list_remove(&s->link);
	spin_unlock(&b->lock);
	return st;
}

static enum status wait_on(struct futex_sleeper *s, user_ptr_t word, uint32_t value, uint64_t deadline) no_lock_check
{
	struct futex_bucket *b = futex_bucket_of(&futexes, &s->key);
	enum status st;

	spin_lock(&b->lock);
	st = word_compare(word, value);
	if (st == OK && deadline <= arch_time_ns())
		st = E_TIMEDOUT; /* as it is; not at the next tick */
	if (st != OK) {
		spin_unlock(&b->lock);
		return st;
	}
	futex_enqueue(b, s);
	return sleep_in(b, s, deadline);
}

enum status futex_wait(user_ptr_t word, bool private, uint32_t value, uint32_t bits, uint64_t deadline)
{
	struct futex_sleeper s = {.bits = bits};
	enum status st;

	if (bits == 0)
		return E_INVAL;
	do {
		st = key_get(word, private, &s.key);
		if (st != OK)
			return st;
		st = wait_on(&s, word, value, deadline);
		key_put(&s.key, 1); /* where it was moved to, if it was */
		st = word_fetch(word, st);
	} while (st == E_RESTART);
	return st;
}

/* ---- waking ---- */

int32_t futex_wake(user_ptr_t word, bool private, int32_t max, uint32_t bits)
{
	struct futex_bucket *b;
	struct futex_key k;
	enum status st;
	uint32_t n;

	if (bits == 0)
		return E_INVAL;
	st = key_get(word, private, &k);
	if (st != OK)
		return st;
	b = futex_bucket_of(&futexes, &k);
	spin_lock(&b->lock);
	n = futex_wake_key(b, &k, max < 1 ? 1 : (uint32_t)max, bits);
	spin_unlock(&b->lock);
	key_put(&k, 1);
	return (int32_t)n;
}

/* ---- moving ---- */

/* => as futex_requeue; E_RESTART: the page of the word is not there. */
static int32_t requeue_keys(const struct futex_requeue *r, const struct futex_key *from, const struct futex_key *to)
	no_lock_check
{
	struct futex_bucket *a = futex_bucket_of(&futexes, from), *b = futex_bucket_of(&futexes, to);
	uint32_t woken = 0, moved = 0;
	enum status st;

	futex_lock_both(a, b);
	st = r->expected ? word_compare(r->from, *r->expected) : OK;
	if (st == OK) {
		woken = futex_wake_key(a, from, (uint32_t)r->wake, FUTEX_ANY_BIT);
		moved = futex_move(a, from, b, to, (uint32_t)r->move);
	}
	futex_unlock_both(a, b);
	key_put(from, moved);
	return st == OK ? (int32_t)(woken + moved) : st;
}

static int32_t requeue_once(const struct futex_requeue *r)
{
	struct futex_key from, to;
	enum status st = key_get(r->from, r->private, &from);
	int32_t result;

	if (st != OK)
		return st;
	result = key_get(r->to, r->private, &to);
	if (result == OK) {
		result = requeue_keys(r, &from, &to);
		key_put(&to, 1);
	}
	key_put(&from, 1);
	return result;
}

int32_t futex_requeue(const struct futex_requeue *r)
{
	int32_t result;

	if (r->wake < 0 || r->move < 0)
		return E_INVAL;
	do {
		result = requeue_once(r);
		if (result < 0)
			result = word_fetch(r->from, (enum status)result);
	} while (result == E_RESTART);
	return result;
}
