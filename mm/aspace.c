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
#include <mm/shared.h>
#include <mm/hooks.h>

#include "aspace_priv.h"
#include "pagetable_priv.h"

/* Regions that are gone through between two pauses. */
#define REGIONS_AT_ONCE 64u

/* What exec leaves to the stack: bytes below USER_TOP where nothing is placed. */
#define STACK_ROOM_MIN (8u << 20)
#define STACK_ROOM_MAX (USER_TOP / 4)

static struct kmem_cache *vma_cache; /* (c) */

void aspace_boot_init(void)
{
	vma_cache = kmem_cache_create("vma", sizeof(struct vma), KMEM_PLAIN);
	shared_init();
	pagetable_init();
}

static uint32_t pages_of(const struct vma *v)
{
	return (v->end - v->start) >> PAGE_SHIFT;
}

void pause_after_regions(unsigned *n)
{
	if (++*n % REGIONS_AT_ONCE == 0)
		mm_pause_point();
}

/* ---- regions in and out ---- */

static bool is_writer(const struct vma *v)
{
	return (v->flags & (VMA_SHARED | VMA_NEVER_WRITE)) == VMA_SHARED;
}

static void object_link(struct vma *v)
{
	struct mem_object *o = v->object;

	if (!o)
		return;
	spin_lock(&o->maps_lock);
	list_add_tail(&o->maps, &v->object_link);
	o->writers += is_writer(v);
	spin_unlock(&o->maps_lock);
}

/* A clone that failed has regions that are not linked. */
static void object_unlink(struct vma *v)
{
	struct mem_object *o = v->object;

	if (!o)
		return;
	spin_lock(&o->maps_lock);
	if (!list_is_empty(&v->object_link)) {
		list_remove(&v->object_link);
		o->writers -= is_writer(v);
	}
	spin_unlock(&o->maps_lock);
}

/* V shows more than before: a walk over the list that has passed it meets it again. */
static void object_relink(struct vma *v)
{
	struct mem_object *o = v->object;

	if (!o)
		return;
	spin_lock(&o->maps_lock);
	list_remove(&v->object_link);
	list_add_tail(&o->maps, &v->object_link);
	spin_unlock(&o->maps_lock);
}

struct vma *region_alloc(void)
{
	return kmem_alloc(vma_cache);
}

void region_free(struct vma *v)
{
	if (v)
		kmem_free(vma_cache, v);
}

/* Private pages that may be written, or could be once, may each become one of their own. */
uint8_t region_flags(uint8_t prot, uint8_t flags)
{
	return (prot & VMA_WRITE) && !(flags & VMA_SHARED) ? flags | VMA_COMMITTED : flags;
}

uint32_t region_commitment(const struct vma *v)
{
	bool whole_stack = v->kind == VMA_STACK && v->end == USER_TOP; /* or the upper part of one that was cut */
	uint32_t pages = whole_stack ? STACK_AHEAD_BYTES / PAGE_SIZE : 0;

	if (v->start == v->end)
		return 0;
	return pages + commitment_of_range(v->start, v->end, v->flags & VMA_COMMITTED);
}

bool commit_begin(struct aspace *as, uint32_t pages)
{
	if (!commit_take(pages))
		return false;
	as->charged += pages;
	return true;
}

void commit_end(struct aspace *as)
{
	DEBUG_ASSERT(as->charged >= as->count.committed);
	if (as->charged != as->count.committed)
		commit_give(as->charged - as->count.committed);
	as->charged = as->count.committed;
}

static void tell_object(const struct vma *v, bool comes)
{
	struct mem_object *o = v->object;

	if (o && o->ops->region_comes)
		(comes ? o->ops->region_comes : o->ops->region_goes)(o, v);
}

/* All of region_add but that the object lists it. */
static void region_enter(struct aspace *as, struct vma *v)
{
	v->flags = region_flags(v->prot, v->flags);
	vma_insert(&as->vmas, v);
	as->count.promised += pages_of(v);
	as->count.committed += region_commitment(v);
	as->generation++;
	list_init(&v->object_link);
	tell_object(v, true);
}

