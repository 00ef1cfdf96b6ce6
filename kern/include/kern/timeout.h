/* One-shot timers, looked at by the boot CPU's tick. */
#ifndef KERN_TIMEOUT_H
#define KERN_TIMEOUT_H

#include <arch/time.h>
#include <lib/rbtree.h>
#include <stdbool.h>

struct timeout {
	struct rb_node node;   /* (T) timeout lock */
	uint64_t deadline;     /* (T) arch_time_ns() */
	void (*fn)(void *arg); /* (c) called in the tick, interrupts disabled, no lock held */
	void *arg;             /* (c) */
	bool pending;          /* (T) */
};

void timeout_init(struct timeout *t, void (*fn)(void *), void *arg);
/* Fires at the first tick at or after DEADLINE.  Not pending yet. */
void timeout_start(struct timeout *t, uint64_t deadline);
/* => whether it was pending; on return FN does not run any more on any CPU and will not. */
bool timeout_cancel(struct timeout *t);
/* The tick on the boot CPU. */
void timeout_tick(void);

#endif
