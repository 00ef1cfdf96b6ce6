/* Segments of System V (kern/shm.h).  They have ids that we choose and keys that programs choose; each way to find one
   is a tree.  Ids go up and begin again at 0 after the last, so that one that is gone is not soon another's.  (Linux
   makes them of a slot in a table and a count of its uses; SHM_STAT, which asks for slots, is given places in the
   order of ids here.)  A segment keeps its name until it is removed, whoever is attached or not; so all of them
   together may have only a part of memory. */
#include "shm_priv.h"

#include <abi/shm.h>
#include <arch/mmu.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/time.h>
#include <lib/assert.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>
#include <mm/shared.h>

#define MODE_BITS 0777u
#define REGIONS_AT_ONCE 64u /* looked at between two points where others may run */

struct sysv_segment {
	struct shm_segment s;
	struct numtree_node by_key;   /* (c) the number, with which it was made; (T) the rest */
	bool has_key;                 /* (T) it can be found by it */
	uint32_t size;                /* (c) bytes */
	uint32_t uid, gid, mode;      /* (T) */
	int32_t creator, last_pid;    /* (c), (T) */
	uint32_t atime, dtime, ctime; /* (T) */
};

struct numtree sysv_shm_ids;
static struct numtree keys;  /* (T) */
static int32_t next_id;      /* (T) where the search for a free one begins */
static uint32_t pages_taken; /* (T) of all segments, those without a name too */
static struct kmem_cache *segment_cache;
static const struct mem_object_ops segment_ops;

void sysv_shm_init(void)
{
	numtree_init(&sysv_shm_ids);
	numtree_init(&keys);
	segment_cache = kmem_cache_create("sysv-shm", sizeof(struct sysv_segment), KMEM_PLAIN);
}

static struct sysv_segment *sysv_of(const struct shm_segment *s)
{
	return container_of(s, struct sysv_segment, s);
}

bool sysv_shm_is_segment(const struct mem_object *o)
{
	return o->ops == &segment_ops;
}

int32_t sysv_shm_key_of(const struct shm_segment *s)
{
	return sysv_of(s)->by_key.number;
}

uint32_t sysv_shm_limit(void)
{
	uint32_t all = frame_count_total();

	return all - all / 4;
}

static int32_t current_pid(void)
{
	return current_proc() ? current_proc()->pid : 0;
}

/* ---- memory ---- */

static bool pages_take(uint32_t pages)
{
	bool ok;

	spin_lock(&shm_lock);
	ok = pages <= sysv_shm_limit() && pages_taken <= sysv_shm_limit() - pages;
	if (ok)
		pages_taken += pages;
	spin_unlock(&shm_lock);
	return ok;
}

static void pages_give(uint32_t pages)
{
	spin_lock(&shm_lock);
	pages_taken -= pages;
	spin_unlock(&shm_lock);
}

static void region_comes(struct mem_object *o, const struct vma *v)
{
	struct sysv_segment *y = sysv_of(shm_segment_of(o));

	(void)v;
	spin_lock(&shm_lock);
	shm_region_came(&y->s);
	y->atime = time_wall_s();
	y->last_pid = current_pid();
	spin_unlock(&shm_lock);
}

static void region_goes(struct mem_object *o, const struct vma *v)
{
	struct sysv_segment *y = sysv_of(shm_segment_of(o));

	(void)v;
	spin_lock(&shm_lock);
	y->dtime = time_wall_s();
	y->last_pid = current_pid();
	shm_region_went(&y->s);
	spin_unlock(&shm_lock);
}

static void segment_put(struct mem_object *o)
{
	struct shm_segment *s = shm_segment_of(o);

	if (!shm_unref(s))
		return;
	pages_give(s->npages);
	kmem_free(segment_cache, sysv_of(s));
}

static const struct mem_object_ops segment_ops = {
	.find_page = shm_find_page,
	.get_page = shm_get_page,
	.make_page = shm_make_page,
	.get = shm_get,
	.put = segment_put,
	.region_comes = region_comes,
	.region_goes = region_goes,
};

/* ---- shmget ---- */

/* => its id; E_NOENT: there is none; E_EXIST, E_INVAL: it is not to be, or is too small. */
static int32_t find_by_key(int32_t key, uint32_t size, uint32_t flags)
{
	const struct numtree_node *n = NULL;
	int32_t result = E_NOENT;

	if (key == IPC_PRIVATE)
		return E_NOENT;
	spin_lock(&shm_lock);
	n = numtree_find(&keys, key);
	if (n) {
		const struct sysv_segment *y = RB_ENTRY(n, struct sysv_segment, by_key);

		result = y->s.name.number;
		if ((flags & IPC_CREAT) && (flags & IPC_EXCL))
			result = E_EXIST;
		else if (size > y->size)
			result = E_INVAL;
	}
	spin_unlock(&shm_lock);
	return result;
}

