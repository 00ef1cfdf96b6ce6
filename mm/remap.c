/* Ranges that change size or place (mremap).  A range grows where it is if the addresses above are free; else its
   entries, not its pages, go to another place.  Tables from which an entry leaves, and those to which one comes, are
   owned first, so a table that fork shares is copied and the other sharers see nothing of it.  Moving directory entries
   was not taken: places are chosen by the page, so the two are hardly ever aligned alike. */
#include <mm/aspace.h>
#include <mm/frame.h>
#include <mm/object.h>
#include <mm/hooks.h>

#include "aspace_priv.h"
#include "pagetable_priv.h"

#include <arch/mmu.h>
#include <lib/assert.h>

/* A move on its way; lengths in whole pages. */
struct move {
	struct aspace *as;
	vaddr_t from, to;
	uint32_t old_len, new_len;
	uint32_t common; /* the smaller of both: what really moves, all of one region */
	struct vma *node, *cut_from, *cut_to;
};

/* ---- entries ---- */

static bool is_page(pte_t e)
{
	return !pte_is_none(e) && pte_frame(e) != frame_zero_page();
}

/* Own the table of P, and those where its pages go. */
static enum status own_both(const struct move *m, const struct table_part *p)
{
	const pte_t *slots = arch_window(p->table);
	unsigned owned = PT_USER_DIR_ENTRIES; /* the last directory index of the new place that was seen to */

	for (unsigned i = p->first; i < p->last; i++) {
		vaddr_t to = p->base + (i << PAGE_SHIFT) - m->from + m->to;

		if (!is_page(pte_read(&slots[i])) || pt_dir_index(to) == owned)
			continue;
		if (pagetable_own(m->as, to, false) != OK)
			return E_NOMEM;
		owned = pt_dir_index(to);
	}
	return owned == PT_USER_DIR_ENTRIES ? OK : pagetable_own(m->as, p->base, false);
}

/* => E_NOMEM: what is mapped is unchanged. */
static enum status prepare_tables(const struct move *m)
{
	struct aspace *as = m->as;

	if (pagetable_prepare_unmap(as, m->from, m->from + m->old_len) != OK ||
	    pagetable_prepare_unmap(as, m->to, m->to + m->new_len) != OK)
		return E_NOMEM;
	FOREACH_TABLE(i, as, m->from, m->from + m->common) {
		struct table_part p = pagetable_part(as, i, m->from, m->from + m->common);

		if (own_both(m, &p) != OK) {
			pagetable_prune(as, m->to, m->to + m->new_len);
			return E_NOMEM;
		}
		mm_pause_point();
	}
	return OK;
}

/* The pages of P go to the new place; the page of zeros does not, for it comes by itself. */
static void part_move(const struct move *m, const struct table_part *p)
{
	pte_t *slots = arch_window(p->table);
	uint32_t moved = 0;

	for (unsigned i = p->first; i < p->last; i++) {
		pte_t e = pte_read(&slots[i]);

		if (!is_page(e))
			continue;
		struct pagetable_place to = pagetable_find(m->as, p->base + (i << PAGE_SHIFT) - m->from + m->to);

		DEBUG_ASSERT(p->owned && to.owned && pte_is_none(pagetable_read(&to)));
		e = pte_exchange(&slots[i], pte_none());
		pagetable_put(m->as, &to, e);
		moved++;
	}
	p->f->live = (uint16_t)(p->f->live - moved);
	m->as->count.resident -= moved;
}

static void move_tables(const struct move *m)
{
	pagetable_empty(m->as, m->to, m->to + m->new_len);
	FOREACH_TABLE(i, m->as, m->from, m->from + m->common) {
		struct table_part p = pagetable_part(m->as, i, m->from, m->from + m->common);

		part_move(m, &p);
		if (p.first < p.last)
			pagetable_shootdown(m->as, p.base + (p.first << PAGE_SHIFT), p.last - p.first);
		mm_pause_point();
	}
	/* What is left: what is cut off, pages of zeros, empty tables. */
	pagetable_unmap(m->as, m->from, m->from + m->old_len);
	pagetable_prune(m->as, m->to, m->to + m->new_len);
}

/* ---- regions ---- */

static void free_nodes(struct move *m)
{
	region_free(m->node);
	region_free(m->cut_from);
	region_free(m->cut_to);
}

static enum status get_nodes(struct move *m)
{
	bool both;

	m->node = region_alloc();
	m->cut_from = region_alloc();
	m->cut_to = region_alloc();
	both = m->cut_from && m->cut_to;
	if (m->node && both)
		return OK;
	free_nodes(m);
	return E_NOMEM;
}

/* Cut [START, END) out; *NODE is NULL afterwards if it was needed. */
static void cut(struct aspace *as, vaddr_t start, vaddr_t end, struct vma **node, struct aspace_dropped *d)
{
	bool used = region_split_by(as, start, end);

	regions_cut(as, start, end, *node, d);
	if (used)
		*node = NULL;
}

/* V's part from FROM on, as it will be at [TO, TO + LEN).  Heap and stack are that only in their own place. */
static void describe_moved(const struct vma *v, const struct move *m)
{
	struct vma *node = m->node;

	*node = (struct vma){.start = m->to,
	                     .end = m->to + m->new_len,
	                     .prot = v->prot,
	                     .flags = v->flags,
	                     .kind = v->kind == VMA_HEAP || v->kind == VMA_STACK ? VMA_ANON : v->kind,
	                     .object = v->object,
	                     .file_end = v->file_end ? v->file_end - m->from + m->to : 0,
	                     .as = m->as};
	if (!node->object)
		return;
	node->object_page = v->object_page + ((m->from - v->start) >> PAGE_SHIFT);
	node->object->ops->get(node->object);
}

