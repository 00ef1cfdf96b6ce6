/* The consistency check: every inode's blocks are walked and marked, every directory record counted, and then what
   was found is compared with bitmaps, link counts and counters.  Each block is entered once (a second visit is itself a
   finding), so a hostile image cannot make it loop.  It repairs nothing: what is right, the bitmap or the pointer, is
   for a person to say. */
#include <dmfs/check.h>

#include "dmfs_priv.h"

#include <abi/stat.h>
#include <lib/bitmap.h>
#include <lib/string.h>

/* What is remembered of an inode. */
struct known {
	uint32_t parent; /* the directory that names this directory; 0: none yet */
	uint32_t names;  /* records that name it */
	uint16_t links;  /* what the inode says */
	uint8_t type;    /* mode >> 12; 0: free or unusable */
	uint8_t reached; /* a directory below the root */
};

struct checker {
	struct dmfs *fs;
	dmfs_report *report;
	void *arg;
	uint32_t findings;
	uint32_t *seen;      /* a bit for each block that something uses */
	struct known *known; /* inode_count of them */
};

/* One inode's blocks as they are walked. */
struct walk {
	struct checker *c;
	uint32_t ino;
	uint32_t limit;  /* blocks of the file by its size */
	uint32_t blocks; /* met, indirect ones included */
	bool dir;
};

size_t dmfs_check_memory(const struct dmfs *fs)
{
	return (size_t)(fs->block_count / 32 + 1) * 4 + (size_t)fs->inode_count * sizeof(struct known);
}

static void find(struct checker *c, const char *text, uint32_t ino, uint32_t block, uint32_t found, uint32_t expected)
{
	struct dmfs_finding f = {text, ino, block, found, expected};

	c->findings++;
	c->report(c->arg, &f);
}

/* Note that the inode uses block B.  => B may be read, and this is its only user. */
static bool see(struct walk *w, uint32_t b)
{
	struct checker *c = w->c;

	w->blocks++;
	if (!dmfs_is_data(c->fs, b)) {
		find(c, "a block number is outside the data area", w->ino, b, 0, 0);
		return false;
	}
	if (bitmap_test(c->seen, b)) {
		find(c, "a block is used twice", w->ino, b, 0, 0);
		return false;
	}
	bitmap_set(c->seen, b);
	return true;
}

/* The numbers SLOTS of the file's blocks FIRST on. */
static void walk_slots(struct walk *w, const uint32_t *slots, uint32_t n, uint32_t first)
{
	for (uint32_t i = 0; i < n; i++) {
		if (slots[i] == 0) {
			if (w->dir && first + i < w->limit)
				find(w->c, "a directory has a hole", w->ino, first + i, 0, 0);
			continue;
		}
		see(w, slots[i]);
		if (first + i >= w->limit)
			find(w->c, "a block lies beyond the end of its file", w->ino, slots[i], first + i, w->limit);
	}
}

static enum status walk_leaf(struct walk *w, uint32_t leaf, uint32_t first)
{
	struct dmfs *fs = w->c->fs;
	struct dmfs_buf *buf;
	enum status st;

	if (leaf == 0 || !see(w, leaf))
		return OK;
	if (first >= w->limit)
		find(w->c, "an indirect block lies beyond the end of its file", w->ino, leaf, first, w->limit);
	st = fs->ops->get(fs->ctx, leaf, &buf);
	if (st != OK)
		return st;
	walk_slots(w, (const void *)buf->data, DMFS_PER_INDIRECT, first);
	fs->ops->put(fs->ctx, buf);
	return OK;
}

static enum status walk_double(struct walk *w, uint32_t top)
{
	uint32_t first = DMFS_DIRECT + DMFS_PER_INDIRECT;
	struct dmfs *fs = w->c->fs;
	struct dmfs_buf *buf;
	enum status st;

	if (top == 0 || !see(w, top))
		return OK;
	if (first >= w->limit)
		find(w->c, "an indirect block lies beyond the end of its file", w->ino, top, first, w->limit);
	st = fs->ops->get(fs->ctx, top, &buf);
	if (st != OK)
		return st;
	for (uint32_t i = 0; i < DMFS_PER_INDIRECT && st == OK; i++)
		st = walk_leaf(w, ((const uint32_t *)(const void *)buf->data)[i], first + i * DMFS_PER_INDIRECT);
	fs->ops->put(fs->ctx, buf);
	return st;
}

