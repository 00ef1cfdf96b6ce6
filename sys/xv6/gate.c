/* The gate of programs written for xv6, `int $0x40`: a second table over the same functions as the first.  Arguments
   lie on the caller's stack, wherever it says that is; results are one number, and every error is -1.  What xv6 does
   otherwise than the first gate is in this folder and nowhere else. */
#include <arch/compiler.h>
#include <kern/log.h>
#include <kern/proc.h>
#include <lib/string.h>
#include <sys/file.h>

#include "../sys_priv.h"
#include "xv6_priv.h"

struct call {
	syscall_fn handler; /* NULL: set aside */
	uint8_t nargs;
	uint8_t traced_as; /* the bit of trace()'s mask */
	const char *name;
};

#define CALL(name, fn, n) [XV6_##name] = {fn, n, XV6_##name, #name},
#define CALL_RV(name, fn, n) [XV6_RV_##name] = {fn, n, XV6_##name, #name},
#define SET_ASIDE(name) [XV6_##name] = {NULL, 0, XV6_##name, #name},
static const struct call calls[XV6_CALLS] = {
#include "calls.def"
};
#undef CALL
#undef CALL_RV
#undef SET_ASIDE

static const struct call unknown = {NULL, 0, XV6_CALLS, "unknown"};

#define TRACE_ALL 0x7fffffffu /* what the course's program says for "everything" */

static bool is_traced(const struct proc *p, const struct call *c)
{
	return (p->traced & TRACE_ALL) == TRACE_ALL || (c->traced_as < 32 && (p->traced >> c->traced_as & 1));
}

static int32_t call_handler(const struct call *c, user_ptr_t args)
{
	struct syscall_args a = {{0}};
	enum status st;

	if (!c->handler)
		return E_NOSYS;
	st = copy_from_user(a.v, args, c->nargs * sizeof a.v[0]);
	return st == OK ? c->handler(&a) : (int32_t)st;
}

#define ERRNO_MAX 4095

/* Other negative results are addresses. */
static bool is_error(int32_t result)
{
	return result < 0 && result >= -ERRNO_MAX;
}

int32_t xv6_dispatch(uint32_t nr, user_ptr_t args)
{
	const struct call *c = nr < ARRAY_SIZE(calls) && calls[nr].name ? &calls[nr] : &unknown;
	int32_t result = call_handler(c, args);
	const struct proc *p = current_proc();

	if (is_error(result))
		result = -1;
	/* Errors are what the console shows, however little else it is to show. */
	if (unlikely(p->traced) && is_traced(p, c))
		printk(LOG_ERROR, "%d: syscall %s -> %d", (int)p->pid, c->name, (int)result);
	thread_assert_leaves_kernel();
	return result;
}
