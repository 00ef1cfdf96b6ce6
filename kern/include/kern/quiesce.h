/* The machine stopped at safe points, so that one thread can look at everything at once (docs/audit.md).

   Every other CPU waits, with interrupts disabled and no spinlock held, where its thread gives the CPU away or leaves
   the kernel: on the way to user mode, in sched_point and sched_yield, after a switch, in the idle loop.  So each
   thread stands in user mode, or at a point where it might sleep or let others run anyway.  Mutexes may be held by
   those who stand; whoever has stopped the machine takes no lock and does not sleep.  A CPU that waits answers TLB
   shootdowns and a panic. */
#ifndef KERN_QUIESCE_H
#define KERN_QUIESCE_H

#include <arch/compiler.h>
#include <arch/types.h>

void quiesce_init(void); /* once, at boot */
/* Stop the machine.  Nothing held; may sleep, until another caller has resumed it. */
void machine_quiesce(void);
void machine_resume(void);

/* For kern/sched.c: at a safe point, wait while the machine is to stand still. */
extern uint32_t quiesce_wanted; /* (!) 1: the machine is to stand still; kern/quiesce.c's */
void quiesce_wait(void);
static inline void quiesce_point(void)
{
	if (unlikely(__atomic_load_n(&quiesce_wanted, __ATOMIC_RELAXED)))
		quiesce_wait();
}

#endif
