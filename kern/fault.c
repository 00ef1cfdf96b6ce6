/* The half of a page fault that may wait (docs/page-fault.md).  It locks the address space, asks mm, fetches a page
   that mm wants with nothing locked, and asks again.  What cannot be served becomes a signal for user code, and the
   end of the copy for the kernel's own accesses: a system call never ends its process. */
#include <kern/oom.h>
#include <kern/proc.h>
#include <kern/signal.h>
#include <kern/uspace.h>

#include "proc_priv.h"

#include <arch/time.h>
#include <arch/trapframe.h>
#include <mm/frame.h>
#include <mm/object.h>

/* Up to this share of memory a process may draw on the reserve. */
#define SMALL_PROCESS_SHARE 64u
/* How long a small process waits for the memory of a larger one that ends. */
#define WAIT_NS 10000000u
#define WAITS_MAX 500u

/* Init, small processes and dying ones may use the last frames. */
static bool may_use_reserve(const struct proc *p, const struct aspace *as)
{
	return p->pid == INIT_PID || p->state == PROC_EXITING ||
	       as->count.resident < frame_count_total() / SMALL_PROCESS_SHARE;
}

/* Fetch the page that S asks for; afterwards S offers it.  Nothing is locked. */
static enum status fetch_page(struct fault_supply *s)
{
	enum status st;

	if (s->object)
		s->object->ops->put(s->object);
	s->object = s->need_object;
	s->index = s->need_index;
	st = s->object->ops->get_page(s->object, s->index, &s->page);
	s->have_page = st == OK;
	return st;
}

/* With the page in hand the fault is looked at again: it is as if the page were still needed. */
static enum fault_outcome outcome_of_fetch(enum status st)
{
	if (st == OK)
		return FAULT_NEED_PAGE;
	return st == E_NOMEM ? FAULT_NOMEM : FAULT_BUS;
}

/* A user's fault found no memory. => whether to try again: it may draw on the reserve, or another process ends for
   it. */
static bool memory_may_come(const struct fault_info *f, struct fault_supply *s, const struct aspace *as,
                            unsigned *waits)
{
	if (!may_use_reserve(current_proc(), as))
		return false;
	if (!s->use_reserve) {
		s->use_reserve = true;
		return true;
	}
	/* Init waits as long as it takes: its end would be the machine's. */
	if (!f->user || ((++*waits > WAITS_MAX || !oom_end_another()) && current_proc()->pid != INIT_PID))
		return false;
	return sleep_until(arch_time_ns() + WAIT_NS, WAIT_INTERRUPTIBLE) == E_TIMEDOUT;
}

static enum fault_outcome fault_resolve(struct uspace *us, const struct fault_info *f, struct fault_supply *s)
{
	enum fault_outcome outcome;
	unsigned waits = 0;

	do {
		uspace_lock(us);
		outcome = aspace_fault(&us->as, f, s);
		uspace_unlock(us);
		if (likely(outcome == FAULT_DONE))
			break;
		if (outcome == FAULT_NEED_PAGE)
			outcome = outcome_of_fetch(fetch_page(s));
	} while (outcome == FAULT_NEED_PAGE || (outcome == FAULT_NOMEM && memory_may_come(f, s, &us->as, &waits)));
	if (unlikely(s->object != NULL))
		s->object->ops->put(s->object);
	return outcome;
}

/* The process itself touched what it may not. */
static void fault_signal(const struct trapframe *tf, vaddr_t va, enum fault_outcome outcome)
{
	if (outcome == FAULT_NOMEM) {
		signal_report_fault(tf, va, "out of memory");
		signal_force(SIGKILL);
		return;
	}
	signal_report_fault(tf, va, NULL);
	signal_force(outcome == FAULT_BUS ? SIGBUS : SIGSEGV);
}

bool fault_hook(struct trapframe *tf, const struct fault_info *f)
{
	struct thread *t = current_thread();
	struct fault_supply s = {.object = NULL};
	enum fault_outcome outcome = FAULT_SEGV;

	if (likely(t->uspace && t->nofault == 0)) {
		s.user_sp = trapframe_sp(f->user ? tf : arch_user_frame(&t->arch));
		outcome = fault_resolve(t->uspace, f, &s);
	}
	if (likely(outcome == FAULT_DONE))
		return true;
	t->fault_status = outcome == FAULT_NOMEM ? E_NOMEM : E_FAULT;
	if (outcome == FAULT_NOMEM)
		oom_note_fault(f->user);
	if (f->user)
		fault_signal(tf, f->va, outcome);
	return false;
}
