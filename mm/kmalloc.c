/* The kernel's small memory. A slab is one page of equal objects; its free ones are chained through their first word.
   Its header lies at the start of the page, or, where that would waste an object's room (half a KiB and more), in a
   small object of its own.  The frame's struct points to the header, so kfree needs no size.  In front stands a stock
   of objects per CPU with a lock of its own, which only the trimmer ever takes from another CPU. Slabs of several
   pages were not taken: they need neighbouring frames, and nothing here is larger than a page. */
#include <mm/kmalloc.h>

#include <arch/cpu.h>
#include <arch/mmu.h>
#include <lib/assert.h>
#include <lib/list.h>
#include <lib/string.h>
#include <mm/audit.h>
#include <mm/frame.h>
#include <mm/hooks.h>
#include <mm/look.h>
#include <sync/spinlock.h>

#define CACHES_MAX 48u
#define STOCK_MAX 16u
#define STOCK_BATCH 8u
#define EMPTY_KEPT 1u      /* empty slabs a cache keeps for the next burst */
#define OFF_SLAB_SIZE 512u /* from this size on the header lies elsewhere */
#define POISON 0xdf

/* A free object: the next free one of its slab. */
struct free_object {
	struct free_object *next;
};

struct slab {
	struct list link;         /* (S) on the cache's partial, empty or full list */
	struct kmem_cache *cache; /* (c) */
	struct free_object *free; /* (S) */
	uint32_t used;            /* (S) objects out of it, those in stocks included */
	paddr_t page;             /* (c) */
};

/* All fields: its lock. */
struct object_stock {
	struct spinlock lock; /* RANK_SLAB_CPU */
	uint32_t n;
	void *item[STOCK_MAX];
};

/* (S) lock   (c) constant after creation */
struct kmem_cache {
	struct spinlock lock;
	const char *name;                 /* (c) */
	uint32_t size;                    /* (c) bytes from one object to the next */
	uint32_t per_slab;                /* (c) */
	bool off_slab;                    /* (c) */
	bool reclaimable;                 /* (c) */
	uint32_t nempty;                  /* (S) */
	uint32_t pages;                   /* (S) */
	uint32_t out;                     /* (S) objects out of slabs */
	struct list partial, empty, full; /* (S) */
	struct object_stock stock[ARCH_MAX_CPUS];
};

static struct kmem_cache caches[CACHES_MAX];
static unsigned ncaches; /* grows at boot only */

/* kmalloc: caches of 16, 32 .. 2048 bytes. */
#define KMALLOC_MIN_SHIFT 4u
#define KMALLOC_CLASSES 8u
static struct kmem_cache *kmalloc_cache[KMALLOC_CLASSES];
static const char *const kmalloc_name[KMALLOC_CLASSES] = {
	"kmalloc-16",  "kmalloc-32",  "kmalloc-64",   "kmalloc-128",
	"kmalloc-256", "kmalloc-512", "kmalloc-1024", "kmalloc-2048",
};
static uint32_t whole_pages; /* (!) kmalloc of a whole page: how many are out */
static struct kmem_cache *slab_headers;

/* ---- slabs ---- */

static always_inline void *object_take(struct kmem_cache *c);

static enum status slab_header_place(struct kmem_cache *c, void *page, struct slab **out, char **objects)
{
	*objects = page;
	*out = page;
	if (!c->off_slab) {
		*objects += (sizeof(struct slab) + 15) & ~(size_t)15;
		return OK;
	}
	*out = object_take(slab_headers);
	return *out ? OK : E_NOMEM;
}

/* A new slab, all objects free, on no list.  C is not locked. */
static struct slab *slab_create(struct kmem_cache *c)
{
	struct slab *s;
	char *objects;
	paddr_t pa;

	if (frame_get(FRAME_SLAB, &pa) != OK)
		return NULL;
	if (slab_header_place(c, arch_window(pa), &s, &objects) != OK) {
		frame_put(pa);
		return NULL;
	}
	*s = (struct slab){.cache = c, .page = pa};
	frame_of(pa)->slab = s;
#ifdef CONFIG_DEBUG
	memset(objects, POISON, (size_t)c->per_slab * c->size);
#endif
	for (uint32_t i = c->per_slab; i-- > 0;) {
		struct free_object *o = (void *)(objects + (size_t)i * c->size);

		o->next = s->free;
		s->free = o;
	}
	return s;
}