void region_add(struct aspace *as, struct vma *v)
{
	region_enter(as, v);
	object_link(v);
}

/* V is out of the set: the caller of the operation lets go of it. */
static void hand_back(struct vma *v, struct aspace_dropped *d)
{
	object_unlink(v);
	tell_object(v, false);
	v->link.next = d->first ? &d->first->link : NULL;
	d->first = v;
}

void region_drop(struct aspace *as, struct vma *v, struct aspace_dropped *d)
{
	vma_remove(&as->vmas, v);
	as->count.promised -= pages_of(v);
	as->count.committed -= region_commitment(v);
	as->generation++;
	if (v == as->empty_heap)
		as->empty_heap = NULL;
	if (v == as->placed)
		as->placed = NULL;
	hand_back(v, d);
}

void empty_heap_drop(struct aspace *as, vaddr_t start, vaddr_t end, struct aspace_dropped *d)
{
	struct vma *v = as->empty_heap;

	if (v && v->start >= start && v->start <= end)
		region_drop(as, v, d);
}

void region_split(struct aspace *as, struct vma *v, vaddr_t at, struct vma *upper)
{
	as->count.committed -= region_commitment(v);
	vma_split(&as->vmas, v, at, upper);
	as->count.committed += region_commitment(v) + region_commitment(upper);
	as->generation++;
	if (!upper->object)
		return;
	upper->object->ops->get(upper->object);
	tell_object(upper, true);
	object_link(upper);
}

void region_set_prot(struct aspace *as, struct vma *v, uint8_t prot)
{
	as->count.committed -= region_commitment(v);
	v->prot = prot;
	v->flags = region_flags(prot, v->flags);
	as->count.committed += region_commitment(v);
	as->generation++;
}

bool regions_alike(const struct vma *lower, const struct vma *upper)
{
	if (lower->end != upper->start || lower->kind != upper->kind || lower->prot != upper->prot ||
	    lower->flags != upper->flags || lower->object != upper->object)
		return false;
	return !lower->object ||
	       (lower->object_page + pages_of(lower) == upper->object_page && lower->file_end == upper->file_end);
}

void region_join(struct aspace *as, struct vma *lower, struct vma *upper, struct aspace_dropped *d)
{
	as->count.committed -= region_commitment(lower) + region_commitment(upper);
	vma_remove(&as->vmas, upper);
	vma_resize(&as->vmas, lower, lower->start, upper->end);
	object_relink(lower);
	as->count.committed += region_commitment(lower);
	as->generation++;
	hand_back(upper, d);
}

void regions_join(struct aspace *as, vaddr_t start, vaddr_t end, struct aspace_dropped *d)
{
	struct vma *v = vma_find_above(&as->vmas, start), *lower, *next;
	unsigned n = 0;

	lower = v ? vma_prev(&as->vmas, v) : NULL;
	for (; v && v->start <= end; v = next) {
		next = vma_next(&as->vmas, v);
		if (lower && regions_alike(lower, v))
			region_join(as, lower, v, d);
		else
			lower = v;
		pause_after_regions(&n);
	}
}

void aspace_resize_region(struct aspace *as, struct vma *v, vaddr_t start, vaddr_t end)
{
	as->count.promised += (end - start) / PAGE_SIZE - pages_of(v);
	as->count.committed -= region_commitment(v);
	as->generation++;
	if (v->object)
		v->object_page += (start - v->start) >> PAGE_SHIFT;
	vma_resize(&as->vmas, v, start, end);
	as->count.committed += region_commitment(v);
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
	bool is_made;

	if (!commit_take(1))
		return E_NOMEM;
	if (frame_get_made(FRAME_DIRECTORY, FRAME_TABLE, false, &root, &is_made) != OK) {
		commit_give(1);
		return E_NOMEM;
	}
	if (!is_made)
		arch_root_init(arch_window(root));
	*as = (struct aspace){.root = root, .charged = 1, .map_ceiling = USER_TOP - STACK_GUARD_BYTES};
	as->count.committed = 1;
	vma_set_init(&as->vmas);
	return OK;
}

