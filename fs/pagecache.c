/* The index of the page cache and the life of one page.
   One hash of chains under one spinlock: a hit is a dozen instructions, and the lock also guards the sizes of files,
   so that a read needs no other.  A tree per file, as many kernels have it, was not taken: it is slower for a hit, and
   what it is good at (the pages of a range) is only needed by truncation.  Its limit is the one lock: many CPUs that
   read from the cache at once would want one per slice of the hash.
   Write-back is in fs/writeback.c. */
#include <fs/pagecache.h>

#include "pagecache_priv.h"

#include <arch/mmu.h>
#include <dev/blk.h>
#include <kern/log.h>
#include <kern/sched.h>
#include <kern/thread.h>
#include <kern/usercopy.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

#define BUCKETS_PER_FRAME (PAGE_SIZE / sizeof(struct cached_page *))
#define BUCKET_FRAMES_MAX 32u
#define FRAMES_PER_BUCKET 8u /* of all RAM: 512 MiB get 16,384 chains */
#define EPOCH_SHIFT 7        /* new pages in an epoch, as a power of two */
#define DROP_BATCH 64u       /* pages dropped under one hold of the lock */

struct pagecache pagecache = {
	.lock = SPINLOCK_INIT(RANK_CACHE, "page cache"),
	.io_wait = WAITQ_INIT(pagecache.io_wait),
	.clean_wait = WAITQ_INIT(pagecache.clean_wait),
	.thread_wait = WAITQ_INIT(pagecache.thread_wait),
	.dirty = LIST_INIT(pagecache.dirty),
	.orphans_at = NO_DEADLINE,
};

/* The chains lie in frames of their own, since kmalloc ends at a page. (c) after pagecache_init */
static struct cached_page **buckets[BUCKET_FRAMES_MAX];
static uint32_t bucket_mask;
static struct kmem_cache *page_structs;

/* --- the index --- */

static struct cached_page **index_bucket(const struct vnode *vn, uint32_t index)
{
	/* Neighbours of a file are in neighbouring chains. */
	uint32_t h = ((uint32_t)(uintptr_t)vn * 0x9e3779b1u >> 12) + index;

	h &= bucket_mask;
	return &buckets[h / BUCKETS_PER_FRAME][h % BUCKETS_PER_FRAME];
}

struct cached_page *index_find(const struct vnode *vn, uint32_t index)
{
	struct cached_page *p = *index_bucket(vn, index);

	while (p && (p->index != index || p->vnode != vn))
		p = p->next;
	return p;
}

static void index_add(struct vnode *vn, uint32_t index, struct cached_page *p) requires_lock(pagecache.lock)
{
	struct cached_page **bucket = index_bucket(vn, index);

	p->vnode = vn;
	p->index = index;
	p->state = PAGE_INDEXED;
	p->next = *bucket;
	*bucket = p;
	list_add_tail(&vn->pages, &p->vnode_link);
	p->epoch = ++pagecache.inserted >> EPOCH_SHIFT;
	pagecache.npages++;
	pagecache.nblocks += vn->kind == VNODE_BLOCK;
}

static void index_remove(struct cached_page *p) requires_lock(pagecache.lock)
{
	struct cached_page **link = index_bucket(p->vnode, p->index);

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	if (p->state & PAGE_DIRTY)
		page_clear_dirty(p);
	list_remove(&p->vnode_link);
	p->state = 0;
	pagecache.npages--;
	pagecache.nblocks -= p->vnode->kind == VNODE_BLOCK;
}

/* The caller holds vn->lock or pagecache.lock. */
static bool page_inside(const struct vnode *vn, uint32_t index)
{
	return (uint64_t)index << PAGE_SHIFT < vn->size;
}

static void page_wait(void) requires_lock(pagecache.lock)
{
	enum status st = waitq_wait(&pagecache.io_wait, &pagecache.lock, WAIT_UNINTERRUPTIBLE, NO_DEADLINE);

	(void)st; /* woken; there is no other way out of it */
}

/* --- structs and frames --- */

