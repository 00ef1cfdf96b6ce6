/* Signals.  There are no handlers yet, so a signal either does nothing, and is dropped where it is sent, or ends the
   process; a blocked one waits in sig_pending.

   The rule that makes this race-free: ATTENTION_SIGNAL of the process's thread is set exactly when a pending signal is
   not blocked.  It changes only under (P), together with the sets.  The thread itself reads it without a lock: before
   every interruptible sleep (kern/sched.c says why none is missed there) and on the way to user mode, where it looks at
   the sets. A process is ended by nobody but itself: by signal_return_to_user.

   Signals that stop a process are ignored: there is no job control by stopping yet. */
#include <kern/signal.h>

#include "proc_priv.h"

#include <arch/trapframe.h>
#include <kern/log.h>
#include <kern/sched.h>
#include <kern/sigset.h>
#include <lib/assert.h>

/* The sets of the live P have changed. */
static void update_attention(struct proc *p) requires_lock(proc_lock)
{
	struct arch_thread *t = &p->thread->arch;

	if (sigset_deliverable(p->sig_pending, p->sig_blocked) != 0)
		attention_set(t, ATTENTION_SIGNAL);
	else
		attention_clear(t, ATTENTION_SIGNAL);
}

static bool is_dropped(const struct proc *p, int sig) requires_lock(proc_lock)
{
	if (!p->thread || (p == init_proc && !machine_ender))
		return true;
	if (p->state != PROC_ALIVE)
		return sig != SIGKILL;
	return signal_default_ignores(sig) || sigset_has(p->sig_ignored, sig);
}

void signal_send_locked(struct proc *p, int sig)
{
	if (is_dropped(p, sig))
		return;
	sigset_add(p->sig_pending, sig);
	if (sigset_has(p->sig_blocked, sig))
		return;
	attention_set(&p->thread->arch, ATTENTION_SIGNAL);
	sched_interrupt(p->thread);
}

void signal_send(struct proc *p, int sig)
{
	KASSERT(signal_valid(sig));
	spin_lock(&proc_lock);
	signal_send_locked(p, sig);
	spin_unlock(&proc_lock);
}

/* SIG 0 is sent to nobody: it only asks who is there. */
static void send_or_ask(struct proc *p, int sig) requires_lock(proc_lock)
{
	if (sig != 0)
		signal_send_locked(p, sig);
}

static unsigned send_group(int32_t pgid, int sig) requires_lock(proc_lock)
{
	struct proc_id *group = id_find(pgid);
	unsigned n = 0;
	struct proc *p;

	if (!group)
		return 0;
	list_foreach_entry(p, &group->members, group_link) {
		send_or_ask(p, sig);
		n++;
	}
	return n;
}

static unsigned send_all(int sig) requires_lock(proc_lock)
{
	unsigned n = 0;
	struct proc *p;

	list_foreach_entry(p, &all_procs, all_link) {
		if (p == init_proc || p == current_proc())
			continue;
		send_or_ask(p, sig);
		n++;
	}
	return n;
}

static unsigned send_one(int32_t pid, int sig) requires_lock(proc_lock)
{
	struct proc_id *id = id_find(pid);

	if (!id || !id->proc)
		return 0;
	send_or_ask(id->proc, sig);
	return 1;
}

unsigned signal_group(int32_t pgid, int sig)
{
	unsigned n;

	KASSERT(sig == 0 || signal_valid(sig));
	spin_lock(&proc_lock);
	n = send_group(pgid, sig);
	spin_unlock(&proc_lock);
	return n;
}

enum status signal_kill(int32_t pid, int sig)
{
	unsigned n;

	if (sig != 0 && !signal_valid(sig))
		return E_INVAL;
	if (pid == INT32_MIN)
		return E_SRCH;
	spin_lock(&proc_lock);
	if (pid > 0)
		n = send_one(pid, sig);
	else if (pid == -1)
		n = send_all(sig);
	else
		n = send_group(pid == 0 ? current_proc()->pgid : -pid, sig);
	spin_unlock(&proc_lock);
	return n > 0 ? OK : E_SRCH;
}

void signal_force(int sig)
{
	struct proc *p = current_proc();

	spin_lock(&proc_lock);
	sigset_remove(p->sig_blocked, sig);
	sigset_add(p->sig_pending, sig);
	update_attention(p);
	spin_unlock(&proc_lock);
}

