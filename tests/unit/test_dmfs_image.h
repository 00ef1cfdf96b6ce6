/* A dmfs image in memory, as strict as an adapter can be: each held block is a copy of its own (so that ASan sees a
   step outside), a block that changed without dirty() is noticed at its last put(), and so are a change outside a
   transaction, more changed blocks than begin() announced, a lock taken twice, and a forgotten put().  get and get_new
   can be made to fail at the k-th call.  And what a small kernel would do above dmfs: create, remove, write a block. */
#ifndef TEST_DMFS_IMAGE_H
#define TEST_DMFS_IMAGE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <abi/stat.h>
#include <dmfs/check.h>
#include <dmfs/dmfs.h>
#include <dmfs/make.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEED(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
			abort(); \
		} \
	} while (0)

struct image_block {
	struct dmfs_buf buf;
	uint32_t n;
	unsigned refs;
	bool dirty;
};

struct image {
	uint8_t *disk;
	uint32_t blocks;
	struct image_block **held; /* blocks of them; NULL: not held */
	uint8_t *cached;           /* block n was read or made as metadata and not forgotten since */
	uint8_t *changed;          /* block n was dirtied in this transaction */
	uint32_t nheld, nchanged, announced;
	unsigned depth; /* of nested transactions */
	bool locked;
	uint32_t calls, fail_at; /* fail_at 0: never */
	bool fail_on;            /* fail from fail_at on, not only at it */
	bool failed;
	uint32_t time;
	struct dmfs fs;
};

static bool image_fails(struct image *im)
{
	im->calls++;
	if (im->fail_at == 0 || im->calls < im->fail_at || (im->calls > im->fail_at && !im->fail_on))
		return false;
	im->failed = true;
	return true;
}

static enum status image_hold(struct image *im, uint32_t n, bool zero, struct dmfs_buf **buf)
{
	struct image_block *b;

	NEED(n < im->blocks);
	if (image_fails(im))
		return E_IO;
	b = im->held[n];
	if (zero && b)
		return E_UCLEAN;
	if (!b) {
		b = calloc(1, sizeof *b);
		b->n = n;
		b->buf.data = malloc(DMFS_BLOCK_SIZE);
		if (zero)
			memset(b->buf.data, 0, DMFS_BLOCK_SIZE);
		else
			memcpy(b->buf.data, im->disk + (size_t)n * DMFS_BLOCK_SIZE, DMFS_BLOCK_SIZE);
		im->held[n] = b;
		im->nheld++;
	}
	im->cached[n] = 1;
	b->refs++;
	*buf = &b->buf;
	return OK;
}

static enum status image_get(void *ctx, uint32_t n, struct dmfs_buf **buf)
{
	return image_hold(ctx, n, false, buf);
}

static enum status image_get_new(void *ctx, uint32_t n, struct dmfs_buf **buf)
{
	return image_hold(ctx, n, true, buf);
}

static void image_dirty(void *ctx, struct dmfs_buf *buf)
{
	struct image *im = ctx;
	struct image_block *b = container_of(buf, struct image_block, buf);

	NEED(im->depth > 0);
	b->dirty = true;
	if (!im->changed[b->n]) {
		im->changed[b->n] = 1;
		im->nchanged++;
	}
}

static void image_put(void *ctx, struct dmfs_buf *buf)
{
	struct image *im = ctx;
	struct image_block *b = container_of(buf, struct image_block, buf);
	uint8_t *on_disk = im->disk + (size_t)b->n * DMFS_BLOCK_SIZE;

	NEED(b->refs > 0);
	if (--b->refs > 0)
		return;
	if (b->dirty)
		memcpy(on_disk, b->buf.data, DMFS_BLOCK_SIZE);
	im->held[b->n] = NULL;
	im->nheld--;
	free(b->buf.data);
	free(b);
}

static void image_forget(void *ctx, uint32_t n)
{
	struct image *im = ctx;

	NEED(n < im->blocks);
	im->cached[n] = 0;
}

static struct dmfs_time image_now(void *ctx)
{
	struct image *im = ctx;

	return (struct dmfs_time){++im->time, 7};
}

static void image_lock(void *ctx)
{
	struct image *im = ctx;

	NEED(!im->locked);
	im->locked = true;
}

static void image_unlock(void *ctx)
{
	struct image *im = ctx;

	NEED(im->locked);
	im->locked = false;
}

