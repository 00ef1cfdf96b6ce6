/* Dirty pages, and their way to the device.
   All dirty pages are on one list in the order in which they became dirty.  A thread writes what is older than 30
   seconds, or everything when asked; sync and fsync write by themselves.  A write takes its neighbours along, as far
   as they lie together on the device.
   The limit: a page that could not be written counts as clean afterwards.  The error is told to the next fsync and to
   the log; trying for ever instead would end with all memory dirty and every writer waiting for a dead disk. */
#include <fs/pagecache.h>

#include "pagecache_priv.h"

#include <fs/mount.h>
#include <kern/log.h>
#include <kern/mappings.h>
#include <kern/mutex.h>
#include <kern/sched.h>
#include <kern/thread.h>
#include <kern/time.h>
#include <lib/assert.h>
#include <lib/string.h>

#define ORPHANS_RETRY_NS 100000000u
#define AGE_MAX_S 30u /* nothing stays dirty for longer */

/* --- the dirty lists --- */

void page_set_dirty(struct cached_page *p)
{
	struct vnode *vn = p->vnode;

	p->state |= PAGE_DIRTY;
	frame_of(p->evict.pa)->dirty = true;
	p->dirty_since = time_wall_s();
	p->dirty_serial = ++pagecache.serial;
	if (pagecache.ndirty++ == 0)
		waitq_wake_one(&pagecache.thread_wait); /* it has a time to sleep to now */
	list_add_tail(&pagecache.dirty, &p->dirty_link);
	list_remove(&p->vnode_link);
	list_add_tail(&vn->dirty_pages, &p->vnode_link);
	vn->ndirty++;
}

void page_clear_dirty(struct cached_page *p)
{
	p->state &= ~(uint32_t)PAGE_DIRTY;
	frame_of(p->evict.pa)->dirty = false;
	list_remove(&p->dirty_link);
	list_remove(&p->vnode_link);
	list_add_tail(&p->vnode->pages, &p->vnode_link);
	p->vnode->ndirty--;
	pagecache.ndirty--;
}

/* --- one run --- */

static struct mutex tail_lock; /* RANK_TAIL: the content of tail_frame, as long as it is being written */
static paddr_t tail_frame;     /* (c) */

void writeback_init(void)
{
	mutex_init(&tail_lock, RANK_TAIL, "last page");
	if (frame_get(FRAME_KERNEL, &tail_frame) != OK)
		panic("no memory for write-back");
}

static bool may_join(const struct cached_page *p, uint32_t block)
{
	return p && (p->state & (PAGE_DIRTY | PAGE_BUSY)) == PAGE_DIRTY && p->block == block;
}

/* The run of dirty pages that P is part of, made BUSY; its vnode counts them as dirty until the end. */
static void run_begin_write(struct page_run *r, struct cached_page *p) requires_lock(pagecache.lock)
{
	struct vnode *vn = p->vnode;
	struct cached_page *before;

	r->n = 0;
	/* Who has made a page writable in a mapping has had this lock since the mapping was counted. */
	r->mapped = __atomic_load_n(&vn->object.writers, __ATOMIC_RELAXED) > 0;
	for (unsigned back = 1; back < BLK_RUN_MAX && p->index > 0 && p->block > 0; back++) {
		before = index_find(vn, p->index - 1);
		if (!may_join(before, p->block - 1))
			break;
		p = before;
	}
	r->block = p->block;
	do {
		page_clear_dirty(p);
		frame_of(p->evict.pa)->dirty = r->mapped; /* until its mappings are write-protected */
		p->state |= PAGE_BUSY;
		vn->ndirty++;
		vn->nwriting++;
		pagecache.nwriting++;
		frame_pin(p->evict.pa);
		r->page[r->n] = p;
		r->pa[r->n++] = p->evict.pa;
		p = index_find(vn, r->page[0]->index + r->n);
	} while (r->n < BLK_RUN_MAX && may_join(p, r->block + r->n));
}

