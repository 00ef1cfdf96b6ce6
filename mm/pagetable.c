/* Page tables (mm/pagetable_priv.h). Fork shares a leaf table with many pages and copies one with few: the child of a
   small program writes to its stack at once, and then a copy now is cheaper than a fault, a lock and a copy then.
   Whatever changes a table that may be shared does it under the table's lock, one of a few dozen chosen by frame
   number: the only others who come near are the sharers, and they too only copy or let go. */
#include "pagetable_priv.h"

#include <arch/cpu.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/hooks.h>
#include <sync/spinlock.h>

#define TABLE_LOCKS 64u
#define COPY_AT_MOST 16u /* pages of a table that fork copies rather than shares */
#define COPY_SPAN 256u   /* and entries between its bounds: where only the page of zeros is mapped there are no pages */
#define COPY_TABLES 8u   /* tables that one fork copies: what is cheap for each is not for hundreds */
#define UNMAP_BATCH 64u  /* frames collected before a shootdown */

static struct spinlock table_locks[TABLE_LOCKS];

void pagetable_init(void)
{
	for (unsigned i = 0; i < TABLE_LOCKS; i++)
		spinlock_init(&table_locks[i], RANK_PAGETABLE, "page table");
}

static struct spinlock *table_lock(paddr_t table)
{
	return &table_locks[(table >> PAGE_SHIFT) % TABLE_LOCKS];
}

static pte_t *dir_slot(const struct aspace *as, vaddr_t va)
{
	return (pte_t *)arch_window(as->root) + pt_dir_index(va);
}

static void dir_set(struct aspace *as, vaddr_t va, paddr_t table, bool writable)
{
	unsigned i = pt_dir_index(va);
	uint32_t bit = 1u << i % 32;

	pte_write(dir_slot(as, va), pte_table(table, writable));
	if (!(as->tables[i / 32] & bit)) {
		as->tables[i / 32] |= bit;
		as->count.tables++;
	}
}

static void dir_clear(struct aspace *as, vaddr_t va)
{
	unsigned i = pt_dir_index(va);

	(void)pte_exchange(dir_slot(as, va), pte_none()); /* seen before it is asked where the space runs */
	as->tables[i / 32] &= ~(1u << i % 32);
	as->count.tables--;
}

static void table_frame_init(struct frame *f)
{
	f->live = 0;
	f->bounds.low = PT_ENTRIES;
	f->bounds.high = 0;
}

/* ---- owning ---- */

/* Fill NEW, a frame of zeros for a table, with the entries of OLD, write-protecting both and adding a reference to each
   page.  OLD is locked, so that its bounds and its count hold still. */
static void table_copy(paddr_t new, paddr_t old)
{
	pte_t *to = arch_window(new), *from = arch_window(old);
	const struct frame *of = frame_of(old);
	struct frame *nf = frame_of(new);
	unsigned low = of->bounds.low, high = of->bounds.high;

	nf->live = 0;
	nf->bounds = of->bounds;
	for (unsigned i = low; i < high; i++) {
		pte_t e = pte_read(&from[i]);

		if (pte_is_none(e))
			continue;
		if (pte_writable(e)) {
			e = pte_write_protect(e);
			/* The processor may set A meanwhile, never D: the directory entries lack W, or, in fork, nobody
			   runs in the space. */
			pte_write(&from[i], e);
		}
		pte_write(&to[i], e);
		if (pte_frame(e) == frame_zero_page())
			continue;
		frame_ref(pte_frame(e));
		nf->live++;
	}
}

void pagetable_add(struct aspace *as, vaddr_t va, paddr_t table)
{
	table_frame_init(frame_of(table));
	dir_set(as, va, table, true);
}

/* What went out of the table while it was shared counts no more.  It is locked, and AS its last owner. */
static void forget_cut(struct aspace *as, paddr_t table)
{
	const pte_t *slots = arch_window(table);
	struct frame *f = frame_of(table);
	uint16_t live = 0;

	for (unsigned i = f->bounds.low; i < f->bounds.high; i++) {
		pte_t e = pte_read(&slots[i]);

		live += !pte_is_none(e) && pte_frame(e) != frame_zero_page();
	}
	as->count.resident -= f->live - live;
	f->live = live;
	f->cut = false;
}

/* The table, which is locked, has AS as its last owner. */
static void own_alone(struct aspace *as, vaddr_t va, paddr_t table)
{
	if (unlikely(frame_of(table)->cut))
		forget_cut(as, table);
	dir_set(as, va, table, true);
}

