/* A node of a tree of files, and the cache of them by (mount, inode number).
   A vnode lives while somebody refers to it; after that it stays in the cache with its pages until the bound of the
   cache or vnode_trim() takes it, or, when no name is left for it, ends at once with its blocks.  A file system embeds
   struct vnode in its own struct and fills in struct vnode_ops; which of those are NULL says what its nodes cannot
   do. */
#ifndef FS_VNODE_H
#define FS_VNODE_H

#include <abi/stat.h>
#include <kern/mutex.h>
#include <mm/object.h>

struct blkdev;
struct chardev;
struct dmfs_buf;
struct mount;
struct vnode;

enum vnode_kind { VNODE_FILE, VNODE_DIR, VNODE_CHAR, VNODE_BLOCK, VNODE_FIFO, VNODE_LINK };

enum vnode_state {
	VNODE_LOADING, /* its maker reads it; others wait */
	VNODE_READY,
	VNODE_DYING, /* on its way out; who wants this number waits until it is gone */
};

/* What is looked up or made in a directory; NAME need not end with a NUL. */
struct name {
	const char *text;
	uint32_t len;  /* 1 .. NAME_MAX */
	uint32_t hash; /* hash_bytes(HASH_START, text, len) */
};

struct vnode_make {
	uint32_t mode;      /* S_IF* and permission bits */
	uint32_t rdev;      /* ABI_MKDEV(), of S_IFCHR and S_IFBLK */
	const char *target; /* of S_IFLNK: where it leads, target_len bytes */
	uint32_t target_len;
};

struct vnode_rename {
	struct vnode *from_dir, *to_dir; /* locked; may be the same */
	struct name from, to;
	struct vnode *moved;  /* locked when it is a directory that gets another parent */
	struct vnode *victim; /* locked; NULL: the new name is free */
};

/* One entry of a directory. => false: it was not taken, stop. */
typedef bool (*vnode_emit_fn)(void *arg, const char *name, uint32_t len, uint64_t ino, uint8_t type, uint64_t next);

/* "locked" means vn->lock is held by the caller.  All may sleep, except stat and wrote. */
struct vnode_ops {
	/* A new reference to the node called NAME in DIR (locked), "." and ".." included. => E_NOENT. */
	enum status (*lookup)(struct vnode *dir, const struct name *name, struct vnode **out);
	/* DIR is locked and alive, NAME not in it.  A reference to the new node.  NULL: E_PERM. */
	enum status (*make)(struct vnode *dir, const struct name *name, const struct vnode_make *m, struct vnode **out);
	/* DIR and VN are locked, VN is no directory, NAME is not in DIR.  NULL: E_PERM. => E_MLINK. */
	enum status (*link)(struct vnode *dir, const struct name *name, struct vnode *vn);
	/* DIR and VN, which NAME means, are locked.  Directories too: E_NOTEMPTY.  Sets vn->unlinked with the last
	   name.  NULL: E_PERM. */
	enum status (*unlink)(struct vnode *dir, const struct name *name, struct vnode *vn);
	enum status (*rename)(const struct vnode_rename *r); /* NULL: E_PERM */
	/* DIR is locked. *COOKIE: 0 the first; becomes where to go on. */
	enum status (*readdir)(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg);
	/* Cached kinds: where page INDEX of VN (locked) lies on vn->device; 0: nowhere, it is zeros.  ALLOC: give it a
	   place. */
	enum status (*map)(struct vnode *vn, uint32_t index, bool alloc, uint32_t *block);
	/* VN (locked) was written: note times and vn->size.  Does not sleep. */
	void (*wrote)(struct vnode *vn);
	/* VN is locked and held (below), its pages beyond SIZE are dropped, the rest of the last one is cleared.  To
	   make a file longer may fail for want of memory, and nothing is changed; to make it shorter may not: what
	   cannot be freed now is freed later.  NULL: E_INVAL. */
	enum status (*truncate)(struct vnode *vn, uint64_t size);
	/* Fill ST (zeroed) but dev and ino, which the caller sets.  No lock needed. */
	void (*stat)(struct vnode *vn, struct abi_stat64 *st);
	/* Bring what is only in VN (locked) to its device's cache: attributes.  NULL: nothing is. */
	enum status (*sync)(struct vnode *vn);
	/* Kinds that are not cached (a file of /proc): => bytes, or a status. NULL: through the page cache. */
	int32_t (*read)(struct vnode *vn, uint64_t offset, user_ptr_t to, uint32_t n);
	int32_t (*write)(struct vnode *vn, uint64_t offset, user_ptr_t from, uint32_t n);
	/* A link (VNODE_LINK): a reference to what it leads to, which is no link.  NULL: it leads where its text says.
	   => E_NOENT, E_SRCH, E_NOMEM. */
	enum status (*follow)(struct vnode *link, struct vnode **out);
	/* Its text, cut to SIZE bytes, without a NUL. => bytes, or a status.  NULL: it has none, E_INVAL. */
	int32_t (*readlink)(struct vnode *link, char *to, uint32_t size);
	/* No directory: a reference to a directory that has its name.  NULL: named_in says which. */
	enum status (*parent)(struct vnode *vn, struct vnode **out);
	/* Hold what sync needs in the cache of the device: until release, sync and truncate's first step, which sets
	   the size, do not fail for want of memory.  VN is locked.  NULL: they never do. */
	enum status (*hold)(struct vnode *vn, struct dmfs_buf **held);
	void (*release)(struct vnode *vn, struct dmfs_buf *held);
	/* The node has neither names nor references nor pages: free what it has on disk.  E_NOMEM: not all of it yet,
	   try again; other errors are in the log, and what is lost is lost.  NULL: nothing. */
	enum status (*free_storage)(struct vnode *vn);
	/* End of VN's memory. */
	void (*destroy)(struct vnode *vn);
};

