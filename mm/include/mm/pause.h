/* Where a long operation of mm may be interrupted.  mm never waits for anything, but some of its work grows with what a
   program holds (unmapping a GiB, going through ten thousand regions), and the kernel is not preempted. */
#ifndef MM_PAUSE_H
#define MM_PAUSE_H

#include <stdbool.h>

/* Called between two steps of such an operation, with no spinlock held and interrupts enabled, at least every 100 us:
   other threads may run meanwhile (the kernel's sched_point).  Nothing that the operation works on changes: its caller
   still holds the lock of the address space.  Set once, at boot; NULL: nobody runs. */
extern void (*mm_pause)(void);
/* May the current thread have frames of the reserve?  Asked when nothing else is left.  Set once, at boot; NULL: no. */
extern bool (*mm_may_use_reserve)(void);

static inline void mm_pause_point(void)
{
	if (mm_pause)
		mm_pause();
}

#endif
