/* The superblock: an image is believed only when its checksum is right and its layout is the one that its three sizes
   determine, so no later code asks whether an area lies inside the disk.  The free counters of a clean image are taken
   from the superblock; after a crash they are counted from the bitmaps, one popcount for 128 MiB in 1,024 words.
   The mark "dirty" is written with the first change, not at mount: looking at an image leaves it as it was. */
#include <dmfs/dmfs.h>

#include "dmfs_priv.h"

#include <lib/bitmap.h>
#include <lib/crc.h>
#include <lib/string.h>

uint32_t dmfs_super_crc(const struct dmfs_super *sb)
{
	return crc32c(0, sb, offsetof(struct dmfs_super, crc));
}

static uint32_t blocks_for_bits(uint32_t bits)
{
	return (bits - 1) / DMFS_BITS_PER_BLOCK + 1;
}

const char *dmfs_layout_make(uint32_t blocks, uint32_t inodes, uint32_t journal, struct dmfs_layout *out)
{
	struct dmfs_layout l;

	if (blocks == 0)
		return "geometry: no blocks at all";
	if (inodes == 0 || inodes % DMFS_INODES_PER_BLOCK != 0)
		return "geometry: the number of inodes is not a multiple of 32";
	if (journal < DMFS_JOURNAL_MIN || journal > DMFS_JOURNAL_MAX)
		return "geometry: the journal is not of 16 to 1024 blocks";
	l.ibitmap_start = 1;
	l.ibitmap_blocks = blocks_for_bits(inodes);
	l.bbitmap_start = l.ibitmap_start + l.ibitmap_blocks;
	l.bbitmap_blocks = blocks_for_bits(blocks);
	l.itable_start = l.bbitmap_start + l.bbitmap_blocks;
	l.itable_blocks = inodes / DMFS_INODES_PER_BLOCK; /* at most 2^27: none of these sums overflows */
	l.journal_start = l.itable_start + l.itable_blocks;
	l.journal_blocks = journal;
	l.data_start = l.journal_start + journal;
	if (l.data_start >= blocks)
		return "geometry: no room for data behind inode table and journal";
	*out = l;
	return NULL;
}

static const char *check_layout(const struct dmfs_super *sb)
{
	struct dmfs_layout l = {0};
	const char *why = dmfs_layout_make(sb->block_count, sb->inode_count, sb->journal_blocks, &l);

	if (why)
		return why;
	if (sb->ibitmap_start != l.ibitmap_start || sb->ibitmap_blocks != l.ibitmap_blocks)
		return "geometry: the inode bitmap is not where it should be";
	if (sb->bbitmap_start != l.bbitmap_start || sb->bbitmap_blocks != l.bbitmap_blocks)
		return "geometry: the block bitmap is not where it should be";
	if (sb->itable_start != l.itable_start || sb->itable_blocks != l.itable_blocks)
		return "geometry: the inode table is not where it should be";
	if (sb->journal_start != l.journal_start)
		return "geometry: the journal is not where it should be";
	if (sb->data_start != l.data_start)
		return "geometry: the data area is not where it should be";
	return NULL;
}

/* => NULL, or what is wrong with the superblock. */
static const char *check_super(const struct dmfs_super *sb, uint32_t device_blocks)
{
	const char *why;

	if (sb->magic != DMFS_MAGIC)
		return "bad magic: not a dmfs image";
	if (sb->version != DMFS_VERSION)
		return "unknown version of dmfs";
	if (sb->crc != dmfs_super_crc(sb))
		return "bad checksum of the superblock";
	if (sb->block_size != DMFS_BLOCK_SIZE)
		return "geometry: the block size is not 4096";
	why = check_layout(sb);
	if (why)
		return why;
	if (sb->block_count > device_blocks)
		return "the disk is smaller than its superblock says";
	if (sb->root_ino != DMFS_ROOT_INO)
		return "geometry: the root is not inode 1";
	if (sb->state != DMFS_CLEAN && sb->state != DMFS_DIRTY)
		return "unknown state of the image";
	if (sb->free_blocks > sb->block_count - sb->data_start || sb->free_inodes > sb->inode_count - 1)
		return "geometry: more is free than there is";
	return NULL;
}

/* Count the clear bits [FIRST, END) of the bitmap that begins at block START. */
static enum status count_free(struct dmfs *fs, uint32_t start, uint32_t first, uint32_t end, uint32_t *count)
{
	*count = 0;
	while (first < end) {
		uint32_t index = first / DMFS_BITS_PER_BLOCK;
		uint32_t from = first % DMFS_BITS_PER_BLOCK;
		uint32_t left = end - index * DMFS_BITS_PER_BLOCK;
		uint32_t to = left < DMFS_BITS_PER_BLOCK ? left : DMFS_BITS_PER_BLOCK;
		struct dmfs_buf *buf;
		enum status st = fs->ops->get(fs->ctx, start + index, &buf);

		if (st != OK)
			return st;
		const uint32_t *map = (const void *)buf->data;
		*count += to - from - (bitmap_count(map, to) - bitmap_count(map, from));
		fs->ops->put(fs->ctx, buf);
		if (left <= DMFS_BITS_PER_BLOCK)
			break;
		first += to - from;
	}
	return OK;
}

