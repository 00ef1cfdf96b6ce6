/* What the files of dmfs share and nobody else sees. */
#ifndef DMFS_PRIV_H
#define DMFS_PRIV_H

#include <dmfs/dmfs.h>

/* --- super.c --- */

/* Where the areas begin, as three numbers determine it. */
struct dmfs_layout {
	uint32_t ibitmap_start, ibitmap_blocks;
	uint32_t bbitmap_start, bbitmap_blocks;
	uint32_t itable_start, itable_blocks;
	uint32_t journal_start, journal_blocks;
	uint32_t data_start;
};

/* => NULL, or the sentence that says why there is no such image. */
const char *dmfs_layout_make(uint32_t blocks, uint32_t inodes, uint32_t journal, struct dmfs_layout *out);
uint32_t dmfs_super_crc(const struct dmfs_super *sb);
/* Note that the image contradicts itself.  => E_UCLEAN */
enum status dmfs_damaged(struct dmfs *fs);
/* Every change is between these two.  The first may fail (E_ROFS, or the superblock cannot be marked dirty). */
enum status dmfs_begin(struct dmfs *fs, uint32_t blocks) must_check;

static inline void dmfs_end(struct dmfs *fs)
{
	if (fs->ops->end)
		fs->ops->end(fs->ctx);
}

static inline void dmfs_pause(struct dmfs *fs)
{
	if (fs->ops->pause)
		fs->ops->pause(fs->ctx);
}

static inline struct dmfs_time dmfs_now(struct dmfs *fs)
{
	return fs->ops->now(fs->ctx);
}

/* B may be a block of a file. */
static inline bool dmfs_is_data(const struct dmfs *fs, uint32_t b)
{
	return b - fs->data_start < fs->block_count - fs->data_start;
}

/* --- alloc.c; all with ops->lock_alloc held --- */

#define DMFS_PICK_MAX 3u /* a data block, and an indirect block for each of two levels */

/* Blocks taken but not yet committed: their bits are set in bitmap blocks that stay held, so that neither way out of
   here can fail. */
struct dmfs_pick {
	unsigned n;
	uint32_t block[DMFS_PICK_MAX];
	struct dmfs_buf *bitmap[DMFS_PICK_MAX];
};

/* Take COUNT blocks, all or none, from GOAL on (0 or nonsense: anywhere). */
enum status dmfs_pick_blocks(struct dmfs *fs, uint32_t goal, unsigned count, struct dmfs_pick *pick) must_check;
void dmfs_pick_commit(struct dmfs *fs, struct dmfs_pick *pick);
void dmfs_pick_drop(struct dmfs *fs, struct dmfs_pick *pick);

/* Freeing many blocks: the bitmap block of the last one stays held. */
struct dmfs_freer {
	struct dmfs *fs;
	struct dmfs_buf *buf; /* NULL: none */
	uint32_t index;
};

/* Everything that can fail about freeing B.  E_UCLEAN: not a data block, or free already. */
enum status dmfs_free_prepare(struct dmfs_freer *f, uint32_t b) must_check;
/* Free B, which was prepared last. */
void dmfs_free_commit(struct dmfs_freer *f, uint32_t b);
void dmfs_free_done(struct dmfs_freer *f);

enum status dmfs_ino_take(struct dmfs *fs, uint32_t *ino) must_check;
/* => OK: the bitmap block of INO is held in fs->ibitmap.  E_UCLEAN: INO is free. */
enum status dmfs_ino_prepare_free(struct dmfs *fs, uint32_t ino) must_check;
void dmfs_ino_commit_free(struct dmfs *fs, uint32_t ino);

/* --- map.c --- */

#define DMFS_MAP_CHANGES 6u /* blocks that one map_alloc may change */

/* As dmfs_map_alloc of a hole, for a block of metadata: *BUF is the new block, held and zero-filled.  The caller
   marks it dirty.  E_UCLEAN: there is a block already. */
enum status dmfs_map_alloc_meta(struct dmfs_inode *ip, uint32_t block, struct dmfs_buf **buf) must_check;

static inline uint32_t dmfs_type(const struct dmfs_dinode *d)
{
	return (uint32_t)d->mode >> 12;
}

#endif
