/* Reading, writing and truncating through the page cache.
   No user memory is touched while a lock is held that a page fault may need.  A read pins one page after the other and
   copies with nothing held.  A write holds the vnode's lock, so that size, blocks and pages agree, and copies with the
   form that serves no fault; when the user's page is not there it lets go of the lock, has the page brought in, and
   goes on where it was.  A new page is filled before anybody can find it: a whole page is neither read nor cleared
   first.
   Two writes of more than a page that overlap may mix, page by page, as on most kernels. */
#include <fs/vnode.h>

#include "vnode_priv.h"

#include <fs/mount.h>
#include <fs/pagecache.h>
#include <kern/mappings.h>
#include <kern/sched.h>
#include <kern/waitq.h>
#include <lib/string.h>

#define IO_MAX 0x7ffff000u      /* bytes of one call, as on Linux */
#define SIZE_LIMIT (1ull << 44) /* page numbers have 32 bits */
#define READ_AHEAD 7u           /* pages after one that follows another cached page */
#define WRITE_STRETCH 16u       /* pages written under one hold of the lock */

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* --- read --- */

/* page_pin, and the page is read if it must be.  => also why it cannot be. */
static no_inline int32_t pin_slow(struct vnode *vn, uint64_t offset, const uint8_t **data)
{
	uint32_t index = (uint32_t)(offset >> PAGE_SHIFT);
	int32_t n;

	while ((n = page_pin(vn, offset, data)) < 0) {
		unsigned ahead = index > 0 && page_present(vn, index - 1) ? READ_AHEAD : 0;
		paddr_t pa;
		enum status st = page_get(vn, index, ahead, &pa);

		if (st == OK)
			frame_unpin(pa); /* found at the next look, with the size that goes with it */
		else if (st != E_SIGBUS)
			return st;
	}
	return n;
}

static always_inline int32_t pin(struct vnode *vn, uint64_t offset, const uint8_t **data)
{
	int32_t n = page_pin(vn, offset, data);

	return likely(n > 0) ? n : pin_slow(vn, offset, data);
}

int32_t vnode_read(struct vnode *vn, uint64_t offset, void *to, uint32_t n)
{
	uint32_t done = 0;

	while (done < n) {
		const uint8_t *data;
		int32_t got = pin(vn, offset + done, &data);
		uint32_t len;

		if (got <= 0)
			return got < 0 && done == 0 ? got : (int32_t)done;
		len = min_u32((uint32_t)got, n - done);
		memcpy((char *)to + done, data, len);
		page_unpin(data);
		done += len;
	}
	return (int32_t)done;
}

/* From the page of OFFSET, up to N bytes; N > 0. => how many; 0: there the file ends; why there were none. */
static int32_t read_page(struct vnode *vn, uint64_t offset, user_ptr_t to, uint32_t n)
{
	const uint8_t *data;
	uint32_t copied;
	int32_t got;

	do {
		got = pin(vn, offset, &data);
		if (unlikely(got <= 0))
			return got;
		copied = copy_to_user_some(to, data, min_u32((uint32_t)got, n));
		page_unpin(data);
		if (likely(copied > 0))
			return (int32_t)copied;
		got = user_fault_in(to, true);
	} while (got == OK);
	return got;
}

int32_t vnode_read_user_on(struct vnode *vn, uint64_t offset, user_ptr_t to, uint32_t n, uint32_t done)
{
	int32_t got = 0;

	if (vn->ops->read)
		return vn->ops->read(vn, offset, to, n);
	while (done < n) {
		sched_point();
		got = read_page(vn, offset + done, user_ptr_add(to, done), n - done);
		if (got <= 0)
			break;
		done += (uint32_t)got;
	}
	return done > 0 ? (int32_t)done : got;
}

/* --- mappings that a file which became shorter is taken from ---
   Until the last of them has lost its pages the file does not grow: a private copy that somebody makes of a page that
   is there again would go with the old ones. */

static struct waitq cut_done = WAITQ_INIT(cut_done);

static void wait_for_cut(struct vnode *vn) requires_lock(vn->lock)
{
	enum status st;

	while (vn->cutting) {
		st = waitq_wait_mutex(&cut_done, &vn->lock, WAIT_UNINTERRUPTIBLE, NO_DEADLINE);
		(void)st; /* it ends with the walk over the mappings, which those that come meanwhile make longer */
	}
}

/* Pages from the one behind SIZE on are gone from VN, which is said to be cutting. */
static void cut_mappings(struct vnode *vn, uint64_t size)
{
	mappings_cut(&vn->object, (uint32_t)((size + PAGE_MASK) >> PAGE_SHIFT));
	mutex_lock(&vn->lock);
	vn->cutting = false;
	mutex_unlock(&vn->lock);
	waitq_wake_all(&cut_done);
}

