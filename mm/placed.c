/* A place for programs that map and unmap in turn: malloc with a large block, a window that wanders over a file of
   zeros.  When the region that the last search for a place made is unmapped as a whole, its node stays, empty, at its
   upper end, and the next mapping of its kind that a search would put there takes it: no node is allocated, the tree
   does not change, no gap is searched; what the tree knows of gaps is brought up to date when somebody asks
   (mm/vma.c).

   A search answers the highest gap that is large enough.  As long as no other region changes, no gap above has become
   so large, and the neighbours are still not alike; so whoever changes regions otherwise forgets the place first, and
   with it an empty node.  Others meet an empty region only when they look: it holds no address and counts for nothing.
   Several such places, or a stock of nodes with the gaps beside them, were not taken: they would have to be looked at
   by every change of a region. */
#include <mm/aspace.h>

#include "aspace_priv.h"
#include "pagetable_priv.h"

#include <lib/assert.h>

static bool is_empty(const struct vma *v)
{
	return v->start == v->end;
}

void placed_note(struct aspace *as, struct vma *v)
{
	as->placed = v;
	as->placed_size = v->end - v->start;
}

static no_inline void forget(struct aspace *as)
{
	struct vma *v = as->placed;

	as->placed = NULL;
	if (!is_empty(v))
		return;
	vma_remove(&as->vmas, v);
	as->generation++;
	region_free(v);
}

void placed_forget(struct aspace *as)
{
	if (as->placed)
		forget(as);
}

bool placed_is(const struct aspace *as, vaddr_t start, vaddr_t end)
{
	return as->placed && as->placed->start == start && as->placed->end == end;
}

/* V begins at START from now on; it counts for PAGES and for COMMITTED more. */
static void move_start(struct aspace *as, struct vma *v, vaddr_t start, uint32_t pages, uint32_t committed)
{
	as->count.promised += pages;
	as->count.committed += committed;
	as->generation++;
	vma_move_start(&as->vmas, v, start);
}

enum status placed_vacate(struct aspace *as)
{
	struct vma *v = as->placed;

	if (pagetable_has_table(as, v->start, v->end)) {
		if (pagetable_prepare_unmap(as, v->start, v->end) != OK)
			return E_NOMEM;
		pagetable_unmap(as, v->start, v->end);
	}
	move_start(as, v, v->end, 0u - ((v->end - v->start) >> PAGE_SHIFT), 0u - region_commitment(v));
	commit_end(as);
	return OK;
}

/* Is V, which is empty, but for its place and size the region that R asks for? */
static bool suits(const struct vma *v, const struct map_request *r)
{
	return r->addr == 0 && !r->fixed && !r->object && v->kind == r->kind && v->prot == r->prot &&
	       v->flags == region_flags(r->prot, r->flags);
}

/* Are there more than SIZE bytes free below V?  Then it touches no region there that might be alike. */
static bool has_room(const struct aspace *as, const struct vma *v, uint32_t size)
{
	const struct vma *below = vma_prev(&as->vmas, v);
	vaddr_t low = below && below->end > MAP_LOWEST ? below->end : MAP_LOWEST;

	return v->start > low && v->start - low > size;
}

bool placed_map_again(struct aspace *as, const struct map_request *r)
{
	struct vma *v = as->placed;
	uint32_t size = page_ceil(r->len), more;

	if (!v || !is_empty(v) || !suits(v, r) || size < as->placed_size || !has_room(as, v, size))
		return false;
	more = commitment_of_range(v->end - size, v->end, v->flags & VMA_COMMITTED);
	if (!commit_begin(as, more))
		return false;
	move_start(as, v, v->end - size, size >> PAGE_SHIFT, more); /* just what was taken: nothing to give back */
	return true;
}
