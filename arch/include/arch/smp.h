/* The other CPUs. */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H

#include <arch/compiler.h>
#include <arch/types.h>

/* CPUs that the firmware tables name (ACPI MADT), at most ARCH_MAX_CPUS; 1 without tables. */
unsigned arch_cpus_found(void);
/* Start CPU number CPU (1 .. found-1), in order, on STACK (lowest byte, as for arch_thread_init) with arch_current()
   SELF: it runs ENTRY() with interrupts disabled, on the kernel's page directory, its local timer stopped.
   => whether it came up within 100 ms; cpu_count() counts it then.  Waits are spent only when called. */
bool arch_cpu_start(unsigned cpu, void *stack, void *self, void (*entry)(void)) must_check;
/* Make hooks.reschedule run on CPU (not this one) soon. */
void arch_ipi_reschedule(unsigned cpu);
/* Stop all other CPUs for good, by NMI; returns when they have stopped or after a bounded wait. */
void arch_stop_others(void);

#endif
