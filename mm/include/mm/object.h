/* Where the content of a region comes from: a file, a device, shared memory.  mm declares, the floors above fill in. */
#ifndef MM_OBJECT_H
#define MM_OBJECT_H

#include <arch/types.h>
#include <lib/list.h>
#include <lib/status.h>
#include <mm/vma.h>
#include <sync/spinlock.h>

struct mem_object;

struct mem_object_ops {
	/* Page INDEX, if it is in memory and inside the object: a new reference to its frame in *PA.  WRITE: it is to
	   be written through a shared mapping: only if the object knows already that it changes.  Never sleeps; the
	   address space is locked. */
	bool (*find_page)(struct mem_object *o, uint32_t index, bool write, paddr_t *pa);
	/* The same, brought in as needed, the reference made by frame_pin.  May sleep; called with nothing locked.
	   => E_SIGBUS: past the end; E_IO, E_NOMEM, E_NOSPC. */
	enum status (*get_page)(struct mem_object *o, uint32_t index, bool write, paddr_t *pa);
	/* The same where nothing has to be waited for; asked after find_page.  => false: it must be, or it cannot be
	   had.  Never sleeps; the address space is locked.  NULL: always false. */
	bool (*make_page)(struct mem_object *o, uint32_t index, paddr_t *pa);
	/* A region refers to the object, or does no more.  get: the caller has a reference itself.  put may sleep. */
	void (*get)(struct mem_object *o);
	void (*put)(struct mem_object *o);
	/* The region V has come into its space, or goes out of it; so do those that a fork, a cut or a move makes, and
	   a region that is moved comes before it goes.  While it is told, and so for as long as V is in its space, V
	   has a reference.  The space is locked (a fork's child is its maker's); does not sleep, cannot fail.  NULL:
	   nobody wants to know. */
	void (*region_comes)(struct mem_object *o, const struct vma *v);
	void (*region_goes)(struct mem_object *o, const struct vma *v);
};

struct mem_object {
	const struct mem_object_ops *ops; /* (c) */
	struct spinlock maps_lock;        /* RANK_OBJECT_MAPS */
	struct list maps;                 /* guarded by maps_lock: the regions (struct vma, object_link) that map it */
	uint32_t writers;                 /* maps_lock to write: those of them that share, and may be written */
};

static inline void mem_object_init(struct mem_object *o, const struct mem_object_ops *ops)
{
	o->ops = ops;
	spinlock_init(&o->maps_lock, RANK_OBJECT_MAPS, "object maps");
	list_init(&o->maps);
	o->writers = 0;
}

/* A walk over the regions that map an object, one space after the other.  A region that comes while it is under way is
   met too, at the end; so what is true of the object before it begins, and is done to each region that is met, holds of
   all of them afterwards.  The list is not locked between two steps: the walk's own place in it is a region of no
   space. */
struct object_walk {
	struct mem_object *object;
	struct vma place;
};
void object_walk_begin(struct object_walk *w, struct mem_object *o);
/* The space of the next region; PIN is called with it, under the list's lock, and sees to it that it stays in memory.
   => NULL: there are no more. */
struct aspace *object_walk_space(struct object_walk *w, void (*pin)(struct aspace *as));
/* The next region, if it is one of AS, which is locked; else NULL.  The walk stays where it is. */
struct vma *object_walk_region(struct object_walk *w, const struct aspace *as);
void object_walk_pass(struct object_walk *w); /* go past the region that object_walk_region gave */
void object_walk_end(struct object_walk *w);

#endif