static enum status mount_counters(struct dmfs *fs, const struct dmfs_super *sb)
{
	enum status st;

	if (fs->was_clean) {
		fs->free_blocks = sb->free_blocks;
		fs->free_inodes = sb->free_inodes;
		return OK;
	}
	st = count_free(fs, fs->ibitmap_start, 1, fs->inode_count, &fs->free_inodes);
	if (st == OK)
		st = count_free(fs, fs->bbitmap_start, fs->data_start, fs->block_count, &fs->free_blocks);
	return st;
}

static void mount_fill(struct dmfs *fs, const struct dmfs_super *sb, uint32_t flags)
{
	fs->block_count = sb->block_count;
	fs->inode_count = sb->inode_count;
	fs->ibitmap_start = sb->ibitmap_start;
	fs->bbitmap_start = sb->bbitmap_start;
	fs->itable_start = sb->itable_start;
	fs->journal_start = sb->journal_start;
	fs->journal_blocks = sb->journal_blocks;
	fs->data_start = sb->data_start;
	fs->readonly = flags & DMFS_READONLY;
	fs->was_clean = sb->state == DMFS_CLEAN;
	fs->marked = !fs->was_clean;
	fs->block_hint = fs->data_start;
	fs->inode_hint = DMFS_ROOT_INO;
	fs->generation = sb->write_time ^ sb->made_time << 16;
}

enum status dmfs_mount(struct dmfs *fs, const struct dmfs_ops *ops, void *ctx, uint32_t device_blocks, uint32_t flags,
                       const char **why)
{
	struct dmfs_super sb;
	struct dmfs_buf *buf;
	enum status st;

	*fs = (struct dmfs){.ops = ops, .ctx = ctx};
	*why = "the disk has no blocks";
	if (device_blocks == 0)
		return E_INVAL;
	*why = "the superblock cannot be read";
	st = ops->get(ctx, 0, &buf);
	if (st != OK)
		return st;
	memcpy(&sb, buf->data, sizeof sb);
	ops->put(ctx, buf);
	*why = check_super(&sb, device_blocks);
	if (*why)
		return E_INVAL;
	mount_fill(fs, &sb, flags);
	*why = "the bitmaps cannot be read";
	st = mount_counters(fs, &sb);
	if (st == OK)
		st = ops->get(ctx, fs->ibitmap_start, &fs->ibitmap);
	if (st == OK)
		*why = "";
	return st;
}

/* Write STATE and the counters into the superblock's buffer.  Inside a transaction, lock_alloc not held. */
static enum status write_super(struct dmfs *fs, enum dmfs_state state)
{
	struct dmfs_super *sb;
	struct dmfs_buf *buf;
	enum status st = fs->ops->get(fs->ctx, 0, &buf);

	if (st != OK)
		return st;
	sb = (void *)buf->data;
	fs->ops->lock_alloc(fs->ctx);
	sb->state = state;
	sb->free_blocks = fs->free_blocks;
	sb->free_inodes = fs->free_inodes;
	sb->write_time = dmfs_now(fs).sec;
	sb->crc = dmfs_super_crc(sb);
	fs->ops->dirty(fs->ctx, buf);
	fs->ops->unlock_alloc(fs->ctx);
	fs->ops->put(fs->ctx, buf);
	fs->marked = state == DMFS_DIRTY;
	return OK;
}

static no_inline enum status begin_first(struct dmfs *fs)
{
	enum status st = write_super(fs, DMFS_DIRTY);

	if (st != OK)
		dmfs_end(fs);
	return st;
}

enum status dmfs_begin(struct dmfs *fs, uint32_t blocks)
{
	if (unlikely(fs->readonly))
		return E_ROFS;
	if (fs->ops->begin)
		fs->ops->begin(fs->ctx, blocks + 1); /* and the superblock */
	return likely(fs->marked) ? OK : begin_first(fs);
}

no_inline enum status dmfs_damaged(struct dmfs *fs)
{
	fs->damaged = true;
	return E_UCLEAN;
}

enum status dmfs_sync_super(struct dmfs *fs)
{
	enum status st;

	if (fs->readonly || !fs->marked)
		return OK;
	st = dmfs_begin(fs, 0);
	if (st != OK)
		return st;
	st = write_super(fs, DMFS_DIRTY);
	dmfs_end(fs);
	return st;
}

enum status dmfs_unmount(struct dmfs *fs)
{
	bool clean = fs->was_clean && !fs->damaged;
	enum status st = OK;

	if (fs->ibitmap)
		fs->ops->put(fs->ctx, fs->ibitmap);
	fs->ibitmap = NULL;
	if (fs->readonly || !fs->marked)
		return OK;
	st = dmfs_begin(fs, 0);
	if (st != OK)
		return st;
	st = write_super(fs, clean ? DMFS_CLEAN : DMFS_DIRTY);
	dmfs_end(fs);
	return st;
}

void dmfs_statfs(struct dmfs *fs, struct dmfs_statfs *out)
{
	fs->ops->lock_alloc(fs->ctx);
	out->free_blocks = fs->free_blocks;
	out->free_inodes = fs->free_inodes;
	fs->ops->unlock_alloc(fs->ctx);
	out->blocks = fs->block_count - fs->data_start;
	out->inodes = fs->inode_count - 1;
}