/* The table has lost its other owners. => whether it is ours now. */
static bool own_last(struct aspace *as, vaddr_t va, paddr_t table)
{
	bool alone;

	spin_lock(table_lock(table));
	alone = frame_refs(frame_of(table)) == 1;
	if (alone)
		own_alone(as, va, table);
	spin_unlock(table_lock(table));
	return alone;
}

/* => whether COPY is in use now. */
static bool own_shared(struct aspace *as, vaddr_t va, paddr_t table, paddr_t copy)
{
	spin_lock(table_lock(table));
	if (frame_refs(frame_of(table)) == 1) { /* the others left while we had no lock */
		own_alone(as, va, table);
		spin_unlock(table_lock(table));
		return false;
	}
	table_copy(copy, table);
	as->count.resident -= frame_of(table)->live - frame_of(copy)->live;
	dir_set(as, va, copy, true);
	frame_put(table); /* never the last: it was counted above, under the lock that every drop takes */
	spin_unlock(table_lock(table));
	/* The directory leads to another table: a processor that has cached the old entry must not walk the old one,
	   whose other owners may change and free it.  Any INVLPG forgets all such entries (SDM 3A, 4.10.4.1). */
	pagetable_shootdown(as, va, 1);
	return true;
}

bool pagetable_own_with(struct aspace *as, vaddr_t va, paddr_t frame)
{
	pte_t d = pte_read(dir_slot(as, va));

	if (pte_present(d))
		return !pte_writable(d) && own_shared(as, va, pte_frame(d), frame);
	pagetable_add(as, va, frame);
	return true;
}

enum status pagetable_own(struct aspace *as, vaddr_t va, bool use_reserve)
{
	pte_t d = pte_read(dir_slot(as, va));
	paddr_t table;

	if (pte_present(d) && (pte_writable(d) || own_last(as, va, pte_frame(d))))
		return OK;
	if (frame_get_zeroed(FRAME_TABLE, use_reserve, &table) != OK)
		return E_NOMEM;
	if (!pagetable_own_with(as, va, table))
		frame_put_made(FRAME_ZEROS, table);
	return OK;
}

/* ---- unmapping ---- */

/* Frames that lost their entry and wait for the shootdown. */
struct unmap_batch {
	struct aspace *as;
	vaddr_t start, end; /* what was cleared since the last shootdown */
	uint32_t n;
	paddr_t frame[UNMAP_BATCH];
};

static void batch_flush(struct unmap_batch *b)
{
	if (b->start < b->end)
		pagetable_shootdown(b->as, b->start, (b->end - b->start) >> PAGE_SHIFT);
	while (b->n > 0)
		frame_put(b->frame[--b->n]);
	b->start = b->end = 0;
}

static void batch_note(struct unmap_batch *b, vaddr_t va)
{
	if (b->start == b->end)
		b->start = va;
	b->end = va + PAGE_SIZE;
}

/* Clear entries [FIRST, LAST) of an owned table whose first page is at BASE. => how many showed a page. */
static uint32_t table_clear(struct unmap_batch *b, pte_t *table, vaddr_t base, unsigned first, unsigned last)
{
	paddr_t zero = frame_zero_page();
	uint32_t live = 0;

	for (unsigned i = first; i < last; i++) {
		if (pte_is_none(pte_read(&table[i])))
			continue;
		paddr_t pa = pte_frame(pte_exchange(&table[i], pte_none()));

		batch_note(b, base + (i << PAGE_SHIFT));
		if (pa == zero)
			continue;
		live++;
		b->frame[b->n++] = pa;
		if (b->n == UNMAP_BATCH)
			batch_flush(b);
	}
	return live;
}

static bool table_is_empty(const struct frame *f, const pte_t *table)
{
	if (f->live > 0)
		return false;
	for (unsigned i = f->bounds.low; i < f->bounds.high; i++)
		if (!pte_is_none(pte_read(&table[i])))
			return false;
	return true;
}

/* Few pages, close together. */
static bool worth_copying(const struct frame *table)
{
	return table->live <= COPY_AT_MOST && table->bounds.high <= table->bounds.low + COPY_SPAN;
}

/* Release the pages of a table that nobody points to any more, and the table. */
static void table_free(paddr_t table)
{
	pte_t *slots = arch_window(table);
	struct frame *f = frame_of(table);
	bool few = worth_copying(f); /* then clearing them is less than clearing a page */
	paddr_t zero = frame_zero_page();

	for (unsigned i = f->bounds.low; i < f->bounds.high; i++) {
		pte_t e = pte_read(&slots[i]);

		if (pte_is_none(e))
			continue;
		if (few)
			pte_write(&slots[i], pte_none());
		if (pte_frame(e) != zero)
			frame_put(pte_frame(e));
	}
	f->cut = false;
	if (few)
		frame_put_made(FRAME_ZEROS, table);
	else
		frame_put(table);
}

