/* Physical pages: one struct frame for each, a pool with a stock per CPU in front, reference counts.
   A frame is free at count 0.  Frames never touched since boot lie in ranges, so that a boot does not visit them. */
#ifndef MM_FRAME_H
#define MM_FRAME_H

#include <arch/boot.h>
#include <arch/mmu.h>
#include <lib/assert.h>
#include <lib/list.h>
#include <lib/status.h>

enum frame_kind {
	FRAME_FREE,
	FRAME_ANON,   /* a program's own page */
	FRAME_TABLE,  /* a leaf page table, or (page directory) a root */
	FRAME_SLAB,   /* kmalloc */
	FRAME_CACHE,  /* a page of a file or device; the cache holds one reference */
	FRAME_KERNEL, /* kernel stacks and other memory of the kernel */
	FRAME_ZERO,   /* the shared page of zeros: mapped without counting */
	FRAME_SHARED, /* shared anonymous memory (mm/shared.h); its object holds one reference */
	FRAME_KINDS,
};

/* (!) atomic   (T) lock of the table (mm/pagetable.c)   (F) pool or stock that holds it   (S) slab lock   (o) its
   owner */
struct frame {
	uint32_t refs;     /* (!) mappings, cache, pins; 0 iff free */
	uint8_t kind;      /* (o) enum frame_kind */
	uint8_t dirty : 1; /* (o) cache: bool, the device has an older content */
	uint8_t mark : 1;  /* used while the machine stands still for an audit, else 0 */
	uint8_t cut : 1;   /* (T) table: entries went while it was shared, and are in `live` still; else 0 */
	uint16_t live;     /* (T) table: entries that are not none */
	union {
		pfn_t next; /* (F) free: next of the list, PFN_NONE at the end */
		struct {
			uint16_t low, high; /* (T) table: every live entry has low <= index < high; low >= high: none */
		} bounds;
		struct slab *slab; /* (S) */
		void *owner;       /* (o) cache: who keeps the page, with one reference; NULL: nobody any more */
	};
};
#if UINTPTR_MAX == UINT32_MAX
_Static_assert(sizeof(struct frame) == 12, "one for each 4 KiB of memory");
#endif

#define PFN_NONE 0xffffffffu

/* Takes the ranges of INFO; the frame table itself is cut from them.  Called once (a test: once per test). */
void frame_init(const struct boot_info *info);

/* A frame with one reference, content undefined; *PA is its address.  Takes clean cached pages when nothing is free.
   Never sleeps; not in interrupt handlers.  => E_NOMEM. */
enum status frame_get(enum frame_kind kind, paddr_t *pa) must_check;
/* May also use the reserve (docs/page-fault.md): for a dying process, init and small processes. */
enum status frame_get_reserve(enum frame_kind kind, paddr_t *pa) must_check;
/* Contents that are worth keeping when a frame comes free. */
enum frame_content {
	FRAME_ZEROS,     /* all zeros, as a page table that was emptied */
	FRAME_DIRECTORY, /* a page directory without user entries (arch_root_init) */
	FRAME_CONTENTS,
};
/* As frame_get; *IS_MADE: it has CONTENT already.  USE_RESERVE: as frame_get_reserve. */
enum status frame_get_made(enum frame_content content, enum frame_kind kind, bool use_reserve, paddr_t *pa,
                           bool *is_made) must_check;
/* All zeros, whether they were there or had to be made. */
enum status frame_get_zeroed(enum frame_kind kind, bool use_reserve, paddr_t *pa) must_check;
/* Give up the only reference to a frame that has CONTENT. */
void frame_put_made(enum frame_content content, paddr_t pa);
/* One more, one less reference to a frame that the caller has a reference to. */
void frame_ref(paddr_t pa);
void frame_put(paddr_t pa);
/* References that are held while their holder may sleep or pause, and no entry of a table yet, are counted, so that an
   audit can account for every one.  pin: one more to a frame that the caller has a reference to, and unpin; pin_keep:
   the caller's own is to count; pin_pass: it counts no more, it was handed on to a mapping. */
void frame_pin(paddr_t pa);
static inline void frame_unpin(paddr_t pa);
void frame_pin_keep(void);
void frame_pin_pass(void);
extern struct frame *frame_table; /* (c) indexed by pfn; frame.c's, here for the next line only */
static inline struct frame *frame_of(paddr_t pa)
{
	return &frame_table[pa >> PAGE_SHIFT];
}
static inline uint32_t frame_refs(const struct frame *f)
{
	return __atomic_load_n(&f->refs, __ATOMIC_RELAXED);
}
void frame_unpinned_last(paddr_t pa); /* for the next function only: who unpins is rarely the last */
static inline void frame_unpin(paddr_t pa)
{
	DEBUG_ASSERT(frame_refs(frame_of(pa)) > 0);
	frame_pin_pass();
	if (unlikely(__atomic_sub_fetch(&frame_of(pa)->refs, 1, __ATOMIC_ACQ_REL) == 0))
		frame_unpinned_last(pa);
}

/* The shared page of zeros. */
paddr_t frame_zero_page(void);

/* Cached pages.  All are on one list, nearly in order of last use, so that frame_get may take the oldest that is clean
   and that only the cache refers to (those it had to pass over count as used then).  The floor that keeps the cache
   embeds one of these per page. */
struct frame_cached {
	struct list link; /* (F) pool lock */
	paddr_t pa;       /* (c) */
};
struct frame_cache_ops {
	/* Take C's page out of the cache's index, unless it is dirty, busy, or its frame has more references than the
	   cache's own.  Called with the pool's lock held; may take RANK_CACHE.  => it is out: nobody else finds C any
	   more, and its reference to the frame is the pool's now. */
	bool (*detach)(struct frame_cached *c);
	/* Free C, after detach said true; called with no lock of rank >= RANK_SLAB_CPU held. */
	void (*discard)(struct frame_cached *c);
};
void frame_set_cache(const struct frame_cache_ops *ops);
/* On the list (at its young end), or off it.  No lock of rank >= RANK_FRAME held.  C must be off the list, and out of
   the index, before it is freed other than by discard. */
void frame_cached_add(struct frame_cached *c);
void frame_cached_remove(struct frame_cached *c);
void frame_cached_touch(struct frame_cached *c); /* to the young end */

/* References that are pinned now; exact when nobody else runs. */
int32_t frame_pins(void);
/* For messages. */
const char *frame_kind_name(unsigned kind);
/* Take every page that can be had off the cache, as if memory were short.  For tests. */
void frame_cache_drop(void);

/* Counters, exact when no other CPU allocates meanwhile. */
uint32_t frame_count_total(void); /* frames the pool was given, reserve included */
uint32_t frame_count_free(void);  /* on lists, in stocks, in untouched ranges */
uint32_t frame_count_kind(enum frame_kind kind);
/* Cached pages, dirty or clean, that only the cache refers to: what memory pressure can take back.  Walks the frame
   table, and pauses on the way (mm/hooks.h). */
uint32_t frame_count_reclaimable(void);

uint32_t frame_count_reserve(void); /* frames that ordinary requests leave alone */

/* For tests: fail the requests after the next N of this pool (UINT32_MAX: none). */
void frame_fail_after(uint32_t n);

#endif
