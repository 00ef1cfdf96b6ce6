/* The two-level page tables of an address space, and the sharing of leaf tables after fork (docs/mm.md).

   A leaf table is a counted frame (FRAME_TABLE): refs says how many directories point to it.  With more than one it
   is frozen: no entry is filled, cleared or changed (but that pagetable_write_protect takes W, and pagetable_cut pages
   that nobody may see any more), and every directory entry that leads to it lacks W, which write-protects its 4 MiB.
   An entry that is there was made before the table was shared, so all its owners have it in the same region of the same
   object: what changes a region's place or object owns the table first.  pagetable_own() makes a table changeable.  The
   frame also says how many entries show a page (live; the shared page of zeros not counted) and bounds all entries that
   are there.

   All functions: the address space is locked by the caller; nothing sleeps, but unmap and destroy pause after each
   table (mm/hooks.h). */
#ifndef MM_PAGETABLE_PRIV_H
#define MM_PAGETABLE_PRIV_H

#include <arch/cpu.h>
#include <arch/mmu.h>
#include <mm/aspace.h>
#include <mm/frame.h>

void pagetable_init(void); /* once, at boot */

/* Where the entry of an address stands.  Valid until a table of the space is owned, unmapped or shared. */
struct pagetable_place {
	pte_t *slot;         /* NULL: the directory has no leaf table there */
	struct frame *table; /* the frame of the leaf table */
	unsigned index;      /* of slot in its table */
	bool owned;          /* the table is this space's alone and writable */
};

/* W is set in a directory entry only while the table's count is 1, and only this space can raise that. */
static inline struct pagetable_place pagetable_find(const struct aspace *as, vaddr_t va)
{
	pte_t d = pte_read((const pte_t *)arch_window(as->root) + pt_dir_index(va));
	struct pagetable_place p = {.slot = NULL};

	if (likely(pte_present(d))) {
		p.index = pt_table_index(va);
		p.slot = (pte_t *)arch_window(pte_frame(d)) + p.index;
		p.table = frame_of(pte_frame(d));
		p.owned = pte_writable(d);
	}
	return p;
}

static inline pte_t pagetable_read(const struct pagetable_place *p)
{
	return p->slot ? pte_read(p->slot) : pte_none();
}

/* The table of P may have an entry at INDEX now. */
static inline void pagetable_widen(const struct pagetable_place *p, unsigned index)
{
	if (index < p->table->bounds.low)
		p->table->bounds.low = (uint16_t)index;
	if (index >= p->table->bounds.high)
		p->table->bounds.high = (uint16_t)(index + 1);
}

/* Put E, which shows a page other than the zeros, at P, whose table is owned: where there is nothing, or in the place
   of an entry.  References to frames are the caller's matter. */
static inline void pagetable_put(struct aspace *as, const struct pagetable_place *p, pte_t e)
{
	pte_write(p->slot, e);
	pagetable_widen(p, p->index);
	p->table->live++;
	as->count.resident++;
}

static inline void pagetable_replace(struct aspace *as, const struct pagetable_place *p, pte_t old, pte_t e)
{
	pte_write(p->slot, e);
	if (pte_frame(old) == frame_zero_page()) {
		p->table->live++;
		as->count.resident++;
	}
}

/* The translations of PAGES pages from START on, whose entries were changed by an atomic exchange, are gone on every
   CPU that runs the space.  Which those are is asked now: a pause may have moved the thread that runs on it. */
static inline void pagetable_shootdown(const struct aspace *as, vaddr_t start, uint32_t pages)
{
	uint32_t cpus = __atomic_load_n(&as->cpus, __ATOMIC_RELAXED);

	if (likely(pages == 1 && cpus == 1u << cpu_id()))
		arch_tlb_flush_page(start);
	else if (cpus != 0)
		arch_tlb_shootdown(cpus, start, pages);
}

/* Afterwards there is a table for VA that is this space's alone, with W in the directory entry.  USE_RESERVE: its frame
   may come from the reserve. => E_NOMEM: nothing changed. */
