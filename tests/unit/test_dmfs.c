/* dmfs: the superblock and what it refuses, inodes, block maps, directories, one function at a time.  The random model
   is test_dmfs_model.c; failing disks and damaged images are test_dmfs_faults.c. */
#include "test_dmfs_image.h"

#include <cmocka.h>

#include <lib/crc.h>

#define BLOCKS 2048u

static int make_image(void **state)
{
	struct image *im = malloc(sizeof *im);

	image_make(im, BLOCKS, 256);
	*state = im;
	return 0;
}

static int free_image(void **state)
{
	struct image *im = *state;

	assert_int_equal(image_check(im, true), 0);
	image_unmount(im);
	image_free(im);
	free(im);
	return 0;
}

/* --- the superblock --- */

static struct dmfs_super *super(struct image *im)
{
	return (struct dmfs_super *)(void *)im->disk;
}

static const char *refusal(struct image *im, uint32_t device_blocks)
{
	const char *why = NULL;
	struct dmfs fs;

	assert_int_equal(dmfs_mount(&fs, &image_ops, im, device_blocks, 0, &why), E_INVAL);
	assert_int_equal(im->nheld, 0);
	return why;
}

static void a_new_image_is_clean_and_consistent(void **state)
{
	struct image *im = *state;
	struct dmfs_statfs sf;

	dmfs_statfs(&im->fs, &sf);
	assert_true(im->fs.was_clean);
	assert_int_equal(sf.inodes, 255);
	assert_int_equal(sf.free_inodes, 254);
	assert_int_equal(sf.blocks - sf.free_blocks, 1); /* the root directory */
	assert_int_equal(super(im)->state, DMFS_CLEAN);
	assert_int_equal(super(im)->journal_blocks, BLOCKS / 64);
}

static void looking_at_an_image_leaves_it_as_it_was(void **state)
{
	struct image *im = *state;
	uint8_t *before = malloc((size_t)BLOCKS * DMFS_BLOCK_SIZE);
	struct dmfs_inode root;
	struct dmfs_slot slot;

	memcpy(before, im->disk, (size_t)BLOCKS * DMFS_BLOCK_SIZE);
	assert_int_equal(image_load(im, 1, &root), OK);
	assert_int_equal(dmfs_dir_lookup(&root, "x", 1, &slot), E_NOENT);
	image_unmount(im);
	assert_memory_equal(before, im->disk, (size_t)BLOCKS * DMFS_BLOCK_SIZE);
	image_mount(im);
	free(before);
}

static void the_first_change_marks_the_image_dirty_and_unmount_clean(void **state)
{
	struct image *im = *state;
	uint32_t ino;

	assert_int_equal(image_create(im, 1, "a", S_IFREG | 0644, &ino), OK);
	assert_int_equal(super(im)->state, DMFS_DIRTY);
	assert_int_equal(dmfs_sync_super(&im->fs), OK);
	assert_int_equal(super(im)->state, DMFS_DIRTY);
	assert_int_equal(super(im)->free_inodes, 253);
	image_unmount(im);
	assert_int_equal(super(im)->state, DMFS_CLEAN);
	image_mount(im);
}

static void after_a_crash_the_counters_are_counted_anew(void **state)
{
	struct image *im = *state;
	struct dmfs_inode ip;
	struct dmfs fs;
	const char *why;
	uint32_t ino;

	assert_int_equal(image_create(im, 1, "a", S_IFREG | 0644, &ino), OK);
	assert_int_equal(image_load(im, ino, &ip), OK);
	assert_int_equal(image_write(im, &ip, 20, 1), OK);
	assert_int_equal(dmfs_inode_store(&ip), OK);
	uint8_t *kept = im->fs.ibitmap->data; /* still only in memory: a crash loses it */
	memcpy(im->disk + (size_t)im->fs.ibitmap_start * DMFS_BLOCK_SIZE, kept, DMFS_BLOCK_SIZE);
	assert_int_equal(dmfs_mount(&fs, &image_ops, im, BLOCKS, DMFS_READONLY, &why), OK);
	assert_false(fs.was_clean);
	assert_int_equal(fs.free_blocks, im->fs.free_blocks);
	assert_int_equal(fs.free_inodes, im->fs.free_inodes);
	assert_int_equal(dmfs_unmount(&fs), OK);
	assert_int_equal(super(im)->state, DMFS_DIRTY);
}