static void image_begin(void *ctx, uint32_t blocks)
{
	struct image *im = ctx;

	NEED(!im->locked);
	if (im->depth++ == 0) {
		im->announced = blocks;
		im->nchanged = 0;
		memset(im->changed, 0, im->blocks);
	}
}

static void image_end(void *ctx)
{
	struct image *im = ctx;

	NEED(im->depth > 0 && !im->locked);
	if (--im->depth == 0)
		NEED(im->nchanged <= im->announced);
}

static const struct dmfs_ops image_ops = {
	.get = image_get,
	.get_new = image_get_new,
	.dirty = image_dirty,
	.put = image_put,
	.forget = image_forget,
	.now = image_now,
	.lock_alloc = image_lock,
	.unlock_alloc = image_unlock,
	.begin = image_begin,
	.end = image_end,
};

/* For images that are in order: put() notices an unmarked change, and nobody holds a block that is new or forgotten. */
static void image_put_strict(void *ctx, struct dmfs_buf *buf)
{
	struct image *im = ctx;
	struct image_block *b = container_of(buf, struct image_block, buf);

	if (b->refs == 1 && !b->dirty)
		NEED(memcmp(im->disk + (size_t)b->n * DMFS_BLOCK_SIZE, b->buf.data, DMFS_BLOCK_SIZE) == 0);
	image_put(ctx, buf);
}

static enum status image_get_new_strict(void *ctx, uint32_t n, struct dmfs_buf **buf)
{
	struct image *im = ctx;

	NEED(n < im->blocks && !im->held[n]);
	return image_get_new(ctx, n, buf);
}

static void image_forget_strict(void *ctx, uint32_t n)
{
	struct image *im = ctx;

	NEED(n < im->blocks && !im->held[n]);
	image_forget(ctx, n);
}

static const struct dmfs_ops *image_strict_ops(void)
{
	static struct dmfs_ops ops;

	ops = image_ops;
	ops.get_new = image_get_new_strict;
	ops.put = image_put_strict;
	ops.forget = image_forget_strict;
	return &ops;
}

static void image_new(struct image *im, uint32_t blocks)
{
	memset(im, 0, sizeof *im);
	im->blocks = blocks;
	im->disk = calloc(blocks, DMFS_BLOCK_SIZE);
	im->held = calloc(blocks, sizeof *im->held);
	im->cached = calloc(blocks, 1);
	im->changed = calloc(blocks, 1);
	im->time = 1000;
}

static void image_free(struct image *im)
{
	free(im->disk);
	free(im->held);
	free(im->cached);
	free(im->changed);
}

static maybe_unused void image_mount(struct image *im)
{
	const char *why = NULL;
	enum status st = dmfs_mount(&im->fs, image_strict_ops(), im, im->blocks, 0, &why);

	if (st != OK)
		fprintf(stderr, "mount: %s\n", why);
	NEED(st == OK);
}

static maybe_unused void image_unmount(struct image *im)
{
	NEED(dmfs_unmount(&im->fs) == OK);
	NEED(im->nheld == 0 && im->depth == 0 && !im->locked);
}

/* A new mounted image. */
static maybe_unused void image_make(struct image *im, uint32_t blocks, uint32_t inodes)
{
	struct dmfs_geometry g = {.blocks = blocks, .inodes = inodes};
	const char *why = NULL;

	image_new(im, blocks);
	/* get_new of blocks that are read later counts as metadata for ever, which they are */
	NEED(dmfs_make(image_strict_ops(), im, &g, &why) == OK);
	NEED(im->nheld == 0);
	image_mount(im);
}

static void image_print_finding(void *arg, const struct dmfs_finding *f)
{
	if (arg)
		fprintf(stderr, "%s: inode %u block %u found %u expected %u\n", f->text, f->ino, f->block, f->found,
		        f->expected);
}

/* => the number of findings */
static maybe_unused uint32_t image_check(struct image *im, bool print)
{
	void *memory = calloc(1, dmfs_check_memory(&im->fs));
	uint32_t findings = 0, was = im->fail_at;

	im->fail_at = 0;
	NEED(dmfs_check(&im->fs, memory, image_print_finding, print ? im : NULL, &findings) == OK);
	im->fail_at = was;
	free(memory);
	return findings;
}

/* --- what a kernel does with it; every function stores the inodes that it changed --- */

