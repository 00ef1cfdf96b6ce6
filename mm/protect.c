/* Other rights for pages that exist (mprotect).  A right that is added costs nothing here: the next access faults and
   finds it.  One that is taken away goes from the entries at once.  Where nothing may be accessed, entries are hidden:
   they keep their pages, which come back as they were.  (Clearing the U bit was not taken: the kernel's own copies
   would pass.)  So entries are hidden exactly in regions without any right, and a fault never meets a hidden one that
   it might resolve. */
#include <mm/aspace.h>
#include <mm/frame.h>
#include <mm/hooks.h>

#include "aspace_priv.h"
#include "pagetable_priv.h"

#include <arch/mmu.h>
#include <lib/assert.h>

/* ---- entries ---- */

static bool entry_changes(pte_t e, uint8_t prot)
{
	if (prot == 0)
		return pte_present(e);
	return pte_hidden(e) || (pte_writable(e) && !(prot & VMA_WRITE));
}

/* E, which changes, as it is under PROT. */
static pte_t entry_changed(pte_t e, uint8_t prot)
{
	if (prot == 0)
		return pte_frame(e) == frame_zero_page() ? pte_none() : pte_hide(e);
	return pte_hidden(e) ? pte_show(e) : pte_write_protect(e);
}

static bool part_changes(const struct table_part *p, uint8_t prot)
{
	const pte_t *slots = arch_window(p->table);

	for (unsigned i = p->first; i < p->last; i++)
		if (entry_changes(pte_read(&slots[i]), prot))
			return true;
	return false;
}

/* Own the shared tables in which an entry changes. => E_NOMEM: what is mapped is unchanged. */
static enum status prepare_tables(struct aspace *as, vaddr_t start, vaddr_t end, uint8_t prot)
{
	FOREACH_TABLE(i, as, start, end) {
		struct table_part p = pagetable_part(as, i, start, end);

		if (!p.owned && part_changes(&p, prot) && pagetable_own(as, p.base, false) != OK)
			return E_NOMEM;
		mm_pause_point();
	}
	return OK;
}

/* => whether a processor may have cached what is no more. */
static bool part_protect(const struct table_part *p, uint8_t prot)
{
	pte_t *slots = arch_window(p->table);
	bool stale = false;

	for (unsigned i = p->first; i < p->last; i++) {
		if (!entry_changes(pte_read(&slots[i]), prot))
			continue;
		/* Taken out first: a processor may be setting A or D. */
		pte_t e = pte_exchange(&slots[i], pte_none());

		stale = stale || pte_present(e);
		pte_write(&slots[i], entry_changed(e, prot));
	}
	return stale;
}

static void protect_tables(struct aspace *as, vaddr_t start, vaddr_t end, uint8_t prot)
{
	FOREACH_TABLE(i, as, start, end) {
		struct table_part p = pagetable_part(as, i, start, end);

		if (p.owned && part_protect(&p, prot))
			pagetable_shootdown(as, p.base + (p.first << PAGE_SHIFT), p.last - p.first);
		DEBUG_ASSERT(p.owned || !part_changes(&p, prot));
		mm_pause_point();
	}
}

/* ---- regions ---- */

/* => whether [START, END) has no hole; NEVER_WRITE, if not NULL: whether one of its regions has that flag. */
static bool range_is_mapped(const struct aspace *as, vaddr_t start, vaddr_t end, bool *never_write)
{
	const struct vma *v = vma_find_above(&as->vmas, start);
	unsigned n = 0;

	for (; v && v->start <= start; v = vma_next(&as->vmas, v)) {
		if (never_write && (v->flags & VMA_NEVER_WRITE))
			*never_write = true;
		start = v->end;
		if (start >= end)
			return true;
		pause_after_regions(&n);
	}
	return false;
}

/* A page-aligned range that may be empty. */
static enum status find_end(vaddr_t start, uint32_t len, vaddr_t *end)
{
	if (!page_aligned(start))
		return E_INVAL;
	if (start > USER_TOP || len > USER_TOP - start)
		return E_NOMEM;
	*end = page_ceil(start + len);
	return OK;
}

enum status aspace_mapped(const struct aspace *as, vaddr_t start, uint32_t len)
{
	vaddr_t end;
	enum status st = find_end(start, len, &end);

