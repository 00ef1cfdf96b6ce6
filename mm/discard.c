/* Giving back pages but not addresses (madvise): regions stay, entries go, and what is touched next is as new. */
#include <mm/aspace.h>

#include "pagetable_priv.h"

enum status aspace_discard(struct aspace *as, vaddr_t start, uint32_t len)
{
	enum status mapped = aspace_mapped(as, start, len);
	vaddr_t end;

	if (mapped == E_INVAL || len == 0 || start >= USER_TOP)
		return mapped;
	end = len > USER_TOP - start ? USER_TOP : page_ceil(start + len);
	/* Where no region is, no page is either. */
	if (pagetable_prepare_unmap(as, start, end) != OK)
		return E_AGAIN;
	pagetable_unmap(as, start, end);
	return mapped;
}
