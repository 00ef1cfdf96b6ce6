/* The kernel's small memory. A slab is one page of equal objects; its free ones are chained through their first word.
   Its header lies at the start of the page, or, where that would waste an object's room (half a KiB and more), in a
   small object of its own.  The frame's struct points to the header, so kfree needs no size.  In front stands a stock
   of objects per CPU with a lock of its own, which only the trimmer ever takes from another CPU. Slabs of several
   pages were not taken: they need neighbouring frames, and nothing here is larger than a page.  A debug build keeps
   what it knows of each object in the header, the chain of the free ones too (kmalloc_check.c). */
#include "kmalloc_priv.h"

#include <lib/assert.h>
#include <lib/string.h>
#include <mm/frame.h>
#include <mm/hooks.h>

#define CACHES_MAX 56u
#define STOCK_BATCH 8u
#define EMPTY_KEPT 1u      /* empty slabs a cache keeps for the next burst */
#define OFF_SLAB_SIZE 512u /* from this size on the header lies elsewhere */
_Static_assert(TRACK_SIZE % 16 == 0, "what stands behind them is aligned");
#define SLAB_HEADER (sizeof(struct slab) + PAGE_SIZE / OFF_SLAB_SIZE * TRACK_SIZE)

static struct kmem_cache caches[CACHES_MAX];
static unsigned ncaches; /* grows at boot only */

/* The sizes of kmalloc.  Between powers of two lies one that fits a page well: with powers alone a quarter of the room
   would go to waste on average, so it is a seventh. */
static const struct {
	uint32_t size;
	const char *name;
} kmalloc_classes[] = {
	{16, "kmalloc-16"},     {32, "kmalloc-32"},     {48, "kmalloc-48"},     {64, "kmalloc-64"},
	{96, "kmalloc-96"},     {128, "kmalloc-128"},   {192, "kmalloc-192"},   {256, "kmalloc-256"},
	{384, "kmalloc-384"},   {512, "kmalloc-512"},   {672, "kmalloc-672"},   {816, "kmalloc-816"},
	{1024, "kmalloc-1024"}, {1360, "kmalloc-1360"}, {2048, "kmalloc-2048"}, {4096, "kmalloc-4096"},
};
#define KMALLOC_STEP 16u
static struct kmem_cache *kmalloc_caches[ARRAY_SIZE(kmalloc_classes)]; /* (c) */
static uint8_t kmalloc_class[KMALLOC_MAX / KMALLOC_STEP + 1];          /* (c) by size in steps, rounded up */
static struct kmem_cache *slab_headers;                                /* (c) */

/* ---- slabs ---- */

static always_inline void *object_take(struct kmem_cache *c, size_t size, const void *pc);

static enum status slab_header_place(struct kmem_cache *c, void *page, struct slab **out)
{
	*out = c->off_slab ? object_take(slab_headers, SLAB_HEADER, __builtin_return_address(0)) : page;
	return *out ? OK : E_NOMEM;
}

/* The N objects from OBJECTS on, STRIDE bytes each, are the free ones of S, in this order. */
static void slab_chain(struct slab *s, char *objects, uint32_t stride, uint32_t n)
{
	void *next = NULL;

	while (n-- > 0) {
		char *o = objects + (size_t)n * stride;

		*object_link(s, o) = next;
		next = o;
	}
	s->free = next;
}

/* A new slab, all objects free, on no list.  C is not locked. */
static struct slab *slab_create(struct kmem_cache *c)
{
	struct slab *s;
	paddr_t pa;

	if (frame_get(FRAME_SLAB, &pa) != OK)
		return NULL;
	if (slab_header_place(c, arch_window(pa), &s) != OK) {
		frame_put(pa);
		return NULL;
	}
	*s = (struct slab){.cache = c, .page = pa};
	frame_of(pa)->slab = s;
	slab_check_create(s);
	slab_chain(s, (char *)arch_window(pa) + c->first, c->stride, c->per_slab);
	return s;
}

static void slab_destroy(struct kmem_cache *c, struct slab *s)
{
	paddr_t page = s->page;

	slab_check_destroy(s);
	if (c->off_slab)
		kmem_free(slab_headers, s);
	frame_put(page);
}

static void *slab_take(struct kmem_cache *c, struct slab *s)
{
	void *o = s->free;

	s->free = *object_link(s, o);
	c->out++;
	if (s->used++ == 0 && s->link.next != &s->link) {
		list_remove(&s->link);
		list_add_head(&c->partial, &s->link);
	}
	if (!s->free) {
		list_remove(&s->link);
		list_add_head(&c->full, &s->link);
	}
	return o;
}

static struct slab *cache_pick_slab(struct kmem_cache *c)
{
	if (!list_is_empty(&c->partial))
		return LIST_ENTRY(c->partial.next, struct slab, link);
	if (list_is_empty(&c->empty))
		return NULL;
	c->nempty--;
	return LIST_ENTRY(c->empty.next, struct slab, link);
}

