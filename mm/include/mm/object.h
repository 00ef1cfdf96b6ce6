/* Where the content of a region comes from: a file, a device, shared memory.  mm declares, the floors above fill in. */
#ifndef MM_OBJECT_H
#define MM_OBJECT_H

#include <arch/types.h>
#include <lib/list.h>
#include <lib/status.h>
#include <sync/spinlock.h>

struct mem_object;

struct mem_object_ops {
	/* Page INDEX, if it is in memory and inside the object: a new reference to its frame in *PA.  Never sleeps; the
	   address space is locked. */
	bool (*find_page)(struct mem_object *o, uint32_t index, paddr_t *pa);
	/* The same, brought in as needed, the reference made by frame_pin.  May sleep; called with nothing locked.
	   => E_SIGBUS: past the end; E_IO, E_NOMEM. */
	enum status (*get_page)(struct mem_object *o, uint32_t index, paddr_t *pa);
	/* A region refers to the object, or does no more.  get: the caller has a reference itself.  put may sleep. */
	void (*get)(struct mem_object *o);
	void (*put)(struct mem_object *o);
};

struct mem_object {
	const struct mem_object_ops *ops; /* (c) */
	struct spinlock maps_lock;        /* RANK_OBJECT_MAPS */
	struct list maps;                 /* guarded by maps_lock: the regions (struct vma, object_link) that map it */
};

static inline void mem_object_init(struct mem_object *o, const struct mem_object_ops *ops)
{
	o->ops = ops;
	spinlock_init(&o->maps_lock, RANK_OBJECT_MAPS, "object maps");
	list_init(&o->maps);
}

#endif
