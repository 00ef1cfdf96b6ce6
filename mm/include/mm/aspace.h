/* Address spaces: the regions, the page directory, the counters. mm never sleeps and does not lock an address space:
   its caller does (kern/uspace.h), hence requires_lock everywhere.  What takes long pauses on the way (mm/hooks.h):
   clone, destroy, release, unmap, brk, and map of a fixed range.  They are called with no spinlock held. */
#ifndef MM_ASPACE_H
#define MM_ASPACE_H

#include <arch/compiler.h>
#include <arch/hooks.h>
#include <arch/pte.h>
#include <mm/vma.h>

struct aspace_counters {
	uint32_t resident;  /* pages mapped, the zero page not counted */
	uint32_t promised;  /* pages of all regions */
	uint32_t tables;    /* leaf tables in the directory */
	uint32_t committed; /* pages: what its regions and its directory count for (mm/commit.h) */
	uint32_t faults;    /* page faults ever, each counted once */
	uint32_t major;     /* of them: those that waited for a page to be read */
};

#define ASPACE_DIR_WORDS (PT_USER_DIR_ENTRIES / 32)

/* All fields but (c) and (!): the lock of the address space. */
struct capability("aspace") aspace
{
	struct vma_set vmas;
	paddr_t root;                      /* (c) the page directory */
	uint32_t tables[ASPACE_DIR_WORDS]; /* bit n: directory entry n is present */
	uint32_t cpus;                     /* (!) bit n: CPU n has root loaded; set by the scheduler */
	uint32_t generation;               /* raised by every change of a region */
	vaddr_t heap_start, heap_break;    /* brk: both 0 before exec has set them */
	struct vma *empty_heap;            /* the region that may be empty: a heap that shrank to nothing; or NULL */
	struct vma *placed;                /* what the last search for a place made (mm/placed.c); or NULL */
	uint32_t placed_size;              /* bytes that search was for: above placed no gap is as large */
	uint32_t stack_limit;              /* bytes the stack may grow to */
	vaddr_t map_ceiling;               /* nothing is placed above unless its address is fixed; exec sets it */
	uint32_t charged; /* pages taken with commit_take; between operations the same as count.committed */
	struct aspace_counters count;
};

/* What an operation took out and the caller must let go of when it holds no lock (aspace_release). */
struct aspace_dropped {
	struct vma *first; /* chained by link.next */
};
#define ASPACE_DROPPED_INIT \
	{ \
		NULL \
	}

/* A new, empty one; nobody else knows it yet. => E_NOMEM. */
enum status aspace_init(struct aspace *as) must_check;
/* CHILD becomes a copy of PARENT: leaf tables are shared, nothing is copied but tables with few entries.  PARENT's
   TLB on this CPU is flushed before returning.  CHILD is uninitialised on entry, and again on failure. => E_NOMEM;
   PARENT unchanged. */
enum status aspace_clone(struct aspace *child, struct aspace *parent) requires_lock(*parent) must_check;
/* Unmap everything and free the directory, which no CPU has loaded. */
void aspace_destroy(struct aspace *as, struct aspace_dropped *out) requires_lock(*as);
/* Let go of what was dropped: objects, regions.  May sleep (object put); no lock held. */
void aspace_release(struct aspace_dropped *d);

struct map_request {
	vaddr_t addr;              /* with fixed: the start; else a hint, 0: none */
	uint32_t len;              /* bytes, > 0; rounded up to pages */
	uint8_t prot, flags, kind; /* as in struct vma */
	bool fixed;                /* replace what is there */
	bool no_replace;           /* with fixed: E_EXIST when something is there */
	struct mem_object *object; /* NULL: zeros, private.  A reference is taken for the region */
	uint32_t object_page;
	vaddr_t file_end; /* with VMA_ZERO_TAIL */
};
/* => OK and the start in *OUT; E_INVAL: unaligned fixed address or offset, empty, wraps; E_NOMEM: no place or no
   memory; E_EXIST.  AS unchanged unless OK. */
enum status aspace_map(struct aspace *as, const struct map_request *r, vaddr_t *out, struct aspace_dropped *d)
	requires_lock(*as) must_check;
/* Unmap [START, START + LEN): parts of regions, holes. => E_INVAL; E_NOMEM: a region or a shared table would have to be
   split and there is no memory.  AS unchanged unless OK. */
enum status aspace_unmap(struct aspace *as, vaddr_t start, uint32_t len, struct aspace_dropped *d) requires_lock(*as)
	must_check;
/* Unmap every region between BASE and END that shows O where it would lie if its page 0 were at BASE. => E_INVAL: there
   is none; E_NOMEM: a shared table would have to be split and there is no memory.  AS unchanged unless OK. */
enum status aspace_unmap_object(struct aspace *as, const struct mem_object *o, vaddr_t base, vaddr_t end,
                                struct aspace_dropped *d) requires_lock(*as) must_check;
/* The heap begins at START (any byte), empty; exec, once. */
void aspace_set_heap(struct aspace *as, vaddr_t start) requires_lock(*as);
/* Move the break to WANT. => the break as it is now: WANT, or the old one when it cannot be. */
vaddr_t aspace_brk(struct aspace *as, vaddr_t want, struct aspace_dropped *d) requires_lock(*as);
/* The stack at the top of user memory: INITIAL bytes (> 0), growing downwards to LIMIT bytes; mappings will be placed
   so that it can, within reason.
   => E_EXIST: something is mapped there; E_NOMEM. */
