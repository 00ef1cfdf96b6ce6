/* The floor's start, its root, and what concerns all of it. */
#include <fs/fs.h>

#include <dev/blk.h>
#include <fs/fdtable.h>
#include <fs/file.h>
#include <fs/mount.h>
#include <fs/names.h>
#include <fs/pagecache.h>
#include <fs/path.h>
#include <kern/log.h>
#include <kern/reclaim.h>

/* Writing first: that needs no memory.  The pages of vnodes that go are free at once, or clean and so reclaimable. */
static uint32_t give_memory_back(void)
{
	uint32_t gained = pagecache_dirty(), vnodes = vnode_count();
	enum status st = gained > 0 ? page_write_back(NULL) : OK;

	if (st != OK)
		printk(LOG_WARNING, "memory is short, and something could not be written (error %d)", -(int)st);
	names_forget_all();
	vnode_trim();
	return gained + vnodes - vnode_count();
}

void fs_init(void)
{
	pagecache_init();
	names_init();
	vnode_cache_init();
	file_init();
	pipe_init();
	files_init();
	devfs_init();
	reclaim_file_cache = give_memory_back;
	proc_hooks.fork = files_fork;
	proc_hooks.exit = files_exit;
}

enum status fs_attach(struct mount *m, const char *path)
{
	const struct vnode_make make = {.mode = S_IFDIR | 0755};
	struct vnode *dir;
	enum status st = path_lookup(root_vnode, path, &dir);

	if (st == E_NOENT) {
		st = path_make(root_vnode, path, &make);
		if (st == OK)
			st = path_lookup(root_vnode, path, &dir);
	}
	if (st != OK)
		return st;
	st = mount_attach(m, dir);
	vnode_put(dir);
	return st;
}

enum status fs_mount_root(const char *name)
{
	bool any = !name || name[0] == '\0';
	struct blkdev *d = any ? blkdev_at(0) : blkdev_find(name);
	struct mount *m;
	enum status st;

	if (!d) {
		printk(LOG_ERROR, "no root: there is no disk %s", any ? "at all" : name);
		return E_NODEV;
	}
	st = dmfs_mount_device(d, false, &m);
	if (st != OK)
		return st;
	mount_set_root(m);
	pagecache_start_thread();
	st = fs_attach(devfs_mount(), "/dev");
	if (st != OK)
		printk(LOG_ERROR, "%s: devices cannot be mounted on /dev (error %d)", d->name, -(int)st);
	else
		printk(LOG_INFO, "%s is mounted on /", d->name);
	return st;
}

static enum status first_error(enum status a, enum status b)
{
	return a != OK ? a : b;
}

enum status fs_sync_all(void)
{
	enum status st = vnode_free_orphans();

	st = first_error(st, page_write_back(NULL));
	st = first_error(st, vnode_sync_attributes());
	st = first_error(st, mount_sync_all());
	st = first_error(st, page_write_back(NULL));
	return first_error(st, mount_flush_all());
}

enum status fs_shutdown(void)
{
	enum status st = fs_sync_all();

	st = first_error(st, mount_close_all());
	st = first_error(st, page_write_back(NULL));
	return first_error(st, mount_flush_all());
}

void fs_trim(void)
{
	enum status st = vnode_free_orphans();

	st = first_error(st, vnode_sync_attributes());
	st = first_error(st, page_write_back(NULL));
	if (st != OK)
		printk(LOG_WARNING, "trim: something could not be written (error %d)", -(int)st);
	names_forget_all();
	vnode_trim();
}

void fs_count(struct fs_counters *out)
{
	out->cached = pagecache_count();
	out->dirty = pagecache_dirty();
	out->files = file_count();
	out->vnodes = vnode_count();
}