struct cached_page *page_alloc(void)
{
	struct cached_page *p = kmem_alloc(page_structs);

	if (!p)
		return NULL;
	if (frame_get(FRAME_CACHE, &p->evict.pa) != OK) {
		kmem_free(page_structs, p);
		return NULL;
	}
	list_init(&p->evict.link);
	list_init(&p->vnode_link);
	list_init(&p->dirty_link);
	p->buf.data = arch_window(p->evict.pa);
	p->vnode = NULL;
	p->block = 0;
	p->holds = 0;
	p->state = 0;
	frame_of(p->evict.pa)->owner = p;
	return p;
}

void page_free(struct cached_page *p)
{
	frame_of(p->evict.pa)->owner = NULL; /* programs may go on to map it */
	frame_put(p->evict.pa);
	kmem_free(page_structs, p);
}

/* The page left the index: let go of it.  No spinlock held. */
static void page_discard(struct cached_page *p)
{
	frame_cached_remove(&p->evict);
	page_free(p);
}

/* frame_cache_ops: mm wants the frame of this page.  The pool's lock is held. */
static bool page_detach(struct frame_cached *c)
{
	struct cached_page *p = container_of(c, struct cached_page, evict);
	bool out;

	spin_lock(&pagecache.lock);
	out = p->state == (PAGE_INDEXED | PAGE_UPTODATE) && p->holds == 0 && frame_refs(frame_of(c->pa)) == 1;
	if (out)
		index_remove(p);
	spin_unlock(&pagecache.lock);
	return out;
}

static void page_discard_detached(struct frame_cached *c)
{
	kmem_free(page_structs, container_of(c, struct cached_page, evict));
}

static const struct frame_cache_ops cache_ops = {.detach = page_detach, .discard = page_discard_detached};

/* P becomes page INDEX of VN in STATE. => false, nothing changed: there is one already. */
static bool page_insert(struct vnode *vn, uint32_t index, uint32_t block, struct cached_page *p, uint32_t state)
{
	bool is_new;

	frame_cached_add(&p->evict); /* not in the index yet, so detach refuses it */
	spin_lock(&pagecache.lock);
	is_new = !index_find(vn, index);
	if (is_new) {
		index_add(vn, index, p);
		p->block = block;
		p->state |= state;
	}
	spin_unlock(&pagecache.lock);
	if (!is_new)
		frame_cached_remove(&p->evict);
	return is_new;
}

bool page_insert_dirty(struct vnode *vn, uint32_t index, uint32_t block, struct cached_page *p, uint64_t size)
{
	bool is_new;

	frame_cached_add(&p->evict);
	spin_lock(&pagecache.lock);
	is_new = !index_find(vn, index);
	if (is_new) {
		index_add(vn, index, p);
		p->block = block;
		p->state |= PAGE_UPTODATE;
		page_set_dirty(p);
		if (size > vn->size)
			vn->size = size;
	}
	spin_unlock(&pagecache.lock);
	if (!is_new)
		frame_cached_remove(&p->evict);
	return is_new;
}

void page_mark_dirty(struct cached_page *p, uint64_t size)
{
	spin_lock(&pagecache.lock);
	if (!(p->state & PAGE_DIRTY))
		page_set_dirty(p);
	if (size > p->vnode->size)
		p->vnode->size = size;
	spin_unlock(&pagecache.lock);
}

/* The vnode is locked, so P stays. */
void page_begin_mapped_write(struct cached_page *p)
{
	spin_lock(&pagecache.lock);
	while (p->state & PAGE_BUSY)
		page_wait();
	if (!(p->state & PAGE_DIRTY))
		page_set_dirty(p);
	p->vnode->mapped_writes = true;
	spin_unlock(&pagecache.lock);
}

/* A page that is not there has zeros on the device: what is written to it ends with the file (writeback.c). */
void page_clear_tail(struct vnode *vn)
{
	uint32_t in = (uint32_t)vn->size & PAGE_MASK;
	struct cached_page *p;

	spin_lock(&pagecache.lock);
	p = in ? index_find(vn, (uint32_t)(vn->size >> PAGE_SHIFT)) : NULL;
	if (p && (p->state & PAGE_UPTODATE))
		memset(p->buf.data + in, 0, PAGE_SIZE - in);
	spin_unlock(&pagecache.lock);
}

