/* The table of mounts: two or three entries in a list.  A walk crosses a mount by two pointers, the covered
   directory's `mounted` and the mount's `covered`; the list serves only what concerns all mounts.  Unmounting while
   the machine runs is not there: nothing needs it yet, and it would want a count of the vnodes in use per mount. */
#include <fs/mount.h>

#include "vnode_priv.h"

#include <dev/blk.h>
#include <fs/pagecache.h>
#include <kern/log.h>
#include <lib/assert.h>

struct vnode *root_vnode;

static struct list mounts = LIST_INIT(mounts); /* names_lock to change; entries stay for ever */

void mount_init(struct mount *m, const struct mount_ops *ops, const char *type, struct vnode *disk, uint32_t dev)
{
	m->ops = ops;
	m->type = type;
	m->disk = disk;
	m->root = NULL;
	m->covered = NULL;
	m->dev = dev;
	m->readonly = false;
	m->volatile_names = false;
	mutex_init(&m->rename_lock, RANK_MOUNT, "rename");
	list_init(&m->link);
}

struct vnode *vnode_cover(struct vnode *vn)
{
	while (unlikely(vn->mounted))
		vn = vn->mounted->root;
	return vn;
}

void mount_set_root(struct mount *m)
{
	KASSERT(!root_vnode && m->root);
	spin_lock(&names_lock);
	list_add_tail(&mounts, &m->link);
	root_vnode = m->root;
	spin_unlock(&names_lock);
}

enum status mount_attach(struct mount *m, struct vnode *dir)
{
	enum status st = OK;

	KASSERT(m->root && !m->covered);
	if (dir->kind != VNODE_DIR)
		return E_NOTDIR;
	spin_lock(&names_lock);
	if (dir->mounted || dir == root_vnode) {
		st = E_BUSY;
	} else {
		vnode_ref_found(dir);
		dir->mounted = m;
		m->covered = dir;
		list_add_tail(&mounts, &m->link);
	}
	spin_unlock(&names_lock);
	return st;
}

struct mount *mount_at(unsigned i)
{
	struct mount *found = NULL;

	spin_lock(&names_lock);
	list_foreach(l, &mounts) {
		if (i-- == 0) {
			found = LIST_ENTRY(l, struct mount, link);
			break;
		}
	}
	spin_unlock(&names_lock);
	return found;
}

enum status mount_sync_all(void)
{
	enum status first = OK;

	list_foreach(l, &mounts) {
		struct mount *m = LIST_ENTRY(l, struct mount, link);
		enum status st = m->ops->sync ? m->ops->sync(m) : OK;

		if (first == OK)
			first = st;
	}
	return first;
}

enum status mount_flush_all(void)
{
	enum status first = OK;

	list_foreach(l, &mounts) {
		struct vnode *disk = LIST_ENTRY(l, struct mount, link)->disk;
		enum status st = disk ? blkdev_flush(disk->device) : OK;

		if (disk && st == OK)
			st = page_take_error(disk);
		if (first == OK)
			first = st;
	}
	return first;
}

enum status mount_close_all(void)
{
	enum status first = OK;

	list_foreach(l, &mounts) {
		struct mount *m = LIST_ENTRY(l, struct mount, link);
		enum status st = OK;

		if (vnode_has_orphans(m))
			printk(LOG_WARNING, "%s: files without a name are still open: not marked clean", m->type);
		else if (m->ops->unmount)
			st = m->ops->unmount(m);
		if (first == OK)
			first = st;
	}
	return first;
}