enum status aspace_map_stack(struct aspace *as, uint32_t initial, uint32_t limit) requires_lock(*as) must_check;

/* Stop showing pages of files that are unchanged: they come back at the next touch, and until then memory pressure can
   have them.  Pauses on the way (mm/hooks.h). => how many frames only the cache refers to now. */
uint32_t aspace_drop_cached(struct aspace *as) requires_lock(*as);
/* From now on the stack may grow to LIMIT bytes.  Mappings are placed as before. */
void aspace_set_stack_limit(struct aspace *as, uint32_t limit) requires_lock(*as);
/* [START, START + LEN) gets protection PROT (enum vma_prot; 0: no access, what is there is kept for later).  The old
   rights are gone on every CPU when this returns.  => E_INVAL: unaligned; E_NOMEM: there is a hole, or no memory;
   E_ACCES: a region may not be written.  AS unchanged unless OK. */
enum status aspace_protect(struct aspace *as, vaddr_t start, uint32_t len, uint8_t prot, struct aspace_dropped *d)
	requires_lock(*as) must_check;
/* The pages of [START, START + LEN) are as if never touched: zeros, or the object's.  => E_INVAL: unaligned;
   E_AGAIN: no memory, nothing changed; E_NOMEM: there is a hole, but the rest is done. */
enum status aspace_discard(struct aspace *as, vaddr_t start, uint32_t len) requires_lock(*as) must_check;
/* Are all pages of [START, START + LEN) in regions?  => E_INVAL: unaligned; E_NOMEM: no. */
enum status aspace_mapped(const struct aspace *as, vaddr_t start, uint32_t len) requires_lock(*as) must_check;

/* A mapping V of AS shows an object of which something is to change (kern/mappings.h).
   Writes to pages [FIRST, FIRST + N) of the object will fault: from now on nobody writes them there unnoticed. */
void aspace_protect_object(struct aspace *as, const struct vma *v, uint32_t first, uint32_t n) requires_lock(*as);
/* The object has no pages from FIRST on: V shows none of them any more, nor private copies.  Needs no memory: where a
   table is shared, they go for all who share it.  Pauses (mm/hooks.h). */
void aspace_cut_object(struct aspace *as, const struct vma *v, uint32_t first) requires_lock(*as);

struct remap_request {
	vaddr_t addr;              /* where the range is now */
	uint32_t old_len, new_len; /* bytes, rounded up to pages */
	bool may_move;             /* to a place that is chosen, if it cannot grow where it is */
	bool fixed;                /* move to `to`, replacing what is there */
	vaddr_t to;
};
/* Change the size of [addr, addr + old_len), part of one region, or its place, or both; the pages go along.  What is
   promised stays promised. => OK and the start in *OUT; E_INVAL: unaligned, empty, beyond user memory, or the new
   place overlaps the old one; E_FAULT: not in one region; E_NOMEM: no place or no memory.  AS unchanged unless OK. */
enum status aspace_remap(struct aspace *as, const struct remap_request *r, vaddr_t *out, struct aspace_dropped *d)
	requires_lock(*as) must_check;
/* Move the break by BYTES; upwards, every whole page above the old break is there at once: zeroed, writable, nobody
   else's.  GIVE_UP is asked between pieces. => OK and the old break in *OLD; E_INVAL: below the heap's start;
   E_NOMEM: no room or no memory, the reserve not counted; E_INTR: GIVE_UP said so.  AS unchanged unless OK. */
enum status aspace_sbrk_eager(struct aspace *as, int32_t bytes, bool (*give_up)(void), vaddr_t *old,
                              struct aspace_dropped *d) requires_lock(*as) must_check;
/* Pages that heaps may still get so, as long as nobody else takes them. */
uint32_t aspace_eager_left(void);

/* ---- faults (kern/fault.c) ---- */

enum fault_outcome {
	FAULT_DONE,      /* retry the access */
	FAULT_NEED_PAGE, /* get page object/index with nothing locked, then come again with it in the supply */
	FAULT_SEGV,
	FAULT_BUS,
	FAULT_NOMEM,
};
/* What the waiting half brings along, and what it is asked for. */
struct fault_supply {
	struct mem_object *object; /* in: the object of page, to which the caller has a reference; NULL: none */
	paddr_t page;              /* in: a reference by frame_pin, consumed when have_page: it stays in memory */
	bool have_page;
	bool use_reserve;               /* in: this process may draw on the reserve */
	bool no_reserve;                /* the caller's: use_reserve will not be set */
	vaddr_t user_sp;                /* in: stack pointer of user mode; how far the stack may grow */
	struct mem_object *need_object; /* out, FAULT_NEED_PAGE: with a reference for the caller */
	uint32_t need_index;
	bool need_write;   /* it is to be written there */
	bool not_promised; /* out, FAULT_SEGV: the stack could grow there, but for the overcommit rule */
};
/* Resolve the fault F.  Never sleeps.  On FAULT_SEGV, FAULT_BUS and FAULT_NOMEM AS is unchanged. */
enum fault_outcome aspace_fault(struct aspace *as, const struct fault_info *f, struct fault_supply *s)
	requires_lock(*as) must_check;

/* Totals since boot, one per enum fault_action (mm/fault_policy.h), and FAULT_COUNT_MAJOR. */
#define FAULT_COUNT_MAJOR FAULT_ACTIONS
#define FAULT_COUNTS (FAULT_ACTIONS + 1)
uint32_t fault_count(unsigned action);

void aspace_boot_init(void);

#endif