static enum status clone_regions(struct aspace *child, struct aspace *parent)
{
	struct vma *v, *copy;
	unsigned n = 0;

	for (v = vma_first(&parent->vmas); v; v = vma_next(&parent->vmas, v)) {
		if (v == parent->empty_heap)
			continue;
		copy = kmem_alloc(vma_cache);
		if (!copy)
			return E_NOMEM;
		*copy = *v;
		copy->as = child;
		if (copy->object)
			copy->object->ops->get(copy->object);
		region_enter(child, copy);
		pause_after_regions(&n);
	}
	return OK;
}

/* The child is complete: now others may come by way of the objects, and lock it. */
static void link_regions(struct aspace *child)
{
	struct vma *v;
	unsigned n = 0;

	for (v = vma_first(&child->vmas); v; v = vma_next(&child->vmas, v)) {
		object_link(v);
		pause_after_regions(&n);
	}
}

/* CHILD needs no lock: nobody else knows it yet. */
enum status aspace_clone(struct aspace *child, struct aspace *parent) no_lock_check
{
	struct aspace_dropped undone = ASPACE_DROPPED_INIT;
	enum status st = aspace_init(child);

	if (st != OK)
		return st;
	placed_forget(parent);
	child->heap_start = parent->heap_start;
	child->heap_break = parent->heap_break;
	child->stack_limit = parent->stack_limit;
	child->map_ceiling = parent->map_ceiling;
	if (!commit_begin(child, parent->count.committed))
		st = E_NOMEM;
	if (st == OK)
		st = clone_regions(child, parent);
	if (st == OK)
		st = pagetable_clone(child, parent);
	/* Whatever of the parent was write-protected must not be written through an old translation, failure or not. */
	arch_tlb_flush_user();
	if (st != OK) {
		aspace_destroy(child, &undone);
		aspace_release(&undone); /* the parent still holds its references: nothing here is the last */
		return st;
	}
	commit_end(child);
	link_regions(child);
	return OK;
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
	frame_put_made(FRAME_DIRECTORY, as->root);
	as->root = 0;
	as->count.committed = 0;
	commit_end(as);
}

/* ---- unmapping ---- */

struct vma *region_split_by(struct aspace *as, vaddr_t start, vaddr_t end)
{
	struct vma *v = vma_find(&as->vmas, start);

	return v && v->start < start && v->end > end ? v : NULL;
}

/* Cut V at START and END into three, with SPARE for the third; the middle goes. */
static void cut_hole(struct aspace *as, struct vma *v, vaddr_t start, vaddr_t end, struct vma *spare)
{
	region_split(as, v, end, spare);
	aspace_resize_region(as, v, v->start, start);
}