/* One directory less points to TABLE.  No CPU of that directory can use it any more. */
static void table_drop(paddr_t table)
{
	struct frame *f = frame_of(table);
	bool last;

	spin_lock(table_lock(table));
	last = frame_refs(f) == 1;
	if (!last)
		frame_put(table);
	spin_unlock(table_lock(table));
	if (last)
		table_free(table);
}

struct table_part pagetable_part(const struct aspace *as, unsigned dir_index, vaddr_t start, vaddr_t end)
{
	pte_t d = pte_read((pte_t *)arch_window(as->root) + dir_index);
	struct table_part p = {.table = pte_frame(d), .base = (vaddr_t)dir_index * PT_SPAN, .owned = pte_writable(d)};

	p.f = frame_of(p.table);
	p.first = start > p.base ? pt_table_index(start) : 0;
	p.last = end - p.base < PT_SPAN ? (end - p.base) >> PAGE_SHIFT : PT_ENTRIES;
	p.whole = p.first <= p.f->bounds.low && p.last >= p.f->bounds.high;
	if (p.first < p.f->bounds.low)
		p.first = p.f->bounds.low;
	if (p.last > p.f->bounds.high)
		p.last = p.f->bounds.high;
	return p;
}

unsigned pagetable_next(const struct aspace *as, unsigned i, unsigned end)
{
	while (i < end) {
		uint32_t word = as->tables[i / 32] >> i % 32;

		if (word)
			return i + (unsigned)__builtin_ctz(word) < end ? i + (unsigned)__builtin_ctz(word) : end;
		i = (i / 32 + 1) * 32;
	}
	return end;
}

bool pagetable_any(const struct aspace *as, vaddr_t start, vaddr_t end)
{
	FOREACH_TABLE(i, as, start, end) {
		const struct frame *f = frame_of(pte_frame(pte_read((pte_t *)arch_window(as->root) + i)));
		vaddr_t base = (vaddr_t)i * PT_SPAN;

		if (base + ((vaddr_t)f->bounds.high << PAGE_SHIFT) > start &&
		    base + ((vaddr_t)f->bounds.low << PAGE_SHIFT) < end)
			return true;
	}
	return false;
}

enum status pagetable_prepare_unmap(struct aspace *as, vaddr_t start, vaddr_t end)
{
	const pte_t *dir = arch_window(as->root);

	FOREACH_TABLE(i, as, start, end) {
		if (likely(pte_writable(pte_read(&dir[i]))))
			continue; /* it is owned already */
		struct table_part p = pagetable_part(as, i, start, end);

		if (!p.whole && p.first < p.last && pagetable_own(as, p.base, false) != OK)
			return E_NOMEM;
	}
	return OK;
}

/* A step is done: let others run, with no frame left that waits for its shootdown. */
static void batch_pause(struct unmap_batch *b)
{
	batch_flush(b);
	mm_pause_point();
}

/* The whole of a shared table goes: this directory just stops pointing to it. */
static void unmap_shared(struct unmap_batch *b, const struct table_part *p)
{
	b->as->count.resident -= p->f->live;
	dir_clear(b->as, p->base);
	if (p->first < p->last) {
		batch_note(b, p->base + (p->first << PAGE_SHIFT));
		b->end = p->base + (p->last << PAGE_SHIFT);
	}
	batch_flush(b);
	table_drop(p->table);
}

/* Clear the part P of an owned table and keep its counts. */
static void part_clear(struct unmap_batch *b, const struct table_part *p)
{
	uint32_t live = table_clear(b, arch_window(p->table), p->base, p->first, p->last);

	b->as->count.resident -= live;
	p->f->live = (uint16_t)(p->f->live - live);
	pagetable_narrow(p);
}

/* The table goes if nothing is left in it. */
static void prune(struct unmap_batch *b, const struct table_part *p)
{
	if (!table_is_empty(p->f, arch_window(p->table)))
		return;
	dir_clear(b->as, p->base);
	/* The processor may have cached the directory entry though no page was there: any flush removes it. */
	if (b->start == b->end)
		batch_note(b, p->base);
	batch_flush(b);
	frame_put_made(FRAME_ZEROS, p->table);
}

