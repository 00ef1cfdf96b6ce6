/* What mm's own files share about address spaces: the steps that every change of regions is made of.  None of them can
   fail; what they need is got before.  The address space is locked. */
#ifndef MM_ASPACE_PRIV_H
#define MM_ASPACE_PRIV_H

#include <mm/aspace.h>
#include <mm/commit.h>

/* The guard that mappings keep free below the stack, in bytes. */
#define STACK_GUARD_BYTES (16 * PAGE_SIZE)

/* Nothing is placed below this unless its address is fixed. */
#define MAP_LOWEST 0x10000u

/* The stack counts for so much more than it has grown: what it needs next is there. */
#define STACK_AHEAD_BYTES 65536u

/* A region that is cut in two counts for one table more, when both parts lie in it; an operation has two ends. */
#define TABLES_OF_CUTS 2u
/* The tables of [START, END), not empty, and if OWN_PAGES its pages. */
static inline uint32_t commitment_of_range(vaddr_t start, vaddr_t end, bool own_pages)
{
	uint32_t tables = pt_dir_index(end - 1) - pt_dir_index(start) + 1;

	return own_pages ? tables + ((end - start) >> PAGE_SHIFT) : tables;
}
/* What V counts for under the overcommit rule (mm/commit.h), in pages: it may come to own its pages, and needs
   tables. */
uint32_t region_commitment(const struct vma *v);
/* An operation that makes the regions of AS count for up to PAGES more takes them first; at its end, done or failed,
   what the regions do not count for is given back.  begin => false: refused, nothing changed. */
bool commit_begin(struct aspace *as, uint32_t pages) must_check;
void commit_end(struct aspace *as);

/* The flags of a region that has rights PROT and otherwise FLAGS. */
uint8_t region_flags(uint8_t prot, uint8_t flags);
/* Memory for a region; NULL: there is none.  free: one that is in no set and holds no object, or NULL. */
struct vma *region_alloc(void);
void region_free(struct vma *v);
/* V is complete, its object's reference included; the set, the counters and the object learn of it. */
void region_add(struct aspace *as, struct vma *v);
/* V goes to D. */
void region_drop(struct aspace *as, struct vma *v, struct aspace_dropped *d);
/* The empty heap, if it lies between START and END or at one of them, goes to D, so that what is about to change there
   need not mind it: brk makes another one. */
void empty_heap_drop(struct aspace *as, vaddr_t start, vaddr_t end, struct aspace_dropped *d);
/* ---- the place of the last mapping (mm/placed.c) ---- */

/* V, without an object, has been added where a search for its size found place. */
void placed_note(struct aspace *as, struct vma *v);
/* Whoever is about to change regions in any other way forgets it first, and with it the region that is empty. */
void placed_forget(struct aspace *as);
/* Is it just [START, END), not empty?  Then placed_vacate unmaps it, and keeps it. => E_NOMEM: AS is unchanged. */
bool placed_is(const struct aspace *as, vaddr_t start, vaddr_t end);
enum status placed_vacate(struct aspace *as) must_check;
/* Map R there again, if a search would find the same and no neighbour could be joined. => whether it did; the start is
   placed->start. */
bool placed_map_again(struct aspace *as, const struct map_request *r) must_check;

/* V becomes [START, END); counters, generation and the object offset follow. */
void aspace_resize_region(struct aspace *as, struct vma *v, vaddr_t start, vaddr_t end);
/* V ends at AT from now on, and UPPER (from region_alloc) is the rest. */
void region_split(struct aspace *as, struct vma *v, vaddr_t at, struct vma *upper);
void region_set_prot(struct aspace *as, struct vma *v, uint8_t prot);
/* Is UPPER, but for its place, the continuation of LOWER?  Then the two can be one. */
bool regions_alike(const struct vma *lower, const struct vma *upper);
/* The two become LOWER; UPPER goes to D. */
void region_join(struct aspace *as, struct vma *lower, struct vma *upper, struct aspace_dropped *d);
/* Join all that is alike in [START, END) and at its borders. */
void regions_join(struct aspace *as, vaddr_t start, vaddr_t end, struct aspace_dropped *d);

/* The region that [START, END) would cut in two, or NULL. */
struct vma *region_split_by(struct aspace *as, vaddr_t start, vaddr_t end);
/* Take [START, END) out of the regions; SPARE (from region_alloc) is used when one is cut in two. */
void regions_cut(struct aspace *as, vaddr_t start, vaddr_t end, struct vma *spare, struct aspace_dropped *d);

/* => whether [START, START + LEN) is a page-aligned, non-empty range below USER_TOP; *END is then its end. */
bool range_check(vaddr_t start, uint32_t len, vaddr_t *end);
bool range_is_free(const struct aspace *as, vaddr_t start, vaddr_t end);
/* In a loop over regions that counts in *N those it has done. */
void pause_after_regions(unsigned *n);

#endif
