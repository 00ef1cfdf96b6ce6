/* Connects kern to the machine: the functions that arch calls up to. */
#include <kern/init.h>

#include "log_priv.h"

#include <arch/hooks.h>
#include <kern/futex.h>
#include <kern/log.h>
#include <kern/quiesce.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/uspace.h>

void kern_init(void)
{
	quiesce_init();
	futex_init();
	kernel_hooks.page_fault = fault_hook;
	kernel_hooks.user_trap = signal_user_trap;
	kernel_hooks.fpu_first_use = signal_fpu_first_use;
	kernel_hooks.timer = sched_tick;
	kernel_hooks.return_to_user = signal_return_to_user;
	kernel_hooks.reschedule = sched_reschedule_ipi;
	kernel_hooks.panic = panic_hook;
	kernel_hooks.log = log_hook;
}
