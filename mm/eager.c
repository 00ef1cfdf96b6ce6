/* The heap without laziness (sbrk_eager): all pages at once, or nothing.  Every frame that is needed, for pages and for
   tables, is got and cleared before anything changes, so giving up means giving them back. */
#include <mm/aspace.h>
#include <mm/frame.h>
#include <mm/hooks.h>

#include "aspace_priv.h"
#include "pagetable_priv.h"

#include <lib/assert.h>

#define PAGES_AT_ONCE 32u   /* cleared or put in place between two pauses */
#define NOT_EAGER_SHARE 32u /* of all memory: for tables, the kernel, and what a program has yet to touch of its own */

/* Frames in hand, pinned, and chained by frame.next, which is theirs while they are no table. */
struct stash {
	pfn_t first;
};

static void stash_push(struct stash *s, paddr_t pa)
{
	frame_of(pa)->next = s->first;
	s->first = pa >> PAGE_SHIFT;
	frame_pin_keep();
}

static paddr_t stash_pop(struct stash *s)
{
	paddr_t pa = s->first << PAGE_SHIFT;

	KASSERT(s->first != PFN_NONE);
	s->first = frame_of(pa)->next;
	frame_pin_pass();
	return pa;
}

static void stash_free(struct stash *s)
{
	for (unsigned n = 0; s->first != PFN_NONE; n++) {
		frame_put(stash_pop(s));
		if (n % PAGES_AT_ONCE == PAGES_AT_ONCE - 1)
			mm_pause_point();
	}
}

static enum status stash_fill(struct stash *s, enum frame_kind kind, uint32_t n, bool (*give_up)(void))
{
	paddr_t pa;

	for (uint32_t i = 0; i < n; i++) {
		if (frame_get_zeroed(kind, false, &pa) != OK)
			return E_NOMEM;
		stash_push(s, pa);
		if (i % PAGES_AT_ONCE != PAGES_AT_ONCE - 1)
			continue;
		mm_pause_point();
		if (give_up())
			return E_INTR;
	}
	return OK;
}

/* Tables that are not there, or must be copied, before [START, END) can be filled. */
static uint32_t tables_needed(const struct aspace *as, vaddr_t start, vaddr_t end)
{
	uint32_t n = 0;

	for (unsigned i = pt_dir_index(start); i <= pt_dir_index(end - 1); i++)
		n += !pagetable_find(as, i * PT_SPAN).owned;
	return n;
}

/* Put PAGES into the entries of [START, END), all none; TABLES suffice. */
static void fill(struct aspace *as, vaddr_t start, vaddr_t end, struct stash *pages, struct stash *tables)
{
	for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
		struct pagetable_place p = pagetable_find(as, va);

		if (!p.owned) {
			paddr_t table = stash_pop(tables);

			if (!pagetable_own_with(as, va, table))
				stash_push(tables, table);
			p = pagetable_find(as, va);
		}
		pagetable_put(as, &p, pte_user(stash_pop(pages), true));
		if ((va >> PAGE_SHIFT) % PAGES_AT_ONCE == 0)
			mm_pause_point();
	}
}

/* What is counted against the limit is what programs have, not what is free at the moment: that hangs on caches, and on
   which pages of a text somebody looked at.  So a heap that asks for all there is gets the same twice. */
uint32_t aspace_eager_left(void)
{
	uint32_t most = frame_count_total() - frame_count_total() / NOT_EAGER_SHARE,
		 taken = frame_count_kind(FRAME_ANON);

	return taken < most ? most - taken : 0;
}

/* There is no hope of so many pages: nobody else need go without while they are being collected in vain. */
static bool memory_is_short(uint32_t pages)
{
	return pages > aspace_eager_left() || pages > frame_count_free() + frame_count_kind(FRAME_CACHE);
}

/* [START, END) is above the break, WANT the new one. */
static enum status grow(struct aspace *as, vaddr_t start, vaddr_t end, vaddr_t want, bool (*give_up)(void),
                        struct aspace_dropped *d) requires_lock(*as)
{
	struct stash pages = {PFN_NONE}, tables = {PFN_NONE};
	enum status st;

	if (!range_is_free(as, start, end) || memory_is_short((end - start) >> PAGE_SHIFT))
		return E_NOMEM;
	st = stash_fill(&tables, FRAME_TABLE, tables_needed(as, start, end), give_up);
	if (st == OK)
		st = stash_fill(&pages, FRAME_ANON, (end - start) >> PAGE_SHIFT, give_up);
	if (st == OK && aspace_brk(as, want, d) != want)
		st = E_NOMEM;
	if (st == OK)
		fill(as, start, end, &pages, &tables);
	stash_free(&pages);
	stash_free(&tables);
	return st;
}

static enum status shrink(struct aspace *as, uint32_t bytes, struct aspace_dropped *d) requires_lock(*as)
{
	vaddr_t want = as->heap_break - bytes;

	if (bytes > as->heap_break - as->heap_start)
		return E_INVAL;
	return aspace_brk(as, want, d) == want ? OK : E_NOMEM;
}

enum status aspace_sbrk_eager(struct aspace *as, int32_t bytes, bool (*give_up)(void), vaddr_t *old,
                              struct aspace_dropped *d)
{
	vaddr_t from = as->heap_break, want;
	enum status st;

	*old = from;
	if (bytes <= 0)
		return bytes == 0 ? OK : shrink(as, 0u - (uint32_t)bytes, d);
	if (from == 0 || from > as->map_ceiling || (uint32_t)bytes > as->map_ceiling - from)
		return E_NOMEM;
	want = from + (uint32_t)bytes;
	if (page_ceil(want) > page_ceil(from))
		st = grow(as, page_ceil(from), page_ceil(want), want, give_up, d);
	else
		st = aspace_brk(as, want, d) == want ? OK : E_NOMEM;
	return st;
}