void signal_forget(int sig)
{
	struct proc *p = current_proc();

	spin_lock(&proc_lock);
	sigset_remove(p->sig_pending, sig);
	update_attention(p);
	spin_unlock(&proc_lock);
}

bool signal_pending(void)
{
	return (attention_get(&current_thread()->arch) & ATTENTION_SIGNAL) != 0;
}

static void act_on_signal(struct proc *p)
{
	int sig;

	spin_lock(&proc_lock);
	sig = sigset_deliverable(p->sig_pending, p->sig_blocked);
	spin_unlock(&proc_lock);
	KASSERT(sig != 0);
	proc_exit(sig);
}

void signal_return_to_user(struct trapframe *tf)
{
	struct thread *self = current_thread();
	uint32_t bits = attention_get(&self->arch);

	(void)tf;
	if (bits & ATTENTION_SIGNAL)
		act_on_signal(self->proc);
	if (bits & ATTENTION_RESCHEDULE)
		sched_yield();
}

/* ---- what programs set ---- */

static bool can_be_ignored(int sig)
{
	return sig != SIGKILL && sig != SIGSTOP;
}

enum status signal_action(int sig, const struct abi_sigaction *new, struct abi_sigaction *old)
{
	struct proc *p = current_proc();

	if (!signal_valid(sig))
		return E_INVAL;
	if (new && (!can_be_ignored(sig) || (new->handler != ABI_SIG_DFL &&new->handler != ABI_SIG_IGN)))
		return E_INVAL;
	spin_lock(&proc_lock);
	if (old)
		*old = (struct abi_sigaction){.handler = sigset_has(p->sig_ignored, sig) ? ABI_SIG_IGN : ABI_SIG_DFL};
	if (new &&new->handler == ABI_SIG_IGN) {
		sigset_add(p->sig_ignored, sig);
		sigset_remove(p->sig_pending, sig);
		update_attention(p);
	} else if (new) {
		sigset_remove(p->sig_ignored, sig);
	}
	spin_unlock(&proc_lock);
	return OK;
}

enum status signal_mask(int how, const uint32_t *new, uint32_t *old)
{
	struct proc *p = current_proc();
	enum status st = OK;

	spin_lock(&proc_lock);
	for (unsigned w = 0; old && w < SIGSET_WORDS; w++)
		old[w] = p->sig_blocked[w];
	if (new) {
		st = sigset_change(p->sig_blocked, how, new) ? OK : E_INVAL;
		update_attention(p);
	}
	spin_unlock(&proc_lock);
	return st;
}

/* ---- traps of programs ---- */

static int signal_of_trap(enum trap_kind kind)
{
	switch (kind) {
	case TRAP_DIVIDE:
	case TRAP_FLOAT: return SIGFPE;
	case TRAP_DEBUG:
	case TRAP_BREAKPOINT: return SIGTRAP;
	case TRAP_ILLEGAL: return SIGILL;
	case TRAP_STACK:
	case TRAP_ALIGNMENT: return SIGBUS;
	case TRAP_OVERFLOW:
	case TRAP_BOUND:
	case TRAP_PROTECTION:
	case TRAP_OTHER: return SIGSEGV;
	}
	UNREACHABLE();
}

void signal_report_fault(const struct trapframe *tf, vaddr_t addr)
{
	const struct proc *p = current_proc();

	printk(LOG_ERROR, "pid %d %s: trap %u err %u on cpu %u eip 0x%x addr 0x%x--kill proc", (int)p->pid, p->name,
	       (unsigned)trapframe_vector(tf), (unsigned)trapframe_error(tf), cpu_id(), (unsigned)trapframe_ip(tf),
	       (unsigned)addr);
}

void signal_report_no_memory(vaddr_t addr)
{
	const struct proc *p = current_proc();

	printk(LOG_ERROR, "pid %d %s: out of memory, addr 0x%x--kill proc", (int)p->pid, p->name, (unsigned)addr);
}

void signal_user_trap(struct trapframe *tf, enum trap_kind kind)
{
	signal_report_fault(tf, 0);
	signal_force(signal_of_trap(kind));
}

void signal_fpu_first_use(struct trapframe *tf)
{
	if (thread_attach_fpu(current_thread()) == OK)
		return;
	signal_report_no_memory(trapframe_ip(tf));
	signal_force(SIGKILL);
}
