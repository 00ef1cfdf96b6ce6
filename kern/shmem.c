/* openshmem (kern/shm.h): one page for each id, and for each space a tree of the ids that it has open.  An entry of
   that tree knows how often; its end is that of its last region, however that goes: closed, unmapped, covered, left
   behind by exec or exit.  So a page that the program has taken away itself is not open any more. */
#include "shm_priv.h"

#include <kern/proc.h>
#include <kern/sched.h>
#include <lib/assert.h>
#include <mm/kmalloc.h>

#define ENTRIES_AT_ONCE 64u /* between two points where others may run */

struct numtree shmem_names;
static struct kmem_cache *segment_cache, *attachment_cache;
static const struct mem_object_ops segment_ops;

void shmem_init(void)
{
	numtree_init(&shmem_names);
	segment_cache = kmem_cache_create("shmem", sizeof(struct shm_segment), KMEM_PLAIN);
	attachment_cache = kmem_cache_create("shmem-open", sizeof(struct shmem_attachment), KMEM_PLAIN);
}

bool shmem_is_segment(const struct mem_object *o)
{
	return o->ops == &segment_ops;
}

/* ---- attachments; their space is locked, or nobody knows it yet ---- */

struct shmem_attachment *shmem_attachment_of(struct uspace *us, int32_t id)
{
	struct numtree_node *n = numtree_find(&us->shmem, id);

	return n ? RB_ENTRY(n, struct shmem_attachment, id) : NULL;
}

/* NULL: no memory. */
static struct shmem_attachment *attachment_add(struct uspace *us, struct shm_segment *s)
{
	struct shmem_attachment *a = kmem_alloc(attachment_cache);
	bool is_free;

	if (!a)
		return NULL;
	*a = (struct shmem_attachment){.id.number = s->name.number, .segment = s};
	is_free = numtree_insert(&us->shmem, &a->id);
	KASSERT(is_free);
	us->shmem_bytes += SHMEM_KEPT_BYTES;
	return a;
}

static void attachment_drop(struct uspace *us, struct shmem_attachment *a)
{
	numtree_remove(&us->shmem, &a->id);
	us->shmem_bytes -= SHMEM_KEPT_BYTES;
	kmem_free(attachment_cache, a);
}

/* Is its page where it was put?  If the program has taken it away or made it something else, it is not open. */
static bool is_open(struct uspace *us, const struct shmem_attachment *a) requires_lock(us->as)
{
	const struct vma *v = a ? vma_find(&us->as.vmas, a->at) : NULL;

	return v && v->object == &a->segment->object && v->object_page == 0 && v->start == a->at;
}

/* ---- regions come and go ---- */

static struct uspace *space_of(const struct vma *v)
{
	return container_of(v->as, struct uspace, as);
}

static void region_comes(struct mem_object *o, const struct vma *v)
{
	struct shm_segment *s = shm_segment_of(o);
	struct shmem_attachment *a = shmem_attachment_of(space_of(v), s->name.number);

	KASSERT(a);
	a->regions++;
	if (v->object_page == 0)
		a->at = v->start;
	spin_lock(&shm_lock);
	shm_region_came(s);
	spin_unlock(&shm_lock);
}

static void region_goes(struct mem_object *o, const struct vma *v)
{
	struct shm_segment *s = shm_segment_of(o);
	struct shmem_attachment *a = shmem_attachment_of(space_of(v), s->name.number);

	if (--a->regions == 0)
		attachment_drop(space_of(v), a);
	spin_lock(&shm_lock);
	shm_region_went(s);
	spin_unlock(&shm_lock);
}

static void segment_put(struct mem_object *o)
{
	struct shm_segment *s = shm_segment_of(o);

	if (shm_unref(s))
		kmem_free(segment_cache, s);
}

static const struct mem_object_ops segment_ops = {
	.find_page = shm_find_page,
	.get_page = shm_get_page,
	.make_page = shm_make_page,
	.get = shm_get,
	.put = segment_put,
	.region_comes = region_comes,
	.region_goes = region_goes,
};

/* ---- opening ---- */

static enum status segment_create(int32_t id, struct shm_segment **out)
{
	struct shm_segment *s = kmem_alloc(segment_cache);
	enum status st;