static void counting_goes_over_all_bitmap_blocks(void **state)
{
	struct image im;
	uint32_t blocks = 3 * DMFS_BITS_PER_BLOCK + 77, free_blocks, free_inodes;

	(void)state;
	image_make(&im, blocks, DMFS_BITS_PER_BLOCK + 64);
	free_blocks = im.fs.free_blocks;
	free_inodes = im.fs.free_inodes;
	assert_int_equal(free_inodes, DMFS_BITS_PER_BLOCK + 64 - 2);
	image_unmount(&im);
	super(&im)->state = DMFS_DIRTY;
	super(&im)->crc = crc32c(0, super(&im), 252);
	image_mount(&im);
	assert_int_equal(im.fs.free_blocks, free_blocks);
	assert_int_equal(im.fs.free_inodes, free_inodes);
	image_unmount(&im);
	image_free(&im);
}

static void an_image_that_was_not_clean_stays_marked(void **state)
{
	struct image *im = *state;
	uint32_t ino;

	image_unmount(im);
	super(im)->state = DMFS_DIRTY;
	super(im)->crc = crc32c(0, super(im), 252);
	image_mount(im);
	assert_int_equal(image_create(im, 1, "a", S_IFREG | 0644, &ino), OK);
	image_unmount(im);
	assert_int_equal(super(im)->state, DMFS_DIRTY);
	image_mount(im);
}

static void a_changed_superblock_is_refused_by_its_checksum(void **state)
{
	struct image *im = *state;

	image_unmount(im);
	for (unsigned i = 0; i < sizeof(struct dmfs_super); i++) {
		im->disk[i] ^= 0x10;
		const char *why = refusal(im, BLOCKS);
		if (i >= 8)
			assert_non_null(strstr(why, "checksum"));
		im->disk[i] ^= 0x10;
	}
	image_mount(im);
}

struct wrong_field {
	size_t offset;
	const char *reason; /* part of the sentence */
};

#define WRONG(field, reason) \
	{ \
		offsetof(struct dmfs_super, field), reason \
	}

static const struct wrong_field wrong_fields[] = {
	WRONG(magic, "magic"),
	WRONG(version, "version"),
	WRONG(block_size, "block size"),
	WRONG(block_count, ""),
	WRONG(inode_count, ""),
	WRONG(ibitmap_start, "inode bitmap"),
	WRONG(ibitmap_blocks, "inode bitmap"),
	WRONG(bbitmap_start, "block bitmap"),
	WRONG(bbitmap_blocks, "block bitmap"),
	WRONG(itable_start, "inode table"),
	WRONG(itable_blocks, "inode table"),
	WRONG(journal_start, "journal"),
	WRONG(journal_blocks, ""),
	WRONG(data_start, "data area"),
	WRONG(root_ino, "root"),
	WRONG(state, "state"),
	WRONG(free_blocks, "free"),
	WRONG(free_inodes, "free"),
};

static void every_wrong_field_is_refused_with_its_reason(void **state)
{
	static const uint32_t values[] = {0, 0x7FFFFFFF, 0x80000000, UINT32_MAX};
	struct image *im = *state;

	image_unmount(im);
	for (unsigned i = 0; i < ARRAY_SIZE(wrong_fields); i++)
		for (unsigned v = 0; v < ARRAY_SIZE(values); v++) {
			uint32_t *field = (uint32_t *)(void *)(im->disk + wrong_fields[i].offset), was = *field;

			if (values[v] == 0 && strcmp(wrong_fields[i].reason, "free") == 0)
				continue;
			*field = values[v];
			super(im)->crc = crc32c(0, super(im), 252);
			assert_non_null(strstr(refusal(im, BLOCKS), wrong_fields[i].reason));
			*field = was;
		}
	super(im)->crc = crc32c(0, super(im), 252);
	image_mount(im);
}

static void a_disk_smaller_than_its_superblock_says_is_refused(void **state)
{
	struct image *im = *state;

	image_unmount(im);
	assert_string_equal(refusal(im, BLOCKS - 1), "the disk is smaller than its superblock says");
	assert_string_equal(refusal(im, 0), "the disk has no blocks");
	image_mount(im);
}

static void a_disk_that_cannot_be_read_is_refused(void **state)
{
	struct image *im = *state;
	const char *why = NULL;
	struct dmfs fs;

	for (im->fail_at = 1;; im->fail_at++) {
		im->calls = 0;
		if (dmfs_mount(&fs, &image_ops, im, BLOCKS, 0, &why) == OK)
			break;
		assert_non_null(strstr(why, "cannot be read"));
	}
	assert_int_equal(im->fail_at, 3); /* superblock and inode bitmap were read */
	im->fail_at = 0;
	assert_int_equal(dmfs_unmount(&fs), OK);
}

