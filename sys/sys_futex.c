/* The system call futex, with both layouts of its timeout.  Which of its arguments mean something, and what, depends on
   the operation: the place of the timeout holds a count when sleepers are moved. */
#include <abi/futex.h>
#include <abi/time.h>
#include <kern/futex.h>
#include <kern/time.h>
#include <kern/waitq.h>

#include "sys_priv.h"

typedef enum status (*timeout_fetch_fn)(user_ptr_t from, struct abi_timespec64 *to);

static enum status fetch_timespec(user_ptr_t from, struct abi_timespec64 *to)
{
	struct abi_timespec t = {0, 0};
	enum status st = copy_from_user(&t, from, sizeof t);

	*to = (struct abi_timespec64){.sec = t.sec, .nsec = t.nsec};
	return st;
}

static enum status fetch_timespec64(user_ptr_t from, struct abi_timespec64 *to)
{
	return copy_from_user(to, from, sizeof *to);
}

/* What does not fit is as good as never. */
static uint64_t ns_of(const struct abi_timespec64 *t)
{
	uint64_t sec = (uint64_t)t->sec;

	return sec < NO_DEADLINE / NS_PER_S ? sec * NS_PER_S + (uint32_t)t->nsec : NO_DEADLINE;
}

/* The timeout T of operation OP as a time since boot: relative to now for FUTEX_WAIT, else by a clock. */
static uint64_t deadline_of(uint32_t op, const struct abi_timespec64 *t)
{
	uint64_t ns = ns_of(t), now = time_uptime_ns();

	if (ns == NO_DEADLINE)
		return ns;
	if (op & FUTEX_CLOCK_REALTIME)
		return time_uptime_of_wall(ns);
	if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT)
		return ns < NO_DEADLINE - now ? now + ns : NO_DEADLINE;
	return ns;
}

static int32_t wait(const struct syscall_args *a, uint32_t bits, timeout_fetch_fn fetch)
{
	uint32_t op = a->v[1];
	uint64_t deadline = NO_DEADLINE;
	struct abi_timespec64 t;

	if (a->v[3]) {
		enum status st = fetch(user_ptr(a->v[3]), &t);

		if (st != OK)
			return st;
		if (t.sec < 0 || t.nsec < 0 || (uint32_t)t.nsec >= NS_PER_S)
			return E_INVAL;
		deadline = deadline_of(op, &t);
	}
	return futex_wait(user_ptr(a->v[0]), op & FUTEX_PRIVATE_FLAG, a->v[2], bits, deadline);
}

static int32_t wake(const struct syscall_args *a, uint32_t bits)
{
	return futex_wake(user_ptr(a->v[0]), a->v[1] & FUTEX_PRIVATE_FLAG, (int32_t)a->v[2], bits);
}

static int32_t requeue(const struct syscall_args *a, const uint32_t *expected)
{
	const struct futex_requeue r = {
		.from = user_ptr(a->v[0]),
		.to = user_ptr(a->v[4]),
		.private = a->v[1] & FUTEX_PRIVATE_FLAG,
		.wake = (int32_t)a->v[2],
		.move = (int32_t)a->v[3],
		.expected = expected,
	};

	return futex_requeue(&r);
}

static int32_t futex(const struct syscall_args *a, timeout_fetch_fn fetch)
{
	uint32_t command = a->v[1] & FUTEX_CMD_MASK;

	if ((a->v[1] & FUTEX_CLOCK_REALTIME) && command != FUTEX_WAIT_BITSET)
		return E_NOSYS;
	switch (command) {
	case FUTEX_WAIT: return wait(a, FUTEX_ANY_BIT, fetch);
	case FUTEX_WAIT_BITSET: return wait(a, a->v[5], fetch);
	case FUTEX_WAKE: return wake(a, FUTEX_ANY_BIT);
	case FUTEX_WAKE_BITSET: return wake(a, a->v[5]);
	case FUTEX_REQUEUE: return requeue(a, NULL);
	case FUTEX_CMP_REQUEUE: return requeue(a, &a->v[5]);
	default: return E_NOSYS;
	}
}

int32_t sys_futex(const struct syscall_args *a)
{
	return futex(a, fetch_timespec);
}

int32_t sys_futex_time64(const struct syscall_args *a)
{
	return futex(a, fetch_timespec64);
}
