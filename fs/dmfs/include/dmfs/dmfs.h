/* dmfs, the disk format's code: inodes, block maps, directories, free space.  A library that keeps no memory of its
   own and knows no process, page or vnode: blocks, the time and one lock come through struct dmfs_ops, and whoever
   holds an inode keeps its struct dmfs_inode.  The kernel's fs/ gives it the buffer cache; mkfs, fsck and the unit
   tests an image in memory.

   Locks.  The caller holds one lock per inode (the vnode's) around every call that takes that inode; "dir" and "ip"
   below are such inodes.  The library itself takes one more lock inside, innermost, by ops->lock_alloc.  Every function
   here may sleep, unless it says otherwise.

   Changes.  A function that changes something calls ops->begin first and ops->end last.  The pairs nest: a caller makes
   several calls one transaction by its own pair around them (create = inode_alloc + dir_add + inode_store).  Functions
   that change an inode in core set ip->dirty; the caller stores it with dmfs_inode_store, in the same transaction or,
   if it dares, later, but before it lets the inode go.

   Errors.  A failed call has changed nothing, unless it says otherwise.  E_IO, E_NOMEM: what ops answered.  E_NOSPC: no
   free block or inode.  E_UCLEAN: the structures on disk contradict each other; nothing outside them was touched, and
   the image stays marked dirty from then on.  E_ROFS: mounted with DMFS_READONLY. */
#ifndef DMFS_DMFS_H
#define DMFS_DMFS_H

#include <arch/compiler.h>
#include <dmfs/format.h>
#include <lib/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A block held.  The adapter embeds it in its buffer. */
struct dmfs_buf {
	uint8_t *data; /* (c) while held: DMFS_BLOCK_SIZE bytes, 4-byte aligned */
};

struct dmfs_time {
	uint32_t sec; /* since 1970 */
	uint32_t nsec;
};

struct dmfs_ops {
	/* Hold block N with its content.  A block may be held several times at once, also by one thread (holding is
	   a count, not a lock): all see the same bytes. */
	enum status (*get)(void *ctx, uint32_t n, struct dmfs_buf **buf);
	/* Hold block N, zero-filled, without reading it from the disk.  Nobody else holds it, unless the image is
	   damaged (an indirect block in use that is marked free): answer E_UCLEAN then. */
	enum status (*get_new)(void *ctx, uint32_t n, struct dmfs_buf **buf);
	/* The held block has been, or is about to be, changed; it belongs to the running transaction.  Cannot fail. */
	void (*dirty)(void *ctx, struct dmfs_buf *buf);
	void (*put)(void *ctx, struct dmfs_buf *buf);
	/* Block N (a directory or indirect block) is about to become free: drop a cached copy, dirty or not, so that
	   it never overwrites the block's next use.  Nobody holds it, unless the image is damaged (a block used twice):
	   it may stay cached then. */
	void (*forget)(void *ctx, uint32_t n);
	struct dmfs_time (*now)(void *ctx);
	/* One sleeping lock, guards the bitmaps and the counters.  Taken inside the inode locks; get, get_new,
	   dirty, put and forget are called under it. */
	void (*lock_alloc)(void *ctx);
	void (*unlock_alloc)(void *ctx);
	/* A transaction that changes at most BLOCKS blocks.  Nested pairs belong to the outermost.  Both may be
	   NULL. */
	void (*begin)(void *ctx, uint32_t blocks);
	void (*end)(void *ctx);
	/* Between two blocks of a long walk, lock_alloc not held: others may want the CPU.  May be NULL. */
	void (*pause)(void *ctx);
};

enum { DMFS_READONLY = 1 }; /* flags of dmfs_mount */

/* A mounted image.  (c) constant after dmfs_mount   (A) ops->lock_alloc   (!) set only, no lock */
struct dmfs {
	const struct dmfs_ops *ops; /* (c) */
	void *ctx;                  /* (c) first argument of every op */
	uint32_t block_count;       /* (c) */
	uint32_t inode_count;       /* (c) */
	uint32_t ibitmap_start;     /* (c) */
	uint32_t bbitmap_start;     /* (c) */
	uint32_t itable_start;      /* (c) */
	uint32_t journal_start;     /* (c) */
	uint32_t journal_blocks;    /* (c) */
	uint32_t data_start;        /* (c) */
	bool readonly;              /* (c) */
	bool was_clean;             /* (c) the superblock said so at mount */
	bool marked;                /* (!) the superblock in the cache says DIRTY */
	bool damaged;               /* (!) a contradiction was met: never to be marked clean */
	uint32_t free_blocks;       /* (A) clear bits of the block bitmap */
	uint32_t free_inodes;       /* (A) */
	uint32_t block_hint;        /* (A) no block below is free */
	uint32_t inode_hint;        /* (A) no inode below is free */
	uint32_t generation;        /* (A) of the next inode */
	struct dmfs_buf *ibitmap;   /* (A) one block of the inode bitmap is kept held; NULL: none */
	uint32_t ibitmap_index;     /* (A) which */
};

