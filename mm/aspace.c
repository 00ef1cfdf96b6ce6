/* Address spaces: what map, unmap, brk, fork and exit do to the regions and, through mm/pagetable.c, to the tables.
   Promising memory touches regions only, so it costs the same for a page and for a GiB.  Every operation first gets
   what it may need (a node for a split, tables of its own at the edges), then changes things, and that part cannot
   fail.  Regions that are taken out go on a chain that the caller releases when it holds no lock, because letting a
   file go may sleep. */
#include <mm/aspace.h>

#include <arch/cpu.h>
#include <arch/mmu.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>
#include <mm/object.h>
#include <mm/pause.h>

#include "aspace_priv.h"
#include "pagetable_priv.h"

/* Nothing is placed below this unless its address is fixed. */
#define MAP_LOWEST 0x10000u

/* Regions that are gone through between two pauses. */
#define REGIONS_AT_ONCE 64u

static struct kmem_cache *vma_cache; /* (c) */
void (*mm_pause)(void);

void aspace_boot_init(void)
{
	vma_cache = kmem_cache_create("vma", sizeof(struct vma), KMEM_PLAIN);
	pagetable_init();
}

static uint32_t pages_of(const struct vma *v)
{
	return (v->end - v->start) >> PAGE_SHIFT;
}

/* In a loop over regions that counts in *N those it has done. */
static void pause_after_regions(unsigned *n)
{
	if (++*n % REGIONS_AT_ONCE == 0)
		mm_pause_point();
}

/* ---- regions in and out ---- */

static void object_link(struct vma *v)
{
	struct mem_object *o = v->object;

	list_init(&v->object_link);
	if (!o)
		return;
	spin_lock(&o->maps_lock);
	list_add_tail(&o->maps, &v->object_link);
	spin_unlock(&o->maps_lock);
}

static void object_unlink(struct vma *v)
{
	if (!v->object)
		return;
	spin_lock(&v->object->maps_lock);
	list_remove(&v->object_link);
	spin_unlock(&v->object->maps_lock);
}

/* V is complete; the set, the counters and the object learn of it. */
static void region_add(struct aspace *as, struct vma *v)
{
	vma_insert(&as->vmas, v);
	as->count.promised += pages_of(v);
	as->generation++;
	object_link(v);
}

static void region_drop(struct aspace *as, struct vma *v, struct aspace_dropped *d)
{
	vma_remove(&as->vmas, v);
	as->count.promised -= pages_of(v);
	as->generation++;
	object_unlink(v);
	v->link.next = d->first ? &d->first->link : NULL;
	d->first = v;
}

void aspace_resize_region(struct aspace *as, struct vma *v, vaddr_t start, vaddr_t end)
{
	as->count.promised += (end - start) / PAGE_SIZE - pages_of(v);
	as->generation++;
	if (v->object)
		v->object_page += (start - v->start) >> PAGE_SHIFT;
	vma_resize(&as->vmas, v, start, end);
}

void aspace_release(struct aspace_dropped *d)
{
	unsigned n = 0;

	while (d->first) {
		struct vma *v = d->first;

		d->first = v->link.next ? LIST_ENTRY(v->link.next, struct vma, link) : NULL;
		if (v->object)
			v->object->ops->put(v->object);
		kmem_free(vma_cache, v);
		pause_after_regions(&n);
	}
}

/* ---- making, copying, ending ---- */

enum status aspace_init(struct aspace *as)
{
	paddr_t root;

	if (frame_get(FRAME_TABLE, &root) != OK)
		return E_NOMEM;
	arch_root_init(arch_window(root));
	*as = (struct aspace){.root = root};
	vma_set_init(&as->vmas);
	return OK;
}

static enum status clone_regions(struct aspace *child, struct aspace *parent)
{
	struct vma *v, *copy;
	unsigned n = 0;

	for (v = vma_first(&parent->vmas); v; v = vma_next(&parent->vmas, v)) {
		copy = kmem_alloc(vma_cache);
		if (!copy)
			return E_NOMEM;
		*copy = *v;
		copy->as = child;
		if (copy->object)
			copy->object->ops->get(copy->object);
		region_add(child, copy);
		pause_after_regions(&n);
	}
	return OK;
}

/* CHILD needs no lock: nobody else knows it yet. */
enum status aspace_clone(struct aspace *child, struct aspace *parent) no_lock_check
{
	struct aspace_dropped undone = ASPACE_DROPPED_INIT;
	enum status st = aspace_init(child);

	if (st != OK)
		return st;
	child->heap_start = parent->heap_start;
	child->heap_break = parent->heap_break;
	child->stack_limit = parent->stack_limit;
	st = clone_regions(child, parent);
	if (st == OK)
		st = pagetable_clone(child, parent);
	/* Whatever of the parent was write-protected must not be written through an old translation, failure or not. */
	arch_tlb_flush_user();
	if (st != OK) {
		aspace_destroy(child, &undone);
		aspace_release(&undone); /* the parent still holds its references: nothing here is the last */
	}
	return st;
}