/* --- write --- */

/* A write under way.  The caller of the functions below holds vn->lock. */
struct write {
	struct vnode *vn;
	uint64_t offset; /* of the next byte */
	user_ptr_t from; /* the next byte */
	uint32_t left;   /* bytes still to write */
	uint32_t gap;    /* bytes after FROM that were there when the copy ended short */
};

static void write_advance(struct write *w, uint32_t n)
{
	w->offset += n;
	w->from = user_ptr_add(w->from, n);
	w->left -= n;
}

/* Fill P with the next LEN bytes as a page that nobody knows yet. => false: the user's memory is not there. */
static bool page_fill(struct write *w, struct cached_page *p, uint32_t in, uint32_t len)
{
	char *data = (char *)p->buf.data;
	uint32_t copied = copy_from_user_nofault(data + in, w->from, len);

	if (unlikely(copied < len)) {
		w->gap = copied;
		return false;
	}
	if (in > 0)
		memset(data, 0, in);
	if (in + len < PAGE_SIZE)
		memset(data + in + len, 0, PAGE_SIZE - in - len);
	return true;
}

/* The next LEN bytes are all that page INDEX is to hold. => E_EXIST: it is there by now. */
static enum status write_new_page(struct write *w, uint32_t index, uint32_t in, uint32_t len)
{
	struct cached_page *p = page_alloc();
	uint32_t block = index;
	enum status st;

	if (!p)
		return E_NOMEM;
	st = page_fill(w, p, in, len) ? OK : E_FAULT;
	if (st == OK && w->vn->kind != VNODE_BLOCK)
		st = w->vn->ops->map(w->vn, index, true, &block);
	if (st == OK && !page_insert_dirty(w->vn, index, block, p, w->offset + len))
		st = E_EXIST;
	if (st == OK)
		write_advance(w, len);
	else
		page_free(p);
	return st;
}

static enum status write_into_page(struct write *w, uint32_t index, uint32_t in, uint32_t len)
{
	struct cached_page *p;
	uint32_t copied;
	enum status st = page_get_locked(w->vn, index, true, &p);

	if (st != OK)
		return st;
	copied = copy_from_user_nofault(p->buf.data + in, w->from, len);
	if (likely(copied > 0))
		page_mark_dirty(p, w->offset + copied);
	frame_unpin(p->evict.pa);
	write_advance(w, copied);
	w->gap = 0;
	return copied < len ? E_FAULT : OK;
}

/* Write up to the end of this page.  A page that begins at or beyond the end of the file has no old content. */
static enum status write_step(struct write *w)
{
	uint32_t index = (uint32_t)(w->offset >> PAGE_SHIFT);
	uint32_t in = (uint32_t)w->offset & PAGE_MASK;
	uint32_t len = min_u32(w->left, PAGE_SIZE - in);
	bool beyond = ((uint64_t)index << PAGE_SHIFT) >= w->vn->size;

	/* Beyond the end of a file no page is cached; of a disk somebody may read it just now. */
	if (beyond || (len == PAGE_SIZE && !page_present(w->vn, index))) {
		enum status st = write_new_page(w, index, in, len);

		if (st != E_EXIST)
			return st;
	}
	return write_into_page(w, index, in, len);
}

static enum status write_stretch(struct write *w)
{
	struct vnode *vn = w->vn;
	uint64_t limit = vn->kind == VNODE_BLOCK ? vn->size : SIZE_LIMIT;
	enum status st = OK;

	for (unsigned n = 0; w->left > 0 && n < WRITE_STRETCH && st == OK; n++) {
		if (unlikely(w->offset >= limit))
			return vn->kind == VNODE_BLOCK ? E_NOSPC : E_FBIG;
		if (unlikely(w->left > limit - w->offset))
			w->left = (uint32_t)(limit - w->offset);
		if (unlikely(vn->mapped_writes) && w->offset > vn->size)
			page_clear_tail(vn); /* it becomes a part of the file */
		st = write_step(w);
	}
	return st;
}

/* The copy ended short: bring in what was missing.  When it cannot be had, what is there before it is written still. */
static enum status write_fault_in(struct write *w)
{
	enum status st = user_fault_in(user_ptr_add(w->from, w->gap), false);

	if (st != OK && w->gap > 0) {
		w->left = w->gap;
		st = OK;
	}
	return st;
}