static enum status check_blocks(struct checker *c, uint32_t ino, const struct dmfs_dinode *d)
{
	struct walk w = {.c = c, .ino = ino, .dir = dmfs_type(d) == S_IFDIR >> 12};
	enum status st;

	w.limit = (uint32_t)((d->size + DMFS_BLOCK_SIZE - 1) >> DMFS_BLOCK_SHIFT);
	walk_slots(&w, d->block, DMFS_DIRECT, 0);
	st = walk_leaf(&w, d->block[DMFS_SINGLE], DMFS_DIRECT);
	if (st == OK)
		st = walk_double(&w, d->block[DMFS_DOUBLE]);
	if (st == OK && w.blocks != d->blocks)
		find(c, "an inode counts its blocks wrong", ino, 0, d->blocks, w.blocks);
	return st;
}

static bool owns_blocks(const struct dmfs_dinode *d)
{
	uint32_t type = (uint32_t)d->mode & S_IFMT;

	return type == S_IFREG || type == S_IFDIR || (type == S_IFLNK && d->blocks != 0);
}

static void check_no_blocks(struct checker *c, uint32_t ino, const struct dmfs_dinode *d)
{
	if (d->blocks != 0)
		find(c, "a special file counts blocks", ino, 0, d->blocks, 0);
	if ((d->mode & S_IFMT) == S_IFLNK)
		return; /* its target stands there */
	for (uint32_t i = 0; i < DMFS_NBLOCKPTRS; i++)
		if (d->block[i] != 0)
			find(c, "a special file has blocks", ino, d->block[i], 0, 0);
}

/* An inode whose bit says that it is in use. */
static enum status check_inode(struct checker *c, uint32_t ino, const struct dmfs_dinode *d)
{
	struct known *k = &c->known[ino];
	struct dmfs_inode ip;
	enum status st;

	k->links = d->links;
	if (d->mode == 0) {
		find(c, "an inode is marked used but is empty", ino, 0, 0, 0);
		return OK;
	}
	st = dmfs_inode_load(c->fs, ino, &ip);
	if (st == E_UCLEAN)
		find(c, "an inode is nonsense (type, size or no link)", ino, 0, d->mode, 0);
	if (st != OK)
		return st == E_UCLEAN ? OK : st;
	k->type = (uint8_t)dmfs_type(d);
	if (owns_blocks(d))
		return check_blocks(c, ino, d);
	check_no_blocks(c, ino, d);
	return OK;
}

/* The inodes of one table block; IBITS is their 32 bits of the bitmap. */
static enum status check_table_block(struct checker *c, uint32_t index, uint32_t ibits)
{
	struct dmfs *fs = c->fs;
	struct dmfs_buf *buf;
	enum status st = fs->ops->get(fs->ctx, fs->itable_start + index, &buf);

	if (st != OK)
		return st;
	const struct dmfs_dinode *d = (const void *)buf->data;
	for (uint32_t i = 0; i < DMFS_INODES_PER_BLOCK && st == OK; i++) {
		uint32_t ino = index * DMFS_INODES_PER_BLOCK + i;

		if (ino == 0)
			continue;
		if (ibits >> i & 1)
			st = check_inode(c, ino, &d[i]);
		else if (d[i].mode != 0)
			find(c, "an inode is marked free but is not empty", ino, 0, d[i].mode, 0);
	}
	fs->ops->put(fs->ctx, buf);
	return st;
}

/* One block of the inode bitmap and the inodes that it tells of. */
static enum status check_inode_map(struct checker *c, uint32_t map, uint32_t *nfree)
{
	struct dmfs *fs = c->fs;
	uint32_t base = map * (DMFS_BITS_PER_BLOCK / 32);
	struct dmfs_buf *buf;
	enum status st = fs->ops->get(fs->ctx, fs->ibitmap_start + map, &buf);

	if (st != OK)
		return st;
	const uint32_t *words = (const void *)buf->data;
	for (uint32_t i = 0; i < DMFS_BITS_PER_BLOCK / 32 && st == OK; i++) {
		if (base + i < fs->inode_count / DMFS_INODES_PER_BLOCK) {
			*nfree += (uint32_t)__builtin_popcount(~words[i]);
			st = check_table_block(c, base + i, words[i]);
		} else if (~words[i] != 0) {
			find(c, "inodes past the end are marked free", (base + i) * 32, 0, words[i], UINT32_MAX);
		}
		if (base + i == 0 && !(words[0] & 1))
			find(c, "inode 0 is marked free", 0, 0, 0, 1);
	}
	fs->ops->put(fs->ctx, buf);
	return st;
}

