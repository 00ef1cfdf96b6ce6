/* dmfs as a file system of vnodes: the library knows inodes and blocks, this file gives it the page cache for its
   blocks, the clock, a lock, and vnodes for its inodes.  An inode's lock is its vnode's.
   A new inode is stored at once, so that no directory names one that the table calls free; other changes of inodes are
   stored when their vnodes are written back.  There is no journal yet, hence no transactions: begin and end are left
   out. */
#include <fs/mount.h>

#include "vnode_priv.h"

#include <dev/blk.h>
#include <dmfs/dmfs.h>
#include <fs/pagecache.h>
#include <kern/log.h>
#include <kern/sched.h>
#include <kern/time.h>
#include <lib/assert.h>
#include <mm/kmalloc.h>

struct dmfs_mount {
	struct mount m;
	struct dmfs fs;
	struct mutex alloc_lock; /* RANK_FS_ALLOC: what dmfs.h marks (A) */
};

struct dmfs_vnode {
	struct vnode v;
	struct dmfs_inode inode; /* v.lock; fields that stat reads are single words */
	bool cut_due;            /* v.lock: a truncation did not free all; until it has, the file may not grow */
};

static struct kmem_cache *dmfs_vnodes; /* (c) after the first mount */

static struct dmfs_inode *inode_of(struct vnode *vn)
{
	return &container_of(vn, struct dmfs_vnode, v)->inode;
}

/* As directory records have it. */
static uint8_t type_of(struct vnode *vn)
{
	return (uint8_t)(inode_of(vn)->d.mode >> 12);
}

static struct dmfs_mount *mount_of(struct mount *m)
{
	return container_of(m, struct dmfs_mount, m);
}

/* --- struct dmfs_ops; the context is the mount --- */

static enum status ops_get(void *ctx, uint32_t n, struct dmfs_buf **buf)
{
	return block_get(((struct dmfs_mount *)ctx)->m.disk, n, buf);
}

static enum status ops_get_new(void *ctx, uint32_t n, struct dmfs_buf **buf)
{
	return block_get_new(((struct dmfs_mount *)ctx)->m.disk, n, buf);
}

static void ops_dirty(void *ctx, struct dmfs_buf *buf)
{
	(void)ctx;
	block_dirty(buf);
}

static void ops_put(void *ctx, struct dmfs_buf *buf)
{
	(void)ctx;
	block_put(buf);
}

static void ops_forget(void *ctx, uint32_t n)
{
	block_forget(((struct dmfs_mount *)ctx)->m.disk, n);
}

static struct dmfs_time ops_now(void *ctx)
{
	(void)ctx;
	return (struct dmfs_time){.sec = time_wall_s(), .nsec = 0};
}

static void ops_lock_alloc(void *ctx) no_lock_check
{
	mutex_lock(&((struct dmfs_mount *)ctx)->alloc_lock);
}

static void ops_unlock_alloc(void *ctx) no_lock_check
{
	mutex_unlock(&((struct dmfs_mount *)ctx)->alloc_lock);
}

static void ops_pause(void *ctx)
{
	(void)ctx;
	sched_point();
}

static const struct dmfs_ops block_ops = {
	.get = ops_get,
	.get_new = ops_get_new,
	.dirty = ops_dirty,
	.put = ops_put,
	.forget = ops_forget,
	.now = ops_now,
	.lock_alloc = ops_lock_alloc,
	.unlock_alloc = ops_unlock_alloc,
	.pause = ops_pause,
};

/* --- nodes --- */

static void inode_changed(struct vnode *vn)
{
	struct dmfs_inode *ip = inode_of(vn);

	ip->d.ctime = time_wall_s();
	ip->dirty = true;
	vnode_mark_dirty(vn);
}

/* The library has changed the inode of VN, or not. */
static void inode_note(struct vnode *vn)
{
	if (inode_of(vn)->dirty)
		vnode_mark_dirty(vn);
}

