/* For tests of the audit: break one number, so that it can be seen to be found. */
#include <mm/aspace.h>
#include <mm/audit.h>
#include <mm/frame.h>

#include "pagetable_priv.h"

static void damage_page(const struct pagetable_place *p, enum damage what, int32_t by)
{
	pte_t e = pagetable_read(p);
	struct frame *f = frame_of(pte_frame(e));

	if (what == DAMAGE_PAGE_REFS)
		__atomic_add_fetch(&f->refs, (uint32_t)by, __ATOMIC_RELAXED);
	else if (what == DAMAGE_PAGE_KIND)
		f->kind = (uint8_t)(f->kind + by);
	else
		pte_write(p->slot, by > 0 ? pte_make_writable(e) : pte_write_protect(e));
}

static void damage_table(struct frame *table, enum damage what, int32_t by)
{
	if (what == DAMAGE_TABLE_REFS)
		__atomic_add_fetch(&table->refs, (uint32_t)by, __ATOMIC_RELAXED);
	else if (what == DAMAGE_TABLE_LIVE)
		table->live = (uint16_t)(table->live + by);
	else
		table->bounds.low = (uint16_t)(table->bounds.low + by);
}

static enum status damage_mapped(struct aspace *as, enum damage what, vaddr_t va, int32_t by)
{
	struct pagetable_place p = va < USER_TOP ? pagetable_find(as, va) : (struct pagetable_place){.slot = NULL};

	if (!pte_present(pagetable_read(&p)))
		return E_FAULT;
	if (what <= DAMAGE_PAGE_WRITE)
		damage_page(&p, what, by);
	else
		damage_table(p.table, what, by);
	return OK;
}

static enum status damage_gap(struct aspace *as, vaddr_t va, int32_t by)
{
	struct vma *v = vma_find(&as->vmas, va);

	if (!v)
		return E_FAULT;
	v->largest_gap += (uint32_t)by * PAGE_SIZE;
	return OK;
}

static void damage_bitmap(struct aspace *as, vaddr_t va)
{
	unsigned i = pt_dir_index(va);

	as->tables[i / 32] ^= 1u << i % 32;
}

enum status mm_damage(struct aspace *as, enum damage what, vaddr_t va, int32_t by)
{
	switch (what) {
	case DAMAGE_PAGE_REFS:
	case DAMAGE_PAGE_KIND:
	case DAMAGE_PAGE_WRITE:
	case DAMAGE_TABLE_REFS:
	case DAMAGE_TABLE_LIVE:
	case DAMAGE_TABLE_LOW: return damage_mapped(as, what, va, by);
	case DAMAGE_RESIDENT: as->count.resident += (uint32_t)by; return OK;
	case DAMAGE_PROMISED: as->count.promised += (uint32_t)by; return OK;
	case DAMAGE_TABLES: as->count.tables += (uint32_t)by; return OK;
	case DAMAGE_COMMITTED: as->count.committed += (uint32_t)by; return OK;
	case DAMAGE_CHARGED: as->charged += (uint32_t)by; return OK;
	case DAMAGE_BITMAP: damage_bitmap(as, va % USER_TOP); return OK;
	case DAMAGE_GAP: return damage_gap(as, va, by);
	case DAMAGE_CPUS: as->cpus ^= 1u << (ARCH_MAX_CPUS - 1); return OK;
	case DAMAGE_KINDS: break;
	}
	return E_INVAL;
}