static void a_readonly_mount_refuses_every_change(void **state)
{
	struct image *im = *state;
	struct dmfs_inode ip;
	struct dmfs fs;
	const char *why;
	uint32_t ino, disk;
	bool was_new;

	assert_int_equal(image_create(im, 1, "a", S_IFREG | 0644, &ino), OK);
	assert_int_equal(dmfs_mount(&fs, image_strict_ops(), im, BLOCKS, DMFS_READONLY, &why), OK);
	assert_int_equal(dmfs_inode_alloc(&fs, S_IFREG, &ip), E_ROFS);
	assert_int_equal(dmfs_inode_load(&fs, ino, &ip), OK);
	assert_int_equal(dmfs_map_alloc(&ip, 0, &disk, &was_new), E_ROFS);
	assert_int_equal(dmfs_truncate(&ip, 5), E_ROFS);
	assert_int_equal(ip.d.size, 0);
	assert_int_equal(dmfs_inode_store(&ip), E_ROFS);
	ip.d.links = 0;
	assert_int_equal(dmfs_inode_free(&ip), E_ROFS);
	assert_int_equal(dmfs_inode_load(&fs, 1, &ip), OK);
	assert_int_equal(dmfs_dir_add(&ip, "b", 1, ino, 8, NULL), E_ROFS);
	assert_int_equal(dmfs_dir_remove(&ip, "a", 1, NULL), E_ROFS);
	assert_int_equal(dmfs_dir_replace(&ip, "a", 1, 1, 4, NULL), E_ROFS);
	assert_int_equal(dmfs_unmount(&fs), OK);
}

static void an_image_with_no_room_for_data_is_not_made(void **state)
{
	struct dmfs_geometry g = {.blocks = 20, .inodes = 32};
	struct image im;
	const char *why = NULL;

	(void)state;
	image_new(&im, 64);
	assert_int_equal(dmfs_make(&image_ops, &im, &g, &why), E_INVAL);
	assert_non_null(strstr(why, "no room"));
	g.blocks = 21;
	assert_int_equal(dmfs_make(&image_ops, &im, &g, &why), OK);
	image_free(&im);
}

/* --- inodes --- */

static void a_freed_inode_number_is_used_again_with_another_generation(void **state)
{
	struct image *im = *state;
	struct dmfs_inode a, b;

	assert_int_equal(dmfs_inode_alloc(&im->fs, S_IFREG | 0600, &a), OK);
	assert_int_equal(dmfs_inode_free(&a), OK);
	assert_int_equal(dmfs_inode_alloc(&im->fs, S_IFREG | 0600, &b), OK);
	assert_int_equal(a.ino, b.ino);
	assert_int_not_equal(a.d.generation, b.d.generation);
	assert_int_equal(dmfs_inode_free(&b), OK);
}

static void a_free_or_absent_inode_cannot_be_loaded(void **state)
{
	struct image *im = *state;
	struct dmfs_inode ip;

	assert_int_equal(image_load(im, 5, &ip), E_UCLEAN);
	assert_int_equal(image_load(im, 0, &ip), E_UCLEAN);
	assert_int_equal(image_load(im, 256, &ip), E_UCLEAN);
	assert_int_equal(image_load(im, UINT32_MAX, &ip), E_UCLEAN);
	assert_true(im->fs.damaged);
	im->fs.damaged = false;
}

static void inodes_run_out_with_enospc_and_come_back(void **state)
{
	struct image *im = *state;
	struct dmfs_inode ip[254], more;

	for (unsigned i = 0; i < 254; i++)
		assert_int_equal(dmfs_inode_alloc(&im->fs, S_IFREG, &ip[i]), OK);
	assert_int_equal(dmfs_inode_alloc(&im->fs, S_IFREG, &more), E_NOSPC);
	assert_int_equal(dmfs_inode_free(&ip[100]), OK);
	assert_int_equal(dmfs_inode_alloc(&im->fs, S_IFREG, &ip[100]), OK);
	for (unsigned i = 0; i < 254; i++)
		assert_int_equal(dmfs_inode_free(&ip[i]), OK);
}

/* --- block maps --- */

static uint32_t new_file(struct image *im, const char *name, struct dmfs_inode *ip)
{
	uint32_t ino;

	assert_int_equal(image_create(im, 1, name, S_IFREG | 0644, &ino), OK);
	assert_int_equal(image_load(im, ino, ip), OK);
	return ino;
}

