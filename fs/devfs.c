/* /dev: one flat directory that shows what drivers have registered, made up at each look.  A node's inode number is
   made of its kind and device number, so that the vnode cache gives the same vnode for the same device however it was
   found; a disk's vnode is also where the page cache keeps the disk's blocks.  Nodes in a table of their own were not
   taken: the two registers of dev/ are the table.  null and zero live here, as they are no hardware. */
#include <fs/mount.h>

#include "vnode_priv.h"

#include <abi/dirent.h>
#include <dev/blk.h>
#include <dev/chardev.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/time.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

#define DEVFS_DEV ABI_MKDEV(0, 5) /* st_dev: no device */
#define ROOT_INO 1u
#define CHAR_INO 0x100000u /* + device number */
#define BLOCK_INO 0x200000u

static struct mount devfs;
static struct kmem_cache *dev_vnodes;

struct mount *devfs_mount(void)
{
	return &devfs;
}

/* --- null and zero --- */

static int32_t null_read(struct chardev *d, user_ptr_t to, uint32_t n, uint32_t flags)
{
	(void)d, (void)to, (void)n, (void)flags;
	return 0;
}

static int32_t sink_write(struct chardev *d, user_ptr_t from, uint32_t n, uint32_t flags)
{
	(void)d, (void)from, (void)flags;
	return (int32_t)n;
}

static int32_t zero_read(struct chardev *d, user_ptr_t to, uint32_t n, uint32_t flags)
{
	uint32_t done = 0;

	(void)d, (void)flags;
	while (done < n) {
		uint32_t len = n - done < PAGE_SIZE ? n - done : PAGE_SIZE;
		enum status st = clear_user(user_ptr_add(to, done), len);

		if (st != OK)
			return done > 0 ? (int32_t)done : st;
		done += len;
		if (signal_pending())
			break;
		sched_point();
	}
	return (int32_t)done;
}

static const struct chardev_ops null_ops = {.read = null_read, .write = sink_write};
static const struct chardev_ops zero_ops = {.read = zero_read, .write = sink_write, .maps_zeros = true};
static struct chardev null_device = {.ops = &null_ops, .name = "null", .major = 1, .minor = 3, .mode = 0666};
static struct chardev zero_device = {.ops = &zero_ops, .name = "zero", .major = 1, .minor = 5, .mode = 0666};

/* --- nodes --- */

static uint32_t number_of(uint32_t ino)
{
	return ino & (CHAR_INO - 1);
}

static uint32_t char_ino(const struct chardev *d)
{
	return CHAR_INO + ABI_MKDEV(d->major, d->minor);
}

static uint32_t block_ino(const struct blkdev *d)
{
	return BLOCK_INO + ABI_MKDEV(d->major, d->minor);
}

static struct chardev *chardev_of(const struct vnode *vn)
{
	return chardev_find_number(ABI_MAJOR(vn->rdev), ABI_MINOR(vn->rdev));
}

static struct blkdev *blkdev_named(const struct name *name)
{
	struct blkdev *d;

	for (unsigned i = 0; (d = blkdev_at(i)) != NULL; i++)
		if (strlen(d->name) == name->len && memcmp(d->name, name->text, name->len) == 0)
			return d;
	return NULL;
}

static enum status dev_lookup(struct vnode *dir, const struct name *name, struct vnode **out)
{
	struct chardev *c;
	struct blkdev *b;

	if ((name->len == 1 && name->text[0] == '.') || (name->len == 2 && memcmp(name->text, "..", 2) == 0)) {
		vnode_ref(dir);
		*out = dir;
		return OK;
	}
	c = chardev_find(name->text, name->len);
	if (c)
		return vnode_get(&devfs, char_ino(c), out);
	b = blkdev_named(name);
	if (b)
		return vnode_get(&devfs, block_ino(b), out);
	return E_NOENT;
}

/* Cookies: 0 ".", 1 "..", then the character devices from 2 on, then the disks. */
static enum status dev_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg)
{
	struct chardev *c;
	struct blkdev *b;
	unsigned nchar = 0;
	bool more = true;

	(void)dir;
	while (chardev_at(nchar))
		nchar++;
	for (; more && *cookie < UINT32_MAX; *cookie += more) {
		unsigned at = (unsigned)*cookie;

		if (at < 2)
			more = emit(arg, "..", at + 1, ROOT_INO, DT_DIR, at + 1);
		else if ((c = chardev_at(at - 2)) != NULL)
			more = emit(arg, c->name, strlen(c->name), char_ino(c), DT_CHR, at + 1);
		else if ((b = blkdev_at(at - 2 - nchar)) != NULL)
			more = emit(arg, b->name, strlen(b->name), block_ino(b), DT_BLK, at + 1);
		else
			break;
	}
	return OK;
}

static void dev_stat(struct vnode *vn, struct abi_stat64 *st)
{
	const struct chardev *c;

	st->nlink = 1;
	st->atime = st->mtime = st->ctime = time_wall_s();
	switch ((enum vnode_kind)vn->kind) {
	case VNODE_CHAR:
		c = chardev_of(vn);
		st->mode = S_IFCHR | (c ? c->mode : 0600u);
		break;
	case VNODE_BLOCK: st->mode = S_IFBLK | 0600; break;
	case VNODE_DIR:
	case VNODE_FILE:
	case VNODE_FIFO:
	case VNODE_LINK:
		st->mode = S_IFDIR | 0755;
		st->nlink = 2;
		break;
	}
}

static void dev_destroy(struct vnode *vn)
{
	kmem_free(dev_vnodes, vn);
}

static const struct vnode_ops dev_ops = {
	.lookup = dev_lookup,
	.readdir = dev_readdir,
	.stat = dev_stat,
	.destroy = dev_destroy,
};

/* --- the mount --- */

static struct vnode *dev_alloc(struct mount *m, uint32_t ino)
{
	struct vnode *vn = kmem_alloc(dev_vnodes);

	if (vn)
		vnode_init(vn, m, ino, &dev_ops);
	return vn;
}

static enum status dev_load(struct vnode *vn)
{
	if (vn->ino == ROOT_INO) {
		vnode_set_kind(vn, S_IFDIR);
		return OK;
	}
	vn->rdev = number_of(vn->ino);
	if (vn->ino < BLOCK_INO) {
		vnode_set_kind(vn, S_IFCHR);
		return OK;
	}
	vnode_set_kind(vn, S_IFBLK);
	vn->device = blkdev_find_number(ABI_MAJOR(vn->rdev), ABI_MINOR(vn->rdev));
	if (!vn->device)
		return E_NXIO;
	vn->size = (uint64_t)vn->device->blocks << BLK_SHIFT;
	return OK;
}

static const struct mount_ops devfs_ops = {.alloc = dev_alloc, .load = dev_load};

enum status devfs_disk(struct blkdev *d, struct vnode **out)
{
	return vnode_get(&devfs, block_ino(d), out);
}

void devfs_init(void)
{
	dev_vnodes = kmem_cache_create("dev-vnode", sizeof(struct vnode), KMEM_RECLAIMABLE);
	mount_init(&devfs, &devfs_ops, "devfs", NULL, DEVFS_DEV);
	if (vnode_get(&devfs, ROOT_INO, &devfs.root) != OK)
		panic("no memory for /dev");
	chardev_register(&null_device);
	chardev_register(&zero_device);
}