/* --- finding and reading --- */

bool page_find(struct vnode *vn, uint32_t index, bool mapped_write, paddr_t *pa)
{
	struct cached_page *p;
	bool found;

	spin_lock(&pagecache.lock);
	p = index_find(vn, index);
	found = p && (p->state & PAGE_UPTODATE) && page_inside(vn, index);
	if (mapped_write) {
		found = found && (p->state & (PAGE_DIRTY | PAGE_BUSY)) == PAGE_DIRTY;
		vn->mapped_writes = vn->mapped_writes || found;
	}
	if (likely(found)) {
		*pa = p->evict.pa;
		frame_ref(*pa);
	}
	spin_unlock(&pagecache.lock);
	return found;
}

static always_inline int32_t pin(struct vnode *vn, uint64_t offset, const uint8_t **data)
{
	uint32_t index = (uint32_t)(offset >> PAGE_SHIFT), in = (uint32_t)offset & PAGE_MASK;
	struct cached_page *p;
	int32_t n = 0;

	spin_lock(&pagecache.lock);
	if (likely(offset < vn->size)) {
		uint64_t left = vn->size - offset;

		p = index_find(vn, index);
		if (likely(p && (p->state & PAGE_UPTODATE))) {
			frame_pin(p->evict.pa);
			*data = p->buf.data + in;
			n = (int32_t)(left < PAGE_SIZE - in ? (uint32_t)left : PAGE_SIZE - in);
		} else {
			n = -1;
		}
	}
	spin_unlock(&pagecache.lock);
	return n;
}

int32_t page_pin(struct vnode *vn, uint64_t offset, const uint8_t **data)
{
	return pin(vn, offset, data);
}

uint32_t page_read_user(struct vnode *vn, uint64_t offset, user_ptr_t to, uint32_t n)
{
	const uint8_t *data;
	int32_t there = pin(vn, offset, &data);

	if (unlikely(there <= 0))
		return 0;
	if (n > (uint32_t)there)
		n = (uint32_t)there;
	n = (uint32_t)copy_to_user_some(to, data, n);
	page_unpin(data);
	return n;
}

enum look { LOOK_FOUND, LOOK_MISSING, LOOK_OUTSIDE };

/* Page INDEX of VN, waiting while it is being read; with a reference to its frame. */
static enum look page_look(struct vnode *vn, uint32_t index, struct cached_page **out)
{
	enum look result = LOOK_OUTSIDE;
	struct cached_page *p = NULL;

	spin_lock(&pagecache.lock);
	while (page_inside(vn, index)) {
		result = LOOK_MISSING;
		p = index_find(vn, index);
		if (!p)
			break;
		if (p->state & PAGE_UPTODATE) {
			frame_pin(p->evict.pa);
			result = LOOK_FOUND;
			break;
		}
		page_wait();
		result = LOOK_OUTSIDE;
	}
	spin_unlock(&pagecache.lock);
	*out = p;
	return result;
}

bool page_present(struct vnode *vn, uint32_t index)
{
	bool present;

	spin_lock(&pagecache.lock);
	present = index_find(vn, index) != NULL;
	spin_unlock(&pagecache.lock);
	return present;
}

static enum status page_map(struct vnode *vn, uint32_t index, bool alloc, uint32_t *block)
{
	if (vn->kind != VNODE_BLOCK)
		return vn->ops->map(vn, index, alloc, block);
	*block = index;
	return OK;
}

/* A new BUSY page INDEX of VN at the end of R. => E_EXIST: there is one; E_RESTART: it does not continue the run. */
static enum status run_extend(struct page_run *r, struct vnode *vn, uint32_t index)
{
	struct cached_page *p;
	uint32_t block;
	enum status st = page_map(vn, index, false, &block);

