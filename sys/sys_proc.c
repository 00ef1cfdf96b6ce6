/* System calls about processes, groups, signals and the thread itself. */
#include <abi/misc.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>

#include "sys_priv.h"

int32_t sys_exit(const struct syscall_args *a)
{
	proc_exit((int32_t)((a->v[0] & 0xff) << 8));
}

int32_t sys_exit_group(const struct syscall_args *a)
{
	return sys_exit(a);
}

int32_t sys_fork(const struct syscall_args *a)
{
	(void)a;
	return proc_fork();
}

/* wait4, and waitpid as the special case without usage. */
static int32_t wait_common(int32_t pid, user_ptr_t status_at, int options, user_ptr_t usage_at)
{
	struct abi_rusage usage;
	struct proc_end end;
	enum status st = OK;
	int32_t child;

	/* A child that is reaped is gone: what can be told of it must be deliverable before. */
	if (status_at.va)
		st = user_fault_in_range(status_at, sizeof end.status, true);
	if (st == OK && usage_at.va)
		st = user_fault_in_range(usage_at, sizeof usage, true);
	if (st != OK)
		return st;
	child = proc_wait(pid, options, &end, &usage);
	if (child > 0 && status_at.va)
		st = copy_to_user(status_at, &end.status, sizeof end.status);
	if (child > 0 && usage_at.va && st == OK)
		st = copy_to_user(usage_at, &usage, sizeof usage);
	return st == OK ? child : st;
}

int32_t sys_waitpid(const struct syscall_args *a)
{
	return wait_common((int32_t)a->v[0], user_ptr(a->v[1]), (int)a->v[2], user_ptr(0));
}

int32_t sys_wait4(const struct syscall_args *a)
{
	return wait_common((int32_t)a->v[0], user_ptr(a->v[1]), (int)a->v[2], user_ptr(a->v[3]));
}

int32_t sys_getpid(const struct syscall_args *a)
{
	(void)a;
	return current_proc()->pid;
}

/* One thread a process: its number is the process's. */
int32_t sys_gettid(const struct syscall_args *a)
{
	return sys_getpid(a);
}

int32_t sys_getppid(const struct syscall_args *a)
{
	(void)a;
	return proc_getppid();
}

/* The address is for waking a joiner when one of several threads ends; the only thread of a process has none. */
int32_t sys_set_tid_address(const struct syscall_args *a)
{
	return sys_getpid(a);
}

int32_t sys_set_thread_area(const struct syscall_args *a)
{
	struct abi_user_desc d;
	int32_t st = copy_from_user(&d, user_ptr(a->v[0]), sizeof d);

	/* The chosen number must be deliverable before anything is changed. */
	if (st == OK)
		st = user_fault_in_range(user_ptr(a->v[0]), sizeof d.entry_number, true);
	if (st == OK)
		st = arch_tls_set(&current_thread()->arch, &d);
	return st == OK ? copy_to_user(user_ptr(a->v[0]), &d.entry_number, sizeof d.entry_number) : st;
}

int32_t sys_sched_yield(const struct syscall_args *a)
{
	(void)a;
	sched_yield();
	return OK;
}

/* One user owns everything. */
int32_t sys_getuid(const struct syscall_args *a)
{
	(void)a;
	return 0;
}
int32_t sys_geteuid(const struct syscall_args *a)
{
	return sys_getuid(a);
}
int32_t sys_getgid(const struct syscall_args *a)
{
	return sys_getuid(a);
}
int32_t sys_getegid(const struct syscall_args *a)
{
	return sys_getuid(a);
}

/* ---- groups and sessions ---- */

int32_t sys_setpgid(const struct syscall_args *a)
{
	return proc_setpgid((int32_t)a->v[0], (int32_t)a->v[1]);
}

int32_t sys_getpgid(const struct syscall_args *a)
{
	return proc_getpgid((int32_t)a->v[0]);
}

int32_t sys_getpgrp(const struct syscall_args *a)
{
	(void)a;
	return proc_getpgid(0);
}

int32_t sys_setsid(const struct syscall_args *a)
{
	(void)a;
	return proc_setsid();
}

int32_t sys_getsid(const struct syscall_args *a)
{
	return proc_getsid((int32_t)a->v[0]);
}

/* ---- signals ---- */

#define SIGSET_BYTES 8u

int32_t sys_kill(const struct syscall_args *a)
{
	return signal_kill((int32_t)a->v[0], (int)a->v[1]);
}

int32_t sys_pause(const struct syscall_args *a)
{
	enum status st;

	(void)a;
	do
		st = sleep_until(NO_DEADLINE, WAIT_INTERRUPTIBLE);
	while (st != E_INTR);
	return st;
}

int32_t sys_rt_sigaction(const struct syscall_args *a)
{
	struct abi_sigaction new, old;
	user_ptr_t new_at = user_ptr(a->v[1]), old_at = user_ptr(a->v[2]);
	enum status st = OK;

	if (a->v[3] != SIGSET_BYTES)
		return E_INVAL;
	if (new_at.va)
		st = copy_from_user(&new, new_at, sizeof new);
	/* The old action is handed out before it is changed: a bad pointer changes nothing. */
	if (st == OK)
		st = signal_action((int)a->v[0], NULL, &old);
	if (st == OK && old_at.va)
		st = copy_to_user(old_at, &old, sizeof old);
	if (st == OK && new_at.va)
		st = signal_action((int)a->v[0], &new, NULL);
	return st;
}

int32_t sys_rt_sigprocmask(const struct syscall_args *a)
{
	uint32_t new[2], old[2];
	user_ptr_t new_at = user_ptr(a->v[1]), old_at = user_ptr(a->v[2]);
	enum status st = OK;

	if (a->v[3] != SIGSET_BYTES)
		return E_INVAL;
	if (new_at.va)
		st = copy_from_user(new, new_at, sizeof new);
	if (st == OK)
		st = signal_mask((int)a->v[0], NULL, old);
	if (st == OK && old_at.va)
		st = copy_to_user(old_at, old, sizeof old);
	if (st == OK && new_at.va)
		st = signal_mask((int)a->v[0], new, NULL);
	return st;
}
