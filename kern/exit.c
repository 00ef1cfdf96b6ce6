/* The end of a process.  It ends itself, in its own thread, in four steps:
   1. EXITING: files, terminal and memory go, which may sleep.  Signals do nothing any more, but SIGKILL, which ends
      interruptible sleeps on the way.
   2. ZOMBIE: its children go to init, its thread is taken off, under (P): nobody can signal or see the thread after
      that.
   3. The thread leaves its CPU (kern/thread.c).
   4. Departed: called by the next thread on that CPU, when stack and thread are freed and the page directory is not
      loaded. Only now the process is reapable, and the parent is woken.  So when wait returns, all of it is free.

   A wait that comes between 2 and 4 sees a child that is not reapable yet and sleeps; step 4 takes (P), as the test of
   the wait does, so the wake-up is not lost.  The parent may end between 2 and 4 as well: p->parent is read in step 4
   under (P), and is init by then. */
#include <kern/proc.h>

#include "proc_priv.h"

#include <arch/time.h>
#include <kern/lent.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/sigset.h>
#include <lib/assert.h>

struct proc *machine_ender;

/* Those who wait for processes to be gone (proc_kill_all); guarded by (P). */
static struct waitq departures = WAITQ_INIT(departures);

static void release_memory(struct proc *p)
{
	struct uspace *us = p->uspace;

	spin_lock(&proc_lock);
	p->uspace = NULL;
	spin_unlock(&proc_lock);
	uspace_switch(NULL);
	uspace_put(us);
}

/* Children that are reapable already stay in front (kern/wait.c). */
static void give_children_to_init(struct proc *p) requires_lock(proc_lock)
{
	bool reapable = false;
	struct proc *c;

	list_foreach_entry_safe(c, &p->children, sibling) {
		list_remove(&c->sibling);
		c->parent = init_proc;
		if (c->reapable)
			list_add_head(&init_proc->children, &c->sibling);
		else
			list_add_tail(&init_proc->children, &c->sibling);
		reapable |= c->reapable;
	}
	if (reapable)
		waitq_wake_all(&init_proc->child_wait);
}

static void become_zombie(struct proc *p, const struct proc_end *end)
{
	spin_lock(&proc_lock);
	if (unlikely(!list_is_empty(&p->children)))
		give_children_to_init(p);
	p->user_ticks = p->thread->user_ticks;
	p->kernel_ticks = p->thread->kernel_ticks;
	p->thread = NULL;
	p->end = *end;
	p->state = PROC_ZOMBIE;
	spin_unlock(&proc_lock);
}

/* Nobody waits for children of a parent that ignores SIGCHLD (POSIX, XSI); its own wait ends when the last is gone. */
static bool is_unwanted(const struct proc *p) requires_lock(proc_lock)
{
	return sigset_has(p->parent->sig_ignored, SIGCHLD);
}

/* Step 4; interrupts are disabled. */
static void depart(void *zombie)
{
	struct proc *p = zombie;
	bool unwanted;

	spin_lock(&proc_lock);
	unwanted = is_unwanted(p);
	waitq_wake_all(&p->parent->child_wait);
	if (!waitq_is_empty(&departures))
		waitq_wake_all(&departures);
	if (unlikely(unwanted)) {
		proc_unlink(p);
	} else {
		p->reapable = true;
		list_remove(&p->sibling);
		list_add_head(&p->parent->children, &p->sibling);
		signal_send_locked(p->parent, SIGCHLD);
	}
	spin_unlock(&proc_lock);
	if (unlikely(unwanted))
		proc_free(p);
}

/* Init's end is that of the machine, unless somebody else is at it already. */
static void init_exit(int32_t status) noreturn_fn;
static void init_exit(int32_t status)
{
	bool ends;

	spin_lock(&proc_lock);
	ends = !machine_ender || machine_ender == init_proc;
	spin_unlock(&proc_lock);
	if (ends)
		proc_hooks.init_exited(status);
	for (;;)
		(void)!sleep_until(NO_DEADLINE, WAIT_UNINTERRUPTIBLE);
}

static void end_process(const struct proc_end *end) noreturn_fn;
static void end_process(const struct proc_end *end)
{
	struct proc *p = current_proc();
	bool leader;

	if (p == init_proc)
		init_exit(end->status);
	KASSERT(p->state == PROC_ALIVE);
	spin_lock(&proc_lock);
	p->state = PROC_EXITING;
	leader = p->sid == p->pid;
	spin_unlock(&proc_lock);
	if (unlikely(leader) && proc_hooks.session_end)
		proc_hooks.session_end(p);
	if (proc_hooks.exit)
		proc_hooks.exit(p);
	if (unlikely(p->lent.node != NULL))
		lent_free_all(p);
	release_memory(p);
	become_zombie(p, end);
	thread_exit(depart, p);
}

#define SIGNAL_MASK 0x7f /* of a status: not 0, there was no exit */

void proc_exit(int32_t status)
{
	const struct proc_end end = {status, status & SIGNAL_MASK ? -1 : status >> 8 & 0xff};

	end_process(&end);
}

void proc_exit_value(int32_t value)
{
	const struct proc_end end = {(value & 0xff) << 8, value};

	end_process(&end);
}

/* => how many processes beside init and the caller have not departed; each is told to end.  Init too: it would start
   again what ends here. */
static unsigned kill_others(const struct proc *self) requires_lock(proc_lock)
{
	unsigned n = 0;
	struct proc *p;

	list_foreach_entry(p, &all_procs, all_link) {
		if (p == self || p->reapable)
			continue;
		signal_send_locked(p, SIGKILL);
		if (p != init_proc)
			n++;
	}
	return n;
}

/* Processes that were forked meanwhile are found in the next round. */
void proc_kill_all(uint64_t timeout_ns)
{
	uint64_t deadline = arch_time_ns() + timeout_ns;
	struct proc *self = current_proc();
	enum status st = OK;

	spin_lock(&proc_lock);
	if (machine_ender && machine_ender != self) {
		spin_unlock(&proc_lock);
		proc_exit(SIGKILL);
	}
	machine_ender = self;
	while (kill_others(self) > 0 && st == OK)
		st = waitq_wait(&departures, &proc_lock, WAIT_UNINTERRUPTIBLE, deadline);
	spin_unlock(&proc_lock);
}
