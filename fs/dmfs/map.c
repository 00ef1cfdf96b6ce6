/* The block map: 12 direct block numbers, then trees of one and two levels.  Mapping a direct block is two compares; an
   indirect one costs a held block per level.  Extents would be shorter for long files, but their worst case (a file
   written in every second block) needs a balanced tree on disk, which nobody reads in an afternoon.
   Allocation first takes everything that it needs (bits of the bitmaps, empty indirect blocks), then links it, which
   cannot fail.  Truncation goes from the end of the file to the front, one leaf of 1,024 blocks to a transaction. */
#include <dmfs/dmfs.h>

#include "dmfs_priv.h"

#include <abi/stat.h>

/* Where a block number stands: in the inode's block[root], or below it through index[0] (and index[1]). */
struct map_path {
	unsigned depth; /* levels of indirection, 0-2 */
	uint32_t root;
	uint32_t index[2];
};

static uint32_t *numbers(struct dmfs_buf *buf)
{
	return (void *)buf->data;
}

static enum status path_of(uint32_t n, struct map_path *p)
{
	if (n < DMFS_DIRECT) {
		*p = (struct map_path){0, n, {0, 0}};
		return OK;
	}
	n -= DMFS_DIRECT;
	if (n < DMFS_PER_INDIRECT) {
		*p = (struct map_path){1, DMFS_SINGLE, {n, 0}};
		return OK;
	}
	n -= DMFS_PER_INDIRECT;
	if (n >= DMFS_PER_INDIRECT * DMFS_PER_INDIRECT)
		return E_FBIG;
	*p = (struct map_path){2, DMFS_DOUBLE, {n / DMFS_PER_INDIRECT, n % DMFS_PER_INDIRECT}};
	return OK;
}

/* How far the path is there.  => OK: *LEVEL levels exist; LEAF is the block that holds the next number, held (NULL: the
   inode holds it), and *SLOT its place. */
static enum status path_walk(struct dmfs_inode *ip, const struct map_path *p, unsigned *level, struct dmfs_buf **leaf,
                             uint32_t **slot)
{
	struct dmfs *fs = ip->fs;

	*level = 0;
	*leaf = NULL;
	*slot = &ip->d.block[p->root];
	while (*level < p->depth && **slot != 0) {
		struct dmfs_buf *next;
		enum status st = dmfs_is_data(fs, **slot) ? fs->ops->get(fs->ctx, **slot, &next) : dmfs_damaged(fs);

		if (*leaf)
			fs->ops->put(fs->ctx, *leaf);
		*leaf = NULL;
		if (st != OK)
			return st;
		*leaf = next;
		*slot = &numbers(next)[p->index[(*level)++]];
	}
	if (**slot == 0 || dmfs_is_data(fs, **slot))
		return OK;
	if (*leaf)
		fs->ops->put(fs->ctx, *leaf);
	return dmfs_damaged(fs);
}

static no_inline enum status map_deep(struct dmfs_inode *ip, uint32_t block, uint32_t *disk)
{
	struct map_path p;
	struct dmfs_buf *leaf;
	uint32_t *slot;
	unsigned level;
	enum status st = path_of(block, &p);

	if (st == OK)
		st = path_walk(ip, &p, &level, &leaf, &slot);
	if (st != OK)
		return st;
	*disk = *slot;
	if (leaf)
		ip->fs->ops->put(ip->fs->ctx, leaf);
	return OK;
}

enum status dmfs_map(struct dmfs_inode *ip, uint32_t block, uint32_t *disk)
{
	if (likely(block < DMFS_DIRECT)) {
		uint32_t b = ip->d.block[block];

		*disk = b;
		return likely(b == 0 || dmfs_is_data(ip->fs, b)) ? OK : dmfs_damaged(ip->fs);
	}
	return map_deep(ip, block, disk);
}

/* The blocks that a hole takes: missing indirect blocks, top first, then the data block.  Those that hold metadata are
   held as buffers, NEWBUFS of them. */
struct map_fill {
	struct dmfs_pick pick;
	unsigned newbufs;
	struct dmfs_buf *newbuf[DMFS_PICK_MAX];
};

static void fill_drop(struct dmfs *fs, struct map_fill *f)
{
	while (f->newbufs > 0) {
		fs->ops->put(fs->ctx, f->newbuf[--f->newbufs]);
		fs->ops->forget(fs->ctx, f->pick.block[f->newbufs]);
	}
	dmfs_pick_drop(fs, &f->pick);
}

