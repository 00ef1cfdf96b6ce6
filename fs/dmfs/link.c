/* Symbolic links: their text stands in the inode where other files have the numbers of their blocks, or in one block if
   it is too long for that.  The block is metadata, as a directory's: it lies in the cache of the disk, and no page of
   the link's own shows it. */
#include "dmfs_priv.h"

#include <abi/stat.h>
#include <lib/string.h>

_Static_assert(DMFS_LINK_INLINE == sizeof(((struct dmfs_dinode *)0)->block), "format.h says so");

/* The first block of LINK, which has none, with TEXT in it. */
static enum status write_block(struct dmfs_inode *link, const char *text, uint32_t len)
{
	struct dmfs *fs = link->fs;
	struct dmfs_buf *buf;
	enum status st = dmfs_begin(fs, DMFS_MAP_CHANGES + 1);

	if (st != OK)
		return st;
	st = dmfs_map_alloc_meta(link, 0, &buf);
	if (st == OK) {
		memcpy(buf->data, text, len);
		memset((char *)buf->data + len, 0, DMFS_BLOCK_SIZE - len);
		fs->ops->dirty(fs->ctx, buf);
		fs->ops->put(fs->ctx, buf);
	}
	dmfs_end(fs);
	return st;
}

enum status dmfs_link_set(struct dmfs_inode *link, const char *text, uint32_t len)
{
	enum status st = OK;

	if ((link->d.mode & S_IFMT) != S_IFLNK || link->d.size != 0 || len == 0)
		return E_INVAL;
	if (len >= DMFS_BLOCK_SIZE)
		return E_NAMETOOLONG;
	if (len <= DMFS_LINK_INLINE)
		memcpy(link->d.block, text, len);
	else
		st = write_block(link, text, len);
	if (st != OK)
		return st;
	link->d.size = len;
	link->dirty = true;
	return OK;
}

static enum status read_block(struct dmfs_inode *link, char *to, uint32_t n)
{
	struct dmfs *fs = link->fs;
	struct dmfs_buf *buf;
	uint32_t disk;
	enum status st = dmfs_map(link, 0, &disk);

	if (st == OK && disk == 0)
		st = dmfs_damaged(fs);
	if (st == OK)
		st = fs->ops->get(fs->ctx, disk, &buf);
	if (st != OK)
		return st;
	memcpy(to, buf->data, n);
	fs->ops->put(fs->ctx, buf);
	return OK;
}

int32_t dmfs_link_get(struct dmfs_inode *link, char *to, uint32_t size)
{
	uint32_t n = link->d.size < size ? (uint32_t)link->d.size : size;
	enum status st = OK;

	if ((link->d.mode & S_IFMT) != S_IFLNK)
		return E_INVAL;
	if (link->d.blocks == 0)
		memcpy(to, link->d.block, n);
	else
		st = read_block(link, to, n);
	return st == OK ? (int32_t)n : (int32_t)st;
}
