/* The kernel's own small memory: caches of equal objects on slabs of one page, with a stock per CPU in front, and
   kmalloc over sixteen of them (docs/kmalloc.md). */
#ifndef MM_KMALLOC_H
#define MM_KMALLOC_H

#include <arch/compiler.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kmem_cache;

#define KMALLOC_MAX 4096u

enum kmem_flags {
	KMEM_PLAIN = 0,
	KMEM_RECLAIMABLE =
		1, /* objects of a cache that gives them back on demand: its pages count as available memory */
};

/* A cache of objects of SIZE bytes (1 .. 2048), aligned to 16 when SIZE is at least that, else to 4.  Panics when it
   cannot: called at boot only.  NAME stays valid. */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, enum kmem_flags flags);
/* NULL: no memory.  Content undefined.  Never sleeps; not in interrupt handlers. */
void *kmem_alloc(struct kmem_cache *c) must_check;
void *kmem_zalloc(struct kmem_cache *c) must_check;
void kmem_free(struct kmem_cache *c, void *p);

/* 1 .. KMALLOC_MAX bytes, 16-byte aligned, 4096: a whole page; NULL: no memory.  More, or 0, is a caller's bug: a panic
   that names the caller.  A debug build panics with the names of who allocated and who freed when what is freed is not
   what was handed out, or was written to after that or behind its end. */
void *kmalloc(size_t size) must_check;
void *kzalloc(size_t size) must_check;
void kfree(void *p); /* NULL is allowed */

void kmalloc_init(void);
/* Empty the stocks of all CPUs and give empty slabs back to the frame pool.  => frames given back. */
uint32_t kmalloc_trim(void);
/* Pages that kmalloc's own caches have: what kmalloc takes from the machine, gaps and free objects counted. */
uint32_t kmalloc_pages(void);
/* Pages of the caches that are KMEM_RECLAIMABLE. */
uint32_t kmalloc_reclaimable_pages(void);

struct kmem_stat {
	const char *name;
	uint32_t object_size, live, pages; /* live: objects in use, those in stocks not counted */
	bool reclaimable;
	uint32_t per_page; /* objects that a page holds */
};
/* The I-th cache. => false: there is none. */
bool kmem_stat_get(unsigned i, struct kmem_stat *out);

#endif