static void run_end_write(struct page_run *r, enum status st)
{
	spin_lock(&pagecache.lock);
	for (unsigned i = 0; i < r->n; i++) {
		struct cached_page *p = r->page[i];

		p->state &= ~(uint32_t)PAGE_BUSY;
		p->vnode->ndirty--;
		p->vnode->nwriting--;
		pagecache.nwriting--;
		if (st != OK)
			p->vnode->write_error = st;
	}
	spin_unlock(&pagecache.lock); /* the vnode may go from here on */
	waitq_wake_all(&pagecache.io_wait);
	waitq_wake_all(&pagecache.clean_wait);
	for (unsigned i = 0; i < r->n; i++)
		frame_unpin(r->pa[i]);
}

/* From here on nobody writes to the pages of R through a mapping: who would, waits until they are not BUSY. */
static void run_protect(struct page_run *r)
{
	if (likely(!r->mapped))
		return;
	/* The vnode stays as long as it has BUSY pages. */
	mappings_protect(&r->page[0]->vnode->object, r->page[0]->index, r->n);
	spin_lock(&pagecache.lock);
	for (unsigned i = 0; i < r->n; i++)
		frame_of(r->pa[i])->dirty = (r->page[i]->state & PAGE_DIRTY) != 0;
	spin_unlock(&pagecache.lock);
}

/* How many bytes of the last page of R are inside its file, if programs may have written beyond them; else 0. */
static uint32_t run_tail(const struct page_run *r)
{
	const struct cached_page *p = r->page[r->n - 1];
	const struct vnode *vn = p->vnode;
	uint32_t in = 0;

	if (likely(!vn->mapped_writes))
		return 0;
	spin_lock(&pagecache.lock);
	if (p->index == vn->size >> PAGE_SHIFT)
		in = (uint32_t)vn->size & PAGE_MASK;
	spin_unlock(&pagecache.lock);
	return in;
}

/* The page that the file ends in is written as a copy, with zeros from byte IN on.  In its own place it cannot be
   cleared: somebody may just be making the file longer. */
static enum status run_write_tail(const struct page_run *r, struct blkdev *device, uint32_t in)
{
	uint8_t *copy = arch_window(tail_frame);
	struct page_run with_copy = *r;
	enum status st;

	mutex_lock(&tail_lock);
	memcpy(copy, r->page[r->n - 1]->buf.data, in);
	memset(copy + in, 0, PAGE_SIZE - in);
	with_copy.pa[r->n - 1] = tail_frame;
	st = blkdev_write(device, r->block, with_copy.pa, r->n);
	mutex_unlock(&tail_lock);
	return st;
}

static enum status run_write(struct page_run *r, struct blkdev *device)
{
	enum status st;
	uint32_t in;

	run_protect(r);
	in = run_tail(r);
	st = unlikely(in > 0) ? run_write_tail(r, device, in) : blkdev_write(device, r->block, r->pa, r->n);
	if (st != OK)
		printk(LOG_ERROR, "%s: %u blocks from %u on could not be written", device->name, r->n, r->block);
	run_end_write(r, st);
	return st;
}

/* --- many --- */

/* The first page of LIST that is dirty since SERIAL or longer and not busy. *BUSY: there are such, but busy ones. */
static struct cached_page *next_to_write(struct list *list, bool of_vnode, uint32_t serial, bool *busy)
	requires_lock(pagecache.lock)
{
	*busy = false;
	list_foreach(l, list) {
		struct cached_page *p = of_vnode ? LIST_ENTRY(l, struct cached_page, vnode_link)
		                                 : LIST_ENTRY(l, struct cached_page, dirty_link);

		if ((int32_t)(p->dirty_serial - serial) > 0)
			break;
		if (!(p->state & PAGE_BUSY))
			return p;
		*busy = true;
	}
	return NULL;
}

static bool some_writing(const struct vnode *vn) requires_lock(pagecache.lock)
{
	return (vn ? vn->nwriting : pagecache.nwriting) > 0;
}

/* Begin to write the next run, or wait for those that others write.  => false: nothing is left to do. */
static bool write_back_step(struct vnode *vn, uint32_t serial, struct page_run *r, struct blkdev **device)
{
	struct list *list = vn ? &vn->dirty_pages : &pagecache.dirty;
	struct cached_page *p;
	bool busy, more;

	r->n = 0;
	spin_lock(&pagecache.lock);
	p = next_to_write(list, vn != NULL, serial, &busy);
	more = p || busy || some_writing(vn);
	if (p) {
		*device = p->vnode->device;
		run_begin_write(r, p);
	} else if (more) {
		enum status st = waitq_wait(&pagecache.io_wait, &pagecache.lock, WAIT_UNINTERRUPTIBLE, NO_DEADLINE);

		(void)st;
	}
	spin_unlock(&pagecache.lock);
	return more;
}

