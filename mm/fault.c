/* The half of a page fault that never waits: collect the facts, ask mm/fault_policy.c, get what the answer needs,
   commit. The commit cannot fail.  A page that must be read first is named to the caller, who waits for it with
   nothing locked and comes again; then everything is looked at afresh, and a page that is not needed any more is let
   go. */
#include <arch/cpu.h>
#include <arch/mmu.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/aspace.h>
#include <mm/fault_policy.h>
#include <mm/frame.h>
#include <mm/object.h>

#include "aspace_priv.h"
#include "pagetable_priv.h"

/* A touch so far below the stack pointer still grows the stack: what `enter` and a call with a large frame reach. */
#define STACK_SLACK 65536u
/* A read fault maps what costs nothing within such an aligned window: the page of zeros, pages that are cached. */
#define AROUND_PAGES 16u

/* Each written by its own CPU. */
static struct {
	uint32_t of[FAULT_COUNTS];
} aligned_to(64) counts[ARCH_MAX_CPUS];

uint32_t fault_count(unsigned action)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++)
		n += counts[i].of[action];
	return n;
}

/* One fault on its way. */
struct fault {
	struct aspace *as;
	const struct fault_info *info;
	struct fault_supply *supply;
	vaddr_t page;                 /* the page that was touched */
	struct vma *vma;              /* the region that holds it; to grow: the stack's */
	struct pagetable_place place; /* where its entry stands */
	pte_t pte;                    /* that entry */
};

/* ---- look ---- */

/* The stack's region, if it may grow down to PAGE. */
static struct vma *stack_above(struct aspace *as, vaddr_t page, vaddr_t user_sp)
{
	const struct vma *below;
	struct vma *v;

	placed_forget(as);
	v = vma_find_above(&as->vmas, page);
	if (!v || v->kind != VMA_STACK || page + STACK_SLACK < page_floor(user_sp) || USER_TOP - page > as->stack_limit)
		return NULL;
	below = vma_prev(&as->vmas, v);
	return !below || page - below->end >= STACK_GUARD_BYTES ? v : NULL;
}

static uint32_t object_index(const struct vma *v, vaddr_t page)
{
	return v->object_page + ((page - v->start) >> PAGE_SHIFT);
}

static void look_at_page(const struct fault *f, struct fault_view *w)
{
	paddr_t pa;

	w->page_present = pte_present(f->pte);
	if (!w->page_present)
		return;
	pa = pte_frame(f->pte);
	w->page_writable = pte_writable(f->pte);
	w->page_zero = pa == frame_zero_page();
	w->page_mine = w->table_owned && frame_of(pa)->kind == FRAME_ANON && frame_refs(frame_of(pa)) == 1;
}

static struct fault_view look(struct fault *f)
{
	struct fault_view w = {.mapped = false};

	f->vma = vma_find(&f->as->vmas, f->page);
	if (unlikely(!f->vma)) {
		f->vma = stack_above(f->as, f->page, f->supply->user_sp);
		w.can_grow = f->vma != NULL;
		return w;
	}
	w.mapped = true;
	w.prot = f->vma->prot;
	w.object = f->vma->object != NULL;
	w.shared = f->vma->flags & VMA_SHARED;
	w.tail = (f->vma->flags & VMA_ZERO_TAIL) && f->vma->file_end - f->page < PAGE_SIZE;
	f->place = pagetable_find(f->as, f->page);
	f->pte = pagetable_read(&f->place);
	w.table_present = f->place.slot != NULL;
	w.table_owned = f->place.owned;
	look_at_page(f, &w);
	return w;
}

/* ---- get, and commit ---- */

static enum status get_frame(const struct fault *f, paddr_t *pa)
{
	return f->supply->use_reserve ? frame_get_reserve(FRAME_ANON, pa) : frame_get(FRAME_ANON, pa);
}

/* There is a table of our own now, where there was none. */
static enum status make_table(struct fault *f)
{
	paddr_t table;
	enum status st = frame_get_zeroed(FRAME_TABLE, f->supply->use_reserve, &table);

	if (st != OK)
		return st;
	pagetable_add(f->as, f->page, table);
	f->place = pagetable_find(f->as, f->page);
	return OK;
}