	if (st != OK)
		return st;
	return start == end || range_is_mapped(as, start, end, NULL) ? OK : E_NOMEM;
}

/* The region that must be cut at AT because only its one side gets PROT, or NULL. */
static struct vma *region_to_split(struct aspace *as, vaddr_t at, uint8_t prot)
{
	struct vma *v = vma_find(&as->vmas, at);

	return v && v->start < at && v->prot != prot ? v : NULL;
}

/* Nodes for the cuts at both ends. */
struct split_nodes {
	struct vma *at_start, *at_end; /* NULL: no cut */
};

static void free_nodes(struct split_nodes *n)
{
	region_free(n->at_start);
	region_free(n->at_end);
}

static enum status get_nodes(struct aspace *as, vaddr_t start, vaddr_t end, uint8_t prot, struct split_nodes *n)
{
	bool cut_start = region_to_split(as, start, prot), cut_end = region_to_split(as, end, prot);

	*n = (struct split_nodes){.at_start = cut_start ? region_alloc() : NULL};
	if (cut_end && (!cut_start || n->at_start))
		n->at_end = region_alloc();
	if ((!cut_start || n->at_start) && (!cut_end || n->at_end))
		return OK;
	free_nodes(n);
	return E_NOMEM;
}

static void protect_regions(struct aspace *as, vaddr_t start, vaddr_t end, uint8_t prot,
                            const struct split_nodes *nodes, struct aspace_dropped *d)
{
	unsigned n = 0;

	if (nodes->at_start)
		region_split(as, vma_find(&as->vmas, start), start, nodes->at_start);
	if (nodes->at_end)
		region_split(as, vma_find(&as->vmas, end), end, nodes->at_end);
	/* A region that has the right protection already may stick out at both ends. */
	for (struct vma *v = vma_find(&as->vmas, start); v && v->start < end; v = vma_next(&as->vmas, v)) {
		if (v->prot != prot)
			region_set_prot(as, v, prot);
		pause_after_regions(&n);
	}
	regions_join(as, start, end, d);
}

/* What regions count for more, in pages, if all of [START, END), which has no hole, may be written. */
static uint32_t commitment_of_writing(const struct aspace *as, vaddr_t start, vaddr_t end)
{
	const struct vma *v = vma_find_above(&as->vmas, start);
	uint32_t pages = 0;
	unsigned n = 0;

	for (; v && v->start < end; v = vma_next(&as->vmas, v)) {
		vaddr_t from = v->start > start ? v->start : start, to = v->end < end ? v->end : end;

		if (!(v->flags & (VMA_COMMITTED | VMA_SHARED)))
			pages += (to - from) >> PAGE_SHIFT;
		pause_after_regions(&n);
	}
	return pages;
}

static enum status protect_check(const struct aspace *as, vaddr_t start, vaddr_t end, uint8_t prot)
{
	bool never_write = false;

	if (!range_is_mapped(as, start, end, &never_write))
		return E_NOMEM;
	return never_write && (prot & VMA_WRITE) ? E_ACCES : OK;
}

static enum status protect_range(struct aspace *as, vaddr_t start, vaddr_t end, uint8_t prot, struct aspace_dropped *d)
{
	struct split_nodes nodes;
	enum status st = get_nodes(as, start, end, prot, &nodes);

	if (st != OK)
		return st;
	st = prepare_tables(as, start, end, prot);
	if (st != OK) {
		free_nodes(&nodes);
		return st;
	}
	empty_heap_drop(as, start, end, d);
	protect_regions(as, start, end, prot, &nodes, d);
	protect_tables(as, start, end, prot);
	return OK;
}

enum status aspace_protect(struct aspace *as, vaddr_t start, uint32_t len, uint8_t prot, struct aspace_dropped *d)
{
	vaddr_t end;
	enum status st = find_end(start, len, &end);

	if (st != OK || start == end)
		return st;
	placed_forget(as);
	st = protect_check(as, start, end, prot);
	if (st != OK)
		return st;
	if (!commit_begin(as, TABLES_OF_CUTS + (prot & VMA_WRITE ? commitment_of_writing(as, start, end) : 0)))
		return E_NOMEM;
	st = protect_range(as, start, end, prot, d);
	commit_end(as);
	return st;
}
