/* wait: the parent's side of an exit (kern/exit.c).  Reapable children stand at the front of the list of children, so a
   wait for any of them is answered by the first; only a wait for particular ones looks further. */
#include <kern/proc.h>

#include "proc_priv.h"

#include <arch/time.h>

#define US_PER_TICK (1000000u / TICK_HZ)

static bool is_wanted(const struct proc *c, int32_t want) requires_lock(proc_lock)
{
	return proc_wait_matches(want, c->pid, c->pgid, c->parent->pgid);
}

/* => OK and a reapable child; E_AGAIN: there are wanted ones, but none is reapable; E_CHILD: none is wanted. */
static enum status find_child(struct proc *self, int32_t want, struct proc **out) requires_lock(proc_lock)
{
	enum status st = E_CHILD;
	struct proc *c;

	list_foreach_entry(c, &self->children, sibling) {
		if (!is_wanted(c, want))
			continue;
		st = E_AGAIN;
		if (c->reapable) {
			*out = c;
			return OK;
		}
		if (want == -1)
			break; /* behind it stand only such as this */
	}
	return st;
}

static struct abi_timeval timeval_of_ticks(uint32_t ticks)
{
	return (struct abi_timeval){(int32_t)(ticks / TICK_HZ), (int32_t)(ticks % TICK_HZ * US_PER_TICK)};
}

/* C and its own children count as children of SELF now. */
static void account(struct proc *self, const struct proc *c, struct abi_rusage *usage) requires_lock(proc_lock)
{
	uint32_t user = c->user_ticks + c->child_user_ticks;
	uint32_t kernel = c->kernel_ticks + c->child_kernel_ticks;

	self->child_user_ticks += user;
	self->child_kernel_ticks += kernel;
	if (!usage)
		return;
	*usage = (struct abi_rusage){.utime = timeval_of_ticks(user), .stime = timeval_of_ticks(kernel)};
}

int32_t proc_wait(int32_t pid, int options, struct proc_end *end, struct abi_rusage *usage)
{
	struct proc *self = current_proc(), *child;
	enum status st;
	int32_t reaped;

	if (options & ~(WNOHANG | WUNTRACED | __WALL))
		return E_INVAL;
	spin_lock(&proc_lock);
	while ((st = find_child(self, pid, &child)) == E_AGAIN) {
		if (options & WNOHANG) {
			spin_unlock(&proc_lock);
			return 0;
		}
		st = waitq_wait(&self->child_wait, &proc_lock, WAIT_INTERRUPTIBLE, NO_DEADLINE);
		if (st != OK)
			break;
	}
	if (st != OK) {
		spin_unlock(&proc_lock);
		return st;
	}
	reaped = child->pid;
	*end = child->end;
	account(self, child, usage);
	proc_unlink(child);
	spin_unlock(&proc_lock);
	proc_free(child);
	return reaped;
}