static maybe_unused enum status image_load(struct image *im, uint32_t ino, struct dmfs_inode *ip)
{
	return dmfs_inode_load(&im->fs, ino, ip);
}

static maybe_unused enum status image_undo_inode(struct dmfs_inode *ip, enum status st)
{
	ip->d.links = 0;
	NEED(dmfs_inode_free(ip) == OK);
	return st;
}

/* A file or directory NAME in DIR.  A failure is undone. */
static maybe_unused enum status image_create(struct image *im, uint32_t dir_ino, const char *name, uint32_t mode,
                                             uint32_t *ino)
{
	uint32_t len = (uint32_t)strlen(name), fail_at = im->fail_at;
	struct dmfs_inode dir, ip;
	struct dmfs_slot slot;
	bool is_dir = (mode & S_IFMT) == S_IFDIR;
	enum status st = dmfs_inode_load(&im->fs, dir_ino, &dir);

	if (st == OK)
		st = dmfs_dir_lookup(&dir, name, len, &slot);
	if (st != E_NOENT)
		return st == OK ? E_EXIST : st;
	st = dmfs_inode_alloc(&im->fs, mode, &ip);
	if (st != OK)
		return st;
	st = is_dir ? dmfs_dir_init(&ip, dir_ino) : OK;
	ip.d.links = is_dir ? 2 : 1;
	if (st == OK)
		st = dmfs_inode_store(&ip);
	if (st == OK)
		st = dmfs_dir_add(&dir, name, len, ip.ino, (uint8_t)(mode >> 12), &slot);
	im->fail_at = 0; /* what undoes, and what has no undo, is not made to fail */
	if (st != OK) {
		st = image_undo_inode(&ip, st);
	} else {
		dir.d.links = (uint16_t)(dir.d.links + is_dir);
		*ino = ip.ino;
	}
	NEED(dmfs_inode_store(&dir) == OK);
	im->fail_at = fail_at;
	return st;
}

/* Take NAME out of DIR, and free the inode with its last name.  A directory must be empty. */
static maybe_unused enum status image_remove(struct image *im, uint32_t dir_ino, const char *name)
{
	uint32_t len = (uint32_t)strlen(name);
	struct dmfs_inode dir, ip;
	struct dmfs_slot slot;
	enum status st = dmfs_inode_load(&im->fs, dir_ino, &dir);
	bool is_dir;

	if (st == OK)
		st = dmfs_dir_lookup(&dir, name, len, &slot);
	if (st == OK)
		st = dmfs_inode_load(&im->fs, slot.ino, &ip);
	if (st != OK)
		return st;
	is_dir = (ip.d.mode & S_IFMT) == S_IFDIR;
	st = is_dir ? dmfs_dir_is_empty(&ip) : OK;
	if (st == OK)
		st = dmfs_dir_remove(&dir, name, len, &slot);
	if (st != OK)
		return st;
	dir.d.links = (uint16_t)(dir.d.links - is_dir);
	st = dmfs_inode_store(&dir);
	if (st != OK)
		return st;
	ip.d.links = is_dir ? 0 : (uint16_t)(ip.d.links - 1);
	return ip.d.links == 0 ? dmfs_inode_free(&ip) : dmfs_inode_store(&ip);
}

/* Fill block BLOCK of the file with TAG, and let the file reach beyond it. */
static maybe_unused enum status image_write(struct image *im, struct dmfs_inode *ip, uint32_t block, uint32_t tag)
{
	uint32_t disk, *to;
	bool was_new;
	enum status st = dmfs_map_alloc(ip, block, &disk, &was_new);

	if (st != OK)
		return st;
	NEED(disk < im->blocks && !im->held[disk] && !im->cached[disk]);
	to = (uint32_t *)(void *)(im->disk + (size_t)disk * DMFS_BLOCK_SIZE);
	for (uint32_t i = 0; i < DMFS_BLOCK_SIZE / 4; i++)
		to[i] = tag;
	if (ip->d.size < ((uint64_t)block + 1) << DMFS_BLOCK_SHIFT) {
		ip->d.size = ((uint64_t)block + 1) << DMFS_BLOCK_SHIFT;
		ip->dirty = true;
	}
	return OK;
}