static enum status segment_alloc(int32_t key, uint32_t size, uint32_t flags, struct sysv_segment **out)
{
	struct sysv_segment *y = kmem_zalloc(segment_cache);
	enum status st;

	if (!y)
		return E_NOMEM;
	st = shm_segment_init(&y->s, &segment_ops, page_ceil(size) >> PAGE_SHIFT, &sysv_shm_ids, 0);
	if (st != OK) {
		kmem_free(segment_cache, y);
		return st;
	}
	y->s.is_kept = true;
	y->by_key.number = key;
	y->size = size;
	y->mode = flags & MODE_BITS;
	y->creator = current_pid();
	y->ctime = time_wall_s();
	*out = y;
	return OK;
}

/* Y gets its key and an id. => the id; E_RESTART: somebody has the key by now. */
static int32_t segment_publish(struct sysv_segment *y)
{
	int32_t id = E_RESTART;

	spin_lock(&shm_lock);
	if (y->by_key.number == IPC_PRIVATE || numtree_insert(&keys, &y->by_key)) {
		y->has_key = y->by_key.number != IPC_PRIVATE;
		id = numtree_free_number(&sysv_shm_ids, next_id);
		next_id = id == INT32_MAX ? 0 : id + 1;
		y->s.name.number = id;
		shm_name(&y->s);
	}
	spin_unlock(&shm_lock);
	return id;
}

/* => its id; E_RESTART: as above. */
static int32_t segment_create(int32_t key, uint32_t size, uint32_t flags)
{
	uint32_t pages = page_ceil(size) >> PAGE_SHIFT;
	struct sysv_segment *y;
	enum status st;
	int32_t id;

	if (size == 0 || size > USER_TOP || (flags & SHM_HUGETLB))
		return E_INVAL;
	if (!pages_take(pages))
		return E_NOSPC;
	st = segment_alloc(key, size, flags, &y);
	if (st != OK) {
		pages_give(pages);
		return st;
	}
	id = segment_publish(y);
	segment_put(&y->s.object);
	return id;
}

int32_t sysv_shm_get(int32_t key, uint32_t size, uint32_t flags)
{
	int32_t id;

	do {
		id = find_by_key(key, size, flags);
		if (id != E_NOENT || (key != IPC_PRIVATE && !(flags & IPC_CREAT)))
			return id;
		id = segment_create(key, size, flags);
	} while (id == E_RESTART);
	return id;
}

/* ---- shmat, shmdt ---- */

/* => where exactly; 0: anywhere. */
static enum status check_address(vaddr_t addr, uint32_t flags, vaddr_t *out)
{
	*out = addr & ~(vaddr_t)(SHMLBA - 1);
	if (*out != addr && !(flags & SHM_RND))
		return E_INVAL;
	return *out == 0 && (addr != 0 || (flags & SHM_REMAP)) ? E_INVAL : OK;
}

static enum status map_segment(struct shm_segment *s, vaddr_t addr, uint32_t flags, vaddr_t *at)
{
	const struct map_request r = {
		.addr = addr,
		.len = s->npages << PAGE_SHIFT,
		.prot = (uint8_t)(VMA_READ | (flags & SHM_RDONLY ? 0 : VMA_WRITE) | (flags & SHM_EXEC ? VMA_EXEC : 0)),
		.flags = (uint8_t)(VMA_SHARED | (flags & SHM_RDONLY ? VMA_NEVER_WRITE : 0)),
		.kind = VMA_SHM,
		.fixed = addr != 0,
		.no_replace = !(flags & SHM_REMAP),
		.object = &s->object,
	};
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	enum status st;

	uspace_lock(us);
	st = aspace_map(&us->as, &r, at, &dropped);
	uspace_unlock_release(us, &dropped);
	return st == E_EXIST ? E_INVAL : st;
}

enum status sysv_shm_attach(int32_t id, vaddr_t addr, uint32_t flags, vaddr_t *at)
{
	enum status st = check_address(addr, flags, &addr);
	struct shm_segment *s;

	if (st != OK)
		return st;
	s = shm_enter(&sysv_shm_ids, id, NULL);
	if (!s)
		return E_INVAL;
	st = map_segment(s, addr, flags, at);
	shm_leave(s);
	return st;
}

static bool shows_segment_at(const struct vma *v, vaddr_t base)
{
	return v->object && sysv_shm_is_segment(v->object) && v->start - base == v->object_page << PAGE_SHIFT;
}

/* The first region that shows a segment whose page 0 would be at BASE.  It is the first of all, unless the program has
   unmapped the beginning. => NULL: there is none. */
