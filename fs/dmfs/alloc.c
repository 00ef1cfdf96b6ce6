/* Free space: two bitmaps, searched by words from a hint.  First fit from a goal keeps a file's blocks together as
   long as one file is written at a time; there are no block groups, whose gain is the seek of a disk that turns. A
   change of several blocks is one step that cannot half happen: picked blocks are marked in bitmap blocks that are
   already held, and freeing is split into what may fail and what may not. */
#include "dmfs_priv.h"

#include <lib/bitmap.h>

static uint32_t bits_in(uint32_t total, uint32_t index)
{
	uint32_t left = total - index * DMFS_BITS_PER_BLOCK;

	return left < DMFS_BITS_PER_BLOCK ? left : DMFS_BITS_PER_BLOCK;
}

static uint32_t *bits(struct dmfs_buf *buf)
{
	return (void *)buf->data;
}

/* Add one block to PICK.  The search looks at each bitmap block once, from that of GOAL on, around the end.  One that
   PICK holds already is held once more. */
static enum status pick_one(struct dmfs *fs, uint32_t goal, struct dmfs_pick *pick)
{
	uint32_t nmaps = (fs->block_count - 1) / DMFS_BITS_PER_BLOCK + 1;
	uint32_t index = goal / DMFS_BITS_PER_BLOCK;
	uint32_t hint = goal % DMFS_BITS_PER_BLOCK;

	for (uint32_t i = 0; i < nmaps; i++) {
		struct dmfs_buf *buf;
		enum status st = fs->ops->get(fs->ctx, fs->bbitmap_start + index, &buf);

		if (st != OK)
			return st;
		uint32_t bit = bitmap_find_zero(bits(buf), bits_in(fs->block_count, index), hint);
		uint32_t b = index * DMFS_BITS_PER_BLOCK + bit;
		if (bit != BITMAP_NONE && dmfs_is_data(fs, b)) {
			bitmap_set(bits(buf), bit);
			pick->block[pick->n] = b;
			pick->bitmap[pick->n++] = buf;
			return OK;
		}
		fs->ops->put(fs->ctx, buf);
		if (bit != BITMAP_NONE)
			break; /* the bitmap offers its own block */
		index = index + 1 < nmaps ? index + 1 : 0;
		hint = 0;
	}
	return dmfs_damaged(fs); /* the counter said that there is one */
}

enum status dmfs_pick_blocks(struct dmfs *fs, uint32_t goal, unsigned count, struct dmfs_pick *pick)
{
	enum status st = OK;

	pick->n = 0;
	if (fs->free_blocks < count)
		return E_NOSPC;
	if (!dmfs_is_data(fs, goal))
		goal = fs->block_hint < fs->block_count ? fs->block_hint : fs->data_start;
	while (pick->n < count && st == OK) {
		st = pick_one(fs, goal, pick);
		goal = st == OK && pick->block[pick->n - 1] + 1 < fs->block_count ? pick->block[pick->n - 1] + 1
		                                                                  : fs->data_start;
	}
	if (st != OK)
		dmfs_pick_drop(fs, pick);
	return st;
}

void dmfs_pick_commit(struct dmfs *fs, struct dmfs_pick *pick)
{
	for (unsigned i = 0; i < pick->n; i++) {
		fs->ops->dirty(fs->ctx, pick->bitmap[i]);
		fs->ops->put(fs->ctx, pick->bitmap[i]);
		if (pick->block[i] == fs->block_hint)
			fs->block_hint++;
	}
	fs->free_blocks -= pick->n;
}

/* The buffers are marked dirty here too: one that was dirty before may be on its way to the disk with our bit set. */
void dmfs_pick_drop(struct dmfs *fs, struct dmfs_pick *pick)
{
	for (unsigned i = 0; i < pick->n; i++) {
		bitmap_clear(bits(pick->bitmap[i]), pick->block[i] % DMFS_BITS_PER_BLOCK);
		fs->ops->dirty(fs->ctx, pick->bitmap[i]);
		fs->ops->put(fs->ctx, pick->bitmap[i]);
	}
	pick->n = 0;
}