static void a_file_written_in_order_lies_in_order(void **state)
{
	struct image *im = *state;
	struct dmfs_inode ip;
	uint32_t disk, last = 0;

	new_file(im, "f", &ip);
	for (uint32_t i = 0; i < 1100; i++)
		assert_int_equal(image_write(im, &ip, i, i + 1), OK);
	assert_int_equal(dmfs_inode_store(&ip), OK);
	for (uint32_t i = 0; i < 1100; i++) {
		assert_int_equal(dmfs_map(&ip, i, &disk), OK);
		/* one indirect block stands before block 12, two (top and leaf) before block 1036 */
		if (i > 0)
			assert_int_equal(disk, last + 1 + (i == 12) + 2 * (i == 1036));
		assert_int_equal(image_read(im, &ip, i), i + 1);
		last = disk;
	}
	assert_int_equal(ip.d.blocks, 1103);
}

static void a_block_far_out_costs_its_indirect_blocks_only(void **state)
{
	static const struct {
		uint32_t block, cost;
	} far[] = {
		{0, 1}, {11, 1}, {12, 2}, {1035, 2}, {1036, 3}, {262143, 3}, {DMFS_MAX_FILE_BLOCKS - 1, 3},
	};
	struct image *im = *state;
	struct dmfs_inode ip;
	uint32_t disk, before = im->fs.free_blocks;

	new_file(im, "f", &ip);
	for (unsigned i = 0; i < ARRAY_SIZE(far); i++) {
		assert_int_equal(image_write(im, &ip, far[i].block, 77), OK);
		assert_int_equal(ip.d.blocks, far[i].cost);
		assert_int_equal(before - im->fs.free_blocks, far[i].cost);
		assert_int_equal(image_read(im, &ip, far[i].block), 77);
		if (far[i].block > 0)
			assert_int_equal(image_read(im, &ip, far[i].block - 1), 0);
		assert_int_equal(dmfs_inode_store(&ip), OK);
		assert_int_equal(image_check(im, true), 0);
		assert_int_equal(dmfs_truncate(&ip, 0), OK);
		assert_int_equal(ip.d.blocks, 0);
		assert_int_equal(im->fs.free_blocks, before);
	}
	assert_int_equal(dmfs_map(&ip, DMFS_MAX_FILE_BLOCKS, &disk), E_FBIG);
	assert_int_equal(dmfs_map(&ip, UINT32_MAX, &disk), E_FBIG);
	assert_int_equal(dmfs_truncate(&ip, DMFS_MAX_SIZE + 1), E_FBIG);
	assert_int_equal(dmfs_truncate(&ip, DMFS_MAX_SIZE), OK);
	assert_int_equal(image_read(im, &ip, DMFS_MAX_FILE_BLOCKS - 1), 0);
}

static void truncation_keeps_exactly_the_blocks_before_the_size(void **state)
{
	static const uint32_t at[] = {0, 11, 12, 13, 1035, 1036, 1037, 2059, 2060, 2061, 3084, 5000, 60000};
	struct image *im = *state;
	struct dmfs_inode ip;
	uint32_t before = im->fs.free_blocks;

	new_file(im, "f", &ip);
	for (unsigned cut = 0; cut <= ARRAY_SIZE(at); cut++)
		for (unsigned inside = 0; inside < 2; inside++) {
			uint64_t size = cut < ARRAY_SIZE(at) ? (uint64_t)at[cut] << DMFS_BLOCK_SHIFT : DMFS_MAX_SIZE;

			for (unsigned i = 0; i < ARRAY_SIZE(at); i++)
				assert_int_equal(image_write(im, &ip, at[i], at[i] + 1), OK);
			size += inside && cut < ARRAY_SIZE(at); /* one byte of that block is kept */
			assert_int_equal(dmfs_truncate(&ip, size), OK);
			assert_false(ip.dirty);
			for (unsigned i = 0; i < ARRAY_SIZE(at); i++)
				assert_int_equal(image_read(im, &ip, at[i]),
				                 i < cut + (inside && size < DMFS_MAX_SIZE) ? at[i] + 1 : 0);
			assert_int_equal(image_check(im, true), 0);
		}
	assert_int_equal(dmfs_truncate(&ip, 0), OK);
	assert_int_equal(im->fs.free_blocks, before);
}

static void a_block_beyond_the_size_is_given_back_by_truncating_to_the_size(void **state)
{
	struct image *im = *state;
	struct dmfs_inode ip;
	uint32_t disk, before = im->fs.free_blocks;
	bool was_new;

	new_file(im, "f", &ip);
	assert_int_equal(dmfs_map_alloc(&ip, 40, &disk, &was_new), OK);
	assert_true(was_new);
	assert_int_equal(dmfs_map_alloc(&ip, 40, &disk, &was_new), OK);
	assert_false(was_new);
	assert_int_equal(dmfs_truncate(&ip, ip.d.size), OK);
	assert_int_equal(im->fs.free_blocks, before);
}

