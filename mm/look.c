/* Looking at address spaces (mm/look.h).  The lock of the space keeps its tables and the frames they show in place; a
   table that is shared with others may be copied by them meanwhile, but not changed. */
#include <mm/look.h>

#include <arch/mmu.h>
#include <lib/string.h>
#include <mm/hooks.h>

#include "pagetable_priv.h"

void aspace_look(const struct aspace *as, vaddr_t va, struct page_look *out)
{
	struct pagetable_place place = pagetable_find(as, va);
	pte_t e = pagetable_read(&place);
	const struct frame *f;

	*out = (struct page_look){.present = !pte_is_none(e)};
	if (!out->present)
		return;
	f = frame_of(pte_frame(e));
	out->pfn = pte_frame(e) >> PAGE_SHIFT;
	out->writable = place.owned && pte_writable(e);
	out->zero = pte_frame(e) == frame_zero_page();
	out->cached = f->kind == FRAME_CACHE;
	out->exclusive = f->kind == FRAME_ANON && frame_refs(place.table) == 1 && frame_refs(f) == 1;
}

static void tally_page(const struct page_look *page, struct page_tally *t)
{
	if (!page->present || page->zero)
		return;
	t->present++;
	t->cached += page->cached;
	t->exclusive += page->exclusive;
}

void aspace_tally(const struct aspace *as, vaddr_t start, vaddr_t end, struct page_tally *t)
{
	while (start < end) {
		vaddr_t next = (start / PT_SPAN + 1) * PT_SPAN;
		struct page_look page;

		if (next > end)
			next = end;
		if (pagetable_find(as, start).slot)
			for (; start < next; start += PAGE_SIZE) {
				aspace_look(as, start, &page);
				tally_page(&page, t);
			}
		start = next;
		mm_pause_point();
	}
}

uint32_t aspace_peek(const struct aspace *as, vaddr_t va, void *to, uint32_t n)
{
	uint32_t done = 0;

	while (done < n) {
		uint32_t in = (va + done) & PAGE_MASK, len = n - done < PAGE_SIZE - in ? n - done : PAGE_SIZE - in;
		struct page_look page;

		aspace_look(as, va + done, &page);
		if (!page.present)
			break;
		memcpy((char *)to + done, (const char *)arch_window(page.pfn << PAGE_SHIFT) + in, len);
		done += len;
	}
	return done;
}
