/* Directories: records in a row, searched one by one, as they were in the first Unix.  A hashed or sorted layout
   pays from some thousand names on; names that are looked up again and again belong into a cache of names above. Each
   record is checked as it is passed: nothing that a block says leads out of the block or round in circles.  A record
   never moves while it lives, so a position (the cookie of dmfs_dir_read) stays good over changes.  A directory does
   not shrink before it is removed. */
#include <dmfs/dmfs.h>

#include "dmfs_priv.h"

#include <abi/stat.h>
#include <lib/string.h>

static struct dmfs_record *record_at(const struct dmfs_buf *buf, uint32_t off)
{
	return (void *)(buf->data + off);
}

/* Bytes that a record with a name of LEN bytes needs. */
static uint32_t record_need(uint32_t len)
{
	return (uint32_t)sizeof(struct dmfs_record) + ((len + 3) & ~3u);
}

static uint32_t record_used(const struct dmfs_record *r)
{
	return r->ino ? record_need(r->namelen) : (uint32_t)sizeof *r;
}

/* R stands at OFF, which is at most DMFS_BLOCK_SIZE - 8: may one go on to the next? */
static bool record_valid(const struct dmfs_record *r, uint32_t off, uint32_t used)
{
	return r->reclen >= used && r->reclen <= DMFS_BLOCK_SIZE - off && r->reclen % 4 == 0 &&
	       off + r->reclen != DMFS_BLOCK_SIZE - 4;
}

/* Bytes that a new record may have behind (or instead of) R. */
static uint32_t record_rest(const struct dmfs_record *r, uint32_t used)
{
	return r->ino ? r->reclen - used : r->reclen;
}

static no_inline bool name_equal(const char *a, const char *b, uint32_t len)
{
	while (len > 0 && *a == *b) {
		a++;
		b++;
		len--;
	}
	return len == 0;
}

static bool is_dir(const struct dmfs_inode *ip)
{
	return (ip->d.mode & S_IFMT) == S_IFDIR;
}

static uint32_t dir_blocks(const struct dmfs_inode *dir)
{
	return (uint32_t)(dir->d.size >> DMFS_BLOCK_SHIFT);
}

/* Hold block BLOCK of the directory.  A hole in a directory is damage. */
static enum status dir_get(struct dmfs_inode *dir, uint32_t block, uint32_t *disk, struct dmfs_buf **buf)
{
	struct dmfs *fs = dir->fs;
	enum status st = dmfs_map(dir, block, disk);

	if (st != OK)
		return st;
	if (unlikely(*disk == 0))
		return dmfs_damaged(fs);
	return fs->ops->get(fs->ctx, *disk, buf);
}

static void dir_changed(struct dmfs_inode *dir)
{
	struct dmfs_time now = dmfs_now(dir->fs);

	dir->d.mtime = dir->d.ctime = now.sec;
	dir->d.mtime_nsec = dir->d.ctime_nsec = now.nsec;
	dir->version++;
	dir->dirty = true;
}

/* A search in one block. */
struct scan {
	const struct dmfs_record *at;   /* where it stands; at a match: the record */
	const struct dmfs_record *prev; /* the record before it */
	const struct dmfs_record *gap;  /* the first one with room for the name behind it; NULL: none */
};

/* Go on from S->at, LEFT bytes before the block's end, to a record of NAME.  => OK; E_NOENT; E_UCLEAN. This loop is
   most of what creating or opening a file costs here, about 25 instructions a record, so it has its own form of
   record_valid: a length that is too short, and room for a new name, are the same unsigned compare, and a rest of 4
   bytes ends the loop and is noticed behind it. */
static no_inline enum status block_search(struct scan *s, int32_t left, const char *name, uint32_t len)
{
	const int32_t header = sizeof(struct dmfs_record);
	const struct dmfs_record *at = s->at, *prev = at;
	const uint32_t need = record_need(len);

	left -= header;
	do {
		uint32_t reclen = at->reclen, namelen = at->namelen, rest;

		if (unlikely(reclen - (uint32_t)header > (uint32_t)left || (reclen & 3) != 0))
			return E_UCLEAN;
		if (unlikely(namelen == len) && at->ino != 0 && reclen >= need && name_equal(at->name, name, len))
			break;
		rest = at->ino != 0 ? reclen - record_need(namelen) : reclen;
		if (unlikely(rest >= need)) {
			if (rest > reclen)
				return E_UCLEAN;
			if (!s->gap)
				s->gap = at;
		}
		prev = at;
		at = (const void *)((const char *)at + reclen);
		left -= (int32_t)reclen;
	} while (left >= 0);
	s->at = at;
	s->prev = prev;
	if (left < 0)
		return left == -header ? E_NOENT : E_UCLEAN;
	return OK;
}