static void a_device_node_has_no_blocks_to_truncate(void **state)
{
	struct image *im = *state;
	struct dmfs_inode ip;
	uint32_t ino;

	assert_int_equal(image_create(im, 1, "tty", S_IFCHR | 0600, &ino), OK);
	assert_int_equal(image_load(im, ino, &ip), OK);
	ip.d.rdev = ABI_MKDEV(5, 1);
	assert_int_equal(dmfs_inode_store(&ip), OK);
	assert_int_equal(dmfs_truncate(&ip, 0), E_INVAL);
	assert_int_equal(image_check(im, true), 0);
	assert_int_equal(image_remove(im, 1, "tty"), OK);
}

/* --- symbolic links --- */

/* The link "link" with a text of LEN letters; a failure is undone. */
static enum status link_create(struct image *im, uint32_t len, struct dmfs_inode *ip)
{
	static char text[DMFS_BLOCK_SIZE];
	struct dmfs_inode root;
	enum status st = image_load(im, 1, &root);

	memset(text, 'a' + (char)(len % 26), sizeof text);
	if (st == OK)
		st = dmfs_inode_alloc(&im->fs, S_IFLNK | 0777, ip);
	if (st != OK)
		return st;
	ip->d.links = 1;
	st = dmfs_link_set(ip, text, len);
	if (st == OK)
		st = dmfs_inode_store(ip);
	if (st == OK)
		st = dmfs_dir_add(&root, "link", 4, ip->ino, S_IFLNK >> 12, NULL);
	im->fail_at = 0;
	if (st != OK)
		return image_undo_inode(ip, st);
	return dmfs_inode_store(&root);
}

static void a_link_has_its_text_in_the_inode_or_in_a_block(void **state)
{
	static const uint32_t lengths[] = {1, 55, 56, 57, 100, 4095};
	struct image *im = *state;
	char text[DMFS_BLOCK_SIZE];
	struct dmfs_inode ip;

	for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		uint32_t len = lengths[i];

		assert_int_equal(link_create(im, len, &ip), OK);
		assert_int_equal(dmfs_link_set(&ip, "again", 5), E_INVAL);
		assert_int_equal(image_load(im, ip.ino, &ip), OK);
		assert_int_equal(ip.d.size, len);
		assert_int_equal(ip.d.blocks, len > 56);
		assert_int_equal(dmfs_link_get(&ip, text, sizeof text), (int)len);
		for (uint32_t at = 0; at < len; at++)
			assert_int_equal(text[at], 'a' + (char)(len % 26));
		text[1] = 'Z';
		assert_int_equal(dmfs_link_get(&ip, text, 1), 1);
		assert_int_equal(text[1], 'Z');
		assert_int_equal(image_check(im, true), 0);
		assert_int_equal(image_remove(im, 1, "link"), OK);
		assert_int_equal(image_check(im, true), 0);
	}
	assert_int_equal(link_create(im, 4096, &ip), E_NAMETOOLONG);
	assert_int_equal(link_create(im, 0, &ip), E_INVAL);
	assert_int_equal(image_load(im, 1, &ip), OK);
	assert_int_equal(dmfs_link_set(&ip, "x", 1), E_INVAL);
	assert_int_equal(dmfs_link_get(&ip, text, 1), E_INVAL);
}

static void a_link_that_cannot_be_made_leaves_nothing(void **state)
{
	struct image *im = *state;
	struct dmfs_inode ip;
	enum status st = E_IO;

	for (uint32_t k = 1; st != OK; k++) {
		im->calls = 0;
		im->fail_at = k;
		st = link_create(im, 1000, &ip);
		assert_int_equal(image_check(im, true), 0);
		assert_true(k < 100);
	}
	assert_int_equal(image_remove(im, 1, "link"), OK);
}

static void a_link_whose_text_cannot_be_there_is_nonsense(void **state)
{
	static const struct {
		uint32_t len, size; /* as made; as it says on the disk */
	} cases[] = {{10, 0}, {10, 57}, {10, 4096}, {100, 0}, {100, 4096}};
	struct image *im = *state;
	struct dmfs_inode ip;

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t ino;

		assert_int_equal(link_create(im, cases[i].len, &ip), OK);
		ino = ip.ino;
		ip.d.size = cases[i].size;
		assert_int_equal(dmfs_inode_store(&ip), OK);
		assert_int_equal(image_load(im, ino, &ip), E_UCLEAN);
		assert_true(image_check(im, false) > 0);
		ip.d.size = cases[i].len;
		assert_int_equal(dmfs_inode_store(&ip), OK);
		assert_int_equal(image_remove(im, 1, "link"), OK);
	}
	im->fs.damaged = false; /* it was, and is not any more */
}

