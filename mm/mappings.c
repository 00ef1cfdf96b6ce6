/* What an object does to the regions that map it: take the right to write, when its pages are about to be written back;
   take pages away, when it has become shorter.  Who calls has found the region by object_walk. */
#include <mm/aspace.h>
#include <mm/object.h>

#include "pagetable_priv.h"

/* Where V shows pages [FIRST, END) of its object. => whether it does. */
static bool shown_at(const struct vma *v, uint32_t first, uint32_t end, vaddr_t *from, vaddr_t *to)
{
	uint32_t pages = (v->end - v->start) >> PAGE_SHIFT;
	uint32_t low = first > v->object_page ? first - v->object_page : 0;
	uint32_t high = end > v->object_page ? end - v->object_page : 0;

	if (high > pages)
		high = pages;
	*from = v->start + (low << PAGE_SHIFT);
	*to = v->start + (high << PAGE_SHIFT);
	return low < high;
}

void aspace_protect_object(struct aspace *as, const struct vma *v, uint32_t first, uint32_t n)
{
	vaddr_t from, to;

	if ((v->flags & VMA_SHARED) && shown_at(v, first, first + n, &from, &to))
		pagetable_write_protect(as, from, to);
}

void aspace_cut_object(struct aspace *as, const struct vma *v, uint32_t first)
{
	vaddr_t from, to;

	if (shown_at(v, first, UINT32_MAX, &from, &to))
		pagetable_cut(as, from, to);
}
