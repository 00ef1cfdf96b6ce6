/* Mistakes of those who use kmalloc, and who made them.  Every build names the caller of what cannot be.  A debug
   build keeps for each object whether it is in use, who asked for how many bytes, and who freed it: beside the objects,
   so that a wrong free is found by what was done and not by what the object holds.  A free object is filled with
   POISON, which must still be there when the object is handed out again or its slab goes; the bytes behind those that
   were asked for are a red zone, which is looked at when the object is freed.  Of the objects whose page went back to
   the frame pool the last some are remembered, so that a second free can name the first. */
#include "kmalloc_priv.h"

#include <lib/assert.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <lib/symtab.h>
#include <mm/frame.h>
#include <mm/look.h>

struct caller_text caller_text(const void *pc)
{
	uint32_t call = (uint32_t)(uintptr_t)pc - 1, offset = 0; /* the next function may begin behind the call */
	const char *name = pc ? symtab_find(&kernel_symtab, call, &offset) : NULL;
	struct caller_text t;

	if (!pc)
		(void)fmt_snprintf(t.text, sizeof t.text, "nobody yet");
	else
		(void)fmt_snprintf(t.text, sizeof t.text, "%.48s+0x%x (%p)", name ? name : "?",
		                   name ? (unsigned)offset + 1 : 0, pc);
	return t;
}

#ifdef CONFIG_DEBUG
#define POISON 0xdfu   /* free */
#define FRESH 0xa5u    /* handed out and not written yet */
#define RED_BYTE 0xb3u /* behind what was asked for */

/* => the first of N bytes that is not VALUE, or N. */
static uint32_t first_other(const uint8_t *p, uint8_t value, uint32_t n)
{
	const uint32_t word = value * 0x01010101u;
	uint32_t i = 0;

	while (i < n && (i + (uintptr_t)p) % 4 != 0 && p[i] == value)
		i++;
	if ((i + (uintptr_t)p) % 4 == 0)
		while (i + 4 <= n && *(const uint32_t *)(const void *)(p + i) == word)
			i += 4;
	while (i < n && p[i] == value)
		i++;
	return i;
}

static void check_poison(const struct kmem_cache *c, const struct object_track *t, const uint8_t *p)
{
	uint32_t at = first_other(p, POISON, c->stride);

	if (at < c->stride)
		panic("%s: object %p was written after it was freed, byte %u is %02x; allocated by %s, freed by %s",
		      c->name, (const void *)p, at, p[at], caller_text(t->allocated_by).text,
		      caller_text(t->freed_by).text);
}

static void check_red_zone(const struct kmem_cache *c, const struct object_track *t, const uint8_t *p, const void *pc)
{
	uint32_t at = t->size + first_other(p + t->size, RED_BYTE, c->stride - t->size);

	if (at < c->stride)
		panic("%s: object %p of %u bytes was written beyond its end, byte %u is %02x; allocated by %s, freed "
		      "by %s",
		      c->name, (const void *)p, t->size, at, p[at], caller_text(t->allocated_by).text,
		      caller_text(pc).text);
}

/* The last objects whose slabs went, in a ring.  Entries are written without a lock: one that two write at once says
   something wrong in a panic, at the worst. */
#define GONE_MAX 1024u
static struct gone {
	const void *p, *allocated_by, *freed_by;
} gone[GONE_MAX];
static uint32_t ngone; /* (!) ever */

static void note_gone(const void *p, const struct object_track *t)
{
	if (t->freed_by)
		gone[__atomic_fetch_add(&ngone, 1, __ATOMIC_RELAXED) % GONE_MAX] =
			(struct gone){p, t->allocated_by, t->freed_by};
}

/* Who had P last. => NULL: it is not remembered. */
static const struct gone *find_gone(const void *p)
{
	uint32_t n = __atomic_load_n(&ngone, __ATOMIC_RELAXED);

	for (uint32_t i = 1; i <= GONE_MAX && i <= n; i++)
		if (gone[(n - i) % GONE_MAX].p == p)
			return &gone[(n - i) % GONE_MAX];
	return NULL;
}

static uint8_t *object_at(const struct slab *s, uint32_t i)
{
	return (uint8_t *)arch_window(s->page) + s->cache->first + (size_t)i * s->cache->stride;
}