static enum status check_inodes(struct checker *c)
{
	struct dmfs *fs = c->fs;
	uint32_t nfree = 0;
	enum status st = OK;

	for (uint32_t map = 0; map < fs->bbitmap_start - fs->ibitmap_start && st == OK; map++)
		st = check_inode_map(c, map, &nfree);
	if (st == OK && nfree != fs->free_inodes)
		find(c, "the count of free inodes is wrong", 0, 0, fs->free_inodes, nfree);
	return st;
}

/* One directory as its records are read. */
struct dir_walk {
	struct checker *c;
	struct dmfs_inode *dir;
	uint32_t records;
	enum status st;
};

static bool name_is(const struct dmfs_entry *e, const char *name)
{
	return e->len == strlen(name) && memcmp(e->name, name, e->len) == 0;
}

static void check_dots(struct dir_walk *w, const struct dmfs_entry *e)
{
	struct checker *c = w->c;
	uint32_t ino = w->dir->ino;

	if (w->records == 0 && !(name_is(e, ".") && e->ino == ino))
		find(c, "the first record of a directory is not \".\"", ino, 0, e->ino, ino);
	if (w->records == 1 && !name_is(e, ".."))
		find(c, "the second record of a directory is not \"..\"", ino, 0, 0, 0);
	if (w->records == 1 && ino == DMFS_ROOT_INO && e->ino != ino)
		find(c, "\"..\" of the root is not the root", ino, 0, e->ino, ino);
	if (w->records > 1 && (name_is(e, ".") || name_is(e, "..")))
		find(c, "a second \".\" or \"..\"", ino, 0, e->ino, 0);
}

static void check_name(struct dir_walk *w, const struct dmfs_entry *e)
{
	struct dmfs_slot slot;
	uint32_t at = e->next - 1;
	enum status st;

	if (memchr(e->name, '/', e->len) || memchr(e->name, 0, e->len))
		find(w->c, "a name contains a slash or NUL", w->dir->ino, 0, e->ino, 0);
	st = dmfs_dir_lookup(w->dir, e->name, e->len, &slot);
	if (st == OK) {
		uint32_t disk;

		st = dmfs_map(w->dir, at >> DMFS_BLOCK_SHIFT, &disk);
		if (st == OK && (slot.disk != disk || slot.ino != e->ino || slot.off > (at & (DMFS_BLOCK_SIZE - 1))))
			find(w->c, "a directory has one name twice", w->dir->ino, slot.disk, slot.ino, e->ino);
	}
	if (st != OK && st != E_UCLEAN)
		w->st = st;
}

static bool check_record(void *arg, const struct dmfs_entry *e)
{
	struct dir_walk *w = arg;
	struct checker *c = w->c;
	uint32_t ino = w->dir->ino;
	struct known *k;

	check_dots(w, e);
	check_name(w, e);
	w->records++;
	if (e->ino >= c->fs->inode_count || c->known[e->ino].type == 0) {
		find(c, "a record names an inode that is not there", ino, 0, e->ino, 0);
		return w->st == OK;
	}
	k = &c->known[e->ino];
	k->names++;
	if (k->type != e->type)
		find(c, "a record has another type than its inode", e->ino, 0, e->type, k->type);
	if (k->type == S_IFDIR >> 12 && w->records > 2) {
		if (k->parent != 0 || e->ino == DMFS_ROOT_INO)
			find(c, "a directory has two names", e->ino, 0, ino, k->parent);
		k->parent = ino;
	}
	return w->st == OK;
}

static enum status check_dir(struct checker *c, uint32_t ino)
{
	struct dmfs_inode dir;
	struct dir_walk w = {.c = c, .dir = &dir};
	uint32_t cookie = 0;
	enum status st = dmfs_inode_load(c->fs, ino, &dir);

	if (st == OK)
		st = dmfs_dir_read(&dir, &cookie, check_record, &w);
	if (st == E_UCLEAN) {
		find(c, "a directory's records are damaged", ino, cookie >> DMFS_BLOCK_SHIFT, 0, 0);
		st = OK;
	}
	if (w.records < 2)
		find(c, "a directory lacks \".\" or \"..\"", ino, 0, w.records, 2);
	return st == OK ? w.st : st;
}

/* ".." leads where the name came from. */
static enum status check_parent(struct checker *c, uint32_t ino)
{
	struct dmfs_inode dir;
	struct dmfs_slot slot;
	enum status st = dmfs_inode_load(c->fs, ino, &dir);

