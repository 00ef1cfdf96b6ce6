/* The audit of kmalloc (docs/audit.md): every slab, its lists and free objects, and the stocks, against the counts. */
#include "kmalloc_priv.h"

#include <lib/assert.h>
#include <mm/audit.h>
#include <mm/frame.h>
#include <mm/look.h>

/* => whether P is where an object of S begins. */
static bool is_object_of(const struct slab *s, const void *p)
{
	const struct kmem_cache *c = s->cache;
	size_t at = (size_t)((const char *)p - (const char *)arch_window(s->page)) - c->first;

	return at < (size_t)c->per_slab * c->stride && at % c->stride == 0;
}

/* The free objects of S: all of S, and as many as are not used.  (One that is there twice makes a circle.) */
static void audit_free_objects(struct slab *s, struct audit *r)
{
	const struct kmem_cache *c = s->cache;
	uint32_t n = 0;

	for (void *o = s->free; o && n <= c->per_slab; o = *object_link(s, o), n++) {
		if (is_object_of(s, o))
			continue;
		audit_say(r, "%s: the free list of the slab in frame %u leads to %p", c->name, s->page >> PAGE_SHIFT,
		          o);
		return;
	}
	if (n + s->used != c->per_slab)
		audit_say(r, "%s: the slab in frame %u has %u of %u objects free and %u used", c->name,
		          s->page >> PAGE_SHIFT, n, c->per_slab, s->used);
}

static void audit_slab(const struct kmem_cache *c, struct slab *s, struct audit *r)
{
	const struct frame *f;

	if (s->cache != c || s->page >> PAGE_SHIFT >= frame_limit()) {
		audit_say(r, "%s: the slab %p is none of it", c->name, (const void *)s);
		return;
	}
	f = frame_of(s->page);
	if (f->kind != FRAME_SLAB || f->slab != s)
		audit_say(r, "%s: frame %u is not of the slab that lies there", c->name, s->page >> PAGE_SHIFT);
	audit_free_objects(s, r);
}

/* What the slabs of a cache add up to. */
struct slab_sum {
	uint32_t slabs, used;
};

/* The slabs of LIST; each has from MIN to MAX objects used. */
static void audit_slabs(const struct kmem_cache *c, const struct list *list, uint32_t min, uint32_t max,
                        struct slab_sum *sum, struct audit *r)
{
	for (struct list *it = list->next; it != list && audit_is_clean(r); it = it->next) {
		struct slab *s = container_of(it, struct slab, link);

		if (it->next->prev != it || sum->slabs++ > c->pages) {
			audit_say(r, "%s: a list of its slabs is broken", c->name);
			return;
		}
		audit_slab(c, s, r);
		if (s->used < min || s->used > max)
			audit_say(r, "%s: the slab in frame %u is on the wrong list, with %u of %u used", c->name,
			          s->page >> PAGE_SHIFT, s->used, c->per_slab);
		sum->used += s->used;
	}
}

/* => whether P, of a stock of C, is an object that its slab gave out. */
static bool is_given_out(const struct kmem_cache *c, const void *p)
{
	pfn_t pfn = arch_window_pa(p) >> PAGE_SHIFT;
	struct slab *s = pfn < frame_limit() && frame_table[pfn].kind == FRAME_SLAB ? frame_table[pfn].slab : NULL;

	if (!s || s->cache != c || !is_object_of(s, p))
		return false;
	for (void *o = s->free; o; o = *object_link(s, o))
		if (o == p)
			return false;
	return true;
}

/* => how many objects are in the stocks of C. */
static uint32_t audit_stocks(const struct kmem_cache *c, struct audit *r)
{
	uint32_t n = 0;

	for (unsigned cpu = 0; cpu < ARCH_MAX_CPUS; cpu++) {
		const struct object_stock *k = &c->stock[cpu];

		if (k->n > STOCK_MAX)
			audit_say(r, "%s: the stock of cpu %u has %u objects", c->name, cpu, k->n);
		for (uint32_t i = 0; i < k->n && audit_is_clean(r); i++, n++)
			if (!is_given_out(c, k->item[i]))
				audit_say(r, "%s: %p in the stock of cpu %u is no object in use", c->name, k->item[i],
				          cpu);
	}
	return n;
}

/* => the slabs of C. */
static uint32_t audit_cache(const struct kmem_cache *c, struct audit *r)
{
	struct slab_sum empty = {0, 0}, all;

	audit_slabs(c, &c->empty, 0, 0, &empty, r);
	all = empty;
	audit_slabs(c, &c->partial, 1, c->per_slab - 1, &all, r);
	audit_slabs(c, &c->full, c->per_slab, c->per_slab, &all, r);
	if (empty.slabs != c->nempty || all.slabs != c->pages || all.used != c->out)
		audit_say(r, "%s: %u slabs, %u empty, %u objects used; counted %u, %u, %u", c->name, all.slabs,
		          empty.slabs, all.used, c->pages, c->nempty, c->out);
	if (audit_is_clean(r) && audit_stocks(c, r) > c->out)
		audit_say(r, "%s: more objects in stocks than are out of slabs", c->name);
	return all.slabs;
}

bool kmalloc_audit(struct audit *r)
{
	const struct kmem_cache *c;
	uint32_t pages = 0;

	for (unsigned i = 0; audit_is_clean(r) && (c = kmem_cache_at(i)) != NULL; i++)
		pages += audit_cache(c, r);
	if (pages != frame_count_kind(FRAME_SLAB))
		audit_say(r, "%u pages are slabs, counted %u", pages, frame_count_kind(FRAME_SLAB));
	return audit_is_clean(r);
}