/* Take COUNT blocks, the first META of them with an empty buffer.  On success the blocks belong to the caller. */
static enum status fill_take(struct dmfs *fs, uint32_t goal, unsigned count, unsigned meta, struct map_fill *f)
{
	enum status st;

	f->newbufs = 0;
	fs->ops->lock_alloc(fs->ctx);
	st = dmfs_pick_blocks(fs, goal, count, &f->pick);
	if (st != OK)
		goto out;
	while (f->newbufs < meta) {
		st = fs->ops->get_new(fs->ctx, f->pick.block[f->newbufs], &f->newbuf[f->newbufs]);
		if (st != OK)
			break;
		f->newbufs++;
	}
	if (st == OK)
		dmfs_pick_commit(fs, &f->pick);
	else
		fill_drop(fs, f);
	if (st == E_UCLEAN)
		st = dmfs_damaged(fs);
out:
	fs->ops->unlock_alloc(fs->ctx);
	return st;
}

/* Let each new indirect block point to the next new block.  Cannot fail. */
static void fill_link(struct dmfs *fs, const struct map_path *p, unsigned level, struct map_fill *f)
{
	for (unsigned i = 0; level + i < p->depth; i++) {
		numbers(f->newbuf[i])[p->index[level + i]] = f->pick.block[i + 1];
		fs->ops->dirty(fs->ctx, f->newbuf[i]);
		fs->ops->put(fs->ctx, f->newbuf[i]);
	}
}

/* The block after the one that the neighbour in the file has, else after the last one allocated. */
static uint32_t goal_of(const struct dmfs_inode *ip, const struct map_path *p, unsigned level, const uint32_t *slot)
{
	uint32_t index = level == 0 ? p->root : p->index[level - 1];

	return index > 0 && slot[-1] != 0 ? slot[-1] + 1 : ip->goal;
}

/* Fill the hole at SLOT, LEVEL levels down the path; *LAST is the data block, and DATA, if not NULL, its empty
   buffer. */
static enum status hole_fill(struct dmfs_inode *ip, const struct map_path *p, unsigned level, struct dmfs_buf *leaf,
                             uint32_t *slot, uint32_t *last, struct dmfs_buf **data)
{
	struct dmfs *fs = ip->fs;
	unsigned missing = p->depth - level + 1;
	struct map_fill f;
	enum status st = fill_take(fs, goal_of(ip, p, level, slot), missing, data ? missing : missing - 1, &f);

	if (st != OK)
		return st;
	fill_link(fs, p, level, &f);
	*slot = f.pick.block[0];
	if (leaf)
		fs->ops->dirty(fs->ctx, leaf);
	*last = f.pick.block[missing - 1];
	if (data)
		*data = f.newbuf[missing - 1];
	ip->goal = *last + 1;
	ip->d.blocks += missing;
	ip->dirty = true;
	return OK;
}

/* Map BLOCK, filling a hole.  DATA as hole_fill; then a block that is there already is E_UCLEAN. */
static enum status map_or_fill(struct dmfs_inode *ip, uint32_t block, uint32_t *disk, bool *was_new,
                               struct dmfs_buf **data)
{
	struct dmfs *fs = ip->fs;
	struct map_path p;
	struct dmfs_buf *leaf;
	uint32_t *slot;
	unsigned level;
	enum status st = path_of(block, &p);

	if (st == OK)
		st = path_walk(ip, &p, &level, &leaf, &slot);
	if (st != OK)
		return st;
	*disk = *slot;
	*was_new = level < p.depth || *slot == 0;
	if (*was_new)
		st = hole_fill(ip, &p, level, leaf, slot, disk, data);
	else if (data)
		st = dmfs_damaged(fs);
	if (leaf)
		fs->ops->put(fs->ctx, leaf);
	return st;
}

enum status dmfs_map_alloc(struct dmfs_inode *ip, uint32_t block, uint32_t *disk, bool *was_new)
{
	struct dmfs *fs = ip->fs;
	enum status st;

	if (block < DMFS_DIRECT && dmfs_is_data(fs, ip->d.block[block])) {
		*disk = ip->d.block[block];
		*was_new = false;
		return OK;
	}
	st = dmfs_begin(fs, DMFS_MAP_CHANGES);
	if (st != OK)
		return st;
	st = map_or_fill(ip, block, disk, was_new, NULL);
	dmfs_end(fs);
	return st;
}

