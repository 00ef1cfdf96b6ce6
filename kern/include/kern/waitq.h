/* Wait queues: threads that sleep until somebody wakes them, a time passes, or a signal comes.
   The condition that is waited for is guarded by a lock of the caller, which waitq_wait releases and takes again:

	spin_lock(&p->lock);
	while (!ready(p) && st == OK)
		st = waitq_wait(&p->readers, &p->lock, WAIT_INTERRUPTIBLE, NO_DEADLINE);
 */
#ifndef KERN_WAITQ_H
#define KERN_WAITQ_H

#include <lib/list.h>
#include <lib/status.h>
#include <sync/spinlock.h>

struct mutex;

struct waitq {
	struct spinlock lock; /* RANK_WAITQ */
	struct list waiters;  /* guarded by lock: threads in the order of their coming */
};

enum wait_mode {
	WAIT_UNINTERRUPTIBLE, /* the disk: bounded by its own timeout */
	WAIT_INTERRUPTIBLE,   /* everything a program may wait for without end */
};

#define NO_DEADLINE UINT64_MAX

#define WAITQ_INIT(name) \
	{ \
		.lock = SPINLOCK_INIT(RANK_WAITQ, #name), .waiters = LIST_INIT((name).waiters) \
	}

void waitq_init(struct waitq *q);
/* Sleep until woken.  HELD is the only spinlock the caller holds (NULL: none): released while asleep, held again on
   return. When HELD is of an interrupt rank, interrupts are disabled on entry and on return.  DEADLINE: arch_time_ns()
   value. No wake-up between the caller's test of its condition under HELD and the sleep is lost.
   => OK: woken (test the condition again); E_TIMEDOUT; E_INTR: a signal is pending that is not ignored. */
enum status waitq_wait(struct waitq *q, struct spinlock *held, enum wait_mode mode, uint64_t deadline)
	requires_lock(*held) must_check;
/* The same with a mutex as the lock of the condition. */
enum status waitq_wait_mutex(struct waitq *q, struct mutex *held, enum wait_mode mode, uint64_t deadline)
	requires_lock(*held) must_check;
/* From any context, interrupt handlers included; no lock of rank >= RANK_WAITQ held. */
void waitq_wake_one(struct waitq *q);
void waitq_wake_all(struct waitq *q);
/* No lock: a hint, exact when the caller holds the lock of the condition. */
bool waitq_is_empty(const struct waitq *q);

/* Sleep until DEADLINE.  => E_TIMEDOUT: it passed; E_INTR. */
enum status sleep_until(uint64_t deadline, enum wait_mode mode) must_check;

#endif