enum status pagetable_own(struct aspace *as, vaddr_t va, bool use_reserve) must_check;

/* The same with FRAME, a new FRAME_TABLE that is all zeros: cannot fail. => whether it was put to use; else it stays
   the caller's. */
bool pagetable_own_with(struct aspace *as, vaddr_t va, paddr_t frame);

/* And where the directory leads to no table yet. */
void pagetable_add(struct aspace *as, vaddr_t va, paddr_t frame);

/* Part of one leaf table: entries [first, last) of that at base. */
struct table_part {
	paddr_t table;
	struct frame *f;
	vaddr_t base;
	unsigned first, last; /* cut to the bounds of the table; first >= last: nothing there */
	bool whole;           /* all entries that are there */
	bool owned;
};

/* What of [START, END) lies in the table of DIR_INDEX, which is there. */
struct table_part pagetable_part(const struct aspace *as, unsigned dir_index, vaddr_t start, vaddr_t end);
/* The next directory index >= I, below END, that has a table; END: none. */
unsigned pagetable_next(const struct aspace *as, unsigned i, unsigned end);
/* The entries of P are gone: the bounds of its table may be closer. */
static inline void pagetable_narrow(const struct table_part *p)
{
	if (p->first <= p->f->bounds.low && p->last > p->f->bounds.low)
		p->f->bounds.low = (uint16_t)p->last;
	else if (p->last >= p->f->bounds.high && p->first < p->f->bounds.high)
		p->f->bounds.high = (uint16_t)p->first;
}

/* Directory indices of [start, end), start < end <= USER_TOP. */
#define FOREACH_TABLE(i, as, start, end) \
	for (unsigned i = pagetable_next(as, pt_dir_index(start), pt_dir_index((end)-1) + 1); \
	     i < pt_dir_index((end)-1) + 1; i = pagetable_next(as, i + 1, pt_dir_index((end)-1) + 1))

/* Is there a table for any page of [START, END)? */
static inline bool pagetable_has_table(const struct aspace *as, vaddr_t start, vaddr_t end)
{
	unsigned last = pt_dir_index(end - 1);

	return pagetable_next(as, pt_dir_index(start), last + 1) <= last;
}
/* May there be an entry in [START, END)? */
bool pagetable_any(const struct aspace *as, vaddr_t start, vaddr_t end);
/* Make pagetable_unmap(AS, START, END) possible: own the shared tables of which it would clear a part. => E_NOMEM;
   what is mapped is unchanged. */
enum status pagetable_prepare_unmap(struct aspace *as, vaddr_t start, vaddr_t end) must_check;
/* Clear all entries, shoot down, drop the frames; tables that become empty are freed. */
void pagetable_unmap(struct aspace *as, vaddr_t start, vaddr_t end);
/* The same, but owned tables stay, even if empty; and then: free those that are. */
void pagetable_empty(struct aspace *as, vaddr_t start, vaddr_t end);
void pagetable_prune(struct aspace *as, vaddr_t start, vaddr_t end);

/* As pagetable_unmap, and nothing has to be prepared: entries of a shared table go for all its owners.  For what none
   of them may see any more. */
void pagetable_cut(struct aspace *as, vaddr_t start, vaddr_t end);

/* Take W from all entries of [START, END), and shoot down.  In a frozen table too: nobody can use W there, but its last
   owner would get it back with the table. */
void pagetable_write_protect(struct aspace *as, vaddr_t start, vaddr_t end);

/* Forget the cached pages that AS shows read-only in tables of its own, and shared tables that show nothing else: they
   come back at the next touch.
   => how many of them only the cache refers to now. */
uint32_t pagetable_drop_cached(struct aspace *as);

/* CHILD (with an empty directory) sees what PARENT sees, all of it write-protected in both. => E_NOMEM: CHILD may
   have got some: pagetable_destroy it. */
enum status pagetable_clone(struct aspace *child, struct aspace *parent) must_check;
/* Drop all tables; the directory stays and is empty.  No CPU has it loaded. */
void pagetable_destroy(struct aspace *as);

#endif
