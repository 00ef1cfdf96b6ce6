/* An empty image: the areas are zeroed and their bitmaps set, then the image is mounted and its root directory made
   by the same code that makes every other. */
#include <dmfs/make.h>

#include "dmfs_priv.h"

#include <abi/stat.h>
#include <lib/bitmap.h>
#include <lib/string.h>

struct maker {
	const struct dmfs_ops *ops;
	void *ctx;
	struct dmfs_super sb;
};

static enum status zero_blocks(struct maker *m, uint32_t start, uint32_t n)
{
	for (uint32_t b = start; b < start + n; b++) {
		struct dmfs_buf *buf;
		enum status st = m->ops->get_new(m->ctx, b, &buf);

		if (st != OK)
			return st;
		m->ops->dirty(m->ctx, buf);
		m->ops->put(m->ctx, buf);
	}
	return OK;
}

/* A bitmap of MAPS blocks whose first USED bits are set, and all from TOTAL on. */
static enum status write_bitmap(struct maker *m, uint32_t start, uint32_t maps, uint32_t used, uint32_t total)
{
	for (uint32_t i = 0; i < maps; i++) {
		uint32_t base = i * DMFS_BITS_PER_BLOCK;
		struct dmfs_buf *buf;
		enum status st = m->ops->get_new(m->ctx, start + i, &buf);

		if (st != OK)
			return st;
		for (uint32_t bit = 0; bit < DMFS_BITS_PER_BLOCK; bit++)
			if (base + bit < used || bit >= total - base)
				bitmap_set((uint32_t *)(void *)buf->data, bit);
		m->ops->dirty(m->ctx, buf);
		m->ops->put(m->ctx, buf);
	}
	return OK;
}

static const char *super_fill(struct maker *m, const struct dmfs_geometry *g)
{
	uint32_t inodes = g->inodes ? g->inodes : g->blocks / 4;
	uint32_t journal = g->blocks / 64;
	struct dmfs_super *sb = &m->sb;
	struct dmfs_layout l;
	const char *why;

	if (inodes < DMFS_INODES_PER_BLOCK)
		inodes = DMFS_INODES_PER_BLOCK;
	if (inodes > UINT32_MAX - DMFS_INODES_PER_BLOCK)
		return "geometry: too many inodes";
	inodes = (inodes + DMFS_INODES_PER_BLOCK - 1) / DMFS_INODES_PER_BLOCK * DMFS_INODES_PER_BLOCK;
	if (journal < DMFS_JOURNAL_MIN)
		journal = DMFS_JOURNAL_MIN;
	if (journal > DMFS_JOURNAL_MAX)
		journal = DMFS_JOURNAL_MAX;
	why = dmfs_layout_make(g->blocks, inodes, journal, &l);
	if (why)
		return why;
	*sb = (struct dmfs_super){
		.magic = DMFS_MAGIC,
		.version = DMFS_VERSION,
		.block_size = DMFS_BLOCK_SIZE,
		.block_count = g->blocks,
		.inode_count = inodes,
		.ibitmap_start = l.ibitmap_start,
		.ibitmap_blocks = l.ibitmap_blocks,
		.bbitmap_start = l.bbitmap_start,
		.bbitmap_blocks = l.bbitmap_blocks,
		.itable_start = l.itable_start,
		.itable_blocks = l.itable_blocks,
		.journal_start = l.journal_start,
		.journal_blocks = l.journal_blocks,
		.data_start = l.data_start,
		.root_ino = DMFS_ROOT_INO,
		.state = DMFS_CLEAN,
		.free_blocks = g->blocks - l.data_start,
		.free_inodes = inodes - 1 - DMFS_ROOT_INO,
	};
	sb->made_time = sb->write_time = m->ops->now(m->ctx).sec;
	memcpy(sb->uuid, g->uuid, sizeof sb->uuid);
	sb->crc = dmfs_super_crc(sb);
	return NULL;
}

static enum status write_areas(struct maker *m)
{
	const struct dmfs_super *sb = &m->sb;
	struct dmfs_buf *buf;
	enum status st = write_bitmap(m, sb->ibitmap_start, sb->ibitmap_blocks, DMFS_ROOT_INO + 1, sb->inode_count);

	if (st == OK)
		st = write_bitmap(m, sb->bbitmap_start, sb->bbitmap_blocks, sb->data_start, sb->block_count);
	if (st == OK)
		st = zero_blocks(m, sb->itable_start, sb->itable_blocks);
	if (st == OK)
		st = zero_blocks(m, sb->journal_start, sb->journal_blocks);
	if (st == OK)
		st = m->ops->get_new(m->ctx, 0, &buf);
	if (st != OK)
		return st;
	memcpy(buf->data, sb, sizeof *sb);
	m->ops->dirty(m->ctx, buf);
	m->ops->put(m->ctx, buf);
	return OK;
}

static enum status make_root(struct dmfs *fs)
{
	struct dmfs_time now = dmfs_now(fs);
	struct dmfs_inode root = {.fs = fs, .ino = DMFS_ROOT_INO};
	enum status st;

	root.d.mode = S_IFDIR | 0755;
	root.d.atime = now.sec;
	root.d.atime_nsec = now.nsec;
	st = dmfs_dir_init(&root, DMFS_ROOT_INO);
	return st == OK ? dmfs_inode_store(&root) : st;
}

enum status dmfs_make(const struct dmfs_ops *ops, void *ctx, const struct dmfs_geometry *g, const char **why)
{
	struct maker m = {.ops = ops, .ctx = ctx};
	enum status st, unmounted;
	struct dmfs fs;

	*why = super_fill(&m, g);
	if (*why)
		return E_INVAL;
	*why = "the empty image cannot be written";
	if (ops->begin)
		ops->begin(ctx, m.sb.data_start);
	st = write_areas(&m);
	if (ops->end)
		ops->end(ctx);
	if (st == OK)
		st = dmfs_mount(&fs, ops, ctx, g->blocks, 0, why);
	if (st != OK)
		return st;
	st = make_root(&fs);
	unmounted = dmfs_unmount(&fs);
	*why = st == OK ? "" : "the root directory cannot be made";
	return st == OK ? unmounted : st;
}