/* An inode in core; the adapter embeds it in its vnode.  All fields: (c) or the vnode's lock. */
struct dmfs_inode {
	struct dmfs *fs;  /* (c) */
	uint32_t ino;     /* (c) */
	uint32_t goal;    /* where map_alloc looks first; 0: anywhere */
	uint32_t version; /* of a directory: counts its changes, see struct dmfs_slot */
	bool dirty;       /* d differs from the inode table */
	/* As on disk.  The adapter may change links, mode, uid, gid, times and rdev, and let size grow (then it sets
	   dirty).  size shrinks by dmfs_truncate only; block[] and blocks are the library's own. */
	struct dmfs_dinode d;
};

struct dmfs_statfs {
	uint32_t blocks; /* of the data area */
	uint32_t free_blocks;
	uint32_t inodes;
	uint32_t free_inodes;
};

/* --- the whole image (super.c) --- */

/* Read and check the superblock.  DEVICE_BLOCKS is what the disk has.  On any error *WHY is a constant sentence that
   says what is wrong (never NULL): E_INVAL: not a dmfs image, an unknown version, a wrong checksum, a disk smaller than
   the superblock says, contradictory geometry; else what ops answered.  Nothing is written to the disk.  FS is touched
   by nobody else yet; one block stays held until dmfs_unmount. */
enum status dmfs_mount(struct dmfs *fs, const struct dmfs_ops *ops, void *ctx, uint32_t device_blocks, uint32_t flags,
                       const char **why) must_check;
/* Put the counters into the superblock's buffer (DIRTY as it was); the adapter then writes its dirty buffers. */
enum status dmfs_sync_super(struct dmfs *fs) must_check;
/* Release what is held and mark the superblock clean, if nothing speaks against it; the adapter has stored every inode,
   and writes its dirty buffers after.  FS is unmounted also when this fails. */
enum status dmfs_unmount(struct dmfs *fs) must_check;
void dmfs_statfs(struct dmfs *fs, struct dmfs_statfs *out);

/* --- inodes (inode.c) --- */

/* Fill IP from the table.  E_UCLEAN: no such inode, or one that is free or nonsense. */
enum status dmfs_inode_load(struct dmfs *fs, uint32_t ino, struct dmfs_inode *ip) must_check;
/* Hold the table's buffer for IP: until the caller puts it, dmfs_inode_store of IP needs no other. */
enum status dmfs_inode_hold(struct dmfs_inode *ip, struct dmfs_buf **buf) must_check;
/* Put IP into the table's buffer and clear ip->dirty. */
enum status dmfs_inode_store(struct dmfs_inode *ip) must_check;
/* A new inode of MODE (type and permission bits): links 0, uid and gid 0, size 0, all times now, ip->dirty set.  Not
   stored: until it is, the table says "free", so store it in the same transaction. */
enum status dmfs_inode_alloc(struct dmfs *fs, uint32_t mode, struct dmfs_inode *ip) must_check;
/* Give back IP and its blocks; ip->d.links must be 0 and no record may name it.  IP is dead after OK.  After an
   error it may have lost blocks (as dmfs_truncate), but is still in use. */
enum status dmfs_inode_free(struct dmfs_inode *ip) must_check;

/* --- the blocks of a file (map.c) --- */

/* Where block BLOCK of the file is on disk; 0 is a hole.  E_FBIG: beyond what any file may have. */
enum status dmfs_map(struct dmfs_inode *ip, uint32_t block, uint32_t *disk) must_check;
/* The same, and a hole is filled: *WAS_NEW says that the disk block's content is garbage, to be written as a whole.
   Does not change the size: whoever fails after this calls dmfs_truncate(ip, ip->d.size) to give the block back. */