/* The entry of the page gives way to E, and the page it showed loses a reference. */
static void replace(const struct fault *f, pte_t e)
{
	pte_t old = f->pte;

	pagetable_replace(f->as, &f->place, old, e);
	pagetable_shootdown(f->as, f->page, 1);
	if (pte_frame(old) != frame_zero_page())
		frame_put(pte_frame(old));
}

/* Put PA, a page of our own, where the fault was, writable if the region is.  The policy asks for this only where the
   table is owned or absent. */
static enum fault_outcome commit_own(struct fault *f, paddr_t pa)
{
	pte_t e = pte_user(pa, f->vma->prot & VMA_WRITE);

	if (pte_present(f->pte)) {
		replace(f, e);
		return FAULT_DONE;
	}
	if (unlikely(!f->place.slot) && make_table(f) != OK) {
		frame_put(pa);
		return FAULT_NOMEM;
	}
	pagetable_put(f->as, &f->place, e);
	return FAULT_DONE;
}

static enum fault_outcome do_zero_fill(struct fault *f)
{
	paddr_t pa;

	if (get_frame(f, &pa) != OK)
		return FAULT_NOMEM;
	arch_page_clear(arch_window(pa));
	return commit_own(f, pa);
}

static enum fault_outcome do_copy(struct fault *f)
{
	paddr_t pa;

	if (get_frame(f, &pa) != OK)
		return FAULT_NOMEM;
	arch_page_copy(arch_window(pa), arch_window(pte_frame(f->pte)));
	return commit_own(f, pa);
}

static enum fault_outcome do_take_over(const struct fault *f)
{
	pte_write(f->place.slot, pte_make_writable(f->pte));
	arch_tlb_flush_page(f->page);
	return FAULT_DONE;
}

/* The aligned window round the fault, cut to its region; it lies in one leaf table. */
static void window_around(const struct fault *f, vaddr_t *from, vaddr_t *to)
{
	*from = f->page & ~(AROUND_PAGES * PAGE_SIZE - 1);
	*to = *from + AROUND_PAGES * PAGE_SIZE;
	if (*from < f->vma->start)
		*from = f->vma->start;
	if (*to > f->vma->end)
		*to = f->vma->end;
}

static enum fault_outcome do_zero_page(struct fault *f)
{
	pte_t zero = pte_user(frame_zero_page(), false), *slot;
	vaddr_t from, to;

	if (!f->place.slot && make_table(f) != OK)
		return FAULT_NOMEM;
	window_around(f, &from, &to);
	slot = f->place.slot - ((f->page - from) >> PAGE_SHIFT);
	pagetable_widen(&f->place, pt_table_index(from));
	pagetable_widen(&f->place, pt_table_index(to - 1));
	for (; from < to; from += PAGE_SIZE, slot++)
		if (!pte_present(pte_read(slot)))
			pte_write(slot, zero);
	return FAULT_DONE;
}

static enum fault_outcome do_own_table(const struct fault *f)
{
	return pagetable_own(f->as, f->page, f->supply->use_reserve) == OK ? FAULT_DONE : FAULT_NOMEM;
}

static enum fault_outcome do_grow_stack(const struct fault *f)
{
	f->supply->not_promised = !commit_begin(f->as, commitment_of_range(f->page, f->vma->start, true));
	if (f->supply->not_promised)
		return FAULT_SEGV;
	aspace_resize_region(f->as, f->vma, f->page, f->vma->end);
	commit_end(f->as);
	return FAULT_DONE;
}

/* A reference to the object's page in *PA; WRITE: it is to be written there.  A page that was waited for is looked up
   like any other: meanwhile the object may have become shorter.
   => false: the caller must wait for it; the supply names it. */
static bool object_page(const struct fault *f, bool write, paddr_t *pa)
{
	struct fault_supply *s = f->supply;
	struct mem_object *o = f->vma->object;
	uint32_t index = object_index(f->vma, f->page);

	if (o->ops->find_page(o, index, write, pa) || (o->ops->make_page && o->ops->make_page(o, index, pa))) {
		if (unlikely(s->have_page)) {
			f->as->count.major++;
			counts[cpu_id()].of[FAULT_COUNT_MAJOR]++;
		}
		return true;
	}
	o->ops->get(o);
	f->as->count.faults--; /* it is counted when it comes again */
	s->need_object = o;
	s->need_index = index;
	s->need_write = write;
	return false;
}

