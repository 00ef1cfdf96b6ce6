/* Sleeping locks.  Uninterruptible, not recursive, owned by the thread that took it.  Ranks below RANK_PROC. */
#ifndef KERN_MUTEX_H
#define KERN_MUTEX_H

#include <kern/waitq.h>

struct thread;

struct capability("mutex") mutex
{
	struct thread *owner; /* (!) NULL: free */
	uint32_t waiting;     /* (!) threads in or on the way into queue */
	bool handoff;         /* written under queue.lock: the first waiter was passed over, it gets the mutex next */
	struct waitq queue;
#ifdef CONFIG_DEBUG
	uint16_t rank;     /* (c) */
	const char *name;  /* (c) */
	const char *where; /* of the last acquire, written by the owner */
#endif
};

void mutex_init(struct mutex *m, enum lock_rank rank, const char *name);
/* May sleep; no spinlock held.  In a debug build the rank is checked against the mutexes that this thread holds. */
#define mutex_lock(m) mutex_lock_at(m, SPIN_HERE, false)
/* The second of two mutexes of one rank, at a higher address (directories: the descendant). */
#define mutex_lock_second(m) mutex_lock_at(m, SPIN_HERE, true)

/* The contended halves, and the bookkeeping of debug builds. */
void mutex_lock_wait(struct mutex *m);
void mutex_unlock_handoff(struct mutex *m);
void mutex_check_acquire(struct mutex *m, const char *where, bool pair);
void mutex_note_acquired(struct mutex *m, const char *where);
void mutex_note_release(struct mutex *m);

static inline bool mutex_take(struct mutex *m)
{
	struct thread *none = NULL;

	return __atomic_compare_exchange_n(&m->owner, &none, (struct thread *)arch_current(), false, __ATOMIC_ACQUIRE,
	                                   __ATOMIC_RELAXED);
}

static inline void mutex_lock_at(struct mutex *m, const char *where, bool pair) acquires(*m) no_lock_check
{
#ifdef CONFIG_DEBUG
	mutex_check_acquire(m, where, pair);
#else
	(void)where;
	(void)pair;
#endif
	if (unlikely(!mutex_take(m)))
		mutex_lock_wait(m);
#ifdef CONFIG_DEBUG
	mutex_note_acquired(m, where);
#endif
}

static inline bool must_check mutex_try_lock(struct mutex *m) try_acquires(true, *m) no_lock_check
{
	bool taken = mutex_take(m);

#ifdef CONFIG_DEBUG
	if (taken)
		mutex_note_acquired(m, "mutex_try_lock");
#endif
	return taken;
}

/* M stays allocated until this returns, even when the next owner is through with it already: who frees a mutex holds
   the last reference to what it is in. */
static inline void mutex_unlock(struct mutex *m) releases(*m) no_lock_check
{
#ifdef CONFIG_DEBUG
	mutex_note_release(m);
#endif
	if (unlikely(m->handoff)) {
		mutex_unlock_handoff(m);
		return;
	}
	/* An exchange, not a store: the mutex must be seen free before `waiting` is read, see mutex_lock_wait. */
	__atomic_exchange_n(&m->owner, NULL, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&m->waiting, __ATOMIC_RELAXED) != 0))
		waitq_wake_one(&m->queue);
}

/* By the current thread; for assertions. */
static inline bool mutex_held(const struct mutex *m)
{
	return m->owner == (struct thread *)arch_current();
}

#endif