/* Search the block BUF, which is block DISK.  => OK: SLOT is the record.  E_NOENT: SLOT has the first gap of the
   directory.  E_UCLEAN. */
static enum status slot_search(const struct dmfs_buf *buf, uint32_t disk, const char *name, uint32_t len,
                               struct dmfs_slot *slot)
{
	const uint8_t *data = buf->data;
	struct scan s = {.at = (const void *)data};
	enum status st = block_search(&s, DMFS_BLOCK_SIZE, name, len);

	if (st == OK) {
		slot->disk = disk;
		slot->ino = s.at->ino;
		slot->type = s.at->type;
		slot->off = (uint16_t)((const uint8_t *)s.at - data);
		slot->prev = (uint16_t)((const uint8_t *)s.prev - data);
	} else if (s.gap && slot->disk == 0) {
		slot->disk = disk;
		slot->off = slot->prev = (uint16_t)((const uint8_t *)s.gap - data);
	}
	return st;
}

/* dmfs_dir_lookup with its arguments checked. */
static enum status dir_search(struct dmfs_inode *dir, const char *name, uint32_t len, struct dmfs_slot *slot)
{
	struct dmfs *fs = dir->fs;

	*slot = (struct dmfs_slot){.version = dir->version};
	for (uint32_t i = 0; i < dir_blocks(dir); i++) {
		struct dmfs_buf *buf;
		uint32_t disk;
		enum status st = dir_get(dir, i, &disk, &buf);

		if (st != OK)
			return st;
		st = slot_search(buf, disk, name, len, slot);
		fs->ops->put(fs->ctx, buf);
		if (unlikely(st == E_UCLEAN))
			return dmfs_damaged(fs);
		if (st == OK)
			return OK;
		dmfs_pause(fs);
	}
	return E_NOENT;
}

enum status dmfs_dir_lookup(struct dmfs_inode *dir, const char *name, uint32_t len, struct dmfs_slot *slot)
{
	if (!is_dir(dir))
		return E_NOTDIR;
	if (len > DMFS_NAME_MAX)
		return E_NAMETOOLONG;
	if (len == 0)
		return E_INVAL;
	return dir_search(dir, name, len, slot);
}

/* *OUT is GIVEN if that is still true, else found anew.  => as dmfs_dir_lookup */
static enum status slot_renew(struct dmfs_inode *dir, const char *name, uint32_t len, const struct dmfs_slot *given,
                              struct dmfs_slot *out)
{
	if (!given || given->version != dir->version || len == 0 || len > DMFS_NAME_MAX)
		return dmfs_dir_lookup(dir, name, len, out);
	*out = *given;
	return given->ino ? OK : E_NOENT;
}

static void record_write(struct dmfs_record *r, uint32_t reclen, const char *name, uint32_t len, uint32_t ino,
                         uint8_t type)
{
	uint32_t need = record_need(len);

	memset((char *)r + need - 4, 0, 4); /* the bytes behind a short name */
	r->ino = ino;
	r->reclen = (uint16_t)reclen;
	r->namelen = (uint8_t)len;
	r->type = type;
	memcpy(r->name, name, len);
}

/* A new first record in a new block at the directory's end. */
static enum status dir_grow(struct dmfs_inode *dir, const char *name, uint32_t len, uint32_t ino, uint8_t type)
{
	struct dmfs *fs = dir->fs;
	struct dmfs_buf *buf;
	enum status st;

	if (dir->d.size >= UINT32_MAX - 2 * DMFS_BLOCK_SIZE)
		return E_NOSPC; /* a cookie has 32 bits */
	st = dmfs_map_alloc_meta(dir, dir_blocks(dir), &buf);
	if (st != OK)
		return st;
	record_write(record_at(buf, 0), DMFS_BLOCK_SIZE, name, len, ino, type);
	fs->ops->dirty(fs->ctx, buf);
	fs->ops->put(fs->ctx, buf);
	dir->d.size += DMFS_BLOCK_SIZE;
	return OK;
}

