/* Sleeping locks: the contended half; the other is inline in the header and is one compare-and-exchange.
   An unlocked mutex may be taken by whoever comes first, also past a waiter that was woken and does not run yet: that
   keeps CPUs busy.  A waiter that was passed over in this way goes to the front of the queue and asks for the next
   unlock to hand the mutex to it directly (handoff), so nobody starves.  Handing over always was not taken: every
   contended section would then cost two switches.

   No wake-up is lost: a locker first raises `waiting`, then, under the queue's lock, tries once more and sleeps only if
   that fails.  The owner's unlock sets the mutex free and then reads `waiting` (an exchange lies between): if the
   locker's try failed, it came before, so the unlock reads a count that is not 0, and wakes after it has got the
   queue's lock, that is, when the locker is on the queue. */
#include <kern/mutex.h>

#include "wait_priv.h"

#include <lib/assert.h>

void mutex_init(struct mutex *m, enum lock_rank rank, const char *name)
{
	m->owner = NULL;
	m->waiting = 0;
	m->handoff = false;
	waitq_init(&m->queue);
#ifdef CONFIG_DEBUG
	m->rank = (uint16_t)rank;
	m->name = name;
	m->where = "";
#else
	(void)rank;
	(void)name;
#endif
}

/* The queue's lock is held: is M ours, by the last owner's hand or because it is free? */
static bool taken_or_given(struct mutex *m, struct thread *self)
{
	return __atomic_load_n(&m->owner, __ATOMIC_ACQUIRE) == self || mutex_take(m);
}

void mutex_lock_wait(struct mutex *m) no_lock_check
{
	struct thread *self = current_thread();
	bool passed_over = false;
	uint32_t saved;

	__atomic_add_fetch(&m->waiting, 1, __ATOMIC_SEQ_CST);
	saved = spin_lock_irq(&m->queue.lock);
	while (!taken_or_given(m, self)) {
		m->handoff |= passed_over;
		wait_enqueue(&m->queue, self, WAIT_UNINTERRUPTIBLE, passed_over);
		spin_unlock(&m->queue.lock);
		sched_block();
		(void)wait_leave(&m->queue, self);
		passed_over = true;
		spin_lock(&m->queue.lock);
	}
	spin_unlock_irq(&m->queue.lock, saved);
	__atomic_sub_fetch(&m->waiting, 1, __ATOMIC_RELAXED);
}

/* The owner alone comes here, so the mutex is not free in between; a locker that is on its way into the queue waits for
   the queue's lock, and finds its owner as it is then. */
void mutex_unlock_handoff(struct mutex *m) no_lock_check
{
	uint32_t saved = spin_lock_irq(&m->queue.lock);
	struct thread *t = LIST_FIRST_ENTRY(&m->queue.waiters, struct thread, wait_link);

	m->handoff = false;
	__atomic_store_n(&m->owner, t, __ATOMIC_RELEASE);
	if (t)
		wait_wake(&m->queue, t);
	spin_unlock_irq(&m->queue.lock, saved);
}

#ifdef CONFIG_DEBUG

void mutex_check_acquire(struct mutex *m, const char *where, bool pair)
{
	const struct thread *self = current_thread();

	spin_assert_none_held(where);
	for (unsigned i = 0; i < self->nheld; i++) {
		const struct mutex *h = self->held[i];

		if (h == m)
			panic("%s: %s taken twice, first at %s", where, m->name, m->where);
		if (h->rank < m->rank || (pair && h->rank == m->rank && (h < m || m->rank == RANK_DIR)))
			continue;
		panic("%s: %s (rank %u) taken while %s (rank %u, %s) is held", where, m->name, m->rank, h->name,
		      h->rank, h->where);
	}
}

void mutex_note_acquired(struct mutex *m, const char *where)
{
	struct thread *self = current_thread();

	if (self->nheld == ARRAY_SIZE(self->held))
		panic("%s: more than %u mutexes held", where, (unsigned)ARRAY_SIZE(self->held));
	m->where = where;
	self->held[self->nheld++] = m;
}

/* In any order. */
void mutex_note_release(struct mutex *m)
{
	struct thread *self = current_thread();
	unsigned i = self->nheld;

	while (i > 0 && self->held[i - 1] != m)
		i--;
	if (i == 0 || m->owner != self)
		panic("%s released by a thread that does not hold it", m->name);
	for (; i < self->nheld; i++)
		self->held[i - 1] = self->held[i];
	self->nheld--;
}

#endif