void aspace_destroy(struct aspace *as, struct aspace_dropped *out)
{
	unsigned n = 0;
	struct vma *v;

	DEBUG_ASSERT(__atomic_load_n(&as->cpus, __ATOMIC_RELAXED) == 0);
	pagetable_destroy(as);
	while ((v = vma_first(&as->vmas)) != NULL) {
		region_drop(as, v, out);
		pause_after_regions(&n);
	}
	frame_put(as->root);
	as->root = 0;
}

/* ---- unmapping ---- */

/* The region that [START, END) would cut in two, or NULL. */
static struct vma *region_split_by(struct aspace *as, vaddr_t start, vaddr_t end)
{
	struct vma *v = vma_find(&as->vmas, start);

	return v && v->start < start && v->end > end ? v : NULL;
}

/* Cut V at START and END into three, with SPARE for the third; the middle goes. */
static void cut_hole(struct aspace *as, struct vma *v, vaddr_t start, vaddr_t end, struct vma *spare)
{
	vma_split(&as->vmas, v, end, spare);
	if (spare->object) {
		spare->object->ops->get(spare->object);
		object_link(spare);
	}
	aspace_resize_region(as, v, v->start, start);
}

/* Take [START, END) out of the regions; SPARE is used when one is cut in two. */
static void regions_cut(struct aspace *as, vaddr_t start, vaddr_t end, struct vma *spare, struct aspace_dropped *d)
{
	struct vma *v = vma_find_above(&as->vmas, start), *next;
	unsigned n = 0;

	if (v && v->start < start && v->end > end) {
		cut_hole(as, v, start, end, spare);
		return;
	}
	for (; v && v->start < end; v = next) {
		next = vma_next(&as->vmas, v);
		if (v->start >= start && v->end <= end)
			region_drop(as, v, d);
		else if (v->start < start)
			aspace_resize_region(as, v, v->start, start);
		else
			aspace_resize_region(as, v, end, v->end);
		pause_after_regions(&n);
	}
}

/* [START, END) is a page-aligned, non-empty range of user memory. */
static enum status unmap_range(struct aspace *as, vaddr_t start, vaddr_t end, struct aspace_dropped *d)
{
	struct vma *spare = NULL;

	if (region_split_by(as, start, end)) {
		spare = kmem_alloc(vma_cache);
		if (!spare)
			return E_NOMEM;
	}
	if (pagetable_prepare_unmap(as, start, end) != OK) {
		if (spare)
			kmem_free(vma_cache, spare);
		return E_NOMEM;
	}
	regions_cut(as, start, end, spare, d);
	pagetable_unmap(as, start, end);
	return OK;
}

/* => whether [START, START + LEN) is a page-aligned, non-empty range below USER_TOP; *END is then its end. */
static bool range_check(vaddr_t start, uint32_t len, vaddr_t *end)
{
	if (len == 0 || !page_aligned(start) || len > USER_TOP || start > USER_TOP - len)
		return false;
	*end = page_ceil(start + len);
	return true;
}

enum status aspace_unmap(struct aspace *as, vaddr_t start, uint32_t len, struct aspace_dropped *d)
{
	vaddr_t end;

	if (!range_check(start, len, &end))
		return E_INVAL;
	return unmap_range(as, start, end, d);
}

/* ---- mapping ---- */

/* The highest address that a mapping may reach. */
static vaddr_t map_ceiling(const struct aspace *as)
{
	return USER_TOP - as->stack_limit - STACK_GUARD_BYTES;
}

static bool range_is_free(const struct aspace *as, vaddr_t start, vaddr_t end)
{
	const struct vma *v = vma_find_above(&as->vmas, start);

	return !v || v->start >= end;
}

static enum status choose_place(struct aspace *as, const struct map_request *r, uint32_t size, vaddr_t *out)
{
	vaddr_t hint = page_floor(r->addr), high = map_ceiling(as);

	if (hint >= MAP_LOWEST && hint < high && size <= high - hint && range_is_free(as, hint, hint + size)) {
		*out = hint;
		return OK;
	}
	*out = vma_find_gap(&as->vmas, size, MAP_LOWEST, high);
	return *out ? OK : E_NOMEM;
}

static enum status fixed_place(struct aspace *as, const struct map_request *r, vaddr_t *out)
{
	vaddr_t end;

	if (!range_check(r->addr, r->len, &end))
		return page_aligned(r->addr) && r->len > 0 ? E_NOMEM : E_INVAL;
	if (r->no_replace && !range_is_free(as, r->addr, end))
		return E_EXIST;
	*out = r->addr;
	return OK;
}