/* (c) constant once READY   (L) lock   (T) table lock of the vnode cache   (C) page-cache lock   (N) lock of the name
   cache (which is the table lock: one lock finds a path and counts its references)   (!) atomic */
struct vnode {
	struct mem_object object;    /* file mappings */
	const struct vnode_ops *ops; /* (c) */
	struct mount *mount;         /* (c) */
	struct blkdev *device;       /* (c) where its pages lie; of a VNODE_BLOCK: itself; NULL: they lie nowhere */
	uint32_t ino;                /* (c) */
	uint32_t rdev;               /* (c) ABI_MKDEV() of VNODE_CHAR and VNODE_BLOCK */
	uint8_t kind;                /* (c) enum vnode_kind */
	uint8_t state;               /* (T) enum vnode_state */
	bool unlinked;               /* (L) no name is left; a directory that is takes no new names */
	bool attributes_dirty;       /* (L) ops->sync has something to do */
	bool cutting;                /* (L) it became shorter and its mappings do not all know yet: it does not grow */
	bool mapped_writes;          /* (C) programs have written through mappings: also beyond the end, maybe */
	bool transient;              /* (c) in no table and no name cache: ends with its last reference */
	uint32_t named_in;           /* (N) no directory: number of one that has its name; 0: none is known */
	enum status write_error;     /* (C) of write-back, told to the next fsync; OK: none */
	uint32_t refs;               /* (!) 0 -> 1 and 1 -> 0 only under (T) */
	int32_t writers;             /* (T) > 0: opens for writing; < 0: running programs and mounts, that deny them */
	struct mutex lock;           /* RANK_DIR or RANK_VNODE */
	uint64_t size;               /* (L) and (C) to write, one of them to read */
	struct list pages;           /* (C) struct cached_page: those that are not dirty */
	struct list dirty_pages;     /* (C) the others, oldest first */
	uint32_t ndirty;             /* (C) pages dirty, and pages under write-back */
	uint32_t nwriting;           /* (C) those under write-back */
	struct mount *mounted;       /* (T) on this directory; NULL: none */
	struct list table_link;      /* (T) its hash chain */
	struct list age_link;        /* (T) all vnodes, the longest unused first, roughly */
	struct list dirty_link;      /* (T) those with attributes_dirty; of a DYING one: orphans */
	struct list names_here;      /* (N) entries of the name cache whose directory this is */
	struct list names_of;        /* (N) entries that mean it */
};

/* --- references --- */

void vnode_ref(struct vnode *vn); /* the caller has one */
/* May sleep: the last reference to a node without names frees it.  No directory lock held, unless it is of the
   directory that has the node's name. NULL is allowed. */
