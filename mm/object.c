/* Objects and the regions that map them (mm/object.h). */
#include <mm/object.h>

void object_walk_begin(struct object_walk *w, struct mem_object *o)
{
	w->object = o;
	w->place.as = NULL;
	spin_lock(&o->maps_lock);
	list_add_head(&o->maps, &w->place.object_link);
	spin_unlock(&o->maps_lock);
}

void object_walk_end(struct object_walk *w)
{
	spin_lock(&w->object->maps_lock);
	list_remove(&w->place.object_link);
	spin_unlock(&w->object->maps_lock);
}

static void move_behind(struct object_walk *w, struct list *l)
{
	list_remove(&w->place.object_link);
	list_insert_after(l, &w->place.object_link);
}

/* The next region, other walks passed over; NULL: none.  The list is locked. */
static struct vma *next_region(struct object_walk *w)
{
	struct list *l;

	while ((l = w->place.object_link.next) != &w->object->maps) {
		struct vma *v = LIST_ENTRY(l, struct vma, object_link);

		if (v->as)
			return v;
		move_behind(w, l);
	}
	return NULL;
}

struct aspace *object_walk_space(struct object_walk *w, void (*pin)(struct aspace *as))
{
	struct aspace *as = NULL;
	const struct vma *v;

	spin_lock(&w->object->maps_lock);
	v = next_region(w);
	if (v) {
		as = v->as;
		pin(as);
	}
	spin_unlock(&w->object->maps_lock);
	return as;
}

struct vma *object_walk_region(struct object_walk *w, const struct aspace *as)
{
	struct vma *v;

	spin_lock(&w->object->maps_lock);
	v = next_region(w);
	spin_unlock(&w->object->maps_lock);
	return v && v->as == as ? v : NULL;
}

/* The space is still locked, so the region is still there; what is added comes at the end. */
void object_walk_pass(struct object_walk *w)
{
	const struct vma *v;

	spin_lock(&w->object->maps_lock);
	v = next_region(w);
	if (v)
		move_behind(w, w->place.object_link.next);
	spin_unlock(&w->object->maps_lock);
}