/* Can the request become part of V, whose neighbour it is? */
static bool region_alike(const struct vma *v, const struct map_request *r)
{
	return v->kind == r->kind && v->kind == VMA_ANON && v->prot == r->prot && v->flags == r->flags && !v->object &&
	       !r->object;
}

/* Put the anonymous [START, END) into its neighbours, if they are alike; with both, one of them goes to D.
   => whether there was one. */
static bool join_neighbours(struct aspace *as, const struct map_request *r, vaddr_t start, vaddr_t end,
                            struct aspace_dropped *d)
{
	struct vma *above = vma_find_above(&as->vmas, start);
	struct vma *below = above ? vma_prev(&as->vmas, above) : vma_last(&as->vmas);
	bool join_above = above && above->start == end && region_alike(above, r);
	bool join_below = below && below->end == start && region_alike(below, r);

	if (join_above && join_below) {
		end = above->end;
		region_drop(as, above, d);
	}
	if (join_below)
		aspace_resize_region(as, below, below->start, end);
	else if (join_above)
		aspace_resize_region(as, above, start, above->end);
	return join_below || join_above;
}

static enum status map_at(struct aspace *as, const struct map_request *r, vaddr_t start, vaddr_t end,
                          struct aspace_dropped *d)
{
	enum status st;
	struct vma *v;

	v = kmem_alloc(vma_cache);
	if (!v)
		return E_NOMEM;
	if (r->fixed && !range_is_free(as, start, end)) {
		st = unmap_range(as, start, end, d);
		if (st != OK) {
			kmem_free(vma_cache, v);
			return st;
		}
	}
	if (join_neighbours(as, r, start, end, d)) {
		kmem_free(vma_cache, v);
		return OK;
	}
	*v = (struct vma){.start = start,
	                  .end = end,
	                  .prot = r->prot,
	                  .flags = r->flags,
	                  .kind = r->kind,
	                  .object = r->object,
	                  .object_page = r->object_page,
	                  .file_end = r->file_end,
	                  .as = as};
	if (v->object)
		v->object->ops->get(v->object);
	region_add(as, v);
	return OK;
}

enum status aspace_map(struct aspace *as, const struct map_request *r, vaddr_t *out, struct aspace_dropped *d)
{
	enum status st;
	vaddr_t start;

	if (r->len == 0)
		return E_INVAL;
	if (r->len > USER_TOP)
		return E_NOMEM;
	st = r->fixed ? fixed_place(as, r, &start) : choose_place(as, r, page_ceil(r->len), &start);
	if (st == OK)
		st = map_at(as, r, start, start + page_ceil(r->len), d);
	if (st == OK)
		*out = start;
	return st;
}

enum status aspace_map_stack(struct aspace *as, uint32_t initial, uint32_t limit)
{
	const struct map_request r = {.addr = USER_TOP - page_ceil(initial),
	                              .len = initial,
	                              .prot = VMA_READ | VMA_WRITE,
	                              .kind = VMA_STACK,
	                              .fixed = true,
	                              .no_replace = true};
	struct aspace_dropped d = ASPACE_DROPPED_INIT; /* stays empty: nothing is replaced */
	vaddr_t at;

	as->stack_limit = limit;
	return aspace_map(as, &r, &at, &d);
}

/* ---- the heap ---- */

void aspace_set_heap(struct aspace *as, vaddr_t start)
{
	as->heap_start = start;
	as->heap_break = start;
}

static struct vma *heap_region(struct aspace *as)
{
	struct vma *v;

	if (page_ceil(as->heap_break) == page_ceil(as->heap_start))
		return NULL;
	v = vma_find(&as->vmas, page_ceil(as->heap_break) - 1);
	return v && v->kind == VMA_HEAP ? v : NULL;
}

/* The break moves up from OLD to END, both page aligned. => whether there is room and a node. */
static bool heap_grow(struct aspace *as, vaddr_t old, vaddr_t end)
{
	struct vma *v = heap_region(as);

	if (end > map_ceiling(as) || !range_is_free(as, old, end))
		return false;
	if (v) {
		aspace_resize_region(as, v, v->start, end);
		return true;
	}
	v = kmem_alloc(vma_cache);
	if (!v)
		return false;
	*v = (struct vma){.start = old, .end = end, .prot = VMA_READ | VMA_WRITE, .kind = VMA_HEAP, .as = as};
	region_add(as, v);
	return true;
}

vaddr_t aspace_brk(struct aspace *as, vaddr_t want, struct aspace_dropped *d)
{
	vaddr_t old_end = page_ceil(as->heap_break), end;

	if (want < as->heap_start || want >= USER_TOP || as->heap_start == 0)
		return as->heap_break;
	end = page_ceil(want);
	if (end > old_end && !heap_grow(as, old_end, end))
		return as->heap_break;
	if (end < old_end && unmap_range(as, end, old_end, d) != OK)
		return as->heap_break;
	as->heap_break = want;
	return want;
}