void regions_cut(struct aspace *as, vaddr_t start, vaddr_t end, struct vma *spare, struct aspace_dropped *d)
{
	struct vma *v, *next;
	unsigned n = 0;

	empty_heap_drop(as, start, end, d);
	v = vma_find_above(&as->vmas, start);
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

bool range_check(vaddr_t start, uint32_t len, vaddr_t *end)
{
	if (len == 0 || !page_aligned(start) || len > USER_TOP || start > USER_TOP - len)
		return false;
	*end = page_ceil(start + len);
	return true;
}

enum status aspace_unmap(struct aspace *as, vaddr_t start, uint32_t len, struct aspace_dropped *d)
{
	enum status st;
	vaddr_t end;

	if (!range_check(start, len, &end))
		return E_INVAL;
	if (placed_is(as, start, end))
		return placed_vacate(as);
	placed_forget(as);
	/* One table may be counted for both parts, and pages that are never a program's own do not outweigh it. */
	if (region_split_by(as, start, end) && !commit_begin(as, 1))
		return E_NOMEM;
	st = unmap_range(as, start, end, d);
	commit_end(as);
	return st;
}

/* ---- unmapping an object ---- */

/* Does V show O where it would lie if its page 0 were at BASE? */
static bool shows_at(const struct vma *v, const struct mem_object *o, vaddr_t base)
{
	return v->object == o && v->start - base == v->object_page << PAGE_SHIFT;
}

/* The first region at or above VA, below END, that shows O at BASE; NULL: there is none. */
static struct vma *find_shown(const struct aspace *as, const struct mem_object *o, vaddr_t base, vaddr_t va,
                              vaddr_t end)
{
	struct vma *v = vma_find_above(&as->vmas, va);
	unsigned n = 0;

	while (v && v->start < end && !shows_at(v, o, base)) {
		v = vma_next(&as->vmas, v);
		pause_after_regions(&n);
	}
	return v && v->start < end ? v : NULL;
}

enum status aspace_unmap_object(struct aspace *as, const struct mem_object *o, vaddr_t base, vaddr_t end,
                                struct aspace_dropped *d)
{
	struct vma *v = find_shown(as, o, base, base, end);
	vaddr_t stop;

	if (!v)
		return E_INVAL;
	for (; v; v = find_shown(as, o, base, v->end, end))
		if (pagetable_prepare_unmap(as, v->start, v->end) != OK)
			return E_NOMEM;
	for (v = find_shown(as, o, base, base, end); v; v = find_shown(as, o, base, stop, end)) {
		vaddr_t start = v->start;

		stop = v->end;
		region_drop(as, v, d);
		pagetable_unmap(as, start, stop);
	}
	commit_end(as);
	return OK;
}

uint32_t aspace_drop_cached(struct aspace *as)
{
	return pagetable_drop_cached(as);
}

/* ---- mapping ---- */

bool range_is_free(const struct aspace *as, vaddr_t start, vaddr_t end)
{
	const struct vma *v = vma_find_above(&as->vmas, start);

	return !v || v->start >= end;
}

/* But for the place where the empty heap would grow. */
static bool holds_no_page(const struct aspace *as, vaddr_t start, vaddr_t end)
{
	const struct vma *v = vma_find_above(&as->vmas, start);

	if (v && v == as->empty_heap)
		v = vma_next(&as->vmas, v);
	return !v || v->start >= end;
}

static enum status choose_place(struct aspace *as, const struct map_request *r, uint32_t size, vaddr_t *out)
{
	vaddr_t hint = page_floor(r->addr), high = as->map_ceiling;

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
	if (r->no_replace && !holds_no_page(as, r->addr, end))
		return E_EXIST;
	*out = r->addr;
	return OK;
}

/* Can the request become part of V, whose neighbour it is? */
static bool region_alike(const struct vma *v, const struct map_request *r)
{
	return v->kind == r->kind && v->kind == VMA_ANON && v->prot == r->prot && !v->object &&
	       v->flags == region_flags(r->prot, r->flags) && !r->object;
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
	if (!r->fixed && r->addr == 0 && !r->object)
		placed_note(as, v);
	return OK;
}

enum status aspace_map(struct aspace *as, const struct map_request *r, vaddr_t *out, struct aspace_dropped *d)
{
	uint32_t more = (r->kind == VMA_STACK ? STACK_AHEAD_BYTES / PAGE_SIZE : 0) + (r->fixed ? TABLES_OF_CUTS : 0);
	enum status st;
	vaddr_t start, end;

	if (r->len == 0)
		return E_INVAL;
	if (r->len > USER_TOP)
		return E_NOMEM;
	if (placed_map_again(as, r)) {
		*out = as->placed->start;
		return OK;
	}
	placed_forget(as);
	st = r->fixed ? fixed_place(as, r, &start) : choose_place(as, r, page_ceil(r->len), &start);
	if (st != OK)
		return st;
	end = start + page_ceil(r->len);
	if (!commit_begin(as, commitment_of_range(start, end, region_flags(r->prot, r->flags) & VMA_COMMITTED) + more))
		return E_NOMEM;
	st = map_at(as, r, start, end, d);
	commit_end(as);
	if (st == OK)
		*out = start;
	return st;
}

/* Room for a stack of LIMIT bytes, but not less than is usual: the limit may rise later.  And not more than leaves
   most of user memory to mappings: programs that ask for no limit do not mean to use it all. */
static vaddr_t ceiling_for_stack(uint32_t limit)
{
	uint32_t room = limit > STACK_ROOM_MAX ? STACK_ROOM_MAX : page_ceil(limit);

	return USER_TOP - (room < STACK_ROOM_MIN ? STACK_ROOM_MIN : room) - STACK_GUARD_BYTES;
}

void aspace_set_stack_limit(struct aspace *as, uint32_t limit)
{
	as->stack_limit = limit;
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

	as->map_ceiling = ceiling_for_stack(limit);
	as->stack_limit = limit;
	return aspace_map(as, &r, &at, &d);
}

/* ---- the heap ---- */

void aspace_set_heap(struct aspace *as, vaddr_t start)
{
	as->heap_start = start;
	as->heap_break = start;
}

/* The region that growth from OLD continues: the one that ends there, or the one that is kept though it is empty. */
static struct vma *heap_region(struct aspace *as, vaddr_t old)
{
	struct vma *v;

	if (as->empty_heap)
		return as->empty_heap->end == old ? as->empty_heap : NULL;
	if (old == page_ceil(as->heap_start))
		return NULL;
	v = vma_find(&as->vmas, old - 1);
	return v && v->kind == VMA_HEAP && v->end == old && v->prot == (VMA_READ | VMA_WRITE) ? v : NULL;
}

/* A region for the first page of the heap and what follows. => false: no memory. */
static bool heap_begin(struct aspace *as, vaddr_t start, vaddr_t end)
{
	struct vma *v = kmem_alloc(vma_cache);

	if (!v)
		return false;
	*v = (struct vma){.start = start, .end = end, .prot = VMA_READ | VMA_WRITE, .kind = VMA_HEAP, .as = as};
	region_add(as, v);
	return true;
}

/* The break moves up from OLD to END, both page aligned. => whether there is room and a node. */
static bool heap_grow(struct aspace *as, vaddr_t old, vaddr_t end)
{
	struct vma *v = heap_region(as, old);
	const struct vma *next;

	if (end > as->map_ceiling)
		return false;
	if (!v)
		return range_is_free(as, old, end) && heap_begin(as, old, end);
	next = vma_next(&as->vmas, v);
	if (next && next->start < end)
		return false;
	as->empty_heap = NULL;
	aspace_resize_region(as, v, v->start, end);
	return true;
}

/* The break moves down from OLD to END, both page aligned. => false: no memory for a split.  A heap that becomes empty
   keeps its region, so that a program that takes and gives back all of it does not pay for the tree each time. */
static bool heap_shrink(struct aspace *as, vaddr_t old, vaddr_t end, struct aspace_dropped *d)
{
	struct vma *v = heap_region(as, old);

	if (!v || v->start > end)
		return unmap_range(as, end, old, d) == OK;
	if (pagetable_any(as, end, old)) {
		if (pagetable_prepare_unmap(as, end, old) != OK)
			return false;
		pagetable_unmap(as, end, old);
	}
	aspace_resize_region(as, v, v->start, end);
	if (v->start == end)
		as->empty_heap = v;
	return true;
}

/* What regions count for more, at most, in pages, when the break moves from OLD to END, both page aligned. */
static uint32_t commitment_of_brk(struct aspace *as, vaddr_t old, vaddr_t end)
{
	if (end > old)
		return commitment_of_range(old, end, true);
	return end < old && region_split_by(as, end, old) ? 1 : 0; /* as in aspace_unmap */
}

vaddr_t aspace_brk(struct aspace *as, vaddr_t want, struct aspace_dropped *d)
{
	vaddr_t old_end = page_ceil(as->heap_break), end;
	uint32_t more;

	if (want < as->heap_start || want >= USER_TOP || as->heap_start == 0)
		return as->heap_break;
	placed_forget(as);
	end = page_ceil(want);
	more = commitment_of_brk(as, old_end, end);
	if (more > 0 && !commit_begin(as, more))
		return as->heap_break;
	if (end > old_end ? heap_grow(as, old_end, end) : end == old_end || heap_shrink(as, old_end, end, d))
		as->heap_break = want;
	commit_end(as);
	return as->heap_break;
}