enum status dmfs_map_alloc(struct dmfs_inode *ip, uint32_t block, uint32_t *disk, bool *was_new) must_check;
/* Set the size (also upwards: the new part is a hole), free every block beyond it, set mtime and ctime.  Before this
   the adapter has dropped the pages beyond, and let go any write-back of them; it also clears the rest of the last
   block when the size is inside one.  Long truncations are several transactions, each consistent; the inode is stored
   in each. E_FBIG: larger than DMFS_MAX_SIZE, nothing changed.  After E_IO or E_NOMEM the size is set, but some blocks
   beyond may remain: call again.  E_UCLEAN: done as well as possible. */
enum status dmfs_truncate(struct dmfs_inode *ip, uint64_t size) must_check;

/* --- symbolic links (link.c) --- */

/* LINK, new and empty, leads to TEXT of LEN bytes. => E_INVAL: it is no such link, or LEN is 0; E_NAMETOOLONG: not
   below the size of a block. */
enum status dmfs_link_set(struct dmfs_inode *link, const char *text, uint32_t len) must_check;
/* Its text, cut to SIZE bytes, without a NUL. => bytes; E_INVAL: it is no link. */
int32_t dmfs_link_get(struct dmfs_inode *link, char *to, uint32_t size) must_check;

/* --- directories (dir.c) --- */

/* What a lookup found, for a change of the same name that follows it under the same hold of the directory's lock: the
   change then need not search again.  A slot older than the directory's last change is noticed, and costs a search. */
struct dmfs_slot {
	uint32_t ino;     /* 0: the name is not there */
	uint32_t version; /* dir->version at the time */
	uint32_t disk;    /* block of the record, or of the gap for a new one; 0: the directory must grow */
	uint16_t off;     /* byte of the record, or of the record whose rest is the gap */
	uint16_t prev;    /* the record before it in the block; == off: there is none */
	uint8_t type;     /* DT_*, only if ino != 0 */
};

/* One record as dmfs_dir_read shows it. */
struct dmfs_entry {
	uint32_t ino;
	uint32_t next;    /* cookie of what comes after */
	uint8_t type;     /* DT_* */
	uint8_t len;      /* bytes of the name */
	const char *name; /* in the held block; no NUL; valid during the callback only */
};

/* OK: found.  E_NOENT: not there, and SLOT says where it could go.  E_NOTDIR.  E_NAMETOOLONG: LEN > 255.  "." and
   ".." are ordinary records. */
enum status dmfs_dir_lookup(struct dmfs_inode *dir, const char *name, uint32_t len, struct dmfs_slot *slot) must_check;
/* The three changes set the directory's mtime and ctime; none touches a link count.  SLOT: from dmfs_dir_lookup of this
   name, or NULL. */
/* A record for INO of TYPE (mode >> 12).  E_EXIST; E_NOSPC. */
enum status dmfs_dir_add(struct dmfs_inode *dir, const char *name, uint32_t len, uint32_t ino, uint8_t type,
                         const struct dmfs_slot *slot) must_check;
/* E_NOENT.  The caller refuses "." and "..", and checks that a directory to be removed is empty. */
enum status dmfs_dir_remove(struct dmfs_inode *dir, const char *name, uint32_t len, const struct dmfs_slot *slot)
	must_check;
/* Let an existing record name another inode (rename onto it; ".." of a moved directory).  E_NOENT. */
enum status dmfs_dir_replace(struct dmfs_inode *dir, const char *name, uint32_t len, uint32_t ino, uint8_t type,
                             const struct dmfs_slot *slot) must_check;
/* The first block of a new directory DIR: "." and "..".  Sets dir->d.links to 2 (its record in the parent and ".");
   the caller adds one to the parent's for "..". */
enum status dmfs_dir_init(struct dmfs_inode *dir, uint32_t parent_ino) must_check;
/* OK: nothing but "." and "..".  E_NOTEMPTY; E_NOTDIR. */
enum status dmfs_dir_is_empty(struct dmfs_inode *dir) must_check;
/* Call EMIT for the records from COOKIE on (0: the first), "." and ".." included, in disk order, until it returns false
   (that record was not taken) or the directory ends.  *COOKIE becomes where to go on.  A cookie stays usable over
   changes: what was there all the time is shown exactly once.  EMIT must not touch user memory: a block is held. */
enum status dmfs_dir_read(struct dmfs_inode *dir, uint32_t *cookie, bool (*emit)(void *arg, const struct dmfs_entry *e),
                          void *arg) must_check;

#endif
