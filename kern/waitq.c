/* Wait queues.  A sleeper is on the queue's list from before it releases the caller's lock until either a waker takes
   it off or, when a signal or the deadline ended its sleep, it does so itself; both under the queue's lock.  Who takes
   it off decides what the wait returns: a sleeper that a waker took off returns OK even if a signal came meanwhile, so
   that a wake-up meant for one of several sleepers is never swallowed by one that gives up.

   A waker's last touch of the sleeper is to clear waiting_on, while it still holds the queue's lock.  A sleeper that
   runs again and finds the field cleared may go on, and even end, at once; else it passes through the queue's lock
   first, and then the waker is through with it.  So the common case, woken and only then run, takes no lock a second
   time.

   That nothing is lost between the caller's test and the sleep: the caller holds the lock of its condition until it is
   on the list and asleep (kern/sched.c says why it may be woken before it has left the CPU); who changes the condition
   under that lock and wakes afterwards finds it there. */
#include <kern/waitq.h>

#include "wait_priv.h"

#include <kern/mutex.h>
#include <kern/timeout.h>

void waitq_init(struct waitq *q)
{
	spinlock_init(&q->lock, RANK_WAITQ, "wait queue");
	list_init(&q->waiters);
}

bool waitq_is_empty(const struct waitq *q)
{
	return list_is_empty(&q->waiters);
}

void wait_enqueue(struct waitq *q, struct thread *self, enum wait_mode mode, bool first)
{
	if (first)
		list_add_head(&q->waiters, &self->wait_link);
	else
		list_add_tail(&q->waiters, &self->wait_link);
	self->waiting_on = q;
	self->interruptible = mode == WAIT_INTERRUPTIBLE;
	self->state = THREAD_SLEEPING;
}

void wait_wake(struct waitq *q, struct thread *t)
{
	(void)q;
	list_remove(&t->wait_link);
	sched_wake(t);
	__atomic_store_n(&t->waiting_on, NULL, __ATOMIC_RELEASE);
}

bool wait_leave(struct waitq *q, struct thread *self)
{
	uint32_t saved;
	bool woken;

	if (likely(__atomic_load_n(&self->waiting_on, __ATOMIC_ACQUIRE) == NULL))
		return true;
	saved = spin_lock_irq(&q->lock);
	woken = list_is_empty(&self->wait_link);
	list_remove(&self->wait_link);
	self->waiting_on = NULL;
	spin_unlock_irq(&q->lock, saved);
	return woken;
}

static void wake_by_timeout(void *thread)
{
	sched_wake(thread);
}

/* => true: DEADLINE passed while asleep. */
static no_inline bool block_until(struct thread *self, uint64_t deadline)
{
	struct timeout t;

	timeout_init(&t, wake_by_timeout, self);
	timeout_start(&t, deadline);
	sched_block();
	return !timeout_cancel(&t);
}

/* The middle of every wait: SELF is on Q and asleep, interrupts are disabled. */
static enum status wait_sleep(struct waitq *q, struct thread *self, uint64_t deadline)
{
	bool timed_out = false;

	if (deadline == NO_DEADLINE)
		sched_block();
	else
		timed_out = block_until(self, deadline);
	if (likely(wait_leave(q, self)))
		return OK;
	if (self->interruptible && (attention_get(&self->arch) & ATTENTION_SIGNAL))
		return E_INTR;
	return timed_out ? E_TIMEDOUT : OK;
}

enum status waitq_wait(struct waitq *q, struct spinlock *held, enum wait_mode mode, uint64_t deadline) no_lock_check
{
	struct thread *self = current_thread();
	uint32_t saved = spin_lock_irq(&q->lock);
	enum status st;

	wait_enqueue(q, self, mode, false);
	spin_unlock(&q->lock);
	if (held)
		spin_unlock(held);
	st = wait_sleep(q, self, deadline);
	irq_restore(saved);
	if (held)
		spin_lock(held);
	return st;
}

enum status waitq_wait_mutex(struct waitq *q, struct mutex *held, enum wait_mode mode, uint64_t deadline) no_lock_check
{
	struct thread *self = current_thread();
	uint32_t saved = spin_lock_irq(&q->lock);
	enum status st;

	wait_enqueue(q, self, mode, false);
	spin_unlock(&q->lock);
	mutex_unlock(held); /* does not sleep: it may be called while asleep */
	st = wait_sleep(q, self, deadline);
	irq_restore(saved);
	mutex_lock(held);
	return st;
}

static struct thread *first_waiter(struct waitq *q)
{
	return LIST_ENTRY(q->waiters.next, struct thread, wait_link);
}

void waitq_wake_one(struct waitq *q)
{
	uint32_t saved = spin_lock_irq(&q->lock);

	if (!list_is_empty(&q->waiters))
		wait_wake(q, first_waiter(q));
	spin_unlock_irq(&q->lock, saved);
}

void waitq_wake_all(struct waitq *q)
{
	uint32_t saved = spin_lock_irq(&q->lock);

	while (!list_is_empty(&q->waiters))
		wait_wake(q, first_waiter(q));
	spin_unlock_irq(&q->lock, saved);
}

enum status sleep_until(uint64_t deadline, enum wait_mode mode) no_lock_check
{
	struct waitq nobody = WAITQ_INIT(nobody); /* wakes us: only time and signals do */
	enum status st;

	do
		st = waitq_wait(&nobody, NULL, mode, deadline);
	while (st == OK);
	return st;
}
