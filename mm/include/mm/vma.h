/* Regions of one address space: a balanced tree by start address, threaded in order by list links.
   Each node knows the largest gap in front of a region in its subtree, so that placing a mapping is logarithmic too.  A
   sorted array was not taken: it is faster below a hundred regions, but a program with ten thousand pays for every
   shift. */
#ifndef MM_VMA_H
#define MM_VMA_H

#include <arch/types.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <lib/status.h>

struct mem_object;
struct aspace;

enum vma_kind { VMA_ANON, VMA_FILE, VMA_SHM, VMA_STACK, VMA_HEAP };

enum vma_prot { VMA_READ = 1, VMA_WRITE = 2, VMA_EXEC = 4 };

enum vma_flags {
	VMA_SHARED = 1, /* writes go to the object; else they are copied */
	VMA_ZERO_TAIL =
		2, /* bytes from file_end, in the last page, on read as zeros: there the bss of a segment begins */
	VMA_COMMITTED = 8,   /* private, and writable now or once: each page may be one of its own (mm/commit.h) */
	VMA_NEVER_WRITE = 4, /* shared, and its object was not opened for writing: the right cannot be added */
};

/* All fields: (A) the lock of the address space, but object_link. */
struct vma {
	struct rb_node node;
	struct list link;          /* neighbours in address order */
	vaddr_t start, end;        /* page aligned, start < end <= USER_TOP; start == end: kept (mm/aspace.h) */
	uint32_t gap;              /* bytes free directly below, down to the region before or to 0 */
	uint32_t largest_gap;      /* the largest gap of this subtree */
	uint8_t prot;              /* enum vma_prot */
	uint8_t flags;             /* enum vma_flags */
	uint8_t kind;              /* enum vma_kind */
	struct mem_object *object; /* NULL: zeros */
	uint32_t object_page;      /* page index in the object of start */
	vaddr_t file_end;          /* with VMA_ZERO_TAIL: the first address that is not from the object */
	struct aspace *as;         /* (c) */
	struct list object_link;   /* object's maps_lock */
};

struct vma_set {
	struct rb_root tree;
	struct list order;
	struct vma *last_found; /* the region of the last lookup; NULL: none */
	struct vma *stale;      /* its gap, and what its ancestors know of it, are out of date; NULL: nothing is */
	uint32_t count;
};

void vma_set_init(struct vma_set *s);
/* The region that holds VA, or NULL. */
struct vma *vma_find(struct vma_set *s, vaddr_t va);
/* The first region that ends above VA, or NULL. */
struct vma *vma_find_above(const struct vma_set *s, vaddr_t va);
/* V must not overlap a region of S. */
void vma_insert(struct vma_set *s, struct vma *v);
void vma_remove(struct vma_set *s, struct vma *v);
/* The range of V changes in place; it must not overlap its neighbours.  Empty: the heap, or
   private zeros. */
void vma_resize(struct vma_set *s, struct vma *v, vaddr_t start, vaddr_t end);
/* The same, of its start alone. */
void vma_move_start(struct vma_set *s, struct vma *v, vaddr_t start);
/* Cut V at AT (inside it, page aligned): V keeps the lower part, UPPER (uninitialised) becomes the rest and is
   inserted. */
void vma_split(struct vma_set *s, struct vma *v, vaddr_t at, struct vma *upper);
/* The highest free range of SIZE bytes in [LOW, HIGH). => its start, 0: none. */
vaddr_t vma_find_gap(struct vma_set *s, uint32_t size, vaddr_t low, vaddr_t high);
struct vma *vma_first(const struct vma_set *s); /* NULL: there is none, also below */
struct vma *vma_last(const struct vma_set *s);
struct vma *vma_next(const struct vma_set *s, const struct vma *v);
struct vma *vma_prev(const struct vma_set *s, const struct vma *v);
/* Order, no overlap, tree and list agree, gaps and largest gaps right. */
bool vma_set_valid(struct vma_set *s);

#endif