void vnode_put(struct vnode *vn);

/* --- for file systems --- */

/* Fill in the common part; alloc'ed by the file system; state LOADING, one reference, in no table. */
void vnode_init(struct vnode *vn, struct mount *m, uint32_t ino, const struct vnode_ops *ops);
/* After vnode_init and vnode_set_kind: VN is complete, for its maker alone. */
void vnode_set_transient(struct vnode *vn);
/* Once the kind is known: the lock gets its rank. */
void vnode_set_kind(struct vnode *vn, uint32_t mode);
/* A reference to node INO of M, from the cache, or made by m->ops->load. => E_NOMEM, E_IO, E_UCLEAN: *OUT is NULL. */
enum status vnode_get(struct mount *m, uint32_t ino, struct vnode **out) must_check;
/* VN is new (ops->make) and complete: others may find it.  May sleep: an old node of that number may have to go
   first. */
void vnode_insert(struct vnode *vn);
/* VN (locked) differs from what ops->sync has written. */
void vnode_mark_dirty(struct vnode *vn);

/* --- use --- */

/* The vnode whose pages O has. => NULL: O is something else. */
struct vnode *vnode_of_mapping(struct mem_object *o);
/* A reference to a directory that has a name of VN, which is none. => E_NOENT: none is known; E_NOMEM, E_IO. */
enum status vnode_directory(struct vnode *vn, struct vnode **out) must_check;

uint64_t vnode_size(struct vnode *vn);
/* Bytes of a cached file into kernel memory. May sleep; no lock of rank >= RANK_VNODE. => bytes, 0 at the end; E_IO,
   E_NOMEM. */
int32_t vnode_read(struct vnode *vn, uint64_t offset, void *to, uint32_t n) must_check;
/* The same to and from user memory; no lock at all is held.  To read are less than 2 GiB; on: DONE of them are there
   already, and are in the result. */
int32_t vnode_read_user_on(struct vnode *vn, uint64_t offset, user_ptr_t to, uint32_t n, uint32_t done) must_check;
static inline int32_t must_check vnode_read_user(struct vnode *vn, uint64_t offset, user_ptr_t to, uint32_t n)
{
	return vnode_read_user_on(vn, offset, to, n, 0);
}
/* APPEND: at the end instead of *OFFSET.  *OFFSET becomes where the write began.
   => bytes written, or why none was: E_FBIG, E_NOSPC, E_FAULT, E_IO, E_NOMEM. */
int32_t vnode_write_user(struct vnode *vn, uint64_t *offset, user_ptr_t from, uint32_t n, bool append) must_check;
/* No address space is locked.  Mappings show nothing beyond SIZE afterwards.
   => E_ISDIR, E_INVAL: not a regular file; E_FBIG. */
enum status vnode_truncate(struct vnode *vn, uint64_t size) must_check;
void vnode_stat(struct vnode *vn, struct abi_stat64 *st);
/* Data and attributes are on the device, and the device has flushed. */
enum status vnode_sync(struct vnode *vn) must_check;

/* Opens for writing, and mappings that share and may be written, against running programs.
   => E_TXTBSY (mounted devices: E_BUSY) */
enum status vnode_writer_begin(struct vnode *vn) must_check;
void vnode_writer_end(struct vnode *vn);
enum status vnode_deny_writers(struct vnode *vn) must_check;
void vnode_allow_writers(struct vnode *vn);

/* --- the cache as a whole --- */

void vnode_cache_init(void);
/* Drop all vnodes that nobody refers to and that need no write-back, with their pages. */
void vnode_trim(void);
/* A node that was not made after all: nobody knows it, ops->free_storage is due.  Takes it over. */
void vnode_abandon(struct vnode *vn);
/* Free the storage of nodes that ended when there was no memory for that, or the disk would have had to be read: to
   close a file never fails, and never needs memory.  => OK: there are none left; E_NOMEM.  May sleep; no lock held. */
enum status vnode_free_orphans(void) must_check;
/* After E_NOSPC: the same.  => whether it is worth trying again: there were some. */
bool vnode_make_room(void) must_check;
/* Write the attributes of all nodes to the caches of their devices (not yet to the devices). */
enum status vnode_sync_attributes(void) must_check;
uint32_t vnode_count(void);

#endif
