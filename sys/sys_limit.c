/* Resource limits.  The stack's can be changed, each process has its own; the others are what the kernel has room for,
   the same for all, and fixed: to set one to what it is succeeds, anything else is refused rather than ignored. */
#include <abi/resource.h>
#include <fs/fdtable.h>
#include <kern/pidmap.h>
#include <kern/proc.h>

#include "sys_priv.h"

static const struct abi_rlimit no_limit = {ABI_RLIM_INFINITY, ABI_RLIM_INFINITY};

static enum status limit_get(uint32_t resource, struct abi_rlimit *out)
{
	switch (resource) {
	case RLIMIT_STACK: *out = current_proc()->stack_limit; return OK;
	case RLIMIT_NOFILE: *out = (struct abi_rlimit){FD_MAX, FD_MAX}; return OK;
	case RLIMIT_NPROC: *out = (struct abi_rlimit){PID_MAX, PID_MAX}; return OK;
	case RLIMIT_CORE: /* there are no core files, locked pages, message queues, priorities */
	case RLIMIT_MEMLOCK:
	case RLIMIT_MSGQUEUE:
	case RLIMIT_NICE:
	case RLIMIT_RTPRIO: *out = (struct abi_rlimit){0, 0}; return OK;
	case RLIMIT_CPU:
	case RLIMIT_FSIZE:
	case RLIMIT_DATA:
	case RLIMIT_RSS:
	case RLIMIT_AS:
	case RLIMIT_LOCKS:
	case RLIMIT_SIGPENDING:
	case RLIMIT_RTTIME: *out = no_limit; return OK;
	default: return E_INVAL;
	}
}

static void stack_limit_set(const struct abi_rlimit *new)
{
	struct uspace *us = current_thread()->uspace;

	current_proc()->stack_limit = *new;
	uspace_lock(us);
	aspace_set_stack_limit(&us->as, new->soft);
	uspace_unlock(us);
}

static enum status limit_set(uint32_t resource, const struct abi_rlimit *new)
{
	struct abi_rlimit now;
	enum status st = limit_get(resource, &now);

	if (st != OK)
		return st;
	if (new->soft > new->hard)
		return E_INVAL;
	if (resource == RLIMIT_STACK)
		stack_limit_set(new);
	else if (new->soft != now.soft || new->hard != now.hard)
		return E_PERM;
	return OK;
}

int32_t sys_getrlimit(const struct syscall_args *a)
{
	struct abi_rlimit now;
	enum status st = limit_get(a->v[0], &now);

	return st == OK ? copy_to_user(user_ptr(a->v[1]), &now, sizeof now) : st;
}

static uint32_t old_value(uint32_t limit)
{
	return limit > ABI_RLIM_OLD_MAX ? ABI_RLIM_OLD_MAX : limit;
}

/* From the time when limits were signed. */
int32_t sys_old_getrlimit(const struct syscall_args *a)
{
	struct abi_rlimit now;
	enum status st = limit_get(a->v[0], &now);

	if (st != OK)
		return st;
	now = (struct abi_rlimit){old_value(now.soft), old_value(now.hard)};
	return copy_to_user(user_ptr(a->v[1]), &now, sizeof now);
}

int32_t sys_setrlimit(const struct syscall_args *a)
{
	struct abi_rlimit new;
	enum status st = copy_from_user(&new, user_ptr(a->v[1]), sizeof new);

	return st == OK ? limit_set(a->v[0], &new) : st;
}

/* What 32 bits cannot say is no limit. */
static uint32_t narrow(uint64_t limit)
{
	return limit >= ABI_RLIM_INFINITY ? ABI_RLIM_INFINITY : (uint32_t)limit;
}

static enum status fetch_wide(user_ptr_t from, struct abi_rlimit *out)
{
	struct abi_rlimit64 wide;
	enum status st = copy_from_user(&wide, from, sizeof wide);

	if (st == OK)
		*out = (struct abi_rlimit){narrow(wide.soft), narrow(wide.hard)};
	return st;
}

static uint64_t widen(uint32_t limit)
{
	return limit == ABI_RLIM_INFINITY ? ABI_RLIM64_INFINITY : limit;
}

/* Only the caller's own: others are asked for in vain. */
static enum status check_self(int32_t pid)
{
	int32_t group;

	if (pid == 0 || pid == current_proc()->pid)
		return OK;
	group = proc_getpgid(pid);
	return group < 0 ? (enum status)group : E_PERM;
}

int32_t sys_prlimit64(const struct syscall_args *a)
{
	user_ptr_t new_at = user_ptr(a->v[2]), old_at = user_ptr(a->v[3]);
	enum status st = check_self((int32_t)a->v[0]);
	struct abi_rlimit64 wide;
	struct abi_rlimit now, new;

	if (st == OK)
		st = limit_get(a->v[1], &now);
	if (st == OK && new_at.va)
		st = fetch_wide(new_at, &new);
	/* The old limit is handed out before it is changed: a bad pointer changes nothing. */
	if (st == OK && old_at.va) {
		wide = (struct abi_rlimit64){widen(now.soft), widen(now.hard)};
		st = copy_to_user(old_at, &wide, sizeof wide);
	}
	return st == OK && new_at.va ? limit_set(a->v[1], &new) : st;
}