/* --- directories --- */

static void lookup_judges_the_name_before_it_searches(void **state)
{
	struct image *im = *state;
	struct dmfs_inode root, file;
	struct dmfs_slot slot;
	char name[300];

	new_file(im, "f", &file);
	memset(name, 'n', sizeof name);
	assert_int_equal(image_load(im, 1, &root), OK);
	assert_int_equal(dmfs_dir_lookup(&root, name, 256, &slot), E_NAMETOOLONG);
	assert_int_equal(dmfs_dir_lookup(&root, name, 0, &slot), E_INVAL);
	assert_int_equal(dmfs_dir_lookup(&root, name, 255, &slot), E_NOENT);
	assert_int_equal(dmfs_dir_lookup(&file, "x", 1, &slot), E_NOTDIR);
	assert_int_equal(dmfs_dir_add(&root, name, 256, file.ino, 8, &slot), E_NAMETOOLONG);
	assert_int_equal(dmfs_dir_add(&root, "f", 1, file.ino, 8, NULL), E_EXIST);
	assert_int_equal(dmfs_dir_remove(&root, "g", 1, NULL), E_NOENT);
	assert_int_equal(dmfs_dir_replace(&root, "g", 1, 1, 4, NULL), E_NOENT);
}

static void a_slot_older_than_a_change_is_not_believed(void **state)
{
	struct image *im = *state;
	struct dmfs_inode root, file;
	struct dmfs_slot absent, present;

	new_file(im, "f", &file);
	assert_int_equal(image_load(im, 1, &root), OK);
	assert_int_equal(dmfs_dir_lookup(&root, "g", 1, &absent), E_NOENT);
	assert_int_equal(dmfs_dir_lookup(&root, "f", 1, &present), OK);
	assert_int_equal(dmfs_dir_add(&root, "g", 1, file.ino, 8, &absent), OK);
	assert_int_equal(dmfs_dir_add(&root, "g", 1, file.ino, 8, &absent), E_EXIST);
	assert_int_equal(dmfs_dir_remove(&root, "f", 1, &present), OK);
	assert_int_equal(dmfs_dir_remove(&root, "f", 1, &present), E_NOENT);
	assert_int_equal(dmfs_inode_store(&root), OK);
}

static void a_replaced_record_names_the_other_inode(void **state)
{
	struct image *im = *state;
	struct dmfs_inode root, a, b;
	struct dmfs_slot slot;

	new_file(im, "a", &a);
	new_file(im, "b", &b);
	assert_int_equal(image_load(im, 1, &root), OK);
	assert_int_equal(dmfs_dir_lookup(&root, "a", 1, &slot), OK);
	assert_int_equal(dmfs_dir_replace(&root, "a", 1, b.ino, 8, &slot), OK);
	assert_int_equal(dmfs_dir_lookup(&root, "a", 1, &slot), OK);
	assert_int_equal(slot.ino, b.ino);
	assert_int_equal(dmfs_dir_remove(&root, "b", 1, NULL), OK);
	assert_int_equal(dmfs_inode_store(&root), OK);
	a.d.links = 0;
	assert_int_equal(dmfs_inode_free(&a), OK);
}

struct listing {
	uint32_t count;
	uint32_t stop; /* take so many per call */
	uint64_t sum;
};

static bool count_entry(void *arg, const struct dmfs_entry *e)
{
	struct listing *l = arg;

	if (l->count == l->stop)
		return false;
	l->count++;
	l->sum += e->ino;
	return true;
}

static void long_name(char *name, uint32_t i, uint32_t len)
{
	memset(name, 'a' + (int)(i % 26), len);
	name[len] = 0;
	name[snprintf(name, len, "%05u", i)] = 'x';
}