int32_t vnode_write_user(struct vnode *vn, uint64_t *offset, user_ptr_t from, uint32_t n, bool append)
{
	struct write w = {.vn = vn, .offset = *offset, .from = from, .left = min_u32(n, IO_MAX), .gap = 0};
	enum status st = OK;

	if (unlikely(vn->ops->write))
		return vn->ops->write(vn, *offset, from, n);
	while (w.left > 0 && st == OK) {
		user_ptr_t before = w.from;

		pagecache_throttle();
		mutex_lock(&vn->lock);
		if (unlikely(vn->cutting))
			wait_for_cut(vn);
		if (append) {
			w.offset = vn->size;
			if (before.va == from.va)
				*offset = w.offset;
		}
		st = write_stretch(&w);
		if (w.from.va != before.va && vn->ops->wrote)
			vn->ops->wrote(vn);
		mutex_unlock(&vn->lock);
		if (unlikely(st == E_FAULT))
			st = write_fault_in(&w);
		if (unlikely(st == E_NOSPC) && vnode_make_room())
			st = OK;
		sched_point();
	}
	return w.from.va != from.va ? (int32_t)(w.from.va - from.va) : st;
}

/* --- writes through mappings --- */

static enum status get_page_to_write(struct vnode *vn, uint32_t index, paddr_t *pa)
{
	struct cached_page *p;
	enum status st;

	pagecache_throttle();
	mutex_lock(&vn->lock);
	st = page_get_locked(vn, index, true, &p);
	if (st == OK) {
		page_begin_mapped_write(p);
		*pa = p->evict.pa;
		if (vn->ops->wrote)
			vn->ops->wrote(vn);
	}
	mutex_unlock(&vn->lock);
	return st;
}

enum status vnode_get_page_to_write(struct vnode *vn, uint32_t index, paddr_t *pa)
{
	enum status st = get_page_to_write(vn, index, pa);

	return st == E_NOSPC && vnode_make_room() ? get_page_to_write(vn, index, pa) : st;
}

/* --- truncate; vn->lock is held, and vn->ops->hold --- */

/* The page that SIZE ends in, if it has content beyond; pinned. *P NULL: nothing to clear. */
static enum status tail_get(struct vnode *vn, uint64_t size, struct cached_page **p)
{
	enum status st;

	*p = NULL;
	if ((size & PAGE_MASK) == 0)
		return OK;
	st = page_get_locked(vn, (uint32_t)(size >> PAGE_SHIFT), false, p);
	if (st == OK && (*p)->block == 0) {
		frame_unpin((*p)->evict.pa); /* a hole is zeros anyway */
		*p = NULL;
	}
	return st;
}

static enum status truncate_down(struct vnode *vn, uint64_t size)
{
	uint32_t end = (uint32_t)((vn->size + PAGE_MASK) >> PAGE_SHIFT);
	struct cached_page *tail;
	enum status st = tail_get(vn, size, &tail);

	if (st != OK)
		return st;
	page_set_size(vn, size);
	if (size == 0)
		page_drop(vn, 0, PAGE_DROP_ALL);
	else
		page_drop(vn, (uint32_t)((size + PAGE_MASK) >> PAGE_SHIFT), end);
	if (tail) {
		uint32_t in = (uint32_t)size & PAGE_MASK;

		memset(tail->buf.data + in, 0, PAGE_SIZE - in);
		page_mark_dirty(tail, size);
		frame_unpin(tail->evict.pa);
	}
	return vn->ops->truncate(vn, size);
}

static enum status truncate_up(struct vnode *vn, uint64_t size)
{
	enum status st = vn->ops->truncate(vn, size);

	if (st != OK)
		return st;
	if (vn->mapped_writes)
		page_clear_tail(vn);
	page_set_size(vn, size);
	return OK;
}

enum status vnode_truncate(struct vnode *vn, uint64_t size)
{
	struct dmfs_buf *held = NULL;
	bool shorter = false;
	enum status st;

	if (vn->kind == VNODE_DIR)
		return E_ISDIR;
	if (vn->kind != VNODE_FILE || !vn->ops->truncate)
		return E_INVAL;
	if (size >= SIZE_LIMIT)
		return E_FBIG;
	mutex_lock(&vn->lock);
	wait_for_cut(vn);
	st = vn->ops->hold ? vn->ops->hold(vn, &held) : OK;
	if (st == OK) {
		shorter = vn->cutting = size < vn->size;
		st = shorter ? truncate_down(vn, size) : truncate_up(vn, size);
		if (vn->ops->release)
			vn->ops->release(vn, held);
	}
	mutex_unlock(&vn->lock);
	if (shorter) /* also when not all went well: what is dropped is dropped */
		cut_mappings(vn, size);
	return st;
}