static void slab_destroy(struct kmem_cache *c, struct slab *s)
{
	paddr_t page = s->page;

	if (c->off_slab)
		kmem_free(slab_headers, s);
	frame_put(page);
}

static void *slab_take(struct kmem_cache *c, struct slab *s)
{
	struct free_object *o = s->free;

	s->free = o->next;
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
	struct free_object *o = p;

	if (!s->free) {
		list_remove(&s->link);
		list_add_head(&c->partial, &s->link);
	}
	o->next = s->free;
	s->free = o;
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

/* ---- debug: what a free object looks like ---- */

#ifdef CONFIG_DEBUG
/* The bytes after the link are poison; the last object of the stock that was freed has no link yet, but a poisoned
   one. */
static bool object_is_poisoned(const struct kmem_cache *c, const void *p)
{
	const uint8_t *b = p;

	for (uint32_t i = sizeof(struct free_object); i < c->size; i++)
		if (b[i] != POISON)
			return false;
	return c->size > sizeof(struct free_object);
}

static void object_check_alloc(struct kmem_cache *c, void *p)
{
	if (c->size > sizeof(struct free_object) && !object_is_poisoned(c, p))
		panic("%s: object %p was written after it was freed", c->name, p);
	memset(p, 0xa5, c->size);
}

static void object_check_free(struct kmem_cache *c, void *p)
{
	const struct frame *f = frame_of(arch_window_pa(p));

	if (f->kind != FRAME_SLAB || !f->slab || f->slab->cache != c)
		panic("%s: %p is not an object of it", c->name, p);
	if (object_is_poisoned(c, p))
		panic("%s: object %p was freed twice", c->name, p);
	memset(p, POISON, c->size);
}
#else
static void object_check_alloc(struct kmem_cache *c, void *p)
{
	(void)c;
	(void)p;
}
static void object_check_free(struct kmem_cache *c, void *p)
{
	(void)c;
	(void)p;
}
#endif

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

static always_inline void *object_take(struct kmem_cache *c)
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
		object_check_alloc(c, p);
	return p;
}

void *kmem_alloc(struct kmem_cache *c)
{
	return mm_request_fails(MM_OBJECT) ? NULL : object_take(c);
}

void *kmem_zalloc(struct kmem_cache *c)
{
	void *p = kmem_alloc(c);

	if (p)
		memset(p, 0, c->size);
	return p;
}

void kmem_free(struct kmem_cache *c, void *p)
{
	struct object_stock *k = &c->stock[cpu_id()];
	void *surplus[STOCK_BATCH];
	uint32_t n = 0;

	object_check_free(c, p);
	spin_lock(&k->lock);
	if (unlikely(k->n == STOCK_MAX))
		while (n < STOCK_BATCH)
			surplus[n++] = k->item[--k->n];
	k->item[k->n++] = p;
	spin_unlock(&k->lock);
	if (unlikely(n > 0))
		cache_give(c, surplus, n);
}

static struct kmem_cache *cache_init(const char *name, size_t size, enum kmem_flags flags)
{
	struct kmem_cache *c = &caches[ncaches];
	uint32_t align = size >= 16 ? 16 : (uint32_t)sizeof(void *);
	uint32_t room = PAGE_SIZE;

	if (ncaches == CACHES_MAX || size == 0 || size > 2048)
		panic("kmem_cache_create(%s, %u)", name, (unsigned)size);
	ncaches++;
	*c = (struct kmem_cache){.name = name, .reclaimable = flags & KMEM_RECLAIMABLE};
	c->size = ((uint32_t)size + align - 1) & ~(align - 1);
	if (c->size < sizeof(struct free_object))
		c->size = sizeof(struct free_object);
	c->off_slab = c->size >= OFF_SLAB_SIZE;
	if (!c->off_slab)
		room -= (sizeof(struct slab) + 15) & ~15u;
	c->per_slab = room / c->size;
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
	return cache_init(name, size, flags);
}

/* ---- kmalloc ---- */

void kmalloc_init(void)
{
	ncaches = 0;
	whole_pages = 0;
	slab_headers = cache_init("slab", sizeof(struct slab), KMEM_PLAIN);
	for (unsigned i = 0; i < KMALLOC_CLASSES; i++)
		kmalloc_cache[i] = cache_init(kmalloc_name[i], 1u << (i + KMALLOC_MIN_SHIFT), KMEM_PLAIN);
}

