/* Inodes: 128 bytes in a table.  The copy in core is the record itself, so that load and store are one short copy
   each. Two inodes of one table block may be stored at the same time: they are different bytes.  A free inode has mode
   0 on disk, so a stale directory record cannot bring one back to life. */
#include <dmfs/dmfs.h>

#include "dmfs_priv.h"

#include <abi/stat.h>
#include <lib/assert.h>
#include <lib/string.h>

static uint32_t table_block(const struct dmfs *fs, uint32_t ino)
{
	return fs->itable_start + ino / DMFS_INODES_PER_BLOCK;
}

static struct dmfs_dinode *in_table(struct dmfs_buf *buf, uint32_t ino)
{
	return (struct dmfs_dinode *)(void *)buf->data + ino % DMFS_INODES_PER_BLOCK;
}

/* A directory has no holes: so its length, which bounds every search, is bounded by the disk's. */
static bool dir_size_valid(const struct dmfs *fs, const struct dmfs_dinode *d)
{
	uint32_t blocks = (uint32_t)(d->size >> DMFS_BLOCK_SHIFT);

	return d->size % DMFS_BLOCK_SIZE == 0 && d->size < UINT32_MAX - DMFS_BLOCK_SIZE && blocks > 0 &&
	       blocks <= d->blocks && blocks < fs->block_count;
}

static bool dinode_valid(const struct dmfs *fs, const struct dmfs_dinode *d)
{
	if (d->links == 0 || d->size > DMFS_MAX_SIZE)
		return false;
	switch (d->mode & S_IFMT) {
	case S_IFDIR: return dir_size_valid(fs, d);
	case S_IFLNK: return d->size > 0 && d->size < (d->blocks > 0 ? DMFS_BLOCK_SIZE : DMFS_LINK_INLINE + 1);
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO: return true;
	}
	return false;
}

enum status dmfs_inode_load(struct dmfs *fs, uint32_t ino, struct dmfs_inode *ip)
{
	struct dmfs_buf *buf;
	enum status st;

	if (ino == 0 || ino >= fs->inode_count)
		return dmfs_damaged(fs); /* numbers come from directory records alone */
	st = fs->ops->get(fs->ctx, table_block(fs, ino), &buf);
	if (st != OK)
		return st;
	ip->fs = fs;
	ip->ino = ino;
	ip->goal = 0;
	ip->version = 0;
	ip->dirty = false;
	memcpy(&ip->d, in_table(buf, ino), sizeof ip->d);
	fs->ops->put(fs->ctx, buf);
	return likely(dinode_valid(fs, &ip->d)) ? OK : dmfs_damaged(fs);
}

enum status dmfs_inode_hold(struct dmfs_inode *ip, struct dmfs_buf **buf)
{
	return ip->fs->ops->get(ip->fs->ctx, table_block(ip->fs, ip->ino), buf);
}

enum status dmfs_inode_store(struct dmfs_inode *ip)
{
	struct dmfs *fs = ip->fs;
	struct dmfs_buf *buf;
	enum status st = dmfs_begin(fs, 1);

	if (st != OK)
		return st;
	st = fs->ops->get(fs->ctx, table_block(fs, ip->ino), &buf);
	if (st == OK) {
		memcpy(in_table(buf, ip->ino), &ip->d, sizeof ip->d);
		fs->ops->dirty(fs->ctx, buf);
		fs->ops->put(fs->ctx, buf);
		ip->dirty = false;
	}
	dmfs_end(fs);
	return st;
}

static void inode_fill(struct dmfs *fs, uint32_t mode, struct dmfs_inode *ip)
{
	struct dmfs_time now = dmfs_now(fs);

	ip->fs = fs;
	ip->goal = 0;
	ip->version = 0;
	ip->dirty = true;
	memset(&ip->d, 0, sizeof ip->d);
	ip->d.mode = (uint16_t)mode;
	ip->d.atime = ip->d.mtime = ip->d.ctime = now.sec;
	ip->d.atime_nsec = ip->d.mtime_nsec = ip->d.ctime_nsec = now.nsec;
}

enum status dmfs_inode_alloc(struct dmfs *fs, uint32_t mode, struct dmfs_inode *ip)
{
	enum status st = dmfs_begin(fs, 1);
	uint32_t generation;

	if (st != OK)
		return st;
	fs->ops->lock_alloc(fs->ctx);
	st = dmfs_ino_take(fs, &ip->ino);
	generation = fs->generation++;
	fs->ops->unlock_alloc(fs->ctx);
	if (st == OK) {
		inode_fill(fs, mode, ip);
		ip->d.generation = generation;
	}
	dmfs_end(fs);
	return st;
}

static enum status inode_release(struct dmfs_inode *ip)
{
	struct dmfs *fs = ip->fs;
	struct dmfs_dinode *d;
	struct dmfs_buf *buf;
	enum status st = dmfs_ino_prepare_free(fs, ip->ino);

	if (st != OK)
		return st;
	st = fs->ops->get(fs->ctx, table_block(fs, ip->ino), &buf);
	if (st != OK)
		return st;
	d = in_table(buf, ip->ino);
	d->mode = 0;
	d->links = 0;
	d->generation = ip->d.generation;
	fs->ops->dirty(fs->ctx, buf);
	fs->ops->put(fs->ctx, buf);
	dmfs_ino_commit_free(fs, ip->ino);
	return OK;
}

enum status dmfs_inode_free(struct dmfs_inode *ip)
{
	struct dmfs *fs = ip->fs;
	enum status st = OK;

	KASSERT(ip->d.links == 0);
	if (ip->d.blocks != 0)
		st = dmfs_truncate(ip, 0);
	if (st == E_UCLEAN)
		st = OK; /* what could be freed is; the mark of damage stays on the image */
	if (st == OK)
		st = dmfs_begin(fs, 2);
	if (st != OK)
		return st;
	fs->ops->lock_alloc(fs->ctx);
	st = inode_release(ip);
	fs->ops->unlock_alloc(fs->ctx);
	dmfs_end(fs);
	return st;
}
