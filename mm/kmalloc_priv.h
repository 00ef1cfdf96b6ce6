/* What the files of kmalloc share: slabs and caches, and what a debug build knows of each object. */
#ifndef MM_KMALLOC_PRIV_H
#define MM_KMALLOC_PRIV_H

#include <mm/kmalloc.h>

#include <arch/cpu.h>
#include <arch/mmu.h>
#include <lib/list.h>
#include <sync/spinlock.h>

#define STOCK_MAX 16u

#ifdef CONFIG_DEBUG
enum object_state { OBJECT_FREE, OBJECT_LIVE };

/* What is known of an object; beside it, not in it, so that what it holds cannot deceive. */
struct object_track {
	void *next;               /* (S) the next free object of its slab */
	const void *allocated_by; /* return addresses; NULL: never yet.  Written by who allocates, */
	const void *freed_by;     /* and by who frees */
	uint16_t size;            /* bytes asked for; the red zone begins behind them */
	uint8_t state;            /* (!) enum object_state */
};
#endif

struct slab {
	struct list link;         /* (S) on the cache's partial, empty or full list */
	struct kmem_cache *cache; /* (c) */
	void *free;               /* (S) the first free object */
	uint32_t used;            /* (S) objects out of it, those in stocks included */
	paddr_t page;             /* (c) */
#ifdef CONFIG_DEBUG
	struct object_track track[]; /* of each object */
#endif
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
	uint32_t size;                    /* (c) bytes of an object */
	uint32_t stride;                  /* (c) bytes from one object to the next */
	uint32_t first;                   /* (c) bytes in front of the first, in its page */
	uint32_t per_slab;                /* (c) */
	bool off_slab;                    /* (c) */
	bool reclaimable;                 /* (c) */
	bool of_kmalloc;                  /* (c) one of its sizes: kfree may have its objects */
	uint32_t nempty;                  /* (S) */
	uint32_t pages;                   /* (S) */
	uint32_t out;                     /* (S) objects out of slabs */
	struct list partial, empty, full; /* (S) */
	struct object_stock stock[ARCH_MAX_CPUS];
};

/* The I-th cache. => NULL: there is none. */
const struct kmem_cache *kmem_cache_at(unsigned i);

/* "name+0x12 (0x80101234)" of the call that returns to PC; in a struct, so that it can be an argument. */
struct caller_text {
	char text[80];
};
struct caller_text caller_text(const void *pc);

#ifdef CONFIG_DEBUG
/* Bytes behind an object that nobody may write; a page has no room for any. */
#define RED_ZONE 16u
#define TRACK_SIZE ((uint32_t)sizeof(struct object_track))

/* Of the object P of S, which it is; unchecked. */
static inline struct object_track *object_track(struct slab *s, const void *p)
{
	return &s->track[((uint32_t)(arch_window_pa(p) & PAGE_MASK) - s->cache->first) / s->cache->stride];
}

static inline void **object_link(struct slab *s, void *p)
{
	return &object_track(s, p)->next;
}

/* All objects of a new slab S: free, and nobody's yet. */
void slab_check_create(struct slab *s);
/* Nobody wrote to the objects of S, which are all free, since. */
void slab_check_destroy(struct slab *s);
/* P, of C, is handed out for SIZE bytes to who called at PC. */
void object_check_alloc(struct kmem_cache *c, void *p, size_t size, const void *pc);
/* P comes back from who called at PC: it must be an object in use, of C, or of kmalloc when that is NULL. */
void object_check_free(const struct kmem_cache *c, void *p, const void *pc);
#else
#define RED_ZONE 0u
#define TRACK_SIZE 0u

/* A free object: its first word is the next free one of its slab. */
static always_inline void **object_link(const struct slab *s, void *p)
{
	(void)s;
	return p;
}

static always_inline void slab_check_create(struct slab *s)
{
	(void)s;
}

static always_inline void slab_check_destroy(struct slab *s)
{
	(void)s;
}

static always_inline void object_check_alloc(struct kmem_cache *c, void *p, size_t size, const void *pc)
{
	(void)c;
	(void)p;
	(void)size;
	(void)pc;
}

static always_inline void object_check_free(const struct kmem_cache *c, void *p, const void *pc)
{
	(void)c;
	(void)p;
	(void)pc;
}
#endif

#endif