static unsigned kmalloc_class(size_t size)
{
	unsigned bits = size <= 1 ? 0 : 32 - (unsigned)__builtin_clz((unsigned)size - 1);

	return bits <= KMALLOC_MIN_SHIFT ? 0 : bits - KMALLOC_MIN_SHIFT;
}

void *kmalloc(size_t size)
{
	paddr_t pa;

	if (unlikely(size == 0 || size > KMALLOC_MAX))
		panic("kmalloc(%u) called from %p", (unsigned)size, __builtin_return_address(0));
	if (likely(size <= 2048))
		return kmem_alloc(kmalloc_cache[kmalloc_class(size)]);
	if (mm_request_fails(MM_OBJECT) || frame_get(FRAME_SLAB, &pa) != OK)
		return NULL;
	frame_of(pa)->slab = NULL;
	__atomic_add_fetch(&whole_pages, 1, __ATOMIC_RELAXED);
	return arch_window(pa);
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	if (p)
		memset(p, 0, size);
	return p;
}

void kfree(void *p)
{
	struct frame *f;

	if (!p)
		return;
	f = frame_of(arch_window_pa(p));
	if (unlikely(f->kind != FRAME_SLAB))
		panic("kfree(%p): not from kmalloc", p);
	if (f->slab) {
		kmem_free(f->slab->cache, p);
		return;
	}
	__atomic_sub_fetch(&whole_pages, 1, __ATOMIC_RELAXED);
	frame_put(page_floor(arch_window_pa(p)));
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

bool kmem_stat_get(unsigned i, struct kmem_stat *out)
{
	const struct kmem_cache *c;

	if (i == ncaches) {
		uint32_t n = __atomic_load_n(&whole_pages, __ATOMIC_RELAXED);

		*out = (struct kmem_stat){
			.name = "kmalloc-4096", .object_size = PAGE_SIZE, .live = n, .pages = n, .per_page = 1};
		return true;
	}
	if (i > ncaches)
		return false;
	c = &caches[i];
	*out = (struct kmem_stat){c->name, c->size, c->out, c->pages, c->reclaimable, c->per_slab};
	for (unsigned cpu = 0; cpu < ARCH_MAX_CPUS; cpu++)
		out->live -= c->stock[cpu].n;
	return true;
}

/* ---- audit ---- */

/* => whether P is where an object of S begins. */
static bool is_object_of(const struct slab *s, const void *p)
{
	const char *base = arch_window(s->page);
	size_t at = (size_t)((const char *)p - base);

	if (!s->cache->off_slab)
		at -= (sizeof(struct slab) + 15) & ~(size_t)15;
	return at < (size_t)s->cache->per_slab * s->cache->size && at % s->cache->size == 0;
}

/* The free objects of S: all of S, and as many as are not used.  (One that is there twice makes a circle.) */
static void audit_free_objects(const struct slab *s, struct audit *r)
{
	const struct kmem_cache *c = s->cache;
	uint32_t n = 0;

	for (const struct free_object *o = s->free; o && n <= c->per_slab; o = o->next, n++) {
		if (is_object_of(s, o))
			continue;
		audit_say(r, "%s: the free list of the slab in frame %u leads to %p", c->name, s->page >> PAGE_SHIFT,
		          (const void *)o);
		return;
	}
	if (n + s->used != c->per_slab)
		audit_say(r, "%s: the slab in frame %u has %u of %u objects free and %u used", c->name,
		          s->page >> PAGE_SHIFT, n, c->per_slab, s->used);
}

static void audit_slab(const struct kmem_cache *c, const struct slab *s, struct audit *r)
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
	for (const struct list *it = list->next; it != list && audit_is_clean(r); it = it->next) {
		const struct slab *s = container_of(it, const struct slab, link);

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
	const struct slab *s =
		pfn < frame_limit() && frame_table[pfn].kind == FRAME_SLAB ? frame_table[pfn].slab : NULL;

	if (!s || s->cache != c || !is_object_of(s, p))
		return false;
	for (const struct free_object *o = s->free; o; o = o->next)
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
	uint32_t pages = whole_pages;

	for (unsigned i = 0; i < ncaches && audit_is_clean(r); i++)
		pages += audit_cache(&caches[i], r);
	if (pages != frame_count_kind(FRAME_SLAB))
		audit_say(r, "%u pages are slabs, counted %u", pages, frame_count_kind(FRAME_SLAB));
	return audit_is_clean(r);
}