enum status dmfs_free_prepare(struct dmfs_freer *f, uint32_t b)
{
	struct dmfs *fs = f->fs;
	uint32_t index = b / DMFS_BITS_PER_BLOCK;
	enum status st;

	if (unlikely(!dmfs_is_data(fs, b)))
		return dmfs_damaged(fs);
	if (!f->buf || f->index != index) {
		dmfs_free_done(f);
		st = fs->ops->get(fs->ctx, fs->bbitmap_start + index, &f->buf);
		if (st != OK) {
			f->buf = NULL;
			return st;
		}
		f->index = index;
	}
	if (unlikely(!bitmap_test(bits(f->buf), b % DMFS_BITS_PER_BLOCK)))
		return dmfs_damaged(fs);
	return OK;
}

void dmfs_free_commit(struct dmfs_freer *f, uint32_t b)
{
	bitmap_clear(bits(f->buf), b % DMFS_BITS_PER_BLOCK);
	f->fs->free_blocks++;
	if (b < f->fs->block_hint)
		f->fs->block_hint = b;
}

void dmfs_free_done(struct dmfs_freer *f)
{
	if (!f->buf)
		return;
	f->fs->ops->dirty(f->fs->ctx, f->buf);
	f->fs->ops->put(f->fs->ctx, f->buf);
	f->buf = NULL;
}

/* Let fs->ibitmap be block INDEX of the inode bitmap.  After an error it is what it was. */
static enum status ibitmap_hold(struct dmfs *fs, uint32_t index)
{
	struct dmfs_buf *buf;
	enum status st;

	if (likely(fs->ibitmap && fs->ibitmap_index == index))
		return OK;
	st = fs->ops->get(fs->ctx, fs->ibitmap_start + index, &buf);
	if (st != OK)
		return st;
	if (fs->ibitmap)
		fs->ops->put(fs->ctx, fs->ibitmap);
	fs->ibitmap = buf;
	fs->ibitmap_index = index;
	return OK;
}

/* The search begins at the hint and need not look before it. */
enum status dmfs_ino_take(struct dmfs *fs, uint32_t *ino)
{
	uint32_t hint = fs->inode_hint % DMFS_BITS_PER_BLOCK;

	if (fs->free_inodes == 0)
		return E_NOSPC;
	for (uint32_t i = fs->inode_hint / DMFS_BITS_PER_BLOCK; i * DMFS_BITS_PER_BLOCK < fs->inode_count;
	     i++, hint = 0) {
		enum status st = ibitmap_hold(fs, i);

		if (st != OK)
			return st;
		uint32_t bit = bitmap_find_zero(bits(fs->ibitmap), bits_in(fs->inode_count, i), hint);
		if (bit == BITMAP_NONE)
			continue;
		*ino = i * DMFS_BITS_PER_BLOCK + bit;
		if (*ino <= DMFS_ROOT_INO)
			break; /* the bitmap offers the root */
		bitmap_set(bits(fs->ibitmap), bit);
		fs->ops->dirty(fs->ctx, fs->ibitmap);
		fs->free_inodes--;
		fs->inode_hint = *ino + 1;
		return OK;
	}
	return dmfs_damaged(fs);
}

enum status dmfs_ino_prepare_free(struct dmfs *fs, uint32_t ino)
{
	enum status st = ibitmap_hold(fs, ino / DMFS_BITS_PER_BLOCK);

	if (st == OK && unlikely(!bitmap_test(bits(fs->ibitmap), ino % DMFS_BITS_PER_BLOCK)))
		st = dmfs_damaged(fs);
	return st;
}

void dmfs_ino_commit_free(struct dmfs *fs, uint32_t ino)
{
	bitmap_clear(bits(fs->ibitmap), ino % DMFS_BITS_PER_BLOCK);
	fs->ops->dirty(fs->ctx, fs->ibitmap);
	fs->free_inodes++;
	if (ino < fs->inode_hint)
		fs->inode_hint = ino;
}