static void batch_init(struct unmap_batch *b, struct aspace *as)
{
	b->as = as;
	b->start = b->end = 0;
	b->n = 0;
}

/* Clear what shows a cached page without W in the owned table P. => how many frames only the cache has then. */
static uint32_t part_drop_cached(struct unmap_batch *b, const struct table_part *p)
{
	pte_t *slots = arch_window(p->table);
	uint32_t freed = 0;

	for (unsigned i = p->first; i < p->last; i++) {
		pte_t e = pte_read(&slots[i]);
		const struct frame *f = frame_of(pte_frame(e));

		if (!pte_present(e) || pte_writable(e) || f->kind != FRAME_CACHE)
			continue;
		/* The space may be about to run elsewhere: the entry goes before batch_flush asks where it runs. */
		e = pte_exchange(&slots[i], pte_none());
		p->f->live--;
		b->as->count.resident--;
		freed += frame_refs(f) == 2;
		batch_note(b, p->base + (i << PAGE_SHIFT));
		b->frame[b->n++] = pte_frame(e);
		if (b->n == UNMAP_BATCH)
			batch_flush(b);
	}
	return freed;
}

/* Would nothing be lost without the shared table P? */
static bool part_is_cached(const struct table_part *p)
{
	const pte_t *slots = arch_window(p->table);

	for (unsigned i = p->first; i < p->last; i++) {
		pte_t e = pte_read(&slots[i]);

		if (pte_is_none(e) || pte_frame(e) == frame_zero_page())
			continue;
		if (!pte_present(e) || pte_writable(e) || frame_of(pte_frame(e))->kind != FRAME_CACHE)
			return false;
	}
	return true;
}

/* Nothing changes in a table that others see.  But this space can do without it if it shows nothing else, and the last
   of them who is asked owns it. => as part_drop_cached. */
static uint32_t table_drop_cached(struct unmap_batch *b, struct table_part *p)
{
	if (p->f->live == 0)
		return 0;
	if (p->owned || own_last(b->as, p->base, p->table))
		return part_drop_cached(b, p);
	if (part_is_cached(p))
		unmap_shared(b, p);
	return 0;
}

uint32_t pagetable_drop_cached(struct aspace *as)
{
	struct unmap_batch b;
	uint32_t freed = 0;

	batch_init(&b, as);
	FOREACH_TABLE(i, as, 0, USER_TOP) {
		struct table_part p = pagetable_part(as, i, 0, USER_TOP);

		freed += table_drop_cached(&b, &p);
		batch_pause(&b);
	}
	return freed;
}

/* KEEP_TABLES: those that are owned stay, though empty. */
static void unmap(struct aspace *as, vaddr_t start, vaddr_t end, bool keep_tables)
{
	struct unmap_batch b;

	batch_init(&b, as);
	FOREACH_TABLE(i, as, start, end) {
		struct table_part p = pagetable_part(as, i, start, end);

		if (p.owned && p.first < p.last)
			part_clear(&b, &p);
		if (p.owned && !keep_tables)
			prune(&b, &p);
		else if (!p.owned && p.whole)
			unmap_shared(&b, &p);
		else
			DEBUG_ASSERT(p.owned || p.first >= p.last);
		batch_pause(&b);
	}
}

void pagetable_unmap(struct aspace *as, vaddr_t start, vaddr_t end)
{
	unmap(as, start, end, false);
}

/* Clear entries of the shared table P from FIRST on, as many as the batch holds.  Whoever else sees the table reads an
   entry either as it was, or as none; the lock is for those who copy it. => where to go on. */
static unsigned frozen_clear(struct unmap_batch *b, const struct table_part *p, unsigned first)
{
	pte_t *slots = arch_window(p->table);

	spin_lock(table_lock(p->table));
	p->f->cut = true;
	for (; first < p->last && b->n < UNMAP_BATCH; first++) {
		if (pte_is_none(pte_read(&slots[first])))
			continue;
		paddr_t pa = pte_frame(pte_exchange(&slots[first], pte_none()));

		batch_note(b, p->base + (first << PAGE_SHIFT));
		if (pa != frame_zero_page())
			b->frame[b->n++] = pa;
	}
	spin_unlock(table_lock(p->table));
	return first;
}

/* The other owners may run on any CPU: none may use a translation of what was cleared when its frame goes. */
static void frozen_cut(struct unmap_batch *b, const struct table_part *p)
{
	unsigned i = p->first;

	batch_flush(b);
	while (i < p->last) {
		i = frozen_clear(b, p, i);
		if (b->start < b->end)
			arch_tlb_shootdown(UINT32_MAX, b->start, (b->end - b->start) >> PAGE_SHIFT);
		b->start = b->end = 0;
		batch_flush(b);
	}
}

