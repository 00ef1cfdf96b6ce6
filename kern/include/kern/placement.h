/* Where a thread is to run: pure functions of what is known about the CPUs, so that a unit test sees every case. */
#ifndef KERN_PLACEMENT_H
#define KERN_PLACEMENT_H

#include <arch/types.h>

#define CPU_NONE ARCH_MAX_CPUS

/* A thread that last ran on LAST is woken; bit n of IDLE: CPU n has nothing to do. */
static inline unsigned place_woken(unsigned last, uint32_t idle)
{
	if (idle == 0 || ((idle >> last) & 1))
		return last;
	return (unsigned)__builtin_ctz(idle);
}

/* Whom CPU SELF, which has nothing to do, takes a thread from, when CPU n of NCPUS has READY[n] waiting: the one with
   the most, the next after SELF of several (so that two thieves seldom meet). => CPU_NONE: nobody has any. */
static inline unsigned place_victim(unsigned self, const unsigned *ready, unsigned ncpus)
{
	unsigned best = CPU_NONE;

	for (unsigned i = 1; i < ncpus; i++) {
		unsigned cpu = (self + i) % ncpus;

		if (ready[cpu] > 0 && (best == CPU_NONE || ready[cpu] > ready[best]))
			best = cpu;
	}
	return best;
}

#endif
