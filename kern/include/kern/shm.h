/* Shared memory that has a name (docs/shared-memory.md): the pages that openshmem gives by their ids, and the segments
   of System V.  Both are memory objects over shared anonymous memory (mm/shared.h), found by a number, and both know
   how many regions show them. */
#ifndef KERN_SHM_H
#define KERN_SHM_H

#include <arch/compiler.h>
#include <kern/uspace.h>
#include <lib/status.h>

struct audit;
struct mem_object;

void shm_init(void); /* once, at boot */

/* What a mapping shows, for /proc. */
enum shm_kind { SHM_NONE, SHM_PAGE /* of openshmem */, SHM_SYSV };
struct shm_label {
	enum shm_kind kind;
	int32_t number; /* the id */
	int32_t key;    /* SHM_SYSV: with which it was made */
};
struct shm_label shm_label_of(const struct mem_object *o);

/* ---- openshmem ---- */

/* A process opens an id any number of times and has the page once, at one address; it must close as often.  A page that
   the program has unmapped or covered by another mapping is closed as often as it was open.  Both: nothing locked; may
   sleep; on failure nothing has changed. */

/* The page of ID for the current process, its address in *AT.  Who is the first makes it, zeroed.
   => E_INVAL: ID <= 0; E_NOMEM; E_OVERFLOW: open 2^32 - 1 times already. */
enum status shmem_open(int32_t id, vaddr_t *at) must_check;
/* => E_INVAL: the current process has not opened ID; E_NOMEM: its page tables must be split from a relative's. */
enum status shmem_close(int32_t id) must_check;

/* CHILD, a copy of PARENT that is about to be made, opens what PARENT has open; its regions are to come. => E_NOMEM:
   shmem_forget is due. */
enum status shmem_fork(struct uspace *child, struct uspace *parent) requires_lock(parent->as) must_check;
/* A child's making has failed: what it was to open it does not. */
void shmem_forget(struct uspace *child);

/* ---- System V ---- */

/* Numbers of keys, flags and modes are those of <abi/shm.h>.  Nothing locked; all but look and set may sleep. */

/* => the id of the segment of KEY; E_NOENT, E_EXIST; E_INVAL: SIZE does not fit; E_NOSPC: all segments together would
   be larger than sysv_shm_limit; E_NOMEM. */
int32_t sysv_shm_get(int32_t key, uint32_t size, uint32_t flags) must_check;
/* => E_INVAL: no such segment, or ADDR is not right or not free; E_NOMEM. */
enum status sysv_shm_attach(int32_t id, vaddr_t addr, uint32_t flags, vaddr_t *at) must_check;
/* => E_INVAL: no segment of which page 0 would be at ADDR; E_NOMEM: as shmem_close. */
enum status sysv_shm_detach(vaddr_t addr) must_check;

/* A segment at one moment. */
struct sysv_shm_look {
	int32_t id, key;
	uint32_t size;           /* bytes, as asked for */
	uint32_t pages, present; /* all, and those that are there */
	uint32_t attached;       /* regions that show it */
	uint32_t uid, gid, mode;
	int32_t creator, last_pid;    /* pids */
	uint32_t atime, dtime, ctime; /* s since 1970; 0: never */
};
/* The one of number ID. => E_INVAL. */
enum status sysv_shm_look(int32_t id, struct sysv_shm_look *out) must_check;
/* The one that has PLACE others of lower ids before it; the first one of an id >= FROM. => E_INVAL: there is none. */
enum status sysv_shm_look_at(uint32_t place, struct sysv_shm_look *out) must_check;
enum status sysv_shm_look_from(int32_t from, struct sysv_shm_look *out) must_check;
/* How many there are. */
uint32_t sysv_shm_count(void);
/* Pages that all segments together may have: they outlive those who made them, so some memory is kept from them. */
uint32_t sysv_shm_limit(void);

/* => E_INVAL: no such segment. */
enum status sysv_shm_set(int32_t id, uint32_t uid, uint32_t gid, uint32_t mode) must_check;
enum status sysv_shm_lock(int32_t id, bool locked) must_check;
/* No key leads to it any more, and it goes with the last who is attached. */
enum status sysv_shm_remove(int32_t id) must_check;

/* ---- the audit ---- */

/* While the machine stands still: all counts of regions, of attachments and of references agree with what there is. */
void shm_audit(struct audit *r);
/* For tests of the audit: change by BY a number of the page of openshmem ID, which the current process has open, or of
   what is kept for all it has open; the opposite repairs it. => E_INVAL: no such damage or id. */
enum shm_damage { SHM_DAMAGE_REFS, SHM_DAMAGE_REGIONS, SHM_DAMAGE_ATTACHED, SHM_DAMAGE_BYTES, SHM_DAMAGES };
enum status shm_damage(enum shm_damage what, int32_t id, int32_t by) must_check;

#endif