/* => the tag that block BLOCK is filled with; 0 for a hole */
static maybe_unused uint32_t image_read(struct image *im, struct dmfs_inode *ip, uint32_t block)
{
	uint32_t disk;
	const uint32_t *from;

	NEED(dmfs_map(ip, block, &disk) == OK);
	if (disk == 0)
		return 0;
	from = (const uint32_t *)(const void *)(im->disk + (size_t)disk * DMFS_BLOCK_SIZE);
	for (uint32_t i = 1; i < DMFS_BLOCK_SIZE / 4; i++)
		NEED(from[i] == from[0]);
	return from[0];
}

/* --- every call, on an image that may be anything: no answer may be worse than a status --- */

struct image_names {
	uint32_t ino[64];
	uint32_t n;
};

static bool image_note(void *arg, const struct dmfs_entry *e)
{
	struct image_names *names = arg;
	volatile char sum = 0;

	for (uint32_t i = 0; i < e->len; i++)
		sum = (char)(sum + e->name[i]);
	if (names->n < ARRAY_SIZE(names->ino))
		names->ino[names->n++] = e->ino;
	return names->n < ARRAY_SIZE(names->ino);
}

static void image_try_file(struct image *im, struct dmfs_inode *ip)
{
	static const uint32_t blocks[] = {0, 5, 11, 12, 13, 1035, 1036, 1037, 2060, 2061, 500000, DMFS_MAX_FILE_BLOCKS};
	uint32_t disk;
	bool was_new;

	for (uint32_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		if (dmfs_map(ip, blocks[i], &disk) == OK)
			NEED(disk < im->blocks);
		if (dmfs_map_alloc(ip, blocks[i], &disk, &was_new) == OK)
			NEED(disk != 0 && disk < im->blocks);
	}
	(void)!dmfs_truncate(ip, ip->d.size / 2 + 100);
	(void)!dmfs_truncate(ip, 0);
	(void)!dmfs_inode_store(ip);
}

static void image_try_dir(struct dmfs_inode *dir, struct image_names *names)
{
	char name[200];
	uint32_t cookie = 0;
	struct dmfs_slot slot;

	(void)!dmfs_dir_read(dir, &cookie, image_note, names);
	(void)!dmfs_dir_is_empty(dir);
	memset(name, 'x', sizeof name);
	for (uint32_t i = 0; i < 24; i++) {
		name[0] = (char)('a' + i);
		if (dmfs_dir_lookup(dir, name, sizeof name, &slot) == E_NOENT)
			(void)!dmfs_dir_add(dir, name, sizeof name, 2, 8, i % 2 ? &slot : NULL);
	}
	(void)!dmfs_dir_replace(dir, "..", 2, 3, 4, NULL);
	for (uint32_t i = 0; i < 24; i += 2) {
		name[0] = (char)('a' + i);
		(void)!dmfs_dir_remove(dir, name, sizeof name, NULL);
	}
	(void)!dmfs_inode_store(dir);
}

static void image_try_all(struct image *im)
{
	struct image_names names = {.ino = {DMFS_ROOT_INO}, .n = 1};
	struct dmfs_inode ip;

	for (uint32_t i = 0; i < names.n; i++) {
		if (dmfs_inode_load(&im->fs, names.ino[i], &ip) != OK)
			continue;
		if ((ip.d.mode & S_IFMT) == S_IFDIR)
			image_try_dir(&ip, &names);
		else
			image_try_file(im, &ip);
	}
	for (uint32_t i = 0; i < 8; i++)
		if (dmfs_inode_alloc(&im->fs, S_IFREG | 0644, &ip) == OK) {
			image_try_file(im, &ip);
			(void)!dmfs_inode_free(&ip);
		}
	for (uint32_t i = names.n; i-- > 1;)
		if (dmfs_inode_load(&im->fs, names.ino[i], &ip) == OK) {
			ip.d.links = 0;
			(void)!dmfs_inode_free(&ip);
		}
}

/* Mount whatever the image holds; if that works, check it, and try everything. */
static maybe_unused void image_survive(struct image *im)
{
	const char *why = NULL;

	memset(im->cached, 0, im->blocks);
	if (dmfs_mount(&im->fs, &image_ops, im, im->blocks, 0, &why) == OK) {
		image_check(im, false);
		image_try_all(im);
		image_check(im, false);
		NEED(dmfs_sync_super(&im->fs) == OK);
		NEED(dmfs_unmount(&im->fs) == OK);
	} else {
		NEED(why && *why);
	}
	NEED(im->nheld == 0 && im->depth == 0 && !im->locked);
}

#endif