/* A new record in the gap that SLOT names. */
static enum status dir_insert(struct dmfs_inode *dir, const struct dmfs_slot *slot, const char *name, uint32_t len,
                              uint32_t ino, uint8_t type)
{
	struct dmfs *fs = dir->fs;
	struct dmfs_buf *buf;
	enum status st = fs->ops->get(fs->ctx, slot->disk, &buf);

	if (st != OK)
		return st;
	struct dmfs_record *r = record_at(buf, slot->off);
	uint32_t used = record_used(r);
	if (likely(record_valid(r, slot->off, used) && record_rest(r, used) >= record_need(len))) {
		uint32_t skip = r->ino ? used : 0;
		uint32_t rest = r->reclen - skip;

		if (skip)
			r->reclen = (uint16_t)skip;
		record_write(record_at(buf, slot->off + skip), rest, name, len, ino, type);
		fs->ops->dirty(fs->ctx, buf);
	} else {
		st = dmfs_damaged(fs); /* the block is not what it was at the lookup */
	}
	fs->ops->put(fs->ctx, buf);
	return st;
}

enum status dmfs_dir_add(struct dmfs_inode *dir, const char *name, uint32_t len, uint32_t ino, uint8_t type,
                         const struct dmfs_slot *slot)
{
	struct dmfs *fs = dir->fs;
	struct dmfs_slot at;
	enum status st = slot_renew(dir, name, len, slot, &at);

	if (st == OK)
		return E_EXIST;
	if (st != E_NOENT)
		return st;
	st = dmfs_begin(fs, DMFS_MAP_CHANGES + 1);
	if (st != OK)
		return st;
	st = at.disk ? dir_insert(dir, &at, name, len, ino, type) : dir_grow(dir, name, len, ino, type);
	if (st == OK)
		dir_changed(dir);
	dmfs_end(fs);
	return st;
}

/* Hold the block of the record that SLOT names.  => OK: *R is that record, and still what the lookup saw. */
static enum status slot_get(struct dmfs *fs, const struct dmfs_slot *slot, struct dmfs_buf **buf,
                            struct dmfs_record **r)
{
	enum status st = fs->ops->get(fs->ctx, slot->disk, buf);

	if (st != OK)
		return st;
	*r = record_at(*buf, slot->off);
	if (likely((*r)->ino == slot->ino && record_valid(*r, slot->off, record_used(*r))))
		return OK;
	fs->ops->put(fs->ctx, *buf);
	return dmfs_damaged(fs);
}

/* Begin to change the record of NAME. => OK: it is *R, AT says where, its block is held; record_end is due. */
static enum status record_begin(struct dmfs_inode *dir, const char *name, uint32_t len, const struct dmfs_slot *slot,
                                struct dmfs_slot *at, struct dmfs_buf **buf, struct dmfs_record **r)
{
	enum status st = slot_renew(dir, name, len, slot, at);

	if (st == OK)
		st = dmfs_begin(dir->fs, 1);
	if (st != OK)
		return st;
	st = slot_get(dir->fs, at, buf, r);
	if (st != OK)
		dmfs_end(dir->fs);
	return st;
}

static void record_end(struct dmfs_inode *dir, struct dmfs_buf *buf)
{
	struct dmfs *fs = dir->fs;

	fs->ops->dirty(fs->ctx, buf);
	fs->ops->put(fs->ctx, buf);
	dir_changed(dir);
	dmfs_end(fs);
}

enum status dmfs_dir_remove(struct dmfs_inode *dir, const char *name, uint32_t len, const struct dmfs_slot *slot)
{
	struct dmfs_slot at;
	struct dmfs_record *r, *prev;
	struct dmfs_buf *buf;
	enum status st = record_begin(dir, name, len, slot, &at, &buf, &r);

	if (st != OK)
		return st;
	prev = record_at(buf, at.prev);
	if (prev != r && prev->reclen == at.off - at.prev)
		prev->reclen = (uint16_t)(prev->reclen + r->reclen);
	r->ino = 0;
	record_end(dir, buf);
	return OK;
}