	if (st != OK)
		return st;
	if (r->n > 0 && (block == 0 || block != r->block + r->n))
		return E_RESTART;
	p = page_alloc();
	if (!p)
		return E_NOMEM;
	if (!page_insert(vn, index, block, p, PAGE_BUSY)) {
		page_free(p);
		return E_EXIST;
	}
	if (r->n == 0)
		r->block = block;
	r->page[r->n] = p;
	r->pa[r->n++] = p->evict.pa;
	return OK;
}

/* Page INDEX and up to AHEAD after it, as far as they lie together on the device. */
static enum status run_begin_read(struct page_run *r, struct vnode *vn, uint32_t index, unsigned ahead)
{
	enum status st = run_extend(r, vn, index);

	if (st != OK)
		return st;
	r->hole = r->block == 0 && vn->kind != VNODE_BLOCK;
	while (!r->hole && r->n <= ahead && r->n < BLK_RUN_MAX && page_inside(vn, index + r->n))
		if (run_extend(r, vn, index + r->n) != OK)
			break;
	return OK;
}

/* The pages of R are there, or (not OK) are taken out again.  On OK the first frame gets a reference for the caller. */
static void run_end_read(struct page_run *r, enum status st)
{
	spin_lock(&pagecache.lock);
	if (st == OK)
		frame_pin(r->pa[0]);
	for (unsigned i = 0; i < r->n; i++) {
		if (st == OK)
			r->page[i]->state = PAGE_INDEXED | PAGE_UPTODATE;
		else
			index_remove(r->page[i]);
	}
	spin_unlock(&pagecache.lock);
	waitq_wake_all(&pagecache.io_wait);
	for (unsigned i = 0; st != OK && i < r->n; i++)
		page_discard(r->page[i]);
}

static enum status run_read(struct page_run *r, struct vnode *vn)
{
	enum status st = OK;

	if (r->hole)
		arch_page_clear(r->page[0]->buf.data);
	else
		st = blkdev_read(vn->device, r->block, r->pa, r->n);
	run_end_read(r, st);
	return st;
}

static void vnode_lock_for_map(struct vnode *vn) no_lock_check
{
	if (vn->kind != VNODE_BLOCK)
		mutex_lock(&vn->lock);
}

static void vnode_unlock_for_map(struct vnode *vn) no_lock_check
{
	if (vn->kind != VNODE_BLOCK)
		mutex_unlock(&vn->lock);
}

enum status page_get(struct vnode *vn, uint32_t index, unsigned ahead, paddr_t *pa)
{
	struct page_run r;
	struct cached_page *p;
	enum status st;

	do {
		r.n = 0;
		st = OK;
		vnode_lock_for_map(vn);
		switch (page_look(vn, index, &p)) {
		case LOOK_FOUND: *pa = p->evict.pa; break;
		case LOOK_OUTSIDE: st = E_SIGBUS; break;
		case LOOK_MISSING: st = run_begin_read(&r, vn, index, ahead); break;
		}
		vnode_unlock_for_map(vn);
	} while (st == E_EXIST);
	if (st != OK || r.n == 0)
		return st;
	*pa = r.pa[0];
	st = run_read(&r, vn);
	if (unlikely(st != OK && r.n > 1)) /* maybe only what was to be read along cannot be */
		return page_get(vn, index, 0, pa);
	return st;
}

/* P, a page of VN (locked), has no place on the device: give it one. */
static enum status page_place(struct vnode *vn, struct cached_page *p)
{
	uint32_t block;
	enum status st = page_map(vn, p->index, true, &block);

	if (st != OK)
		return st;
	spin_lock(&pagecache.lock);
	p->block = block;
	page_set_dirty(p); /* what the block held before is nobody's business */
	spin_unlock(&pagecache.lock);
	return OK;
}

enum status page_get_locked(struct vnode *vn, uint32_t index, bool alloc, struct cached_page **page)
{
	struct page_run r = {.n = 0};
	enum status st = OK;