/* Up to WANT objects from the slabs of C. => how many. */
static uint32_t cache_take(struct kmem_cache *c, void **to, uint32_t want)
{
	uint32_t n = 0;
	struct slab *s;

	spin_lock(&c->lock);
	while (n < want && (s = cache_pick_slab(c)) != NULL)
		do
			to[n++] = slab_take(c, s);
		while (n < want && s->free);
	spin_unlock(&c->lock);
	return n;
}

static enum status cache_grow(struct kmem_cache *c)
{
	struct slab *s = slab_create(c);

	if (!s)
		return E_NOMEM;
	spin_lock(&c->lock);
	list_add_head(&c->empty, &s->link);
	c->nempty++;
	c->pages++;
	spin_unlock(&c->lock);
	return OK;
}

static void slab_give_back(struct kmem_cache *c, void *p)
{
	struct slab *s = frame_of(arch_window_pa(p))->slab;

	if (!s->free) {
		list_remove(&s->link);
		list_add_head(&c->partial, &s->link);
	}
	*object_link(s, p) = s->free;
	s->free = p;
	c->out--;
	if (--s->used == 0) {
		list_remove(&s->link);
		list_add_head(&c->empty, &s->link);
		c->nempty++;
	}
}

/* Give empty slabs back to the frame pool, but for KEEP. */
static void cache_shrink(struct kmem_cache *c, uint32_t keep)
{
	struct list *it;

	for (;;) {
		spin_lock(&c->lock);
		it = c->nempty > keep ? list_pop(&c->empty) : NULL;
		if (it) {
			c->nempty--;
			c->pages--;
		}
		spin_unlock(&c->lock);
		if (!it)
			return;
		slab_destroy(c, LIST_ENTRY(it, struct slab, link));
	}
}

static void cache_give(struct kmem_cache *c, void **from, uint32_t n)
{
	bool shrink;

	spin_lock(&c->lock);
	while (n > 0)
		slab_give_back(c, from[--n]);
	shrink = c->nempty > EMPTY_KEPT;
	spin_unlock(&c->lock);
	if (shrink)
		cache_shrink(c, EMPTY_KEPT);
}

/* ---- objects ---- */

/* The stock of this CPU is empty: refill it and take one. */
static no_inline void *stock_refill_take(struct kmem_cache *c)
{
	void *got[STOCK_BATCH];
	struct object_stock *k;
	uint32_t n;

	while ((n = cache_take(c, got, STOCK_BATCH)) == 0)
		if (cache_grow(c) != OK)
			return NULL;
	k = &c->stock[cpu_id()];
	spin_lock(&k->lock);
	while (n > 1 && k->n < STOCK_MAX)
		k->item[k->n++] = got[--n];
	spin_unlock(&k->lock);
	if (n > 1)
		cache_give(c, got + 1, n - 1);
	return got[0];
}

static always_inline void *object_take(struct kmem_cache *c, size_t size, const void *pc)
{
	struct object_stock *k = &c->stock[cpu_id()];
	void *p = NULL;

	spin_lock(&k->lock);
	if (likely(k->n > 0))
		p = k->item[--k->n];
	spin_unlock(&k->lock);
	if (unlikely(!p))
		p = stock_refill_take(c);
	if (p)
		object_check_alloc(c, p, size, pc);
	return p;
}

static always_inline void *object_request(struct kmem_cache *c, size_t size, const void *pc)
{
	return mm_request_fails(MM_OBJECT) ? NULL : object_take(c, size, pc);
}

void *kmem_alloc(struct kmem_cache *c)
{
	return object_request(c, c->size, __builtin_return_address(0));
}

void *kmem_zalloc(struct kmem_cache *c)
{
	void *p = object_request(c, c->size, __builtin_return_address(0));

	if (p)
		memset(p, 0, c->size);
	return p;
}

static always_inline void object_put(struct kmem_cache *c, void *p)
{
	struct object_stock *k = &c->stock[cpu_id()];
	void *surplus[STOCK_BATCH];
	uint32_t n = 0;

	spin_lock(&k->lock);
	if (unlikely(k->n == STOCK_MAX))
		while (n < STOCK_BATCH)
			surplus[n++] = k->item[--k->n];
	k->item[k->n++] = p;
	spin_unlock(&k->lock);
	if (unlikely(n > 0))
		cache_give(c, surplus, n);
}

void kmem_free(struct kmem_cache *c, void *p)
{
	object_check_free(c, p, __builtin_return_address(0));
	object_put(c, p);
}

/* How objects of SIZE bytes lie in a page. */
static void cache_lay_out(struct kmem_cache *c, uint32_t size)
{
	uint32_t align = size >= 16 ? 16 : (uint32_t)sizeof(void *);

	c->size = RED_ZONE > 0 ? size : (size + align - 1) & ~(align - 1);
	c->stride = (size + RED_ZONE + align - 1) & ~(align - 1);
	if (c->stride > PAGE_SIZE)
		c->stride = PAGE_SIZE;
	c->off_slab = size >= OFF_SLAB_SIZE;
	if (c->off_slab) {
		c->per_slab = PAGE_SIZE / c->stride;
	} else {
		c->first = ((uint32_t)sizeof(struct slab) + 15) & ~15u;
		c->per_slab = (PAGE_SIZE - c->first) / (c->stride + TRACK_SIZE);
		c->first += c->per_slab * TRACK_SIZE;
	}
}