/* A directory may have grown. */
static void directory_note_size(struct vnode *dir)
{
	uint64_t size = inode_of(dir)->d.size;

	if (dir->size != size)
		page_set_size(dir, size);
}

static void links_add(struct vnode *vn, int change)
{
	struct dmfs_inode *ip = inode_of(vn);

	ip->d.links = (uint16_t)(ip->d.links + change);
	vn->unlinked = ip->d.links == 0;
	inode_changed(vn);
}

/* VN shows what its inode says. */
static void vnode_from_inode(struct vnode *vn)
{
	const struct dmfs_dinode *d = &inode_of(vn)->d;

	vnode_set_kind(vn, d->mode);
	vn->rdev = d->rdev;
	vn->size = d->size;
	vn->device = vn->mount->disk->device;
}

/* Nobody asks for "." or for ".." of the root: a name for the directory itself is damage, and to lock both of them
   would have no end. */
static enum status node_lookup(struct vnode *dir, const struct name *name, struct vnode **out)
{
	struct dmfs_slot slot;
	enum status st = dmfs_dir_lookup(inode_of(dir), name->text, name->len, &slot);

	if (st != OK)
		return st;
	if (unlikely(slot.ino == dir->ino)) {
		inode_of(dir)->fs->damaged = true;
		return E_UCLEAN;
	}
	return vnode_get(dir->mount, slot.ino, out);
}

/* What a new inode needs before a directory names it. */
static enum status inode_prepare(struct dmfs_inode *ip, const struct vnode_make *m, uint32_t parent)
{
	enum status st;

	ip->d.rdev = m->rdev;
	ip->d.links = 1;
	if ((m->mode & S_IFMT) == S_IFDIR) {
		st = dmfs_dir_init(ip, parent);
		if (st != OK)
			return st;
	}
	if ((m->mode & S_IFMT) == S_IFLNK) {
		st = dmfs_link_set(ip, m->target, m->target_len);
		if (st != OK)
			return st;
	}
	return dmfs_inode_store(ip);
}

static enum status node_make(struct vnode *dir, const struct name *name, const struct vnode_make *m, struct vnode **out)
{
	struct dmfs_inode *dip = inode_of(dir), *ip;
	bool is_dir = (m->mode & S_IFMT) == S_IFDIR;
	struct vnode *vn;
	enum status st;

	if (is_dir && dip->d.links >= DMFS_LINK_MAX)
		return E_MLINK;
	vn = dir->mount->ops->alloc(dir->mount, 0);
	if (!vn)
		return E_NOMEM;
	ip = inode_of(vn);
	st = dmfs_inode_alloc(dip->fs, m->mode, ip);
	if (st != OK)
		goto free_vnode;
	st = inode_prepare(ip, m, dip->ino);
	if (st == OK)
		st = dmfs_dir_add(dip, name->text, name->len, ip->ino, (uint8_t)(m->mode >> 12), NULL);
	inode_note(dir);
	if (st != OK)
		goto free_inode;
	if (is_dir)
		links_add(dir, 1); /* ".." */
	directory_note_size(dir);
	vn->ino = ip->ino;
	vnode_from_inode(vn);
	vnode_insert(vn);
	*out = vn;
	return OK;
free_inode:
	ip->d.links = 0;
	vn->ino = ip->ino;
	vnode_abandon(vn);
	return st;
free_vnode:
	vn->ops->destroy(vn);
	return st;
}

/* The text of a link never changes: no lock. */
static int32_t node_readlink(struct vnode *link, char *to, uint32_t size)
{
	return dmfs_link_get(inode_of(link), to, size);
}

static enum status node_link(struct vnode *dir, const struct name *name, struct vnode *vn)
{
	struct dmfs_inode *ip = inode_of(vn), *dip = inode_of(dir);
	enum status st;

	if (ip->d.links >= DMFS_LINK_MAX)
		return E_MLINK;
	st = dmfs_dir_add(dip, name->text, name->len, ip->ino, type_of(vn), NULL);
	inode_note(dir);
	if (st == OK) {
		directory_note_size(dir);
		links_add(vn, 1);
	}
	return st;
}

