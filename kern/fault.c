/* The half of a page fault that may wait (docs/page-fault.md).  It locks the address space, asks mm, fetches a page
   that mm wants with nothing locked, and asks again.  What cannot be served becomes a signal for user code, and the
   end of the copy for the kernel's own accesses: a system call never ends its process. */
#include <kern/inject.h>
#include <kern/oom.h>
#include <kern/proc.h>
#include <kern/reclaim.h>
#include <kern/signal.h>
#include <kern/uspace.h>

#include "proc_priv.h"

#include <arch/time.h>
#include <arch/trapframe.h>
#include <mm/commit.h>
#include <mm/frame.h>
#include <mm/object.h>

/* Up to this share of memory a process may draw on the reserve. */
#define SMALL_PROCESS_SHARE 64u
/* How long a small process waits for the memory of a larger one that ends. */
#define WAIT_NS 10000000u
#define WAITS_MAX 500u
/* A fault that was helped so often, and found no memory each time, is one of too many. What came back may have been no
   more than it had taken itself, in vain: the page of a slab, when there was no second one for what it was to hold. */
#define RECLAIMS_MAX 32u

/* What one fault has tried so far. */
struct tries {
	unsigned reclaims, waits;
};

/* Init, small processes and dying ones may use the last frames. */
static bool may_use_reserve(const struct proc *p, const struct aspace *as)
{
	return p->pid == INIT_PID || p->state == PROC_EXITING ||
	       as->count.resident + (p->lent_bytes + p->uspace->shmem_bytes) / PAGE_SIZE <
	               frame_count_total() / SMALL_PROCESS_SHARE;
}

/* Fetch the page that S asks for; afterwards S offers it.  Nothing is locked. */
static enum status fetch_page(struct fault_supply *s)
{
	struct thread *t = current_thread();
	enum status st;

	if (s->object)
		s->object->ops->put(s->object);
	s->object = s->need_object;
	t->use_reserve = s->use_reserve;
	st = s->object->ops->get_page(s->object, s->need_index, s->need_write, &s->page);
	t->use_reserve = false;
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

static bool reclaim_helps(struct tries *t)
{
	return t->reclaims++ < RECLAIMS_MAX && memory_reclaim();
}

/* => whether to try again; false: a signal came. */
static bool wait_for_others(struct tries *t)
{
	t->reclaims = 0;
	return sleep_until(arch_time_ns() + WAIT_NS, WAIT_INTERRUPTIBLE) == E_TIMEDOUT;
}

/* Under the strict rule there is memory for what was promised; somebody else has it for a moment, at the most. */
static bool promise_is_kept(struct fault_supply *s, struct tries *t)
{
	if (s->use_reserve)
		return wait_for_others(t);
	s->use_reserve = true;
	return true;
}

/* Somebody else ends, or is to end, so that there is memory.  Init waits for it as long as it takes: its own end would
   be the machine's. */
static bool another_ends(struct tries *t)
{
	bool is_init = current_proc()->pid == INIT_PID;

	if (++t->waits > WAITS_MAX && !is_init)
		return false;
	return oom_end_another() || is_init;
}

/* A fault found no memory. => whether to try again: something could be given back, it may draw on the reserve, or
   another process ends for it. */
static bool memory_may_come(const struct fault_info *f, struct fault_supply *s, const struct aspace *as,
                            struct tries *t)
{
	if (signal_pending() || inject_has_failed())
		return false;
	if (reclaim_helps(t))
		return true;
	if (commit_is_strict())
		return promise_is_kept(s, t);
	if (s->no_reserve || !may_use_reserve(current_proc(), as))
		return false;
	if (!s->use_reserve) {
		s->use_reserve = true;
		return true;
	}
	return f->user && another_ends(t) && wait_for_others(t);
}

static always_inline enum fault_outcome fault_try(struct uspace *us, const struct fault_info *f, struct fault_supply *s)
{
	enum fault_outcome outcome;

	uspace_lock(us);
	outcome = aspace_fault(&us->as, f, s);
	uspace_unlock(us);
	return outcome;
}

/* The first try gave OUTCOME. */
static no_inline enum fault_outcome fault_resolve_slowly(struct uspace *us, const struct fault_info *f,
                                                         struct fault_supply *s, enum fault_outcome outcome)
{
	struct tries tries = {0, 0};

	while (outcome == FAULT_NEED_PAGE || outcome == FAULT_NOMEM) {
		if (outcome == FAULT_NEED_PAGE)
			outcome = outcome_of_fetch(fetch_page(s));
		if (outcome == FAULT_BUS || (outcome == FAULT_NOMEM && !memory_may_come(f, s, &us->as, &tries)))
			break;
		outcome = fault_try(us, f, s);
	}
	if (s->object != NULL)
		s->object->ops->put(s->object);
	return outcome;
}

/* Most faults need neither the disk nor patience. */
static always_inline enum fault_outcome fault_resolve(struct uspace *us, const struct fault_info *f,
                                                      struct fault_supply *s)
{
	enum fault_outcome outcome = fault_try(us, f, s);

	return likely(outcome == FAULT_DONE) ? outcome : fault_resolve_slowly(us, f, s, outcome);
}

enum status fault_in_modestly(struct uspace *us, vaddr_t va)
{
	const struct fault_info f = {.va = va, .write = true};
	struct fault_supply s = {.no_reserve = true, .user_sp = USER_TOP}; /* no stack grows */

	switch (fault_resolve(us, &f, &s)) {
	case FAULT_NOMEM: return E_NOMEM;
	case FAULT_BUS: return E_IO;
	case FAULT_DONE:
	case FAULT_SEGV:
	case FAULT_NEED_PAGE: break;
	}
	return OK;
}

/* The process itself touched what it may not. */
static void fault_signal(const struct trapframe *tf, vaddr_t va, enum fault_outcome outcome)
{
	if (outcome == FAULT_NOMEM) {
		/* Who is ended already does not end a second time; another signal is served first. */
		if (signal_pending())
			return;
		oom_note_kill();
		signal_report_no_memory(va);
		signal_force(SIGKILL);
		return;
	}
	signal_report_fault(tf, va);
	signal_force(outcome == FAULT_BUS ? SIGBUS : SIGSEGV);
}

bool fault_hook(struct trapframe *tf, const struct fault_info *f)
{
	struct thread *t = current_thread();
	enum fault_outcome outcome = FAULT_SEGV;
	struct fault_supply s; /* the rest is mm's to fill in */

	s.object = NULL;
	s.have_page = false;
	s.use_reserve = false;
	s.no_reserve = false;
	s.not_promised = false;
	if (likely(t->uspace && t->nofault == 0)) {
		s.user_sp = trapframe_sp(f->user ? tf : arch_user_frame(&t->arch));
		outcome = fault_resolve(t->uspace, f, &s);
	}
	if (f->user)
		thread_assert_leaves_kernel();
	if (likely(outcome == FAULT_DONE))
		return true;
	t->fault_status = outcome == FAULT_NOMEM || (outcome == FAULT_SEGV && s.not_promised) ? E_NOMEM : E_FAULT;
	if (outcome == FAULT_NOMEM)
		oom_note_fault();
	if (f->user)
		fault_signal(tf, f->va, outcome);
	return false;
}