enum status dmfs_dir_replace(struct dmfs_inode *dir, const char *name, uint32_t len, uint32_t ino, uint8_t type,
                             const struct dmfs_slot *slot)
{
	struct dmfs_slot at;
	struct dmfs_record *r;
	struct dmfs_buf *buf;
	enum status st = record_begin(dir, name, len, slot, &at, &buf, &r);

	if (st != OK)
		return st;
	r->ino = ino;
	r->type = type;
	record_end(dir, buf);
	return OK;
}

static enum status dir_first_block(struct dmfs_inode *dir, uint32_t parent_ino)
{
	struct dmfs *fs = dir->fs;
	uint8_t type = S_IFDIR >> 12;
	uint32_t dot = record_need(1);
	struct dmfs_buf *buf;
	enum status st = dmfs_map_alloc_meta(dir, 0, &buf);

	if (st != OK)
		return st;
	record_write(record_at(buf, 0), dot, ".", 1, dir->ino, type);
	record_write(record_at(buf, dot), DMFS_BLOCK_SIZE - dot, "..", 2, parent_ino, type);
	fs->ops->dirty(fs->ctx, buf);
	fs->ops->put(fs->ctx, buf);
	dir->d.size = DMFS_BLOCK_SIZE;
	dir->d.links = 2;
	return OK;
}

enum status dmfs_dir_init(struct dmfs_inode *dir, uint32_t parent_ino)
{
	struct dmfs *fs = dir->fs;
	enum status st;

	if (!is_dir(dir) || dir->d.size != 0)
		return E_INVAL;
	st = dmfs_begin(fs, DMFS_MAP_CHANGES + 1);
	if (st != OK)
		return st;
	st = dir_first_block(dir, parent_ino);
	if (st == OK)
		dir_changed(dir);
	dmfs_end(fs);
	return st;
}

/* Show the records of one block that stand at or behind *COOKIE.  => OK: go on with the next block.  E_AGAIN: EMIT has
   enough.  E_UCLEAN. */
static enum status block_read(const struct dmfs_buf *buf, uint32_t base, uint32_t *cookie,
                              bool (*emit)(void *arg, const struct dmfs_entry *e), void *arg)
{
	uint32_t off = 0;

	do {
		const struct dmfs_record *r = record_at(buf, off);
		struct dmfs_entry e = {r->ino, base + off + r->reclen, r->type, r->namelen, r->name};

		if (!record_valid(r, off, record_used(r)) || (r->ino && r->namelen == 0))
			return E_UCLEAN;
		if (base + off >= *cookie) {
			if (r->ino && !emit(arg, &e))
				return E_AGAIN;
			*cookie = e.next;
		}
		off += r->reclen;
	} while (off < DMFS_BLOCK_SIZE);
	if (*cookie < base + off)
		*cookie = base + off; /* it stood inside the last record, which swallowed what was there */
	return OK;
}

enum status dmfs_dir_read(struct dmfs_inode *dir, uint32_t *cookie, bool (*emit)(void *arg, const struct dmfs_entry *e),
                          void *arg)
{
	struct dmfs *fs = dir->fs;

	if (!is_dir(dir))
		return E_NOTDIR;
	for (uint32_t i = *cookie >> DMFS_BLOCK_SHIFT; i < dir_blocks(dir); i++) {
		struct dmfs_buf *buf;
		uint32_t disk;
		enum status st = dir_get(dir, i, &disk, &buf);

		if (st != OK)
			return st;
		st = block_read(buf, i << DMFS_BLOCK_SHIFT, cookie, emit, arg);
		fs->ops->put(fs->ctx, buf);
		if (st == E_UCLEAN)
			return dmfs_damaged(fs);
		if (st != OK)
			return OK;
		dmfs_pause(fs);
	}
	return OK;
}

static bool emit_dots_only(void *arg, const struct dmfs_entry *e)
{
	bool dots = e->name[0] == '.' && (e->len == 1 || (e->len == 2 && e->name[1] == '.'));

	*(bool *)arg = dots;
	return dots;
}

enum status dmfs_dir_is_empty(struct dmfs_inode *dir)
{
	uint32_t cookie = 0;
	bool empty = true;
	enum status st = dmfs_dir_read(dir, &cookie, emit_dots_only, &empty);

	return st == OK && !empty ? E_NOTEMPTY : st;
}
