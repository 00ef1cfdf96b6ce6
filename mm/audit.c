/* Does an address space agree with itself?  Everything is walked, no counter is trusted; so what is found here may be
   any nonsense, and every number is looked at before it is used. */
#include <mm/audit.h>

#include <arch/mmu.h>
#include <lib/fmt.h>
#include <mm/aspace.h>
#include <mm/frame.h>

#include "aspace_priv.h"
#include "audit_priv.h"

void audit_say(struct audit *r, const char *fmt, ...)
{
	__builtin_va_list ap;

	if (!audit_is_clean(r))
		return;
	__builtin_va_start(ap, fmt);
	(void)fmt_vsnprintf(r->text, sizeof r->text, fmt, ap);
	__builtin_va_end(ap);
}

/* One space on its way. */
struct space_audit {
	struct aspace *as;
	bool settled;
	struct audit *r;
	const struct vma *region; /* the first that ends above the page looked at */
	struct aspace_counters found;
	uint32_t live; /* of this table */
};

/* ---- regions ---- */

static void audit_region(const struct aspace *as, const struct vma *v, struct audit *r)
{
	bool plain = v->kind == VMA_STACK || v->kind == VMA_HEAP;
	bool empty = v->start == v->end;

	if (v->as != as || v->end > USER_TOP || v->kind > VMA_HEAP)
		audit_say(r, "the region %08x-%08x of kind %u is none of this space", (unsigned)v->start,
		          (unsigned)v->end, v->kind);
	if (v->object ? plain || list_is_empty(&v->object_link) : (v->flags & VMA_ZERO_TAIL) || v->kind == VMA_FILE)
		audit_say(r, "the region %08x-%08x of kind %u and its object do not fit", (unsigned)v->start,
		          (unsigned)v->end, v->kind);
	/* (It may end above the break: mremap.) */
	if (v->kind == VMA_HEAP && v->start < page_ceil(as->heap_start))
		audit_say(r, "the heap's region %08x-%08x begins below %08x", (unsigned)v->start, (unsigned)v->end,
		          (unsigned)as->heap_start);
	if (empty ? v != as->empty_heap && v != as->placed : v == as->empty_heap)
		audit_say(r, "the region %08x-%08x is%s empty, noted otherwise", (unsigned)v->start, (unsigned)v->end,
		          empty ? "" : " not");
	if ((v->prot & VMA_WRITE) && !(v->flags & (VMA_SHARED | VMA_COMMITTED)))
		audit_say(r, "the region %08x-%08x may be written and is not committed", (unsigned)v->start,
		          (unsigned)v->end);
}

/* Is V what a search for its size would make again? */
static void audit_placed(struct aspace *as, const struct vma *v, struct audit *r)
{
	if (v->kind != VMA_ANON || v->object || v->end > as->map_ceiling ||
	    vma_find_gap(&as->vmas, as->placed_size, v->end, as->map_ceiling))
		audit_say(r, "the region %08x-%08x is noted as placed, and the search would not place it there",
		          (unsigned)v->start, (unsigned)v->end);
}

static void audit_regions(struct space_audit *s)
{
	struct aspace *as = s->as;
	bool has_empty_heap = false, has_placed = false;

	if (!vma_set_valid(&as->vmas)) {
		audit_say(s->r, "the regions are not in order");
		return;
	}
	for (const struct vma *v = vma_first(&as->vmas); v; v = vma_next(&as->vmas, v)) {
		audit_region(as, v, s->r);
		s->found.promised += (v->end - v->start) >> PAGE_SHIFT;
		s->found.committed += region_commitment(v);
		has_empty_heap |= v == as->empty_heap;
		has_placed |= v == as->placed;
	}
	if (as->empty_heap && !has_empty_heap)
		audit_say(s->r, "the empty heap is no region");
	if (as->placed && !has_placed)
		audit_say(s->r, "the region that is noted as placed is none");
	else if (as->placed)
		audit_placed(as, as->placed, s->r);
	if (as->heap_break < as->heap_start)
		audit_say(s->r, "the break %08x lies below the heap", (unsigned)as->heap_break);
}

/* ---- pages ---- */

/* The region of VA; pages are asked for in rising order.  NULL: there is none. */
static const struct vma *region_at(struct space_audit *s, vaddr_t va)
{
	while (s->region && s->region->end <= va)
		s->region = vma_next(&s->as->vmas, s->region);
	return s->region && s->region->start <= va ? s->region : NULL;
}

/* What the region V says of the page at VA, which E shows. */
static void audit_in_region(const struct vma *v, vaddr_t va, pte_t e, struct audit *r)
{
	const struct frame *f = frame_of(pte_frame(e));
	bool cached = f->kind == FRAME_CACHE, shared = f->kind == FRAME_SHARED;

	if (!v)
		audit_say(r, "the page at %08x lies in no region", (unsigned)va);
	else if (pte_hidden(e) != (v->prot == 0))
		audit_say(r, "the page at %08x is %s, its region has the rights %u", (unsigned)va,
		          pte_hidden(e) ? "hidden" : "shown", v->prot);
	else if (pte_writable(e) && !(v->prot & VMA_WRITE))
		audit_say(r, "the page at %08x is writable, its region is not", (unsigned)va);
	else if (cached && !v->object)
		audit_say(r, "the page at %08x is cached, its region has no object", (unsigned)va);
	else if (cached && pte_writable(e) && !(v->flags & VMA_SHARED))
		audit_say(r, "the cached page at %08x is writable in a private region", (unsigned)va);
	else if (cached && pte_writable(e) && !f->dirty && f->owner)
		audit_say(r, "the cached page at %08x is writable and not dirty", (unsigned)va);
	else if (shared && !(v->object && (v->flags & VMA_SHARED)))
		audit_say(r, "the page at %08x is shared memory, its region is not", (unsigned)va);
}

