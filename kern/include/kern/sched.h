/* The scheduler: one run queue a CPU, round robin, idle CPUs steal.  Kernel code is not preempted; a thread gives the
   CPU away in waitq_wait, sched_yield, sched_point, or on its way to user mode. */
#ifndef KERN_SCHED_H
#define KERN_SCHED_H

#include <kern/thread.h>

/* The boot CPU's first stack becomes its idle thread; before this, current_thread() must not be used. */
void sched_init(void);
/* Bring up the other CPUs, at most MAX in all (0: as many as there are). */
void sched_start_cpus(unsigned max);
/* The boot CPU's idle loop: the end of kernel_main.  Its tick starts and interrupts are enabled here. */
void sched_idle(void) noreturn_fn;

/* Make a sleeping or new thread ready, on its last CPU when that is idle, else on an idle one, else its last.
   Any context; no lock of rank >= RANK_RUNQ held.  A thread that is not asleep is left alone. */
void sched_wake(struct thread *t);
/* A signal for T: wake it if it sleeps interruptibly, interrupt its CPU if it runs on another.  As sched_wake. */
void sched_interrupt(struct thread *t);
/* To the end of the queue; returns at once when nobody else is ready.  No lock held. */
void sched_yield(void);
/* In long loops of the kernel, at least every 100 us: lets others run if the slice is over.  No spinlock held; mutexes
   may be.  Interrupts enabled. */
static inline void sched_point(void)
{
	if (unlikely(attention_get(&current_thread()->arch) & ATTENTION_RESCHEDULE))
		sched_yield();
}
/* hooks.timer and hooks.reschedule. */
void sched_tick(bool user);
void sched_reschedule_ipi(void);

uint64_t sched_idle_ns(void); /* sum over all CPUs since boot */
struct sched_cpu_times {
	uint32_t user_ticks, kernel_ticks; /* 1/TICK_HZ s */
	uint64_t idle_ns;
};
void sched_cpu_times(unsigned cpu, struct sched_cpu_times *out); /* CPU < cpu_count() */
uint32_t sched_switch_count(void);                               /* since boot, of all CPUs */
unsigned sched_runnable(void);                                   /* threads that run or are ready */
/* How many ran or were ready on average over 1, 5 and 15 minutes, in units of 1/SCHED_LOAD_ONE. */
#define SCHED_LOAD_ONE 2048u
void sched_loads(uint32_t out[3]);
unsigned sched_thread_count(void); /* threads that exist, idle ones not counted */

#endif