	*page = NULL;
	switch (page_look(vn, index, page)) {
	case LOOK_FOUND: break;
	case LOOK_OUTSIDE: return E_SIGBUS;
	case LOOK_MISSING:
		st = run_begin_read(&r, vn, index, 0);
		if (st == E_EXIST)
			return page_get_locked(vn, index, alloc, page); /* of a disk: another thread reads it now */
		if (st != OK)
			return st;
		*page = r.page[0];
		st = run_read(&r, vn);
		break;
	}
	if (st == OK && vn->kind != VNODE_BLOCK && (*page)->block == 0 && alloc) {
		st = page_place(vn, *page);
		if (st != OK)
			frame_unpin((*page)->evict.pa);
	}
	return st;
}

/* --- size and truncation --- */

void page_set_size(struct vnode *vn, uint64_t size)
{
	spin_lock(&pagecache.lock);
	vn->size = size;
	spin_unlock(&pagecache.lock);
}

uint64_t vnode_size(struct vnode *vn)
{
	uint64_t size;

	spin_lock(&pagecache.lock);
	size = vn->size;
	spin_unlock(&pagecache.lock);
	return size;
}

/* Take P out of the index and put it on the chain *OUT, or wait if it is busy. => false: waited, look again. */
static bool drop_one(struct cached_page *p, struct cached_page **out) requires_lock(pagecache.lock)
{
	if (p->state & PAGE_BUSY) {
		page_wait();
		return false;
	}
	index_remove(p);
	p->next = *out;
	*out = p;
	return true;
}

static void drop_chain(struct cached_page *p)
{
	while (p) {
		struct cached_page *next = p->next;

		page_discard(p);
		p = next;
	}
	sched_point();
}

/* => false: nothing is left in the lists of VN. */
static bool drop_some_listed(struct vnode *vn, struct cached_page **out) requires_lock(pagecache.lock)
{
	for (unsigned n = 0; n < DROP_BATCH; n++) {
		struct list *l = list_is_empty(&vn->pages) ? list_first(&vn->dirty_pages) : list_first(&vn->pages);

		if (!l)
			return false;
		drop_one(LIST_ENTRY(l, struct cached_page, vnode_link), out);
	}
	return true;
}

static void drop_some_indexed(struct vnode *vn, uint32_t first, uint32_t end, struct cached_page **out)
	requires_lock(pagecache.lock)
{
	while (first < end) {
		struct cached_page *p = index_find(vn, first);

		if (!p || drop_one(p, out))
			first++;
	}
}

void page_drop(struct vnode *vn, uint32_t first, uint32_t end)
{
	bool all = first == 0 && end == PAGE_DROP_ALL;
	bool more;

	do {
		struct cached_page *chain = NULL;
		uint32_t stop = end - first > DROP_BATCH ? first + DROP_BATCH : end;

		spin_lock(&pagecache.lock);
		if (all)
			more = drop_some_listed(vn, &chain);
		else
			drop_some_indexed(vn, first, stop, &chain);
		spin_unlock(&pagecache.lock);
		drop_chain(chain);
		if (!all) {
			first = stop;
			more = first < end;
		}
	} while (more);
}

/* --- blocks of a disk --- */

static struct cached_page *page_of_buf(struct dmfs_buf *buf)
{
	return container_of(buf, struct cached_page, buf);
}

/* In a list by last use, a block used again goes to the young end, but not every time. */
static void page_refresh(struct cached_page *p)
{
	p->epoch = pagecache.inserted >> EPOCH_SHIFT;
	frame_cached_touch(&p->evict);
}

/* Hold block N if it is there and complete. */
static struct cached_page *block_hold(struct vnode *disk, uint32_t n)
{
	struct cached_page *p;

	spin_lock(&pagecache.lock);
	p = index_find(disk, n);
	if (likely(p && (p->state & PAGE_UPTODATE)))
		p->holds++;
	else
		p = NULL;
	spin_unlock(&pagecache.lock);
	return p;
}

static no_inline enum status block_get_slow(struct vnode *disk, uint32_t n, struct cached_page **out)
{
	enum status st;
	paddr_t pa;

	do {
		st = page_get(disk, n, 0, &pa);
		if (st != OK)
			return st == E_SIGBUS ? E_IO : st;
		*out = block_hold(disk, n); /* our reference to the frame kept it in */
		frame_unpin(pa);
	} while (!*out);
	return OK;
}

