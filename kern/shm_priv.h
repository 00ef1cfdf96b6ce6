/* What openshmem (shmem.c) and System V (sysv_shm.c) have in common (shm.c). */
#ifndef KERN_SHM_PRIV_H
#define KERN_SHM_PRIV_H

#include <kern/numtree.h>
#include <kern/shm.h>
#include <mm/object.h>
#include <sync/spinlock.h>

/* (T): names, and who is attached.  One lock for all: what is done under it is a look into a tree. */
extern struct spinlock shm_lock;

/* A piece of memory that can be found by a number.  It loses its name when nobody is attached or about to be, unless it
   is kept, and ends with its last reference. */
struct shm_segment {
	struct mem_object object;
	struct mem_object *pages; /* (c) where its pages come from (mm/shared.h): a reference */
	uint32_t npages;          /* (c) */
	uint32_t refs;            /* (!) its name, each region, each opener, and those of mem_object_ops.get */
	struct numtree *names;    /* (c) where its name is */
	struct numtree_node name; /* (c) the number; (T) the rest */
	bool is_named;            /* (T) it can be found */
	bool is_kept;             /* (T) */
	uint32_t openers;         /* (T) those who have found it and are about to attach it, or look at it */
	uint32_t regions;         /* (T) */
	uint32_t found;           /* the audit's: regions that it has seen */
};

static inline struct shm_segment *shm_segment_of(const struct mem_object *o)
{
	return container_of(o, struct shm_segment, object);
}

/* A new one of PAGES pages, NUMBER in NAMES once it is there; with one reference. => E_NOMEM. */
enum status shm_segment_init(struct shm_segment *s, const struct mem_object_ops *ops, uint32_t pages,
                             struct numtree *names, int32_t number) must_check;

/* The one of NUMBER, with a reference for the caller, who is an opener now.  If there is none: NEW_SEGMENT, which has
   been named, and whose first reference is the caller's as that; NULL without. */
struct shm_segment *shm_enter(struct numtree *names, int32_t number, struct shm_segment *new_segment);
/* The opposite.  May sleep; nothing locked. */
void shm_leave(struct shm_segment *s);
/* S, new and with a number that is free, can be found; its name has a reference. */
void shm_name(struct shm_segment *s) requires_lock(shm_lock);

/* A region of S comes or goes; its space is locked. */
void shm_region_came(struct shm_segment *s) requires_lock(shm_lock);
void shm_region_went(struct shm_segment *s) requires_lock(shm_lock);

/* mem_object_ops of both; put needs the memory of the whole. */
bool shm_find_page(struct mem_object *o, uint32_t index, bool write, paddr_t *pa);
enum status shm_get_page(struct mem_object *o, uint32_t index, bool write, paddr_t *pa);
bool shm_make_page(struct mem_object *o, uint32_t index, paddr_t *pa);
void shm_get(struct mem_object *o);
/* Drop a reference. => that was the last: its pages are gone, its memory is the caller's.  May sleep. */
bool shm_unref(struct shm_segment *s);

/* ---- shmem.c ---- */

/* An id that a space has open. */
struct shmem_attachment {
	struct numtree_node id;
	struct shm_segment *segment; /* (c) its regions have the references */
	vaddr_t at;                  /* where its page is, or was before the program took it away */
	uint32_t opens;              /* > 0 */
	uint32_t regions;            /* of this space; 0: they are about to come */
	uint32_t found;              /* the audit's */
};
/* What the kernel keeps for an id that is open, a page that was touched apart, about. */
#define SHMEM_KEPT_BYTES (sizeof(struct shmem_attachment) + sizeof(struct shm_segment) + sizeof(struct vma) + 64)
/* NULL: there is none.  The space is locked, or the machine stands still. */
struct shmem_attachment *shmem_attachment_of(struct uspace *us, int32_t id);
bool shmem_is_segment(const struct mem_object *o);
extern struct numtree shmem_names; /* (T) */
void shmem_init(void);

/* ---- sysv_shm.c ---- */

bool sysv_shm_is_segment(const struct mem_object *o);
int32_t sysv_shm_key_of(const struct shm_segment *s);
extern struct numtree sysv_shm_ids; /* (T) */
void sysv_shm_init(void);

#endif