	if (!s)
		return E_NOMEM;
	st = shm_segment_init(s, &segment_ops, 1, &shmem_names, id);
	if (st != OK) {
		kmem_free(segment_cache, s);
		return st;
	}
	*out = s;
	return OK;
}

/* The segment of ID, made if need be; shm_leave is due. => E_NOMEM. */
static enum status segment_enter(int32_t id, struct shm_segment **out)
{
	struct shm_segment *made;
	enum status st = OK;

	*out = shm_enter(&shmem_names, id, NULL);
	if (*out)
		return OK;
	st = segment_create(id, &made);
	if (st != OK)
		return st;
	*out = shm_enter(&shmem_names, id, made);
	if (*out != made)
		segment_put(&made->object); /* somebody was first */
	return OK;
}

static enum status map_page(struct uspace *us, struct shm_segment *s) requires_lock(us->as)
{
	const struct map_request r = {
		.len = PAGE_SIZE,
		.prot = VMA_READ | VMA_WRITE,
		.flags = VMA_SHARED,
		.kind = VMA_SHM,
		.object = &s->object,
	};
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT; /* stays empty: nothing is replaced */
	vaddr_t at;

	return aspace_map(&us->as, &r, &at, &dropped);
}

/* Open S in US, which has not. */
static enum status attach(struct uspace *us, struct shm_segment *s, vaddr_t *at) requires_lock(us->as)
{
	struct shmem_attachment *a = shmem_attachment_of(us, s->name.number);
	enum status st;

	if (!a) /* else: something of it is left, but not the page */
		a = attachment_add(us, s);
	if (!a)
		return E_NOMEM;
	st = map_page(us, s);
	if (st == OK) {
		a->opens = 1;
		*at = a->at;
	} else if (a->regions == 0) {
		attachment_drop(us, a);
	}
	return st;
}

static enum status open_again(struct shmem_attachment *a, vaddr_t *at)
{
	if (a->opens == UINT32_MAX)
		return E_OVERFLOW;
	a->opens++;
	*at = a->at;
	return OK;
}

enum status shmem_open(int32_t id, vaddr_t *at)
{
	struct uspace *us = current_thread()->uspace;
	struct shmem_attachment *a;
	struct shm_segment *s;
	enum status st;

	if (id <= 0)
		return E_INVAL;
	st = segment_enter(id, &s);
	if (st != OK)
		return st;
	uspace_lock(us);
	a = shmem_attachment_of(us, id);
	st = is_open(us, a) ? open_again(a, at) : attach(us, s, at);
	uspace_unlock(us);
	shm_leave(s);
	return st;
}

enum status shmem_close(int32_t id)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	struct shmem_attachment *a;
	enum status st = OK;

	uspace_lock(us);
	a = shmem_attachment_of(us, id);
	if (!is_open(us, a))
		st = E_INVAL;
	else if (a->opens > 1)
		a->opens--;
	else
		st = aspace_unmap(&us->as, a->at, PAGE_SIZE, &dropped);
	uspace_unlock_release(us, &dropped);
	return st;
}

/* ---- fork ---- */

enum status shmem_fork(struct uspace *child, struct uspace *parent)
{
	struct numtree_node *n = numtree_from(&parent->shmem, 1);

	for (unsigned done = 1; n; done++) {
		const struct shmem_attachment *a = RB_ENTRY(n, struct shmem_attachment, id);
		struct shmem_attachment *copy = attachment_add(child, a->segment);

		if (!copy)
			return E_NOMEM;
		copy->opens = a->opens;
		copy->at = a->at;
		if (done % ENTRIES_AT_ONCE == 0)
			sched_point();
		n = n->number == INT32_MAX ? NULL : numtree_from(&parent->shmem, n->number + 1);
	}
	return OK;
}

void shmem_forget(struct uspace *child)
{
	struct numtree_node *n;

	for (unsigned done = 1; (n = numtree_from(&child->shmem, 1)) != NULL; done++) {
		attachment_drop(child, RB_ENTRY(n, struct shmem_attachment, id));
		if (done % ENTRIES_AT_ONCE == 0)
			sched_point();
	}
}
