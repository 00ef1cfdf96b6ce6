/* What thread.c and sched.c know of each other. */
#ifndef KERN_SCHED_PRIV_H
#define KERN_SCHED_PRIV_H

#include <kern/sched.h>

/* First step of a new thread: completes the switch to it.  Interrupts stay disabled. */
void sched_first_run(void);
/* The current thread, whose state is THREAD_DEAD, runs no more; thread_bury is called for it by the next. */
void sched_leave(void) noreturn_fn;
/* T has left its stack: free both and tell whom it concerns.  Interrupts disabled, no lock held. */
void thread_bury(struct thread *t);
/* Who runs on CPU, while the machine stands still (kern/quiesce.h). */
const struct thread *sched_running(unsigned cpu);
/* An idle thread for a CPU: not counted. NULL: no memory. */
struct thread *thread_alloc_idle(void) must_check;

#endif