static const struct vma *find_attached(const struct uspace *us, vaddr_t base) requires_lock(us->as)
{
	const struct vma *v = vma_find_above(&us->as.vmas, base);

	for (unsigned n = 1; v && !shows_segment_at(v, base); n++) {
		v = vma_next(&us->as.vmas, v);
		if (n % REGIONS_AT_ONCE == 0)
			sched_point();
	}
	return v;
}

enum status sysv_shm_detach(vaddr_t addr)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	enum status st = E_INVAL;
	const struct vma *v;

	if (!page_aligned(addr) || addr >= USER_TOP)
		return E_INVAL;
	uspace_lock(us);
	v = find_attached(us, addr);
	if (v) {
		uint32_t size = shm_segment_of(v->object)->npages << PAGE_SHIFT;

		st = aspace_unmap_object(&us->as, v->object, addr, size < USER_TOP - addr ? addr + size : USER_TOP,
		                         &dropped);
	}
	uspace_unlock_release(us, &dropped);
	return st;
}

/* ---- shmctl ---- */

static void look(struct sysv_segment *y, struct sysv_shm_look *out) requires_lock(shm_lock)
{
	*out = (struct sysv_shm_look){
		.id = y->s.name.number,
		.key = y->has_key ? y->by_key.number : IPC_PRIVATE,
		.size = y->size,
		.pages = y->s.npages,
		.present = shared_present(y->s.pages),
		.attached = y->s.regions,
		.uid = y->uid,
		.gid = y->gid,
		.mode = y->mode,
		.creator = y->creator,
		.last_pid = y->last_pid,
		.atime = y->atime,
		.dtime = y->dtime,
		.ctime = y->ctime,
	};
}

static enum status look_node(const struct numtree_node *n, struct sysv_shm_look *out) requires_lock(shm_lock)
{
	if (n)
		look(sysv_of(RB_ENTRY(n, struct shm_segment, name)), out);
	return n ? OK : E_INVAL;
}

enum status sysv_shm_look(int32_t id, struct sysv_shm_look *out)
{
	enum status st;

	spin_lock(&shm_lock);
	st = look_node(numtree_find(&sysv_shm_ids, id), out);
	spin_unlock(&shm_lock);
	return st;
}

enum status sysv_shm_look_at(uint32_t place, struct sysv_shm_look *out)
{
	enum status st;

	spin_lock(&shm_lock);
	st = look_node(numtree_at(&sysv_shm_ids, place), out);
	spin_unlock(&shm_lock);
	return st;
}

enum status sysv_shm_look_from(int32_t from, struct sysv_shm_look *out)
{
	enum status st;

	spin_lock(&shm_lock);
	st = look_node(numtree_from(&sysv_shm_ids, from), out);
	spin_unlock(&shm_lock);
	return st;
}

uint32_t sysv_shm_count(void)
{
	uint32_t n;

	spin_lock(&shm_lock);
	n = numtree_count(&sysv_shm_ids);
	spin_unlock(&shm_lock);
	return n;
}

/* The segment of ID, and the lock. => NULL: there is none, and no lock. */
static struct sysv_segment *lock_segment(int32_t id) no_lock_check
{
	struct numtree_node *n;

	spin_lock(&shm_lock);
	n = numtree_find(&sysv_shm_ids, id);
	if (!n)
		spin_unlock(&shm_lock);
	return n ? sysv_of(RB_ENTRY(n, struct shm_segment, name)) : NULL;
}

enum status sysv_shm_set(int32_t id, uint32_t uid, uint32_t gid, uint32_t mode) no_lock_check
{
	struct sysv_segment *y = lock_segment(id);

	if (!y)
		return E_INVAL;
	y->uid = uid;
	y->gid = gid;
	y->mode = (y->mode & ~MODE_BITS) | (mode & MODE_BITS);
	y->ctime = time_wall_s();
	spin_unlock(&shm_lock);
	return OK;
}

/* Nothing is ever swapped out: only the mark is kept. */
enum status sysv_shm_lock(int32_t id, bool locked) no_lock_check
{
	struct sysv_segment *y = lock_segment(id);

	if (!y)
		return E_INVAL;
	y->mode = (y->mode & ~(uint32_t)SHM_LOCKED) | (locked ? SHM_LOCKED : 0);
	spin_unlock(&shm_lock);
	return OK;
}

enum status sysv_shm_remove(int32_t id)
{
	struct shm_segment *s = shm_enter(&sysv_shm_ids, id, NULL);
	struct sysv_segment *y;

	if (!s)
		return E_INVAL;
	y = sysv_of(s);
	spin_lock(&shm_lock);
	if (y->has_key)
		numtree_remove(&keys, &y->by_key);
	y->has_key = false;
	y->mode |= SHM_DEST;
	s->is_kept = false;
	spin_unlock(&shm_lock);
	shm_leave(s);
	return OK;
}