static void thousands_of_names_are_found_listed_and_removed(void **state)
{
	struct image *im = *state;
	struct dmfs_inode dir, file;
	struct listing all = {.stop = UINT32_MAX}, bit = {0};
	struct dmfs_slot slot;
	uint32_t ino, cookie = 0, n = 3000;
	char name[256];

	assert_int_equal(image_create(im, 1, "d", S_IFDIR | 0755, &ino), OK);
	new_file(im, "f", &file);
	assert_int_equal(image_load(im, ino, &dir), OK);
	for (uint32_t i = 0; i < n; i++) {
		long_name(name, i, i % 3 ? 8 + i % 40 : 255);
		assert_int_equal(dmfs_dir_add(&dir, name, (uint32_t)strlen(name), file.ino, 8, NULL), OK);
		file.d.links++;
	}
	assert_int_equal(dmfs_inode_store(&dir), OK);
	assert_int_equal(dmfs_inode_store(&file), OK);
	assert_true(dir.d.size > 60 * DMFS_BLOCK_SIZE);
	assert_int_equal(image_check(im, true), 0);
	assert_int_equal(dmfs_dir_read(&dir, &cookie, count_entry, &all), OK);
	assert_int_equal(all.count, n + 2);
	assert_int_equal(cookie, dir.d.size);
	for (cookie = 0; cookie < dir.d.size; bit.stop += 7)
		assert_int_equal(dmfs_dir_read(&dir, &cookie, count_entry, &bit), OK);
	assert_int_equal(bit.count, n + 2);
	assert_int_equal(bit.sum, all.sum);
	assert_int_equal(dmfs_dir_is_empty(&dir), E_NOTEMPTY);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = (i * 1013) % n;

		long_name(name, k, k % 3 ? 8 + k % 40 : 255);
		assert_int_equal(dmfs_dir_lookup(&dir, name, (uint32_t)strlen(name), &slot), OK);
		assert_int_equal(dmfs_dir_remove(&dir, name, (uint32_t)strlen(name), &slot), OK);
		file.d.links--;
	}
	assert_int_equal(dmfs_dir_is_empty(&dir), OK);
	assert_int_equal(dmfs_inode_store(&dir), OK);
	assert_int_equal(dmfs_inode_store(&file), OK);
	assert_int_equal(image_remove(im, 1, "d"), OK);
	assert_int_equal(image_remove(im, 1, "f"), OK);
	assert_int_equal(im->fs.free_inodes, 254);
}

static void freed_space_in_a_directory_is_used_again(void **state)
{
	struct image *im = *state;
	uint32_t ino;
	char name[256];

	for (uint32_t i = 0; i < 2000; i++) {
		long_name(name, i, 20 + i % 200);
		assert_int_equal(image_create(im, 1, name, S_IFREG, &ino), OK);
		if (i >= 10) {
			long_name(name, i - 10, 20 + (i - 10) % 200);
			assert_int_equal(image_remove(im, 1, name), OK);
		}
	}
	struct dmfs_inode root;
	assert_int_equal(image_load(im, 1, &root), OK);
	assert_true(root.d.size <= 2 * DMFS_BLOCK_SIZE);
}

/* Count the names that begin with k, and stop after some. */
static bool count_kept(void *arg, const struct dmfs_entry *e)
{
	struct listing *l = arg;

	if (l->sum == l->stop)
		return false;
	l->sum++;
	l->count += e->name[0] == 'k';
	return true;
}

static void a_cookie_survives_changes(void **state)
{
	struct image *im = *state;
	struct dmfs_inode root;
	char name[64];
	uint32_t ino, cookie = 0, seed = 1;
	struct listing l = {.stop = 3};

	for (uint32_t i = 0; i < 240; i++) {
		snprintf(name, sizeof name, "%c%u", i % 4 ? 'k' : 't', i);
		assert_int_equal(image_create(im, 1, name, S_IFREG, &ino), OK);
	}
	assert_int_equal(image_load(im, 1, &root), OK);
	for (l.stop = 3; cookie < root.d.size; l.sum = 0) {
		assert_int_equal(dmfs_dir_read(&root, &cookie, count_kept, &l), OK);
		for (uint32_t i = 0; i < 5; i++) {
			seed = seed * 1664525 + 1013904223;
			snprintf(name, sizeof name, "t%u", (seed >> 8) % 60 * 4);
			if (image_remove(im, 1, name) != OK)
				assert_int_equal(image_create(im, 1, name, S_IFREG, &ino), OK);
		}
		assert_int_equal(image_load(im, 1, &root), OK);
	}
	assert_int_equal(l.count, 180);
}