static struct kmem_cache *cache_init(const char *name, size_t size, enum kmem_flags flags)
{
	struct kmem_cache *c = &caches[ncaches];

	if (ncaches == CACHES_MAX)
		panic("kmem_cache_create(%s): there are %u caches already", name, ncaches);
	ncaches++;
	*c = (struct kmem_cache){.name = name, .reclaimable = flags & KMEM_RECLAIMABLE};
	cache_lay_out(c, (uint32_t)size);
	spinlock_init(&c->lock, RANK_SLAB, name);
	list_init(&c->partial);
	list_init(&c->empty);
	list_init(&c->full);
	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++)
		spinlock_init(&c->stock[i].lock, RANK_SLAB_CPU, name);
	return c;
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, enum kmem_flags flags)
{
	if (size == 0 || size > 2048)
		panic("kmem_cache_create(%s, %u)", name, (unsigned)size);
	return cache_init(name, size, flags);
}

/* ---- kmalloc ---- */

void kmalloc_init(void)
{
	uint32_t steps = 0;

	ncaches = 0;
	slab_headers = cache_init("slab", SLAB_HEADER, KMEM_PLAIN);
	for (unsigned i = 0; i < ARRAY_SIZE(kmalloc_classes); i++) {
		kmalloc_caches[i] = cache_init(kmalloc_classes[i].name, kmalloc_classes[i].size, KMEM_PLAIN);
		kmalloc_caches[i]->of_kmalloc = true;
		for (; steps <= kmalloc_classes[i].size / KMALLOC_STEP; steps++)
			kmalloc_class[steps] = (uint8_t)i;
	}
}

static always_inline void *kmalloc_for(size_t size, const void *pc)
{
	if (unlikely(size - 1 >= KMALLOC_MAX)) /* 0 too */
		panic("kmalloc(%u) by %s", (unsigned)size, caller_text(pc).text);
	return object_request(kmalloc_caches[kmalloc_class[(size + KMALLOC_STEP - 1) / KMALLOC_STEP]], size, pc);
}

void *kmalloc(size_t size)
{
	return kmalloc_for(size, __builtin_return_address(0));
}

void *kzalloc(size_t size)
{
	void *p = kmalloc_for(size, __builtin_return_address(0));

	if (p)
		memset(p, 0, size);
	return p;
}

void kfree(void *p)
{
	struct frame *f;

	if (!p)
		return;
	object_check_free(NULL, p, __builtin_return_address(0));
	f = frame_of(arch_window_pa(p));
	if (unlikely(f->kind != FRAME_SLAB))
		panic("kfree(%p), which is not from kmalloc, by %s", p, caller_text(__builtin_return_address(0)).text);
	object_put(f->slab->cache, p);
}

uint32_t kmalloc_pages(void)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(kmalloc_caches); i++)
		n += kmalloc_caches[i]->pages;
	return n;
}

/* ---- trimming and counting ---- */

static void stock_drain(struct kmem_cache *c, struct object_stock *k)
{
	void *got[STOCK_MAX];
	uint32_t n = 0;

	spin_lock(&k->lock);
	while (k->n > 0)
		got[n++] = k->item[--k->n];
	spin_unlock(&k->lock);
	if (n > 0)
		cache_give(c, got, n);
}

static void cache_trim(struct kmem_cache *c)
{
	for (unsigned cpu = 0; cpu < ARCH_MAX_CPUS; cpu++)
		stock_drain(c, &c->stock[cpu]);
	cache_shrink(c, 0);
}

static uint32_t pages_held(void)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < ncaches; i++)
		n += caches[i].pages;
	return n;
}

uint32_t kmalloc_trim(void)
{
	uint32_t before = pages_held();

	/* Headers last: the others' slabs give some back. */
	for (unsigned i = ncaches; i-- > 0;)
		cache_trim(&caches[i]);
	return before - pages_held();
}

uint32_t kmalloc_reclaimable_pages(void)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < ncaches; i++)
		if (caches[i].reclaimable)
			n += caches[i].pages;
	return n;
}

const struct kmem_cache *kmem_cache_at(unsigned i)
{
	return i < ncaches ? &caches[i] : NULL;
}

bool kmem_stat_get(unsigned i, struct kmem_stat *out)
{
	const struct kmem_cache *c = kmem_cache_at(i);

	if (!c)
		return false;
	*out = (struct kmem_stat){c->name, c->size, c->out, c->pages, c->reclaimable, c->per_slab};
	for (unsigned cpu = 0; cpu < ARCH_MAX_CPUS; cpu++)
		out->live -= c->stock[cpu].n;
	return true;
}
