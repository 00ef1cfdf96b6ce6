/* How wait queues and mutexes put a thread to sleep: the steps between "it is on the queue" and "it runs again". */
#ifndef KERN_WAIT_PRIV_H
#define KERN_WAIT_PRIV_H

#include <kern/sched.h>

/* Put SELF on Q, first or last, and make it asleep as far as wakers can see.  Q's lock is held, interrupts are disabled
   and stay so until sched_block has returned. */
void wait_enqueue(struct waitq *q, struct thread *self, enum wait_mode mode, bool first);
/* Take T, which is on Q, off and make it ready.  Q's lock is held.  T is not touched after that. */
void wait_wake(struct waitq *q, struct thread *t);
/* After sched_block: leave Q. => true: somebody took SELF off it, that is, woke it; false: SELF was still there.
   No waker touches SELF any more. */
bool wait_leave(struct waitq *q, struct thread *self);

/* Give the CPU away until the current thread, whose state is THREAD_SLEEPING, is woken; at once when it was woken
   since, or when a signal is pending and the sleep interruptible.  Interrupts disabled before and after, no spinlock
   held. */
void sched_block(void);

/* Costs nothing in a release build. */
static inline void assert_no_spinlock(const char *where)
{
#ifdef CONFIG_DEBUG
	spin_assert_none_held(where);
#else
	(void)where;
#endif
}

#endif