static void a_cookie_inside_a_merged_record_comes_to_the_end(void **state)
{
	struct image *im = *state;
	struct listing l = {.stop = 3};
	struct dmfs_inode root;
	uint32_t ino, cookie = 0;

	assert_int_equal(image_create(im, 1, "a", S_IFREG, &ino), OK);
	assert_int_equal(image_create(im, 1, "b", S_IFREG, &ino), OK);
	assert_int_equal(image_load(im, 1, &root), OK);
	assert_int_equal(dmfs_dir_read(&root, &cookie, count_entry, &l), OK); /* stands at b */
	assert_int_equal(image_remove(im, 1, "b"), OK);
	l.stop = UINT32_MAX;
	assert_int_equal(dmfs_dir_read(&root, &cookie, count_entry, &l), OK);
	assert_int_equal(l.count, 3);
	assert_int_equal(cookie, root.d.size);
}

static void a_moved_directory_changes_its_parent(void **state)
{
	struct image *im = *state;
	struct dmfs_inode root, a, b;
	uint32_t ino_a, ino_b;

	assert_int_equal(image_create(im, 1, "a", S_IFDIR | 0755, &ino_a), OK);
	assert_int_equal(image_create(im, 1, "b", S_IFDIR | 0755, &ino_b), OK);
	assert_int_equal(image_load(im, 1, &root), OK);
	assert_int_equal(image_load(im, ino_a, &a), OK);
	assert_int_equal(image_load(im, ino_b, &b), OK);
	assert_int_equal(dmfs_dir_add(&a, "b", 1, ino_b, 4, NULL), OK);
	assert_int_equal(dmfs_dir_replace(&b, "..", 2, ino_a, 4, NULL), OK);
	assert_int_equal(dmfs_dir_remove(&root, "b", 1, NULL), OK);
	a.d.links++;
	root.d.links--;
	assert_int_equal(dmfs_inode_store(&a), OK);
	assert_int_equal(dmfs_inode_store(&b), OK);
	assert_int_equal(dmfs_inode_store(&root), OK);
	assert_int_equal(image_check(im, true), 0);
	assert_int_equal(image_remove(im, 1, "a"), E_NOTEMPTY);
	assert_int_equal(image_remove(im, ino_a, "b"), OK);
	assert_int_equal(image_remove(im, 1, "a"), OK);
}

#define IMAGE_TEST(name) cmocka_unit_test_setup_teardown(name, make_image, free_image)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IMAGE_TEST(a_new_image_is_clean_and_consistent),
		IMAGE_TEST(looking_at_an_image_leaves_it_as_it_was),
		IMAGE_TEST(the_first_change_marks_the_image_dirty_and_unmount_clean),
		IMAGE_TEST(after_a_crash_the_counters_are_counted_anew),
		cmocka_unit_test(counting_goes_over_all_bitmap_blocks),
		IMAGE_TEST(an_image_that_was_not_clean_stays_marked),
		IMAGE_TEST(a_changed_superblock_is_refused_by_its_checksum),
		IMAGE_TEST(every_wrong_field_is_refused_with_its_reason),
		IMAGE_TEST(a_disk_smaller_than_its_superblock_says_is_refused),
		IMAGE_TEST(a_disk_that_cannot_be_read_is_refused),
		IMAGE_TEST(a_readonly_mount_refuses_every_change),
		cmocka_unit_test(an_image_with_no_room_for_data_is_not_made),
		IMAGE_TEST(a_freed_inode_number_is_used_again_with_another_generation),
		IMAGE_TEST(a_free_or_absent_inode_cannot_be_loaded),
		IMAGE_TEST(inodes_run_out_with_enospc_and_come_back),
		IMAGE_TEST(a_file_written_in_order_lies_in_order),
		IMAGE_TEST(a_block_far_out_costs_its_indirect_blocks_only),
		IMAGE_TEST(truncation_keeps_exactly_the_blocks_before_the_size),
		IMAGE_TEST(a_block_beyond_the_size_is_given_back_by_truncating_to_the_size),
		IMAGE_TEST(a_device_node_has_no_blocks_to_truncate),
		IMAGE_TEST(a_link_has_its_text_in_the_inode_or_in_a_block),
		IMAGE_TEST(a_link_that_cannot_be_made_leaves_nothing),
		IMAGE_TEST(a_link_whose_text_cannot_be_there_is_nonsense),
		IMAGE_TEST(lookup_judges_the_name_before_it_searches),
		IMAGE_TEST(a_slot_older_than_a_change_is_not_believed),
		IMAGE_TEST(a_replaced_record_names_the_other_inode),
		IMAGE_TEST(thousands_of_names_are_found_listed_and_removed),
		IMAGE_TEST(freed_space_in_a_directory_is_used_again),
		IMAGE_TEST(a_cookie_survives_changes),
		IMAGE_TEST(a_cookie_inside_a_merged_record_comes_to_the_end),
		IMAGE_TEST(a_moved_directory_changes_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
