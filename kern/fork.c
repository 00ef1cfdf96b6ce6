/* fork.  Everything that can fail is done first, on a child that nobody can find; then the child is linked and started.
   A signal that is to kill the parent may come meanwhile.  It must not miss the child when it was sent to the group, so
   the parent looks for it under (P), right before the child joins: either the sender came first, then there is no fork,
   or the child is a member when the sender looks.  (The result E_INTR is never seen: the caller dies.) */
#include <kern/proc.h>

#include "proc_priv.h"

#include <arch/trapframe.h>
#include <kern/signal.h>
#include <lib/assert.h>
#include <lib/string.h>

/* The child's first steps: straight to user mode, where fork returns 0 to it. */
static void child_begin(void *unused)
{
	(void)unused;
	arch_enter_user();
}

/* Thread and machine state.  => E_NOMEM. */
static enum status copy_thread(struct proc *child, struct thread *from)
{
	struct thread *t = thread_alloc(child->name, child, child_begin, NULL);

	if (!t)
		return E_NOMEM;
	if (from->fpu_area && thread_attach_fpu(t) != OK) {
		thread_free(t);
		return E_NOMEM;
	}
	arch_thread_fork(&t->arch, &from->arch);
	trapframe_set_result(arch_user_frame(&t->arch), 0);
	t->uspace = child->uspace;
	child->thread = t;
	return OK;
}

/* Fields that only the parent changes in itself, or that are read once. */
static void copy_attributes(struct proc *child, const struct proc *parent)
{
	memcpy(child->name, parent->name, sizeof child->name);
	memcpy(child->sig_blocked, parent->sig_blocked, sizeof child->sig_blocked);
	memcpy(child->sig_ignored, parent->sig_ignored, sizeof child->sig_ignored);
	child->stack_limit = parent->stack_limit;
	child->traced = parent->traced;
}

/* CHILD comes into the family of PARENT, which begins one if it has none. */
static void join_family(struct proc *child, struct proc *parent) requires_lock(proc_lock)
{
	if (!parent->family)
		parent->family = id_ref(parent->id);
	child->family = id_ref(parent->family);
	child->family->family++;
}

/* MOST as for proc_fork_family; 0: the child is of no family. */
static enum status publish(struct proc *child, struct proc *parent, uint32_t most)
{
	enum status st = OK;

	spin_lock(&proc_lock);
	if (signal_pending())
		st = E_INTR;
	else if (most > 0 && parent->family && parent->family->family >= most)
		st = E_AGAIN;
	if (st == OK) {
		proc_link(child, parent, parent->group, parent->session);
		if (most > 0)
			join_family(child, parent);
	}
	spin_unlock(&proc_lock);
	return st;
}

static int32_t fork_current(uint32_t most)
{
	struct proc *parent = current_proc(), *child;
	struct thread *thread;
	enum status st = proc_alloc(&child);
	int32_t pid;

	if (st != OK)
		goto out;
	copy_attributes(child, parent);
	st = uspace_fork(parent->uspace, &child->uspace);
	if (st != OK)
		goto free_proc;
	st = copy_thread(child, parent->thread);
	if (st != OK)
		goto put_uspace;
	st = proc_hooks.fork ? proc_hooks.fork(parent, child) : OK;
	if (st != OK)
		goto free_thread;
	pid = child->pid; /* once it runs, it may be gone before we look */
	thread = child->thread;
	st = publish(child, parent, most);
	if (st != OK)
		goto undo_hook;
	thread_start(thread);
	return pid;
undo_hook:
	if (proc_hooks.exit)
		proc_hooks.exit(child);
free_thread:
	thread_free(child->thread);
put_uspace:
	uspace_put(child->uspace);
free_proc:
	proc_free(child);
out:
	return st;
}

int32_t proc_fork(void)
{
	return fork_current(0);
}

int32_t proc_fork_family(uint32_t most)
{
	KASSERT(most > 0);
	return fork_current(most);
}
