/* This CPU: its number, its current thread, its interrupts.
   A per-CPU variable of a floor is an array of ARCH_MAX_CPUS, indexed by cpu_id(); kernel code is not preempted, so the
   index holds until the next sleep.  (A per-CPU segment register was not taken: it costs a save and two loads at every
   trap; the top of the kernel stack tells all of this in two instructions.) */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <arch/compiler.h>
#include <arch/types.h>

/* These are inline and lie in <machine/cpu.h>:

   unsigned cpu_id(void);                     0 .. cpu_count() - 1; 0 is the boot CPU
   void *arch_current(void);                  the word that arch_thread_init() was given
   bool irq_enabled(void);
   void irq_enable(void);
   void irq_disable(void);
   uint32_t irq_save(void);                   disable; => what irq_restore() wants
   void irq_restore(uint32_t saved);
   void cpu_relax(void);                      in a spin loop, interrupts enabled
   void cpu_idle(void);                       called with interrupts disabled: enable them and halt until one comes,
                                              without losing one in between; returns with interrupts enabled
   uint64_t cpu_cycles(void);                 the time-stamp counter
   void attention_set(struct arch_thread *t, uint32_t bits);    atomic; see below
   void attention_clear(struct arch_thread *t, uint32_t bits);
   uint32_t attention_get(const struct arch_thread *t);

   Attention bits of a thread are looked at, interrupts disabled, each time it is about to go to user mode; when any is
   set, interrupts go on and hooks.return_to_user runs, until none is set.  Whoever sets one for a thread that may be
   running on another CPU in user mode sends that CPU arch_ipi_reschedule(). */
enum {
	ATTENTION_RESCHEDULE = 1u, /* another thread wants this CPU */
	ATTENTION_SIGNAL = 2u,     /* a signal is pending, or the process is to end */
};

#include <machine/cpu.h>

unsigned cpu_count(void);    /* CPUs that run */
uint32_t cpu_features(void); /* CPUID leaf 1, EDX: what programs find as AT_HWCAP */

/* In a loop that waits with interrupts disabled: answers TLB shootdowns and the stop request of a panicking CPU. */
void arch_spin_poll(void);

#endif
