/* Processes and time, as xv6 programs have them: an exit status of 32 bits, kill that always kills, ticks of 10 ms, and
   families of processes that end somewhere. */
#include <abi/dormouse.h>
#include <arch/cpu.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/time.h>
#include <lib/div64.h>

#include "../sys_priv.h"
#include "xv6_priv.h"

#define NS_PER_TICK (1000000000u / XV6_TICK_HZ)

int32_t xv6_fork(const struct syscall_args *a)
{
	(void)a;
	return proc_fork_family(XV6_MAX_CHILDREN);
}

int32_t xv6_exit(const struct syscall_args *a)
{
	(void)a;
	proc_exit_value(0);
}

int32_t xv6_rv_exit(const struct syscall_args *a)
{
	proc_exit_value((int32_t)a->v[0]);
}

int32_t xv6_wait(const struct syscall_args *a)
{
	struct proc_end end;

	(void)a;
	return proc_wait(-1, 0, &end, NULL);
}

/* A child that is reaped is gone: that its status can be told is seen to before. */
int32_t xv6_rv_wait(const struct syscall_args *a)
{
	user_ptr_t at = user_ptr(a->v[0]);
	struct proc_end end;
	int32_t child = at.va ? user_fault_in_range(at, sizeof end.value, true) : OK;
	enum status st = OK;

	if (child == OK)
		child = proc_wait(-1, 0, &end, NULL);
	if (child > 0 && at.va)
		st = copy_to_user(at, &end.value, sizeof end.value);
	return st == OK ? child : st;
}

int32_t xv6_kill(const struct syscall_args *a)
{
	int32_t pid = (int32_t)a->v[0];

	return pid > 0 ? signal_kill(pid, SIGKILL) : E_SRCH;
}

/* As nanosleep, it goes on after what does not end the process. */
int32_t xv6_sleep(const struct syscall_args *a)
{
	int32_t ticks = (int32_t)a->v[0];
	uint64_t end = time_uptime_ns() + (uint64_t)(uint32_t)ticks * NS_PER_TICK;
	enum status st = ticks > 0 ? OK : E_TIMEDOUT;

	while (st == OK)
		st = sleep_until(end, WAIT_INTERRUPTIBLE);
	return st == E_TIMEDOUT ? OK : st;
}

int32_t xv6_uptime(const struct syscall_args *a)
{
	uint32_t rest;

	(void)a;
	return (int32_t)(div64_u32(time_uptime_ns(), NS_PER_TICK, &rest) & INT32_MAX);
}

int32_t xv6_getprocs(const struct syscall_args *a)
{
	(void)a;
	return (int32_t)proc_count();
}

int32_t xv6_trace(const struct syscall_args *a)
{
	current_proc()->traced = a->v[0];
	return OK;
}