enum status page_write_back(struct vnode *vn)
{
	enum status first = OK;
	struct page_run r;
	struct blkdev *device;
	uint32_t serial = __atomic_load_n(&pagecache.serial, __ATOMIC_RELAXED);

	while (write_back_step(vn, serial, &r, &device)) {
		enum status st = r.n > 0 ? run_write(&r, device) : OK;

		if (first == OK)
			first = st;
		sched_point();
	}
	return first;
}

enum status page_take_error(struct vnode *vn)
{
	enum status st;

	spin_lock(&pagecache.lock);
	st = vn->write_error;
	vn->write_error = OK;
	spin_unlock(&pagecache.lock);
	return st;
}

/* --- the thread, and those who wait for it --- */

static bool too_dirty(void)
{
	return pagecache.ndirty + pagecache.nwriting > pagecache.dirty_max;
}

void pagecache_throttle(void)
{
	if (likely(!too_dirty()))
		return;
	spin_lock(&pagecache.lock);
	while (too_dirty()) {
		enum status st;

		pagecache.write_now = true;
		waitq_wake_one(&pagecache.thread_wait);
		st = waitq_wait(&pagecache.clean_wait, &pagecache.lock, WAIT_UNINTERRUPTIBLE, NO_DEADLINE);
		(void)st;
	}
	spin_unlock(&pagecache.lock);
}

/* When the oldest dirty page is due. */
static uint64_t next_deadline(void) requires_lock(pagecache.lock)
{
	struct cached_page *p = LIST_FIRST_ENTRY(&pagecache.dirty, struct cached_page, dirty_link);
	uint32_t age;

	if (!p)
		return NO_DEADLINE;
	age = time_wall_s() - p->dirty_since;
	return arch_time_ns() + (age < AGE_MAX_S ? (uint64_t)(AGE_MAX_S - age) * NS_PER_S : 0);
}

/* => whether it is time to write; if not, it is for orphans. */
static bool wait_for_work(void)
{
	uint64_t write_at, at, now;
	enum status st;

	spin_lock(&pagecache.lock);
	for (;;) {
		now = arch_time_ns();
		write_at = pagecache.write_now ? now : next_deadline();
		at = write_at < pagecache.orphans_at ? write_at : pagecache.orphans_at;
		if (at <= now)
			break;
		st = waitq_wait(&pagecache.thread_wait, &pagecache.lock, WAIT_UNINTERRUPTIBLE, at);
		(void)st; /* woken or late: look at the list again */
	}
	pagecache.write_now = false;
	spin_unlock(&pagecache.lock);
	return write_at <= now;
}

static void orphans_due(uint64_t at)
{
	spin_lock(&pagecache.lock);
	pagecache.orphans_at = at;
	waitq_wake_one(&pagecache.thread_wait);
	spin_unlock(&pagecache.lock);
}

void pagecache_note_orphans(void)
{
	orphans_due(0);
}

/* Without memory they are tried again after a while. */
static void free_orphans(void)
{
	orphans_due(NO_DEADLINE);
	if (vnode_free_orphans() != OK)
		orphans_due(arch_time_ns() + ORPHANS_RETRY_NS);
}

/* Attributes first: they become dirty blocks.  Errors are in the log by now, and told to fsync. */
static noreturn_fn void write_back_thread(void *unused)
{
	(void)unused;
	for (;;) {
		bool due = wait_for_work();
		enum status st;

		free_orphans();
		if (!due)
			continue;
		st = vnode_sync_attributes();
		if (st == OK)
			st = mount_sync_all();
		if (st != OK)
			printk(LOG_ERROR, "write-back: attributes could not be written (error %d)", -(int)st);
		st = page_write_back(NULL);
		(void)st;
	}
}

void pagecache_start_thread(void)
{
	if (thread_create_kernel("write-back", write_back_thread, NULL) != OK)
		panic("no memory for the write-back thread");
}