/* What the frame says of the page at VA, which E shows. */
static void audit_frame(struct space_audit *s, vaddr_t va, pte_t e)
{
	const struct frame *f = frame_of(pte_frame(e));

	s->live++;
	if (f->kind != FRAME_ANON && f->kind != FRAME_CACHE && f->kind != FRAME_SHARED)
		audit_say(s->r, "the page at %08x is frame %u of kind %s", (unsigned)va, pfn_of(e),
		          frame_kind_name(f->kind));
	else if (pte_writable(e) && f->kind == FRAME_ANON && frame_refs(f) != 1)
		audit_say(s->r, "the page at %08x is writable, frame %u has %u references", (unsigned)va, pfn_of(e),
		          frame_refs(f));
}

static void audit_page(struct space_audit *s, vaddr_t va, pte_t e)
{
	if (pfn_of(e) >= frame_limit()) {
		audit_say(s->r, "the page at %08x is no frame (%u)", (unsigned)va, pfn_of(e));
		return;
	}
	if (pte_frame(e) != frame_zero_page())
		audit_frame(s, va, e);
	else if (pte_writable(e) || pte_hidden(e))
		audit_say(s->r, "the page of zeros is %s at %08x", pte_hidden(e) ? "hidden" : "writable", (unsigned)va);
	if (s->settled)
		audit_in_region(region_at(s, va), va, e, s->r);
}

/* ---- tables ---- */

static void audit_entries(struct space_audit *s, vaddr_t base, pte_t d)
{
	const pte_t *slots = arch_window(pte_frame(d));
	const struct frame *f = frame_of(pte_frame(d));

	s->live = 0;
	for (unsigned i = 0; i < PT_ENTRIES && audit_is_clean(s->r); i++) {
		pte_t e = pte_read(&slots[i]);

		if (pte_is_none(e))
			continue;
		if (i < f->bounds.low || i >= f->bounds.high)
			audit_say(s->r, "the page at %08x lies outside the bounds %u-%u of its table",
			          (unsigned)base + (i << PAGE_SHIFT), f->bounds.low, f->bounds.high);
		audit_page(s, base + (i << PAGE_SHIFT), e);
	}
	if (f->cut && pte_writable(d))
		audit_say(s->r, "the table of %08x has one owner, who does not know what it shows", (unsigned)base);
	if (f->cut ? s->live > f->live : s->live != f->live)
		audit_say(s->r, "the table of %08x shows %u pages, counted %u", (unsigned)base, s->live, f->live);
	s->found.resident += f->live;
	s->found.tables++;
}

static void audit_table(struct space_audit *s, unsigned i, pte_t d)
{
	vaddr_t base = (vaddr_t)i * PT_SPAN;

	if (!is_table(d))
		audit_say(s->r, "the directory leads to no table at %08x", (unsigned)base);
	else if (pte_writable(d) && frame_refs(frame_of(pte_frame(d))) != 1)
		audit_say(s->r, "the table of %08x is writable and has %u references", (unsigned)base,
		          frame_refs(frame_of(pte_frame(d))));
	else
		audit_entries(s, base, d);
}

static void audit_tables(struct space_audit *s)
{
	const pte_t *dir = arch_window(s->as->root);

	for (unsigned i = 0; i < PT_USER_DIR_ENTRIES && audit_is_clean(s->r); i++) {
		pte_t d = pte_read(&dir[i]);
		bool noted = s->as->tables[i / 32] >> i % 32 & 1;

		if (noted != pte_present(d))
			audit_say(s->r, "the table of %08x is%s there, noted otherwise", i * PT_SPAN,
			          noted ? " not" : "");
		if (pte_present(d))
			audit_table(s, i, d);
	}
}

static void compare(uint32_t found, uint32_t counted, const char *what, struct audit *r)
{
	if (found != counted)
		audit_say(r, "there are %u %s, counted %u", found, what, counted);
}

bool aspace_audit(struct aspace *as, bool settled, struct audit *r)
{
	struct space_audit s = {.as = as, .settled = settled, .r = r, .found = {.committed = 1 /* the directory */}};

	if (as->root == 0) /* not made yet, or ended */
		return audit_is_clean(r);
	if (settled) {
		audit_regions(&s);
		s.region = vma_first(&as->vmas);
	}
	audit_tables(&s);
	compare(s.found.tables, as->count.tables, "tables", r);
	if (settled) {
		compare(s.found.promised, as->count.promised, "promised pages", r);
		compare(s.found.resident, as->count.resident, "resident pages", r);
		compare(s.found.committed, as->count.committed, "committed pages", r);
		compare(as->count.committed, as->charged, "committed pages that were taken", r);
	}
	return audit_is_clean(r);
}
