/* Stopping the machine at safe points (kern/quiesce.h).
   The one who asks sets the wish and then interrupts every other CPU.  The thread that the interrupt finds there gets
   the attention bit that makes it yield; it comes to a safe point in user mode at once, in a long loop of the kernel at
   its next sched_point, and if it sleeps before, then the thread that follows it comes to one as the first thing after
   the switch.  No CPU is missed: who looks at the wish before it was set is still to be interrupted.

   A CPU says that it waits by its bit of `waiting`.  It clears the bit when it goes on, and the machine counts as
   resumed only when all have: else the next one who asks could take a CPU that is about to go on for one that waits. */
#include <kern/quiesce.h>

#include <arch/cpu.h>
#include <arch/smp.h>
#include <kern/mutex.h>

#include "wait_priv.h"

uint32_t quiesce_wanted;
static uint32_t waiting;    /* (!) bit n: CPU n stands at a safe point */
static struct mutex asking; /* RANK_MACHINE: held while the machine stands still */

void quiesce_init(void)
{
	mutex_init(&asking, RANK_MACHINE, "stopped machine");
}

void quiesce_wait(void)
{
	uint32_t bit = 1u << cpu_id(), saved = irq_save();

	assert_no_spinlock("quiesce_wait");
	__atomic_or_fetch(&waiting, bit, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&quiesce_wanted, __ATOMIC_SEQ_CST))
		arch_spin_poll();
	__atomic_and_fetch(&waiting, ~bit, __ATOMIC_SEQ_CST);
	irq_restore(saved);
}

static void wait_until_waiting(uint32_t cpus)
{
	while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) != cpus)
		arch_spin_poll();
}

void machine_quiesce(void) no_lock_check
{
	uint32_t others;

	mutex_lock(&asking);
	others = ((1u << cpu_count()) - 1) & ~(1u << cpu_id()); /* no other CPU from here on: nothing below sleeps */
	__atomic_store_n(&quiesce_wanted, 1, __ATOMIC_SEQ_CST);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		if (cpu != cpu_id())
			arch_ipi_reschedule(cpu);
	wait_until_waiting(others);
}

void machine_resume(void) no_lock_check
{
	__atomic_store_n(&quiesce_wanted, 0, __ATOMIC_SEQ_CST);
	wait_until_waiting(0);
	mutex_unlock(&asking);
}
