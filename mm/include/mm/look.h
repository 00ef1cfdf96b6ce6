/* Looking at memory without changing it: what an address shows, what a frame is.  For /proc. */
#ifndef MM_LOOK_H
#define MM_LOOK_H

#include <mm/aspace.h>
#include <mm/frame.h>

/* One page of an address space. */
struct page_look {
	bool present;  /* there is a page, even if nobody may see it (PROT_NONE); the rest is meaningful */
	bool writable; /* both levels of tables allow writing */
	bool zero;     /* the shared page of zeros */
	bool cached;   /* a page of a file: the page cache has it too */
	bool anon;     /* the program's own; neither: shared memory */
	bool dirty;    /* its bytes are nowhere else: all but those of a file that the device has, too */
	/* Entries of tables that show it, and spaces that share this table; at least 1. */
	uint32_t seers;
	pfn_t pfn;
};
void aspace_look(const struct aspace *as, vaddr_t va, struct page_look *out) requires_lock(*as);
/* How many pages of [START, END), page aligned, are there; the page of zeros is nowhere. */
struct page_tally {
	uint32_t present;
	uint32_t cached, anon;                 /* of them: pages of files, and the program's own */
	uint32_t private_clean, private_dirty; /* of them: those that nobody else sees */
	uint32_t shared_clean, shared_dirty;   /* and the others */
	uint32_t share;                        /* bytes: of each page the part that falls to one who sees it */
};
/* Adds to T.  Pauses (mm/hooks.h). */
void aspace_tally(const struct aspace *as, vaddr_t start, vaddr_t end, struct page_tally *t) requires_lock(*as);
/* Copy N bytes at VA, which may cross pages, as far as they are there. => bytes */
uint32_t aspace_peek(const struct aspace *as, vaddr_t va, void *to, uint32_t n) requires_lock(*as);

/* One frame of RAM, as it is at the moment. */
struct frame_look {
	bool pooled; /* the pool has it or gave it away; false: the kernel's own from boot on, or no RAM */
	bool dirty;  /* of FRAME_CACHE: the device has an older content */
	enum frame_kind kind;
	uint32_t maps; /* entries of tables that show it; of FRAME_TABLE: directories that lead to it */
};
/* One above the highest frame there is. */
pfn_t frame_limit(void);
/* PFN < frame_limit(). */
void frame_look(pfn_t pfn, struct frame_look *out);

#endif