/* VN has lost its name in DIR. */
static void name_lost(struct vnode *dir, struct vnode *vn)
{
	bool is_dir = vn->kind == VNODE_DIR;

	links_add(vn, is_dir ? -2 : -1); /* and its own "." */
	if (is_dir)
		links_add(dir, -1); /* its ".." */
}

static enum status node_unlink(struct vnode *dir, const struct name *name, struct vnode *vn)
{
	enum status st = vn->kind == VNODE_DIR ? dmfs_dir_is_empty(inode_of(vn)) : OK;

	if (st == OK)
		st = dmfs_dir_remove(inode_of(dir), name->text, name->len, NULL);
	inode_note(dir);
	if (st == OK)
		name_lost(dir, vn);
	return st;
}

/* Let the name TO mean INO. */
static enum status rename_enter(const struct vnode_rename *r, uint32_t ino, uint8_t type)
{
	struct dmfs_inode *to = inode_of(r->to_dir);

	if (r->victim)
		return dmfs_dir_replace(to, r->to.text, r->to.len, ino, type, NULL);
	return dmfs_dir_add(to, r->to.text, r->to.len, ino, type, NULL);
}

/* Undo rename_enter. */
static void rename_leave(const struct vnode_rename *r)
{
	struct dmfs_inode *to = inode_of(r->to_dir);
	enum status st;

	if (r->victim)
		st = dmfs_dir_replace(to, r->to.text, r->to.len, r->victim->ino, type_of(r->victim), NULL);
	else
		st = dmfs_dir_remove(to, r->to.text, r->to.len, NULL);
	if (st != OK)
		printk(LOG_ERROR, "dmfs: a failed rename left two names for inode %u", r->moved->ino);
}

static enum status rename_set_parent(struct vnode *moved, struct vnode *dir)
{
	enum status st = dmfs_dir_replace(inode_of(moved), "..", 2, dir->ino, S_IFDIR >> 12, NULL);

	inode_note(moved);
	return st;
}

static enum status rename_records(const struct vnode_rename *r, bool new_parent)
{
	enum status st = rename_enter(r, r->moved->ino, type_of(r->moved)), back;

	if (st != OK)
		return st;
	if (new_parent)
		st = rename_set_parent(r->moved, r->to_dir);
	if (st != OK)
		goto leave;
	st = dmfs_dir_remove(inode_of(r->from_dir), r->from.text, r->from.len, NULL);
	if (st == OK)
		return OK;
	if (new_parent) {
		back = rename_set_parent(r->moved, r->from_dir);
		if (back != OK)
			printk(LOG_ERROR, "dmfs: directory %u has a wrong parent", r->moved->ino);
	}
leave:
	rename_leave(r);
	return st;
}

static enum status node_rename(const struct vnode_rename *r)
{
	bool new_parent = r->moved->kind == VNODE_DIR && r->from_dir != r->to_dir;
	enum status st = r->victim && r->victim->kind == VNODE_DIR ? dmfs_dir_is_empty(inode_of(r->victim)) : OK;

	if (st == OK && new_parent && !r->victim && inode_of(r->to_dir)->d.links >= DMFS_LINK_MAX)
		st = E_MLINK;
	if (st == OK)
		st = rename_records(r, new_parent);
	inode_note(r->from_dir);
	inode_note(r->to_dir);
	if (st != OK)
		return st;
	directory_note_size(r->to_dir);
	if (r->victim)
		name_lost(r->to_dir, r->victim);
	if (new_parent) {
		links_add(r->from_dir, -1);
		links_add(r->to_dir, 1);
	}
	return OK;
}

struct emit_to {
	vnode_emit_fn emit;
	void *arg;
};

static bool emit_entry(void *arg, const struct dmfs_entry *e)
{
	struct emit_to *to = arg;

	return to->emit(to->arg, e->name, e->len, e->ino, e->type, e->next);
}

static enum status node_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg)
{
	struct emit_to to = {emit, arg};
	uint32_t at = (uint32_t)*cookie;
	enum status st;

