/* Pages of files and disks in memory, by (vnode, page index).  Read, write and the fault path find the same frames;
   the blocks of a file system's metadata are the pages of its disk's own vnode.

   A page is BUSY while it is read or written; who wants to change or drop it waits.  It is found by others only once
   it is UPTODATE.  Who made a page BUSY waits for the device alone, never for a vnode's lock; so whoever has a vnode's
   lock may wait for pages.  A page of a file enters the index under its vnode's lock, a page of a disk under the
   cache's lock alone.  A page knows its place on the device, so that write-back asks no file system and takes no lock
   of a vnode. */
#ifndef FS_PAGECACHE_H
#define FS_PAGECACHE_H

#include <arch/mmu.h>
#include <dmfs/dmfs.h>
#include <fs/vnode.h>
#include <mm/frame.h>

enum page_state {
	PAGE_INDEXED = 1,  /* in the index, and in a list of its vnode */
	PAGE_UPTODATE = 2, /* the frame has the content */
	PAGE_BUSY = 4,     /* being read or written back */
	PAGE_DIRTY = 8,    /* on the dirty list: the device has an older content */
};

/* All fields: (C) the cache lock, unless (c): constant. */
struct cached_page {
	struct frame_cached evict; /* mm's; pa is (c) */
	struct dmfs_buf buf;       /* (c) the frame's content: dmfs holds a block by this */
	struct vnode *vnode;       /* constant while indexed */
	uint32_t index;            /* constant while indexed */
	uint32_t block;            /* on vnode->device; 0: none yet (of a disk: the index itself) */
	uint32_t holds;            /* block_get minus block_put: it may not go */
	uint32_t state;            /* enum page_state */
	uint32_t epoch;            /* when it was last moved to the young end of mm's list, in hundreds of new pages */
	uint32_t dirty_since;      /* with DIRTY: time_wall_s() */
	uint32_t dirty_serial;     /* with DIRTY: order of the dirty list */
	struct cached_page *next;  /* hash chain */
	struct list vnode_link;    /* vnode->pages or vnode->dirty_pages */
	struct list dirty_link;    /* all dirty pages, oldest first */
};

/* --- one page --- */

/* Page INDEX, if it is there and inside the file: a reference to its frame.  MAPPED_WRITE: it is to be
   written through a mapping: only if it is dirty, and not just being written back.  Never sleeps. */
bool page_find(struct vnode *vn, uint32_t index, bool mapped_write, paddr_t *pa);
/* The bytes from OFFSET to the end of their page or of the file, if the page is there: *DATA is the first, and the
   frame has a reference (page_unpin).  => how many; 0: OFFSET is at or beyond the end; -1: the page is not there. */
int32_t page_pin(struct vnode *vn, uint64_t offset, const uint8_t **data);
/* Of the page of OFFSET up to N bytes to user memory; no lock at all is held. => how many: as far as the page is there,
   the file goes, and the user's memory can be had. */
uint32_t page_read_user(struct vnode *vn, uint64_t offset, user_ptr_t to, uint32_t n);
static inline void page_unpin(const uint8_t *data)
{
	frame_unpin(arch_window_pa(data));
}
/* A page as page_find has it but pinned (frame_unpin), read from the device if it must be, with up to AHEAD pages after
   it.  May sleep; VN is not locked.
   => E_SIGBUS: beyond the end; E_IO, E_NOMEM, E_UCLEAN. */
enum status page_get(struct vnode *vn, uint32_t index, unsigned ahead, paddr_t *pa) must_check;

/* For changes, VN locked: page INDEX, read if it must be; its frame is pinned for the caller (frame_unpin), and *PAGE
   stays until VN is unlocked.  ALLOC: it has a place on the device; without, *PAGE may be a hole (block 0), which must
   not be changed. */
enum status page_get_locked(struct vnode *vn, uint32_t index, bool alloc, struct cached_page **page) must_check;
/* Is page INDEX there, or on its way?  VN is locked. */
bool page_present(struct vnode *vn, uint32_t index);
/* A page that is in no index: struct and frame, content undefined. => NULL: no memory. */
struct cached_page *page_alloc(void) must_check;
void page_free(struct cached_page *p);
/* P (from page_alloc, its content complete) becomes dirty page INDEX of VN (locked), at BLOCK of the device; the file
   has at least SIZE bytes then.  => false, nothing changed: there is one by now (of a disk only). */
bool page_insert_dirty(struct vnode *vn, uint32_t index, uint32_t block, struct cached_page *p, uint64_t size)
	must_check;
/* The content of P was changed; the file has at least SIZE bytes. */
void page_mark_dirty(struct cached_page *p, uint64_t size);
/* P, of a locked vnode, is to be written through mappings: it is dirty now, and not being written back. */
void page_begin_mapped_write(struct cached_page *p);
/* Programs may have written into the last page of VN (locked) beyond its end: clear that. */
void page_clear_tail(struct vnode *vn);

/* --- one vnode --- */

/* Drop the pages [FIRST, END), dirty or not; waits for busy ones.  VN is locked, or nobody refers to it. */
void page_drop(struct vnode *vn, uint32_t first, uint32_t end);
#define PAGE_DROP_ALL 0xffffffffu /* END with FIRST 0: all, found by VN's own lists */
/* Write all pages of VN (NULL: of every vnode) that are dirty now.  => the first error. */
enum status page_write_back(struct vnode *vn) must_check;
/* Set the size; VN is locked. */
void page_set_size(struct vnode *vn, uint64_t size);
/* The error of write-back since the last call. */
enum status page_take_error(struct vnode *vn) must_check;

/* --- blocks of a disk, for dmfs (contracts: struct dmfs_ops) --- */

/* While current_thread()->cached_only > 0, a block that is not in memory is E_NOMEM. */
enum status block_get(struct vnode *disk, uint32_t n, struct dmfs_buf **buf) must_check;
enum status block_get_new(struct vnode *disk, uint32_t n, struct dmfs_buf **buf) must_check;
void block_dirty(struct dmfs_buf *buf);
void block_put(struct dmfs_buf *buf);
void block_forget(struct vnode *disk, uint32_t n);

/* --- the whole --- */

void pagecache_init(void);
void pagecache_start_thread(void);
/* Vnodes wait for vnode_free_orphans: the thread is to see to it. */
void pagecache_note_orphans(void);
/* Before a write, no lock held: wait while more than a quarter of RAM is dirty. */
void pagecache_throttle(void);
uint32_t pagecache_count(void);
uint32_t pagecache_blocks(void);  /* of them: pages of disks, that hold metadata */
uint32_t pagecache_writing(void); /* under write-back */
uint32_t pagecache_dirty(void);

#endif
