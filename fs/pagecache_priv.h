/* What the page cache's index (pagecache.c) and its write-back (writeback.c) share. */
#ifndef FS_PAGECACHE_PRIV_H
#define FS_PAGECACHE_PRIV_H

#include <dev/blk.h>
#include <fs/pagecache.h>

/* All fields but those of wait queues: lock. */
struct pagecache {
	struct spinlock lock;     /* RANK_CACHE */
	struct waitq io_wait;     /* a page stops being BUSY */
	struct waitq clean_wait;  /* writers: too much is dirty */
	struct waitq thread_wait; /* the write-back thread: something is dirty, or asked for */
	struct list dirty;        /* struct cached_page, by dirty_serial */
	uint32_t npages;          /* in the index */
	uint32_t nblocks;         /* of them: pages of disks, not of files */
	uint32_t ndirty;          /* on the dirty list */
	uint32_t nwriting;        /* under write-back */
	uint32_t dirty_max;       /* (c) beyond this writers wait */
	uint32_t inserted;        /* pages ever put into the index */
	uint32_t serial;          /* of the page dirtied last */
	uint64_t orphans_at;      /* when the thread is to call vnode_free_orphans; NO_DEADLINE */
	bool write_now;           /* the thread is not to wait for pages to grow old */
};
extern struct pagecache pagecache;

/* Pages that lie next to each other in their file and on the device, in one transfer.  Its maker has made them BUSY. */
struct page_run {
	unsigned n;
	uint32_t block;
	bool hole;   /* one page that lies nowhere */
	bool mapped; /* of a write: programs may have its pages mapped writable */
	struct cached_page *page[BLK_RUN_MAX];
	paddr_t pa[BLK_RUN_MAX];
};

struct cached_page *index_find(const struct vnode *vn, uint32_t index) requires_lock(pagecache.lock);
/* P is not dirty, is dirty: change that, and count. */
void page_set_dirty(struct cached_page *p) requires_lock(pagecache.lock);
void page_clear_dirty(struct cached_page *p) requires_lock(pagecache.lock);
void writeback_init(void);

#endif
