/* The address space of a process with its lock: what mm has (mm/aspace.h), made safe to share.  Also the half of a page
   fault that may wait. */
#ifndef KERN_USPACE_H
#define KERN_USPACE_H

#include <arch/hooks.h>
#include <kern/mutex.h>
#include <kern/numtree.h>
#include <mm/aspace.h>

/* Where exec put what the program begins with; all 0 before. */
struct uspace_start {
	vaddr_t stack;              /* the first stack pointer */
	vaddr_t arg_start, arg_end; /* the strings of the arguments, each with its NUL, one behind the other */
	vaddr_t env_start, env_end; /* the same of the environment */
};

struct uspace {
	struct mutex lock;         /* RANK_ASPACE: regions, tables, counters of as */
	uint32_t refs;             /* (!) threads, and those who pinned it */
	uint32_t pins;             /* (!) 1 for all refs together, and those who need the memory of this struct alone */
	struct list link;          /* the lock of kern/uspace.c: in the list of all */
	bool is_made;              /* its maker, who knows it alone before, is through */
	struct uspace_start start; /* lock; what exec put there */
	struct numtree shmem;      /* lock; ids that openshmem has open (kern/shmem.c) */
	uint32_t shmem_bytes;      /* lock; what the kernel keeps for them; others read it as it is at the moment */
	struct aspace as;
};

void uspace_init(void); /* once, at boot */
/* An empty one, with one reference. => E_NOMEM. */
enum status uspace_create(struct uspace **out) must_check;
/* A copy-on-write copy of FROM (the current one). => E_NOMEM; nothing changed. */
enum status uspace_fork(struct uspace *from, struct uspace **out) must_check;
/* Drop a reference; the last one unmaps everything and lets objects go.  May sleep.  Not while a thread runs on it. */
void uspace_put(struct uspace *us);
/* Make US (NULL: the kernel's own page directory) what the current thread runs on, now.  The old one is not put. */
void uspace_switch(struct uspace *us);

/* The one after US (NULL: the first) of all there are, or NULL; while the machine stands still (kern/quiesce.h). */
struct uspace *uspace_next(struct uspace *us);

void uspace_lock(struct uspace *us) acquires(us->as);
void uspace_unlock(struct uspace *us) releases(us->as);
void uspace_ref(struct uspace *us); /* the caller has one, or holds the lock of processes */
/* The memory of US stays, that it may be locked and looked at; it may end meanwhile, and then has no regions.  Who
   calls knows that it has not ended yet.  unpin never lets go of anything but that memory. */
void uspace_pin(struct uspace *us);
void uspace_unpin(struct uspace *us);
/* Unlock, and let go of what mm handed back.  May sleep. */
void uspace_unlock_release(struct uspace *us, struct aspace_dropped *dropped) releases(us->as);

/* Make the page of VA, of the current process, its own and writable, without the reserve and at nobody's cost.  May
   sleep; nothing is locked. => E_NOMEM, E_IO.  What may not be written at all is left as it is: OK. */
enum status fault_in_modestly(struct uspace *us, vaddr_t va) must_check;
/* hooks.page_fault. */
bool fault_hook(struct trapframe *tf, const struct fault_info *f);

#endif
