/* What mm asks of those above: whether others may run now, whether somebody may have the last frames, and, in tests,
   whether a request for memory is to fail. */
#ifndef MM_HOOKS_H
#define MM_HOOKS_H

#include <arch/compiler.h>
#include <stdbool.h>
#include <stddef.h>

enum mm_request {
	MM_OBJECT,       /* kmalloc, kmem_alloc and their zeroing twins */
	MM_FRAME,        /* frame_get and its twins */
	MM_KERNEL_FRAME, /* likewise, for the kernel itself (FRAME_KERNEL) */
	MM_SLAB_PAGE, /* a page that an MM_OBJECT needs: whether it does is luck, the stocks may have an object left */
};

/* Set once, at boot, where nothing else is said; a NULL hook is not called. */
struct mm_hooks {
	/* mm never waits for anything, but some of its work grows with what a program holds (unmapping a GiB, going
	   through ten thousand regions), and the kernel is not preempted.  Called between two steps of such work, with
	   no spinlock held and interrupts enabled, at least every 100 us: other threads may run meanwhile (the kernel's
	   sched_point).  Nothing that the operation works on changes: its caller still holds the lock of the address
	   space. */
	void (*pause)(void);
	/* May the current thread have frames of the reserve?  Asked when nothing else is left. */
	bool (*may_use_reserve)(void);
	/* The strict overcommit rule (mm/commit.c), and failure injection, which asks what was here before as well.
	   Asked before anything is looked at, also for what a stock of the CPU would have served;
	   with locks held, in any context that may allocate.  => true: the request fails, without side effect.  Set
	   from the first time on that a test asks for it. */
	bool (*request_fails)(enum mm_request what);
};
extern struct mm_hooks mm_hooks;

static inline void mm_pause_point(void)
{
	if (mm_hooks.pause)
		mm_hooks.pause();
}

static always_inline bool mm_request_fails(enum mm_request what)
{
	return unlikely(mm_hooks.request_fails != NULL) && mm_hooks.request_fails(what);
}

#endif
