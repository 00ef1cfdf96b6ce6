/* A walk over the address spaces that map an object (kern/mappings.h).  Each is locked in turn, with nothing else held.
   A space is only pinned: to hold a reference would mean to drop it, maybe the last one, and to end a process's memory
   here could mean to wait for the very pages that the caller is about to write. */
#include <kern/mappings.h>

#include <kern/uspace.h>

static struct uspace *uspace_of(struct aspace *as)
{
	return container_of(as, struct uspace, as);
}

static void pin_space(struct aspace *as)
{
	uspace_pin(uspace_of(as));
}

/* CUT: no region shows pages from FIRST on any more; else: writes to the N from FIRST on will fault. */
static void walk(struct mem_object *o, bool cut, uint32_t first, uint32_t n)
{
	struct object_walk w;
	struct aspace *as;
	const struct vma *v;

	object_walk_begin(&w, o);
	while ((as = object_walk_space(&w, pin_space)) != NULL) {
		struct uspace *us = uspace_of(as);

		uspace_lock(us);
		while ((v = object_walk_region(&w, &us->as)) != NULL) {
			if (cut)
				aspace_cut_object(&us->as, v, first);
			else
				aspace_protect_object(&us->as, v, first, n);
			object_walk_pass(&w);
		}
		uspace_unlock(us);
		uspace_unpin(us);
	}
	object_walk_end(&w);
}

void mappings_protect(struct mem_object *o, uint32_t first, uint32_t n)
{
	walk(o, false, first, n);
}

void mappings_cut(struct mem_object *o, uint32_t first)
{
	walk(o, true, first, 0);
}
