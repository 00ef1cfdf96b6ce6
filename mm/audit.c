/* Does an address space agree with itself?  A slow second opinion for tests and debug builds: it walks everything and
   trusts no counter. */
#include <arch/mmu.h>
#include <mm/aspace.h>
#include <mm/frame.h>

#include "aspace_priv.h"
#include "pagetable_priv.h"

struct tally {
	uint32_t live, tables, pages, committed;
	unsigned low, high;
};

/* A page that is there must lie in a region, and be writable only where the region is and nobody else sees it. */
static const char *audit_entry(struct aspace *as, vaddr_t va, pte_t e, struct tally *t)
{
	const struct vma *v = vma_find_above(&as->vmas, va);
	const struct frame *f = frame_of(pte_frame(e));

	if (!v || va < v->start)
		return "a page is mapped outside all regions";
	if (pte_hidden(e) != (v->prot == 0))
		return v->prot ? "a page of an accessible region is hidden" : "a page is shown that nobody may see";
	if (pte_frame(e) == frame_zero_page())
		return pte_writable(e) || pte_hidden(e) ? "the page of zeros is writable or hidden" : NULL;
	t->live++;
	if (f->kind != FRAME_ANON && f->kind != FRAME_CACHE)
		return "a frame of the wrong kind is mapped";
	if (frame_refs(f) == 0)
		return "a free frame is mapped";
	if (f->kind == FRAME_CACHE && !v->object)
		return "a cached page in a region without object";
	return pte_writable(e) && !(v->prot & VMA_WRITE) ? "a page of a read-only region is writable" : NULL;
}

static const char *audit_table(struct aspace *as, unsigned dir_index, pte_t d, struct tally *all)
{
	const pte_t *slots = arch_window(pte_frame(d));
	const struct frame *f = frame_of(pte_frame(d));
	struct tally t = {.low = PT_ENTRIES, .high = 0};
	const char *wrong = NULL;

	if (f->kind != FRAME_TABLE || frame_refs(f) == 0)
		return "a directory entry leads to no table";
	if (pte_writable(d) && frame_refs(f) != 1)
		return "a shared table is writable";
	for (unsigned i = 0; i < PT_ENTRIES && !wrong; i++) {
		if (pte_is_none(slots[i]))
			continue;
		if (i < f->bounds.low || i >= f->bounds.high)
			return "an entry lies outside its table's bounds";
		wrong = audit_entry(as, dir_index * PT_SPAN + (i << PAGE_SHIFT), slots[i], &t);
	}
	if (!wrong && t.live != f->live)
		wrong = "a table's count of pages is wrong";
	all->live += t.live;
	all->tables++;
	return wrong;
}

const char *aspace_audit(struct aspace *as)
{
	const pte_t *dir = arch_window(as->root);
	struct tally all = {.committed = 1}; /* the directory */
	const char *wrong = NULL;

	if (!vma_set_valid(&as->vmas))
		return "the regions are not in order";
	for (unsigned i = 0; i < PT_USER_DIR_ENTRIES && !wrong; i++) {
		bool noted = as->tables[i / 32] >> i % 32 & 1;

		if (noted != pte_present(dir[i]))
			return "the bitmap of tables is wrong";
		if (noted)
			wrong = audit_table(as, i, dir[i], &all);
	}
	if (wrong)
		return wrong;
	for (const struct vma *v = vma_first(&as->vmas); v; v = vma_next(&as->vmas, v)) {
		all.pages += (v->end - v->start) >> PAGE_SHIFT;
		all.committed += region_commitment(v);
	}
	if (all.committed != as->count.committed || all.committed != as->charged)
		return "the count of committed pages is wrong";
	if (all.pages != as->count.promised)
		return "the count of promised pages is wrong";
	if (all.tables != as->count.tables)
		return "the count of tables is wrong";
	return all.live == as->count.resident ? NULL : "the count of resident pages is wrong";
}
