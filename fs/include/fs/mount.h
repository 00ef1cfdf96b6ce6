/* Mounted trees, and the ways to make one.  The table of mounts is short and its search is never on a hot path: a
   mounted-on directory points to what covers it. */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include <fs/vnode.h>

struct mount_ops {
	/* A vnode of M for INO with vnode_init() done, and nothing read yet. => NULL: no memory. */
	struct vnode *(*alloc)(struct mount *m, uint32_t ino);
	/* Fill VN in (kind, size, ops); on failure it is destroyed by the caller.  May sleep. */
	enum status (*load)(struct vnode *vn);
	/* Bring the counters of the whole to the device's cache. NULL: nothing to do. */
	enum status (*sync)(struct mount *m);
	/* Mark it clean; no vnode of M is in use.  NULL: nothing to do. */
	enum status (*unmount)(struct mount *m);
};

/* Embedded in the file system's own struct.  (T) the table lock of the vnode cache, as in fs/vnode.h */
struct mount {
	const struct mount_ops *ops; /* (c) */
	const char *type;            /* (c) "dmfs" */
	struct vnode *disk;          /* (c) the node of its disk, a reference; NULL: it has none */
	struct vnode *root;          /* (c) a reference */
	struct vnode *covered;       /* (T) the directory it lies over, a reference; NULL: the root of all, or none */
	uint32_t dev;                /* (c) st_dev */
	bool readonly;               /* (c) */
	bool volatile_names;         /* (c) names come and go by themselves: the name cache does not know them */
	struct mutex rename_lock;    /* RANK_MOUNT: directories change their parents one at a time */
	struct list link;            /* (T) of all mounts */
};

void mount_init(struct mount *m, const struct mount_ops *ops, const char *type, struct vnode *disk, uint32_t dev);
/* M becomes the root of all; once. */
void mount_set_root(struct mount *m);
/* Mount M on DIR, a directory with nothing mounted on it, of which a reference is taken. => E_BUSY, E_NOTDIR. */
enum status mount_attach(struct mount *m, struct vnode *dir) must_check;
struct mount *mount_at(unsigned i); /* the I-th; NULL: there is none */
/* ops->sync of all mounts. */
enum status mount_sync_all(void) must_check;
/* The drives of all mounts have flushed, and none has an error of write-back that nobody was told. */
enum status mount_flush_all(void) must_check;
/* For the end of the machine: ops->unmount, except where files without a name are still open. */
enum status mount_close_all(void) must_check;

extern struct vnode *root_vnode; /* (c) after mount_set_root */

/* fs/dmfs_vnode.c.  A bad image is refused, with the reason in the log. => E_INVAL, E_IO, E_NOMEM. */
enum status dmfs_mount_device(struct blkdev *d, bool readonly, struct mount **out) must_check;
/* fs/devfs.c: the one tree of devices, which exists from fs_init() on. */
void devfs_init(void);
struct mount *devfs_mount(void);
/* A reference to the node of a disk: its pages are the disk's blocks. */
enum status devfs_disk(struct blkdev *d, struct vnode **out) must_check;

#endif