/* Map what else of the object is in memory round the fault, read-only. */
static void map_around(const struct fault *f)
{
	struct mem_object *o = f->vma->object;
	vaddr_t from, to;
	paddr_t pa;

	window_around(f, &from, &to);
	if ((f->vma->flags & VMA_ZERO_TAIL) && to > page_floor(f->vma->file_end))
		to = page_floor(f->vma->file_end);
	for (vaddr_t va = from; va < to; va += PAGE_SIZE) {
		struct pagetable_place p = pagetable_find(f->as, va);

		if (!pte_present(pte_read(p.slot)) && o->ops->find_page(o, object_index(f->vma, va), false, &pa))
			pagetable_put(f->as, &p, pte_user(pa, false));
	}
}

static enum fault_outcome do_object_map(struct fault *f, bool writable)
{
	paddr_t pa;

	if (!object_page(f, writable, &pa))
		return FAULT_NEED_PAGE;
	if (pte_present(f->pte)) {
		replace(f, pte_user(pa, writable));
		return FAULT_DONE;
	}
	if (!f->place.slot && make_table(f) != OK) {
		frame_put(pa);
		return FAULT_NOMEM;
	}
	pagetable_put(f->as, &f->place, pte_user(pa, writable));
	if (!writable)
		map_around(f);
	return FAULT_DONE;
}

/* Zeros from the end of the file's part on. */
static void clear_tail(const struct vma *v, vaddr_t page, void *content)
{
	uint32_t used = v->file_end - page;

	memset((char *)content + used, 0, PAGE_SIZE - used);
}

static enum fault_outcome do_object_copy(struct fault *f, bool tail)
{
	paddr_t from, pa;

	if (!object_page(f, false, &from))
		return FAULT_NEED_PAGE;
	if (get_frame(f, &pa) != OK) {
		frame_put(from);
		return FAULT_NOMEM;
	}
	arch_page_copy(arch_window(pa), arch_window(from));
	frame_put(from);
	if (tail)
		clear_tail(f->vma, f->page, arch_window(pa));
	return commit_own(f, pa);
}

static enum fault_outcome act(struct fault *f, const struct fault_view *w, enum fault_action what)
{
	switch (what) {
	case FAULT_ZERO_FILL: return do_zero_fill(f);
	case FAULT_ZERO_PAGE: return do_zero_page(f);
	case FAULT_COPY: return do_copy(f);
	case FAULT_TAKE_OVER: return do_take_over(f);
	case FAULT_OWN_TABLE: return do_own_table(f);
	case FAULT_OBJECT_READ: return do_object_map(f, false);
	case FAULT_OBJECT_COPY: return do_object_copy(f, w->tail);
	case FAULT_OBJECT_WRITE: return do_object_map(f, true);
	case FAULT_GROW_STACK: return do_grow_stack(f);
	case FAULT_ALREADY_DONE: arch_tlb_flush_page(f->page); return FAULT_DONE;
	case FAULT_REFUSE: f->supply->not_promised = false; return FAULT_SEGV;
	case FAULT_ACTIONS: break;
	}
	UNREACHABLE();
}

enum fault_outcome aspace_fault(struct aspace *as, const struct fault_info *info, struct fault_supply *s)
{
	enum fault_outcome outcome;
	enum fault_action what;
	struct fault f; /* not cleared: each look fills in what the action that follows from it needs */

	f.as = as;
	f.info = info;
	f.supply = s;
	f.page = page_floor(info->va);
	if (unlikely(info->va >= USER_TOP)) {
		s->not_promised = false;
		return FAULT_SEGV;
	}
	as->count.faults++;
	do {
		struct fault_view w = look(&f);

		what = fault_decide(info, &w);
		outcome = act(&f, &w, what);
		if (outcome != FAULT_NEED_PAGE)
			counts[cpu_id()].of[what]++;
	} while (outcome == FAULT_DONE && (what == FAULT_OWN_TABLE || what == FAULT_GROW_STACK));
	if (unlikely(s->have_page)) {
		frame_unpin(s->page);
		s->have_page = false;
	}
	return outcome;
}