	if (st == OK)
		st = dmfs_dir_lookup(&dir, "..", 2, &slot);
	if (st == OK && ino != DMFS_ROOT_INO && slot.ino != c->known[ino].parent)
		find(c, "\"..\" is not the directory's parent", ino, 0, slot.ino, c->known[ino].parent);
	return st == E_UCLEAN || st == E_NOENT ? OK : st; /* reported by check_dir */
}

/* Go up from INO to the root, or to a directory known to lie below it; then mark the way. */
static void check_reachable(struct checker *c, uint32_t ino)
{
	uint32_t at = ino;

	for (uint32_t steps = 0; at != DMFS_ROOT_INO && !c->known[at].reached; steps++) {
		at = c->known[at].parent;
		if (at == 0 || steps > c->fs->inode_count) {
			find(c, "a directory cannot be reached from the root", ino, 0, 0, 0);
			return;
		}
	}
	for (at = ino; at != DMFS_ROOT_INO && !c->known[at].reached; at = c->known[at].parent)
		c->known[at].reached = 1;
}

static enum status check_tree(struct checker *c)
{
	uint32_t n = c->fs->inode_count;
	enum status st = OK;

	if (c->known[DMFS_ROOT_INO].type != S_IFDIR >> 12)
		find(c, "the root is not a directory", DMFS_ROOT_INO, 0, 0, 0);
	for (uint32_t i = 1; i < n && st == OK; i++)
		if (c->known[i].type == S_IFDIR >> 12)
			st = check_dir(c, i);
	for (uint32_t i = 1; i < n && st == OK; i++) {
		const struct known *k = &c->known[i];

		if (k->type == S_IFDIR >> 12) {
			check_reachable(c, i);
			st = check_parent(c, i);
		}
		if (k->type != 0 && k->names == 0)
			find(c, "an inode has no name", i, 0, 0, k->links);
		else if (k->type != 0 && k->names != k->links)
			find(c, "an inode counts its links wrong", i, 0, k->links, k->names);
	}
	return st;
}

/* One block of the block bitmap.  Everything before the data area, and past the end, is in use. */
static enum status check_block_map(struct checker *c, uint32_t map, uint32_t *nfree)
{
	struct dmfs *fs = c->fs;
	struct dmfs_buf *buf;
	enum status st = fs->ops->get(fs->ctx, fs->bbitmap_start + map, &buf);

	if (st != OK)
		return st;
	for (uint32_t bit = 0; bit < DMFS_BITS_PER_BLOCK; bit++) {
		uint64_t b = (uint64_t)map * DMFS_BITS_PER_BLOCK + bit;
		bool set = bitmap_test((const void *)buf->data, bit);

		if (b < fs->data_start || b >= fs->block_count) {
			if (!set)
				find(c, "a block outside the data area is marked free", 0, (uint32_t)b, 0, 0);
			continue;
		}
		*nfree += !set;
		if (set && !bitmap_test(c->seen, (uint32_t)b))
			find(c, "a block is marked used but nothing uses it", 0, (uint32_t)b, 0, 0);
		else if (!set && bitmap_test(c->seen, (uint32_t)b))
			find(c, "a block in use is marked free", 0, (uint32_t)b, 0, 0);
	}
	fs->ops->put(fs->ctx, buf);
	return OK;
}

static enum status check_block_maps(struct checker *c)
{
	struct dmfs *fs = c->fs;
	uint32_t nfree = 0;
	enum status st = OK;

	for (uint32_t map = 0; map < fs->itable_start - fs->bbitmap_start && st == OK; map++)
		st = check_block_map(c, map, &nfree);
	if (st == OK && nfree != fs->free_blocks)
		find(c, "the count of free blocks is wrong", 0, 0, fs->free_blocks, nfree);
	return st;
}

enum status dmfs_check(struct dmfs *fs, void *memory, dmfs_report *report, void *arg, uint32_t *findings)
{
	struct checker c = {.fs = fs, .report = report, .arg = arg, .known = memory};
	bool damaged = fs->damaged;
	enum status st;

	c.seen = (void *)(c.known + fs->inode_count);
	st = check_inodes(&c);
	if (st == OK)
		st = check_tree(&c);
	if (st == OK)
		st = check_block_maps(&c);
	*findings = c.findings;
	fs->damaged = damaged || c.findings > 0;
	return st;
}