enum status block_get(struct vnode *disk, uint32_t n, struct dmfs_buf **buf)
{
	struct cached_page *p = block_hold(disk, n);

	if (unlikely(!p)) {
		enum status st = current_thread()->cached_only > 0 ? E_NOMEM : block_get_slow(disk, n, &p);

		if (st != OK)
			return st;
	}
	if (unlikely(p->epoch != pagecache.inserted >> EPOCH_SHIFT))
		page_refresh(p);
	*buf = &p->buf;
	return OK;
}

/* Block N as an empty page of its own, held. => E_EXIST: it is cached. */
static enum status block_insert_empty(struct vnode *disk, uint32_t n, struct cached_page **out)
{
	struct cached_page *p = page_alloc();

	if (!p)
		return E_NOMEM;
	arch_page_clear(p->buf.data);
	p->holds = 1;
	*out = p;
	if (page_insert(disk, n, n, p, PAGE_UPTODATE))
		return OK;
	page_free(p);
	return E_EXIST;
}

enum status block_get_new(struct vnode *disk, uint32_t n, struct dmfs_buf **buf)
{
	struct cached_page *p;
	enum status st = block_insert_empty(disk, n, &p);

	if (st == E_EXIST) { /* somebody has read the raw disk */
		p = block_hold(disk, n);
		st = p ? OK : block_get_slow(disk, n, &p);
		if (st == OK && p->holds > 1) { /* a free block that somebody works on: the disk contradicts itself */
			block_put(&p->buf);
			st = E_UCLEAN;
		}
		if (st == OK)
			arch_page_clear(p->buf.data);
	}
	if (st == OK)
		*buf = &p->buf;
	return st;
}

void block_dirty(struct dmfs_buf *buf)
{
	struct cached_page *p = page_of_buf(buf);

	spin_lock(&pagecache.lock);
	if (!(p->state & PAGE_DIRTY))
		page_set_dirty(p);
	spin_unlock(&pagecache.lock);
}

void block_put(struct dmfs_buf *buf)
{
	struct cached_page *p = page_of_buf(buf);

	spin_lock(&pagecache.lock);
	DEBUG_ASSERT(p->holds > 0);
	p->holds--;
	spin_unlock(&pagecache.lock);
}

void block_forget(struct vnode *disk, uint32_t n)
{
	struct cached_page *p, *chain = NULL;

	spin_lock(&pagecache.lock);
	/* On a damaged disk a block may be two things at once: what somebody holds stays. */
	do
		p = index_find(disk, n);
	while (p && p->holds == 0 && !drop_one(p, &chain));
	spin_unlock(&pagecache.lock);
	if (chain)
		page_discard(chain);
}

/* --- the whole --- */

void pagecache_init(void)
{
	uint32_t want = frame_count_total() / FRAMES_PER_BUCKET, n = BUCKETS_PER_FRAME;

	while (n < want && n < BUCKET_FRAMES_MAX * BUCKETS_PER_FRAME)
		n *= 2;
	for (unsigned i = 0; i < n / BUCKETS_PER_FRAME; i++) {
		paddr_t pa;

		if (frame_get_zeroed(FRAME_KERNEL, false, &pa) != OK)
			panic("no memory for the page cache's index");
		buckets[i] = arch_window(pa);
	}
	bucket_mask = n - 1;
	page_structs = kmem_cache_create("page", sizeof(struct cached_page), KMEM_RECLAIMABLE);
	pagecache.dirty_max = frame_count_total() / 4;
	writeback_init();
	frame_set_cache(&cache_ops);
}

uint32_t pagecache_count(void)
{
	return pagecache.npages;
}

uint32_t pagecache_blocks(void)
{
	return pagecache.nblocks;
}

uint32_t pagecache_writing(void)
{
	return pagecache.nwriting;
}

uint32_t pagecache_dirty(void)
{
	return pagecache.ndirty;
}