enum status dmfs_map_alloc_meta(struct dmfs_inode *ip, uint32_t block, struct dmfs_buf **buf)
{
	uint32_t disk;
	bool was_new;

	return map_or_fill(ip, block, &disk, &was_new, buf);
}

/* --- truncation --- */

static uint32_t blocks_of_size(uint64_t size)
{
	return (uint32_t)((size + DMFS_BLOCK_SIZE - 1) >> DMFS_BLOCK_SHIFT);
}

/* One step of it.  DAMAGE is remembered and the work goes on; anything else ends it.  A leaf is searched from LEAF_END
   down, and above that only if the inode's count of blocks is not REST then: of a short file nearly all is empty. */
struct map_cut {
	struct dmfs_inode *ip;
	struct dmfs_freer freer;
	uint32_t leaf_end;
	uint32_t rest;
	bool meta; /* the file's own blocks are metadata too: a directory */
	bool damage;
};

/* Free the block that *SLOT names, and clear it.  META: a copy may be in the block cache. */
static enum status cut_slot(struct map_cut *c, uint32_t *slot, bool meta)
{
	struct dmfs *fs = c->ip->fs;
	enum status st = dmfs_free_prepare(&c->freer, *slot);

	if (st == OK) {
		if (meta)
			fs->ops->forget(fs->ctx, *slot);
		dmfs_free_commit(&c->freer, *slot);
	} else if (st == E_UCLEAN) {
		c->damage = true; /* not ours to free: only forget the number */
	} else {
		return st;
	}
	*slot = 0;
	if (c->ip->d.blocks > 0)
		c->ip->d.blocks--;
	c->ip->dirty = true;
	return OK;
}

/* Free the numbers [FROM, N) of SLOTS, last first.  *CHANGED: some were. */
static enum status cut_slots(struct map_cut *c, uint32_t *slots, uint32_t from, uint32_t n, bool *changed)
{
	enum status st = OK;

	while (n > from && st == OK) {
		if (slots[--n] == 0)
			continue;
		st = cut_slot(c, &slots[n], c->meta);
		*changed |= st == OK;
	}
	return st;
}

/* Free the data blocks [FROM, 1024) of the leaf that *SLOT names, and the leaf itself if none is left before them. */
static enum status cut_leaf(struct map_cut *c, uint32_t *slot, uint32_t from)
{
	struct dmfs *fs = c->ip->fs;
	struct dmfs_buf *buf;
	bool changed = false;
	enum status st;

	if (!dmfs_is_data(fs, *slot))
		return cut_slot(c, slot, true); /* notes the damage */
	st = fs->ops->get(fs->ctx, *slot, &buf);
	if (st != OK)
		return st;
	st = cut_slots(c, numbers(buf), from, c->leaf_end, &changed);
	if (st == OK && c->ip->d.blocks != c->rest)
		st = cut_slots(c, numbers(buf), from > c->leaf_end ? from : c->leaf_end, DMFS_PER_INDIRECT, &changed);
	if (changed)
		fs->ops->dirty(fs->ctx, buf);
	fs->ops->put(fs->ctx, buf);
	return st == OK && from == 0 ? cut_slot(c, slot, true) : st;
}

static enum status cut_begin(struct map_cut *c)
{
	struct dmfs *fs = c->ip->fs;
	uint32_t maps = (fs->block_count - 1) / DMFS_BITS_PER_BLOCK + 1;
	uint32_t most = DMFS_PER_INDIRECT + 2;
	enum status st = dmfs_begin(fs, (maps < most ? maps : most) + 3); /* leaf, its parent, the inode */

	if (st == OK)
		fs->ops->lock_alloc(fs->ctx);
	return st;
}

/* End a step: ST is how it went. */
static enum status cut_end(struct map_cut *c, enum status st)
{
	struct dmfs *fs = c->ip->fs;
	enum status stored = OK;

	dmfs_free_done(&c->freer);
	fs->ops->unlock_alloc(fs->ctx);
	if (c->ip->dirty)
		stored = dmfs_inode_store(c->ip);
	dmfs_end(fs);
	dmfs_pause(fs);
	return st == OK ? stored : st;
}