	if (*cookie > UINT32_MAX)
		return OK; /* beyond any end */
	st = dmfs_dir_read(inode_of(dir), &at, emit_entry, &to);
	*cookie = at;
	return st;
}

/* Cut the file at SIZE.  What cannot be freed now is due later; once anything was cut, that is no failure. */
static enum status node_cut(struct vnode *vn, uint64_t size)
{
	struct dmfs_vnode *dv = container_of(vn, struct dmfs_vnode, v);
	enum status st = dmfs_truncate(&dv->inode, size);

	dv->cut_due = st == E_NOMEM || st == E_IO;
	if (unlikely(dv->cut_due))
		vnode_mark_dirty(vn);
	inode_note(vn);
	return st;
}

/* Finish a truncation: there are blocks beyond the end of the file, with old content. */
static enum status node_cut_rest(struct vnode *vn)
{
	struct dmfs_vnode *dv = container_of(vn, struct dmfs_vnode, v);
	struct dmfs_dinode was = dv->inode.d;
	enum status st;

	if (likely(!dv->cut_due))
		return OK;
	st = node_cut(vn, was.size);
	dv->inode.d.mtime = was.mtime;
	dv->inode.d.mtime_nsec = was.mtime_nsec;
	dv->inode.d.ctime = was.ctime;
	dv->inode.d.ctime_nsec = was.ctime_nsec;
	dv->inode.dirty = true;
	inode_note(vn);
	return st;
}

static enum status node_map(struct vnode *vn, uint32_t index, bool alloc, uint32_t *block)
{
	struct dmfs_inode *ip = inode_of(vn);
	bool was_new;
	enum status st;

	if (!alloc)
		return dmfs_map(ip, index, block);
	st = node_cut_rest(vn);
	if (st == OK)
		st = dmfs_map_alloc(ip, index, block, &was_new);
	inode_note(vn);
	return st;
}

static void node_wrote(struct vnode *vn)
{
	struct dmfs_inode *ip = inode_of(vn);

	ip->d.size = vn->size;
	ip->d.mtime = time_wall_s();
	inode_changed(vn);
}

static enum status node_truncate(struct vnode *vn, uint64_t size)
{
	enum status st = size > inode_of(vn)->d.size ? node_cut_rest(vn) : OK;

	if (st != OK)
		return st;
	st = node_cut(vn, size);
	return st == E_NOMEM ? OK : st; /* the size is set, the vnode is held */
}

static void node_stat(struct vnode *vn, struct abi_stat64 *st)
{
	const struct dmfs_dinode *d = &inode_of(vn)->d;

	st->mode = d->mode;
	st->nlink = d->links;
	st->uid = d->uid;
	st->gid = d->gid;
	st->blocks = (uint64_t)d->blocks << (DMFS_BLOCK_SHIFT - 9);
	st->atime = d->atime;
	st->atime_nsec = d->atime_nsec;
	st->mtime = d->mtime;
	st->mtime_nsec = d->mtime_nsec;
	st->ctime = d->ctime;
	st->ctime_nsec = d->ctime_nsec;
}

static enum status node_sync(struct vnode *vn)
{
	enum status st = node_cut_rest(vn), stored = inode_of(vn)->dirty ? dmfs_inode_store(inode_of(vn)) : OK;

	return st == OK ? stored : st;
}

static enum status node_hold(struct vnode *vn, struct dmfs_buf **held)
{
	return dmfs_inode_hold(inode_of(vn), held);
}

static void node_release(struct vnode *vn, struct dmfs_buf *held)
{
	(void)vn;
	block_put(held);
}

static enum status node_free_storage(struct vnode *vn)
{
	enum status st = dmfs_inode_free(inode_of(vn));

	if (st != OK && st != E_NOMEM)
		printk(LOG_ERROR, "dmfs: inode %u is lost (error %d)", vn->ino, -(int)st);
	return st;
}

static void node_destroy(struct vnode *vn)
{
	kmem_free(dmfs_vnodes, container_of(vn, struct dmfs_vnode, v));
}