void pagetable_cut(struct aspace *as, vaddr_t start, vaddr_t end)
{
	struct unmap_batch b;

	batch_init(&b, as);
	FOREACH_TABLE(i, as, start, end) {
		struct table_part p = pagetable_part(as, i, start, end);

		if (p.owned && p.first < p.last)
			part_clear(&b, &p);
		if (p.owned)
			prune(&b, &p);
		else if (p.whole)
			unmap_shared(&b, &p);
		else
			frozen_cut(&b, &p);
		batch_pause(&b);
	}
}

void pagetable_empty(struct aspace *as, vaddr_t start, vaddr_t end)
{
	unmap(as, start, end, true);
}

void pagetable_prune(struct aspace *as, vaddr_t start, vaddr_t end)
{
	struct unmap_batch b;

	batch_init(&b, as);
	FOREACH_TABLE(i, as, start, end) {
		struct table_part p = pagetable_part(as, i, start, end);

		if (p.owned)
			prune(&b, &p);
		batch_pause(&b);
	}
}

/* ---- rights ---- */

/* => whether a processor may have cached what is no more. */
static bool part_write_protect(const struct table_part *p)
{
	pte_t *slots = arch_window(p->table);
	bool stale = false;

	for (unsigned i = p->first; i < p->last; i++) {
		if (!pte_writable(pte_read(&slots[i])))
			continue;
		/* Taken out first: a processor may be setting A or D. */
		pte_write(&slots[i], pte_write_protect(pte_exchange(&slots[i], pte_none())));
		stale = true;
	}
	return stale;
}

/* Its sharers only read it, or copy it under the lock; as long as AS refers to it, nobody but AS can come to own it. */
static void frozen_write_protect(const struct table_part *p)
{
	pte_t *slots = arch_window(p->table);

	spin_lock(table_lock(p->table));
	for (unsigned i = p->first; i < p->last; i++)
		if (pte_writable(pte_read(&slots[i])))
			pte_write(&slots[i], pte_write_protect(pte_read(&slots[i])));
	spin_unlock(table_lock(p->table));
}

void pagetable_write_protect(struct aspace *as, vaddr_t start, vaddr_t end)
{
	FOREACH_TABLE(i, as, start, end) {
		struct table_part p = pagetable_part(as, i, start, end);

		if (!p.owned)
			frozen_write_protect(&p);
		else if (part_write_protect(&p))
			pagetable_shootdown(as, p.base + (p.first << PAGE_SHIFT), p.last - p.first);
		mm_pause_point();
	}
}

/* ---- fork and exit ---- */

static enum status clone_by_copy(struct aspace *child, vaddr_t base, paddr_t table)
{
	paddr_t copy;

	if (frame_get_zeroed(FRAME_TABLE, false, &copy) != OK)
		return E_NOMEM;
	spin_lock(table_lock(table));
	table_copy(copy, table);
	spin_unlock(table_lock(table));
	dir_set(child, base, copy, true);
	child->count.resident += frame_of(copy)->live;
	return OK;
}

static void clone_by_sharing(struct aspace *child, struct aspace *parent, vaddr_t base, paddr_t table)
{
	dir_set(parent, base, table, false);
	frame_ref(table);
	dir_set(child, base, table, false);
	child->count.resident += frame_of(table)->live;
}

enum status pagetable_clone(struct aspace *child, struct aspace *parent)
{
	const pte_t *dir = arch_window(parent->root);
	unsigned copied = 0;

	FOREACH_TABLE(i, parent, 0, USER_TOP) {
		paddr_t table = pte_frame(pte_read(&dir[i]));
		vaddr_t base = (vaddr_t)i * PT_SPAN;

		if (copied == COPY_TABLES || !worth_copying(frame_of(table))) {
			clone_by_sharing(child, parent, base, table);
			continue;
		}
		if (clone_by_copy(child, base, table) != OK)
			return E_NOMEM;
		copied++;
	}
	return OK;
}

void pagetable_destroy(struct aspace *as)
{
	const pte_t *dir = arch_window(as->root);

	FOREACH_TABLE(i, as, 0, USER_TOP) {
		paddr_t table = pte_frame(pte_read(&dir[i]));

		as->count.resident -= frame_of(table)->live;
		dir_clear(as, (vaddr_t)i * PT_SPAN);
		table_drop(table);
		mm_pause_point();
	}
}