void slab_check_create(struct slab *s)
{
	memset(s->track, 0, s->cache->per_slab * sizeof s->track[0]);
	memset(object_at(s, 0), POISON, (size_t)s->cache->per_slab * s->cache->stride);
}

void slab_check_destroy(struct slab *s)
{
	for (uint32_t i = 0; i < s->cache->per_slab; i++) {
		check_poison(s->cache, &s->track[i], object_at(s, i));
		note_gone(object_at(s, i), &s->track[i]);
	}
}

void object_check_alloc(struct kmem_cache *c, void *p, size_t size, const void *pc)
{
	struct object_track *t = object_track(frame_of(arch_window_pa(p))->slab, p);

	if (__atomic_exchange_n(&t->state, OBJECT_LIVE, __ATOMIC_ACQ_REL) != OBJECT_FREE)
		panic("%s: object %p is in use and free; allocated by %s", c->name, p,
		      caller_text(t->allocated_by).text);
	check_poison(c, t, p);
	t->allocated_by = pc;
	t->size = (uint16_t)size;
	memset(p, FRESH, size);
	memset((uint8_t *)p + size, RED_BYTE, c->stride - size);
}

/* P lies in a page of KIND, which is no slab's. */
static noreturn_fn void panic_no_slab(const char *name, const void *p, enum frame_kind kind, const void *pc)
{
	const struct gone *g = find_gone(p);

	if (!g)
		panic("%s: free of %p, which is in a page of kind %s, by %s", name, p, frame_kind_name(kind),
		      caller_text(pc).text);
	panic("%s: free of %p, which is in a page of kind %s, by %s; last allocated by %s, freed by %s", name, p,
	      frame_kind_name(kind), caller_text(pc).text, caller_text(g->allocated_by).text,
	      caller_text(g->freed_by).text);
}

/* The slab that P lies in; panics when it cannot. */
static struct slab *slab_of(const char *name, const void *p, const void *pc)
{
	pfn_t pfn = arch_window_pa(p) >> PAGE_SHIFT;
	struct frame_look look = {.pooled = false};

	if (pfn < frame_limit())
		frame_look(pfn, &look);
	if (!look.pooled)
		panic("%s: free of %p, which is no memory of the pool, by %s", name, p, caller_text(pc).text);
	if (look.kind != FRAME_SLAB)
		panic_no_slab(name, p, look.kind, pc);
	return frame_table[pfn].slab;
}

/* Of the object that begins at P; panics when none does. */
static struct object_track *track_of(struct slab *s, const void *p, const void *pc)
{
	const struct kmem_cache *c = s->cache;
	uint32_t at = (uint32_t)(arch_window_pa(p) & PAGE_MASK) - c->first, i = at / c->stride;

	if ((uint32_t)(arch_window_pa(p) & PAGE_MASK) < c->first || i >= c->per_slab)
		panic("%s: free of %p, which is no object but beside them, by %s", c->name, p, caller_text(pc).text);
	if (at % c->stride != 0)
		panic("%s: free of %p, which is %u bytes inside object %p, by %s; that was allocated by %s", c->name, p,
		      at % c->stride, (const void *)object_at(s, i), caller_text(pc).text,
		      caller_text(s->track[i].allocated_by).text);
	return &s->track[i];
}

void object_check_free(const struct kmem_cache *c, void *p, const void *pc)
{
	const char *name = c ? c->name : "kfree";
	struct slab *s = slab_of(name, p, pc);
	struct object_track *t = track_of(s, p, pc);

	if (c ? s->cache != c : !s->cache->of_kmalloc)
		panic("%s: free of %p, which is an object of %s, by %s; allocated by %s", name, p, s->cache->name,
		      caller_text(pc).text, caller_text(t->allocated_by).text);
	if (__atomic_exchange_n(&t->state, OBJECT_FREE, __ATOMIC_ACQ_REL) != OBJECT_LIVE)
		panic("%s: object %p was freed twice, by %s; allocated by %s, freed by %s", s->cache->name, p,
		      caller_text(pc).text, caller_text(t->allocated_by).text, caller_text(t->freed_by).text);
	t->freed_by = pc;
	check_red_zone(s->cache, t, p, pc);
	memset(p, POISON, s->cache->stride);
}
#endif