static const struct vnode_ops node_ops = {
	.lookup = node_lookup,
	.make = node_make,
	.link = node_link,
	.unlink = node_unlink,
	.rename = node_rename,
	.readdir = node_readdir,
	.readlink = node_readlink,
	.map = node_map,
	.wrote = node_wrote,
	.truncate = node_truncate,
	.stat = node_stat,
	.sync = node_sync,
	.hold = node_hold,
	.release = node_release,
	.free_storage = node_free_storage,
	.destroy = node_destroy,
};

/* --- the mount --- */

static struct vnode *mount_alloc(struct mount *m, uint32_t ino)
{
	struct dmfs_vnode *dv = kmem_alloc(dmfs_vnodes);

	if (!dv)
		return NULL;
	vnode_init(&dv->v, m, ino, &node_ops);
	dv->cut_due = false;
	return &dv->v;
}

static enum status mount_load(struct vnode *vn)
{
	enum status st = dmfs_inode_load(&mount_of(vn->mount)->fs, vn->ino, inode_of(vn));

	if (st == OK)
		vnode_from_inode(vn);
	return st;
}

static enum status mount_sync(struct mount *m)
{
	struct dmfs *fs = &mount_of(m)->fs;

	return fs->marked ? dmfs_sync_super(fs) : OK; /* never changed: nothing to say */
}

static enum status mount_unmount(struct mount *m)
{
	return dmfs_unmount(&mount_of(m)->fs);
}

static const struct mount_ops dmfs_mount_ops = {
	.alloc = mount_alloc,
	.load = mount_load,
	.sync = mount_sync,
	.unmount = mount_unmount,
};

/* Read the superblock and the root. => why not; the reason is in the log. */
static enum status mount_begin(struct dmfs_mount *dm, struct blkdev *d, bool readonly)
{
	const char *why = "";
	enum status st, undo;

	st = dmfs_mount(&dm->fs, &block_ops, dm, d->blocks, readonly ? DMFS_READONLY : 0, &why);
	if (st != OK) {
		printk(LOG_ERROR, "%s: not mounted: %s", d->name, why);
		return st;
	}
	st = vnode_get(&dm->m, DMFS_ROOT_INO, &dm->m.root);
	if (st == OK && dm->m.root->kind != VNODE_DIR) {
		vnode_put(dm->m.root);
		st = E_UCLEAN;
	}
	if (st != OK) {
		printk(LOG_ERROR, "%s: not mounted: the root directory cannot be read", d->name);
		undo = dmfs_unmount(&dm->fs);
		(void)undo; /* nothing was changed */
		return st;
	}
	if (!dm->fs.was_clean)
		printk(LOG_WARNING, "%s: was not unmounted in order", d->name);
	return OK;
}

enum status dmfs_mount_device(struct blkdev *d, bool readonly, struct mount **out)
{
	struct dmfs_mount *dm;
	struct vnode *disk;
	enum status st = devfs_disk(d, &disk);

	if (st != OK)
		return st;
	st = vnode_deny_writers(disk);
	if (st != OK)
		goto put_disk;
	dm = kzalloc(sizeof *dm);
	if (!dm) {
		st = E_NOMEM;
		goto allow;
	}
	if (!dmfs_vnodes)
		dmfs_vnodes = kmem_cache_create("dmfs-vnode", sizeof(struct dmfs_vnode), KMEM_RECLAIMABLE);
	mount_init(&dm->m, &dmfs_mount_ops, "dmfs", disk, ABI_MKDEV(d->major, d->minor));
	dm->m.readonly = readonly || d->readonly;
	mutex_init(&dm->alloc_lock, RANK_FS_ALLOC, "dmfs allocation");
	st = mount_begin(dm, d, dm->m.readonly);
	if (st != OK)
		goto free_mount;
	*out = &dm->m;
	return OK;
free_mount:
	kfree(dm);
allow:
	vnode_allow_writers(disk);
put_disk:
	vnode_put(disk);
	return st;
}