static void move_regions(struct move *m, struct aspace_dropped *d)
{
	struct aspace *as = m->as;

	cut(as, m->to, m->to + m->new_len, &m->cut_to, d);
	describe_moved(vma_find(&as->vmas, m->from), m); /* looked up now: the cut may have split it */
	region_add(as, m->node);                         /* and the object never sees its last writer go */
	cut(as, m->from, m->from + m->old_len, &m->cut_from, d);
	m->node = NULL;
	regions_join(as, m->to, m->to + m->new_len, d);
}

static enum status move(struct aspace *as, const struct remap_request *r, vaddr_t to, struct aspace_dropped *d)
{
	struct move m = {.as = as, .from = r->addr, .to = to, .old_len = r->old_len, .new_len = r->new_len};
	enum status st = get_nodes(&m);

	if (st != OK)
		return st;
	m.common = m.old_len < m.new_len ? m.old_len : m.new_len;
	st = prepare_tables(&m);
	if (st == OK) {
		move_regions(&m, d);
		move_tables(&m);
	}
	free_nodes(&m);
	return st;
}

/* ---- the request ---- */

/* Lengths become whole pages. */
static enum status check_lengths(struct remap_request *r)
{
	if (!page_aligned(r->addr) || r->old_len == 0 || r->new_len == 0)
		return E_INVAL;
	if (r->new_len > USER_TOP)
		return r->fixed ? E_INVAL : E_NOMEM;
	if (r->addr >= USER_TOP || r->old_len > USER_TOP - r->addr)
		return E_FAULT;
	r->old_len = page_ceil(r->old_len);
	r->new_len = page_ceil(r->new_len);
	return OK;
}

static enum status check_target(const struct remap_request *r)
{
	vaddr_t end;

	if (!range_check(r->to, r->new_len, &end))
		return E_INVAL;
	return r->addr < end && r->to < r->addr + r->old_len ? E_INVAL : OK;
}

/* => E_FAULT: what stays of the range, and what is to move or grow, is not in the one region V. */
static enum status check_region(const struct remap_request *r, const struct vma *v)
{
	uint32_t common = r->old_len < r->new_len ? r->old_len : r->new_len;

	if (!v || ((r->fixed || r->new_len > r->old_len) && common > v->end - r->addr))
		return E_FAULT;
	if (v->object && v->object_page + ((r->addr - v->start + r->new_len) >> PAGE_SHIFT) < v->object_page)
		return E_INVAL;
	return r->fixed ? check_target(r) : OK;
}

static bool can_grow(const struct aspace *as, const struct remap_request *r, const struct vma *v)
{
	vaddr_t end = r->addr + r->old_len;

	return v->end == end && end <= as->map_ceiling && r->new_len - r->old_len <= as->map_ceiling - end &&
	       range_is_free(as, end, r->addr + r->new_len);
}

/* The place is not fixed and the range is to be larger. */
static enum status enlarge(struct aspace *as, const struct remap_request *r, struct vma *v, vaddr_t *out,
                           struct aspace_dropped *d)
{
	vaddr_t to = r->addr;
	enum status st = OK;

	if (can_grow(as, r, v)) {
		aspace_resize_region(as, v, v->start, r->addr + r->new_len);
		regions_join(as, r->addr, r->addr + r->new_len, d);
	} else {
		to = r->may_move ? vma_find_gap(&as->vmas, r->new_len, MAP_LOWEST, as->map_ceiling) : 0;
		st = to ? move(as, r, to, d) : E_NOMEM;
	}
	if (st == OK)
		*out = to;
	return st;
}

/* In pages, at most: where it will be is not known yet, so its tables may be one more than its length says. */
static uint32_t commitment_of_remap(const struct remap_request *r, const struct vma *v)
{
	uint32_t more = r->new_len > r->old_len ? r->new_len - r->old_len : 0;

	return TABLES_OF_CUTS + r->new_len / PT_SPAN + 2 + (v->flags & VMA_COMMITTED ? more >> PAGE_SHIFT : 0);
}

enum status aspace_remap(struct aspace *as, const struct remap_request *request, vaddr_t *out, struct aspace_dropped *d)
{
	struct remap_request r = *request;
	enum status st = check_lengths(&r);
	struct vma *v;

	if (st != OK)
		return st;
	v = vma_find(&as->vmas, r.addr);
	st = check_region(&r, v);
	if (st != OK)
		return st;
	*out = r.fixed ? r.to : r.addr;
	if (!r.fixed && r.new_len <= r.old_len)
		return r.new_len < r.old_len ? aspace_unmap(as, r.addr + r.new_len, r.old_len - r.new_len, d) : OK;
	if (!commit_begin(as, commitment_of_remap(&r, v)))
		return E_NOMEM;
	placed_forget(as);
	empty_heap_drop(as, 0, USER_TOP, d);
	st = r.fixed ? move(as, &r, r.to, d) : enlarge(as, &r, v, out, d);
	commit_end(as);
	return st;
}
