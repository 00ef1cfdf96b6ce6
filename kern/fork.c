/* fork.  Everything that can fail is done first, on a child that nobody can find; then the child is linked and started.
   A signal that is to kill the parent may come meanwhile.  It must not miss the child when it was sent to the group, so
   the parent looks for it under (P), right before the child joins: either the sender came first, then there is no fork,
   or the child is a member when the sender looks.  (The result E_INTR is never seen: the caller dies.) */
#include <kern/proc.h>

#include "proc_priv.h"

#include <arch/trapframe.h>
#include <kern/signal.h>
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
}

static enum status publish(struct proc *child, struct proc *parent)
{
	enum status st = E_INTR;

	spin_lock(&proc_lock);
	if (!signal_pending()) {
		proc_link(child, parent, parent->group, parent->session);
		st = OK;
	}
	spin_unlock(&proc_lock);
	return st;
}

int32_t proc_fork(void)
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
	st = publish(child, parent);
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
