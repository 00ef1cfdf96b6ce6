/* Shared memory with a name (kern/shm.h): the part that openshmem and System V share. A segment is an object in front
   of shared anonymous memory, which gives it its pages.  It counts its regions through region_comes and region_goes,
   and not by references: a page fault and a look hold references too.  Regions come and go with their space locked, so
   the last one that goes can only take the name away; the memory goes with the last reference, which is dropped where
   nothing is locked. */
#include "shm_priv.h"

#include <lib/assert.h>
#include <mm/shared.h>

struct spinlock shm_lock = SPINLOCK_INIT(RANK_SHM, "shared memory's names");

void shm_init(void)
{
	shmem_init();
	sysv_shm_init();
}

enum status shm_segment_init(struct shm_segment *s, const struct mem_object_ops *ops, uint32_t pages,
                             struct numtree *names, int32_t number)
{
	*s = (struct shm_segment){.npages = pages, .refs = 1, .names = names, .name.number = number};
	mem_object_init(&s->object, ops);
	return shared_create(pages, &s->pages);
}

/* ---- names ---- */

void shm_name(struct shm_segment *s)
{
	bool is_free = numtree_insert(s->names, &s->name);

	KASSERT(is_free);
	s->is_named = true;
	shm_get(&s->object);
}

/* The caller has a reference, so that of the name is not the last. */
static void forget_if_unused(struct shm_segment *s) requires_lock(shm_lock)
{
	if (!s->is_named || s->is_kept || s->regions > 0 || s->openers > 0)
		return;
	numtree_remove(s->names, &s->name);
	s->is_named = false;
	__atomic_sub_fetch(&s->refs, 1, __ATOMIC_RELAXED);
}

struct shm_segment *shm_enter(struct numtree *names, int32_t number, struct shm_segment *new_segment)
{
	struct shm_segment *s = NULL;
	struct numtree_node *n;

	spin_lock(&shm_lock);
	n = numtree_find(names, number);
	if (n) {
		s = RB_ENTRY(n, struct shm_segment, name);
		shm_get(&s->object);
	} else if (new_segment) {
		s = new_segment;
		shm_name(s);
	}
	if (s)
		s->openers++;
	spin_unlock(&shm_lock);
	return s;
}

void shm_leave(struct shm_segment *s)
{
	spin_lock(&shm_lock);
	s->openers--;
	forget_if_unused(s);
	spin_unlock(&shm_lock);
	s->object.ops->put(&s->object);
}

void shm_region_came(struct shm_segment *s)
{
	s->regions++;
}

void shm_region_went(struct shm_segment *s)
{
	s->regions--;
	forget_if_unused(s);
}

struct shm_label shm_label_of(const struct mem_object *o)
{
	const struct shm_segment *s = shm_segment_of(o);

	if (shmem_is_segment(o))
		return (struct shm_label){SHM_PAGE, s->name.number, 0};
	if (sysv_shm_is_segment(o))
		return (struct shm_label){SHM_SYSV, s->name.number, sysv_shm_key_of(s)};
	return (struct shm_label){SHM_NONE, 0, 0};
}

/* ---- as objects ---- */

bool shm_find_page(struct mem_object *o, uint32_t index, bool write, paddr_t *pa)
{
	struct mem_object *pages = shm_segment_of(o)->pages;

	return pages->ops->find_page(pages, index, write, pa);
}

enum status shm_get_page(struct mem_object *o, uint32_t index, bool write, paddr_t *pa)
{
	struct mem_object *pages = shm_segment_of(o)->pages;

	return pages->ops->get_page(pages, index, write, pa);
}

bool shm_make_page(struct mem_object *o, uint32_t index, paddr_t *pa)
{
	struct mem_object *pages = shm_segment_of(o)->pages;

	return pages->ops->make_page(pages, index, pa);
}

void shm_get(struct mem_object *o)
{
	__atomic_add_fetch(&shm_segment_of(o)->refs, 1, __ATOMIC_RELAXED);
}

bool shm_unref(struct shm_segment *s)
{
	if (__atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return false;
	DEBUG_ASSERT(!s->is_named && s->regions == 0 && s->openers == 0 && list_is_empty(&s->object.maps));
	s->pages->ops->put(s->pages);
	return true;
}