/* One leaf of the double indirect block TOP, as a step of its own. */
static enum status cut_double_leaf(struct map_cut *c, struct dmfs_buf *top, uint32_t i, uint32_t from)
{
	struct dmfs *fs = c->ip->fs;
	uint32_t *slot = &numbers(top)[i];
	uint32_t was = *slot;
	enum status st;

	if (was == 0)
		return OK;
	st = cut_begin(c);
	if (st != OK)
		return st;
	st = cut_leaf(c, slot, from);
	if (*slot != was)
		fs->ops->dirty(fs->ctx, top);
	return cut_end(c, st);
}

/* The blocks from KEEP on (counted from the first that is mapped through the double indirect block). */
static enum status cut_double(struct map_cut *c, uint32_t keep)
{
	struct dmfs *fs = c->ip->fs;
	uint32_t *slot = &c->ip->d.block[DMFS_DOUBLE];
	uint32_t first = keep / DMFS_PER_INDIRECT;
	struct dmfs_buf *top;
	enum status st = OK;

	if (*slot == 0 || first >= DMFS_PER_INDIRECT)
		return OK;
	if (dmfs_is_data(fs, *slot)) {
		st = fs->ops->get(fs->ctx, *slot, &top);
		if (st != OK)
			return st;
		for (uint32_t i = DMFS_PER_INDIRECT; i-- > first && st == OK;)
			st = cut_double_leaf(c, top, i, i == first ? keep % DMFS_PER_INDIRECT : 0);
		fs->ops->put(fs->ctx, top);
	}
	if (st != OK || keep > 0)
		return st;
	st = cut_begin(c);
	return st == OK ? cut_end(c, cut_slot(c, slot, true)) : st;
}

/* The single indirect block of a file that had HAD blocks goes: when its leaf is empty, the inode counts the leaf and
   the direct blocks. */
static void cut_expect(struct map_cut *c, uint32_t had)
{
	if (had < DMFS_DIRECT + DMFS_PER_INDIRECT)
		c->leaf_end = had > DMFS_DIRECT ? had - DMFS_DIRECT : 0;
	c->rest = 1;
	for (uint32_t i = 0; i < DMFS_DIRECT; i++)
		c->rest += c->ip->d.block[i] != 0;
}

/* What hangs on the inode by at most one level, and the new size: the last step of a truncation, and mostly the
   only.  The file had HAD blocks. */
static enum status cut_rest(struct map_cut *c, uint32_t keep, uint32_t had)
{
	uint32_t *block = c->ip->d.block;
	bool changed = false;
	enum status st = cut_begin(c);

	if (st != OK)
		return st;
	if (keep <= DMFS_DIRECT)
		cut_expect(c, had);
	if (block[DMFS_SINGLE] != 0 && keep < DMFS_DIRECT + DMFS_PER_INDIRECT)
		st = cut_leaf(c, &block[DMFS_SINGLE], keep > DMFS_DIRECT ? keep - DMFS_DIRECT : 0);
	if (st == OK)
		st = cut_slots(c, block, keep, DMFS_DIRECT, &changed);
	return cut_end(c, st);
}

static bool has_map(const struct dmfs_dinode *d)
{
	switch (d->mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR: return true;
	case S_IFLNK: return d->blocks != 0;
	}
	return false;
}

enum status dmfs_truncate(struct dmfs_inode *ip, uint64_t size)
{
	struct map_cut c = {.ip = ip, .freer = {.fs = ip->fs}, .leaf_end = DMFS_PER_INDIRECT};
	uint32_t keep, had = blocks_of_size(ip->d.size), base = DMFS_DIRECT + DMFS_PER_INDIRECT;
	struct dmfs_time now;
	enum status st;

	if (size > DMFS_MAX_SIZE)
		return E_FBIG;
	if (!has_map(&ip->d))
		return E_INVAL;
	if (ip->fs->readonly)
		return E_ROFS;
	c.meta = (ip->d.mode & S_IFMT) != S_IFREG;
	now = dmfs_now(ip->fs);
	ip->goal = 0;
	ip->d.size = size;
	ip->d.mtime = ip->d.ctime = now.sec;
	ip->d.mtime_nsec = ip->d.ctime_nsec = now.nsec;
	ip->dirty = true;
	keep = blocks_of_size(size);
	st = cut_double(&c, keep > base ? keep - base : 0);
	if (st == OK)
		st = cut_rest(&c, keep, had);
	return st == OK && c.damage ? dmfs_damaged(ip->fs) : st;
}
