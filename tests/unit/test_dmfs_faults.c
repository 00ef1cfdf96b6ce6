/* dmfs when things go wrong: a disk whose k-th access fails, for every k; a disk with k blocks left; images that were
   damaged by chance or by design.  After a failed call nothing has leaked and nothing is half done. */
#include "test_dmfs_image.h"

#include <cmocka.h>

#include <lib/crc.h>

#define BLOCKS 400u

/* --- calls that fail --- */

/* What a scenario starts from: directory 2 "/d" whose one block is nearly full, file 3 "/f" with blocks on each level,
   file 4 "/e", empty. */
enum { DIR_INO = 2, FILE_INO = 3, EMPTY_INO = 4 };

static char long_names[16][256];

static void make_base(struct image *im)
{
	static const uint32_t at[] = {0, 3, 12, 40, 1036, 1037, 3000, 600000};
	struct dmfs_inode ip;
	uint32_t ino;

	image_make(im, BLOCKS, 64);
	assert_int_equal(image_create(im, 1, "d", S_IFDIR | 0755, &ino), OK);
	assert_int_equal(ino, DIR_INO);
	assert_int_equal(image_create(im, 1, "f", S_IFREG | 0644, &ino), OK);
	assert_int_equal(ino, FILE_INO);
	assert_int_equal(image_create(im, 1, "e", S_IFREG | 0644, &ino), OK);
	assert_int_equal(ino, EMPTY_INO);
	assert_int_equal(image_load(im, FILE_INO, &ip), OK);
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++)
		assert_int_equal(image_write(im, &ip, at[i], 9), OK);
	assert_int_equal(dmfs_inode_store(&ip), OK);
	for (unsigned i = 0; i < 16; i++) {
		memset(long_names[i], 'a' + (int)i, 255);
		if (i < 15)
			assert_int_equal(image_create(im, DIR_INO, long_names[i], S_IFREG | 0600, &ino), OK);
	}
}

/* Map a hole of "/e" or "/f"; the inode is stored when the disk works again, as a kernel would. */
static enum status fill_hole(struct image *im, uint32_t ino, uint32_t block)
{
	struct dmfs_inode ip;
	enum status st = image_load(im, ino, &ip);

	if (st != OK)
		return st;
	st = image_write(im, &ip, block, 5);
	im->fail_at = 0;
	assert_int_equal(ip.dirty, st == OK);
	assert_int_equal(dmfs_inode_store(&ip), OK);
	return st;
}

static enum status add_in_place(struct image *im)
{
	uint32_t ino;

	return image_create(im, 1, "new", S_IFREG | 0644, &ino);
}

static enum status add_and_grow(struct image *im)
{
	uint32_t ino;

	return image_create(im, DIR_INO, long_names[15], S_IFREG | 0644, &ino);
}

static enum status make_directory(struct image *im)
{
	uint32_t ino;

	return image_create(im, 1, "sub", S_IFDIR | 0755, &ino);
}

static enum status map_direct(struct image *im)
{
	return fill_hole(im, EMPTY_INO, 4);
}

static enum status map_single(struct image *im)
{
	return fill_hole(im, EMPTY_INO, 100);
}

static enum status map_double(struct image *im)
{
	return fill_hole(im, EMPTY_INO, 700000);
}

static enum status map_new_leaf(struct image *im)
{
	return fill_hole(im, FILE_INO, 9000);
}

static enum status map_old_leaf(struct image *im)
{
	return fill_hole(im, FILE_INO, 3001);
}

static enum status remove_name(struct image *im)
{
	struct dmfs_inode dir;
	enum status st = image_load(im, DIR_INO, &dir);

	if (st == OK)
		st = dmfs_dir_remove(&dir, long_names[7], 255, NULL);
	if (st != OK)
		return st;
	im->fail_at = 0;
	assert_int_equal(dmfs_inode_store(&dir), OK);
	assert_int_equal(dmfs_dir_add(&dir, long_names[7], 255, EMPTY_INO + 8, 8, NULL), OK); /* it named inode 5 + 7 */
	return OK;
}

static enum status replace_name(struct image *im)
{
	struct dmfs_inode dir;
	enum status st = image_load(im, DIR_INO, &dir);

	return st == OK ? dmfs_dir_replace(&dir, long_names[7], 255, EMPTY_INO + 8, 8, NULL) : st;
}

struct scenario {
	const char *name;
	enum status (*run)(struct image *im);
	uint32_t blocks; /* that it takes */
};

static const struct scenario scenarios[] = {
	{"add in place", add_in_place, 0},   {"add and grow", add_and_grow, 1},    {"mkdir", make_directory, 1},
	{"map direct", map_direct, 1},       {"map single", map_single, 2},        {"map double", map_double, 3},
	{"map a new leaf", map_new_leaf, 2}, {"map an old leaf", map_old_leaf, 1}, {"remove a name", remove_name, 0},
	{"replace a name", replace_name, 0},
};

/* The unmounted base image, to start from again and again. */
static struct image base;
static uint8_t *base_copy;

static int make_bases(void **state)
{
	(void)state;
	make_base(&base);
	image_unmount(&base);
	base_copy = malloc((size_t)BLOCKS * DMFS_BLOCK_SIZE);
	memcpy(base_copy, base.disk, (size_t)BLOCKS * DMFS_BLOCK_SIZE);
	return 0;
}

static int free_bases(void **state)
{
	(void)state;
	image_free(&base);
	free(base_copy);
	return 0;
}

static void base_again(void)
{
	memcpy(base.disk, base_copy, (size_t)BLOCKS * DMFS_BLOCK_SIZE);
	memset(base.cached, 0, BLOCKS);
	base.calls = base.fail_at = 0;
	base.failed = false;
}

/* Run S with the access K failing (and all that follow, if ON).  => it went so far that nothing failed */
static bool run_failing(const struct scenario *s, uint32_t k, bool on)
{
	uint32_t free_blocks, free_inodes;
	enum status st;

	base_again();
	image_mount(&base);
	free_blocks = base.fs.free_blocks;
	free_inodes = base.fs.free_inodes;
	base.calls = 0;
	base.fail_at = k;
	base.fail_on = on;
	st = s->run(&base);
	base.fail_at = 0;
	assert_int_equal(st, base.failed ? E_IO : OK);
	if (st != OK) {
		assert_int_equal(base.fs.free_blocks, free_blocks);
		assert_int_equal(base.fs.free_inodes, free_inodes);
		assert_int_equal(image_check(&base, true), 0);
		assert_int_equal(s->run(&base), OK);
	}
	assert_int_equal(free_blocks - base.fs.free_blocks, s->blocks);
	assert_int_equal(image_check(&base, true), 0);
	assert_false(base.fs.damaged);
	image_unmount(&base);
	return !base.failed;
}

static void whichever_access_fails_nothing_is_half_done(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(scenarios); i++)
		for (unsigned on = 0; on < 2; on++) {
			uint32_t k = 1;

			while (!run_failing(&scenarios[i], k, on))
				k++;
			assert_true(k > 2);
		}
}

/* A truncation or removal that failed goes on when it is called again. */
static void a_truncation_that_failed_can_be_repeated(void **state)
{
	static const uint64_t sizes[] = {0, 5000, 45 << 12, 1037 << 12, 3000 << 12, (uint64_t)600000 << 12};
	uint32_t failures = 0;

	(void)state;
	for (unsigned i = 0; i < 2 * ARRAY_SIZE(sizes); i++)
		for (uint32_t k = 1;; k++) {
			struct dmfs_inode ip;
			enum status st;

			base_again();
			image_mount(&base);
			assert_int_equal(image_load(&base, FILE_INO, &ip), OK);
			base.calls = 0;
			base.fail_at = k;
			base.fail_on = i % 2;
			st = dmfs_truncate(&ip, sizes[i / 2]);
			base.fail_at = 0;
			assert_int_equal(st, base.failed ? E_IO : OK);
			assert_int_equal(ip.d.size, base.failed && k == 1 ? ip.d.size : sizes[i / 2]);
			if (st != OK)
				assert_int_equal(dmfs_truncate(&ip, sizes[i / 2]), OK);
			assert_int_equal(image_check(&base, true), 0);
			image_unmount(&base);
			failures += st != OK;
			if (st == OK)
				break;
		}
	assert_true(failures > 50);
}

static void a_removal_that_failed_can_be_repeated(void **state)
{
	(void)state;
	for (uint32_t k = 1;; k++) {
		struct dmfs_inode root, ip;
		enum status st;

		base_again();
		image_mount(&base);
		assert_int_equal(image_load(&base, FILE_INO, &ip), OK);
		assert_int_equal(image_load(&base, 1, &root), OK);
		assert_int_equal(dmfs_dir_remove(&root, "f", 1, NULL), OK);
		assert_int_equal(dmfs_inode_store(&root), OK);
		ip.d.links = 0;
		base.calls = 0;
		base.fail_at = k;
		base.fail_on = false;
		st = dmfs_inode_free(&ip);
		base.fail_at = 0;
		assert_int_equal(st, base.failed ? E_IO : OK);
		if (st != OK)
			assert_int_equal(dmfs_inode_free(&ip), OK);
		assert_int_equal(image_check(&base, true), 0);
		image_unmount(&base);
		if (st == OK)
			break;
		assert_true(k < 100);
	}
}

/* --- a full disk --- */

/* Leave LEFT free blocks: the rest goes to "/e". */
static void fill_disk(struct image *im, uint32_t left)
{
	struct dmfs_inode ip;
	uint32_t block = 20;

	assert_int_equal(image_load(im, EMPTY_INO, &ip), OK);
	while (im->fs.free_blocks > left)
		assert_int_equal(image_write(im, &ip, im->fs.free_blocks == left + 1 && block == 20 ? 0 : block++, 3),
		                 OK);
	assert_int_equal(dmfs_inode_store(&ip), OK);
	assert_int_equal(im->fs.free_blocks, left);
}

static enum status need_direct(struct image *im)
{
	return fill_hole(im, FILE_INO, 5);
}

static enum status need_leaf(struct image *im)
{
	return fill_hole(im, FILE_INO, 9000);
}

static enum status need_top(struct image *im)
{
	return fill_hole(im, EMPTY_INO, 700000);
}

static const struct scenario needs[] = {
	{"direct", need_direct, 1},   {"a leaf", need_leaf, 2},          {"top and leaf", need_top, 3},
	{"mkdir", make_directory, 1}, {"add and grow", add_and_grow, 1}, {"add in place", add_in_place, 0},
};

static void a_full_disk_refuses_what_does_not_fit_and_nothing_else(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(needs); i++)
		for (uint32_t left = 0; left <= 3; left++) {
			enum status st;

			base_again();
			image_mount(&base);
			fill_disk(&base, left);
			st = needs[i].run(&base);
			assert_int_equal(st, left < needs[i].blocks ? E_NOSPC : OK);
			assert_int_equal(base.fs.free_blocks, st == OK ? left - needs[i].blocks : left);
			assert_int_equal(base.fs.free_inodes, base.fs.inode_count - 1 - 19 - (st == OK && i >= 3));
			assert_int_equal(image_check(&base, true), 0);
			image_unmount(&base);
		}
}

/* --- damage --- */

static struct dmfs_dinode *dinode(uint32_t ino)
{
	return (struct dmfs_dinode *)(void *)(base.disk + (size_t)base.fs.itable_start * DMFS_BLOCK_SIZE) + ino;
}

static uint8_t *root_block(void)
{
	return base.disk + (size_t)dinode(1)->block[0] * DMFS_BLOCK_SIZE;
}

static struct dmfs_record *root_record(const char *name)
{
	for (uint32_t off = 0; off < DMFS_BLOCK_SIZE;) {
		struct dmfs_record *r = (void *)(root_block() + off);

		if (r->ino && r->namelen == strlen(name) && memcmp(r->name, name, r->namelen) == 0)
			return r;
		off += r->reclen;
	}
	fail();
	return NULL;
}

static void bitmap_flip(uint32_t start, uint32_t bit)
{
	base.disk[(size_t)start * DMFS_BLOCK_SIZE + bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static void break_links(void)
{
	dinode(FILE_INO)->links = 7;
}
static void break_blocks(void)
{
	dinode(FILE_INO)->blocks++;
}
static void break_size(void)
{
	dinode(FILE_INO)->size = 4096;
}
static void break_pointer(void)
{
	dinode(FILE_INO)->block[5] = 3;
}
static void break_far_pointer(void)
{
	dinode(FILE_INO)->block[DMFS_DOUBLE] = UINT32_MAX;
}
static void break_twice(void)
{
	dinode(FILE_INO)->block[3] = dinode(FILE_INO)->block[0];
}
static void break_cross(void)
{
	dinode(EMPTY_INO)->block[0] = dinode(1)->block[0];
}
static void break_type(void)
{
	dinode(FILE_INO)->mode = 0070644;
}
static void break_to_dir(void)
{
	dinode(EMPTY_INO)->mode = S_IFDIR | 0755;
}
static void break_mode(void)
{
	dinode(EMPTY_INO)->mode = 0;
}
static void break_free_inode(void)
{
	dinode(40)->mode = S_IFREG;
}
static void break_dir_hole(void)
{
	dinode(1)->block[0] = 0;
}
static void break_used_bit(void)
{
	bitmap_flip(base.fs.bbitmap_start, dinode(FILE_INO)->block[0]);
}
static void break_free_bit(void)
{
	bitmap_flip(base.fs.bbitmap_start, BLOCKS - 1);
}
static void break_meta_bit(void)
{
	bitmap_flip(base.fs.bbitmap_start, 2);
}
static void break_end_bit(void)
{
	bitmap_flip(base.fs.bbitmap_start, BLOCKS + 5);
}
static void break_inode_bit(void)
{
	bitmap_flip(base.fs.ibitmap_start, FILE_INO);
}
static void break_inode_zero(void)
{
	bitmap_flip(base.fs.ibitmap_start, 0);
}
static void break_inode_end(void)
{
	bitmap_flip(base.fs.ibitmap_start, 70);
}
static void break_reclen_zero(void)
{
	root_record("f")->reclen = 0;
}
static void break_reclen_odd(void)
{
	root_record("f")->reclen = 13;
}
static void break_reclen_long(void)
{
	root_record("e")->reclen = 4096;
}
static void break_reclen_tail(void)
{
	root_record("e")->reclen = (uint16_t)(root_record("e")->reclen - 4);
}
static void break_namelen(void)
{
	root_record("f")->namelen = 200;
}
static void break_dir_size(void)
{
	dinode(1)->size = 40960;
}
static void break_name(void)
{
	root_record("f")->name[0] = '/';
}
static void break_double_name(void)
{
	root_record("f")->name[0] = 'e';
}
static void break_record_ino(void)
{
	root_record("f")->ino = 50;
}
static void break_record_far(void)
{
	root_record("f")->ino = UINT32_MAX;
}
static void break_record_type(void)
{
	root_record("f")->type = 2;
}
static void break_record_gone(void)
{
	root_record("f")->ino = 0;
}
static void break_dot(void)
{
	root_record(".")->ino = 3;
}
static void break_dotdot_name(void)
{
	root_record("..")->name[1] = 'x';
}
static void break_root_parent(void)
{
	root_record("..")->ino = DIR_INO;
}
static void break_loop(void)
{
	root_record("d")->ino = 1;
}
static void break_parent(void)
{
	((struct dmfs_record *)(void *)(base.disk + (size_t)dinode(DIR_INO)->block[0] * DMFS_BLOCK_SIZE + 12))->ino =
		FILE_INO;
}

static const struct damage {
	void (*cause)(void);
	const char *text; /* part of one of the findings */
} damages[] = {
	{break_links, "counts its links wrong"},
	{break_blocks, "counts its blocks wrong"},
	{break_size, "beyond the end of its file"},
	{break_pointer, "outside the data area"},
	{break_far_pointer, "outside the data area"},
	{break_twice, "used twice"},
	{break_cross, "used twice"},
	{break_type, "nonsense"},
	{break_to_dir, "nonsense"},
	{break_mode, "marked used but is empty"},
	{break_free_inode, "marked free but is not empty"},
	{break_dir_hole, "hole"},
	{break_used_bit, "block in use is marked free"},
	{break_free_bit, "nothing uses it"},
	{break_meta_bit, "outside the data area is marked free"},
	{break_end_bit, "outside the data area is marked free"},
	{break_inode_bit, "is not there"},
	{break_inode_zero, "inode 0"},
	{break_inode_end, "past the end"},
	{break_reclen_zero, "records are damaged"},
	{break_reclen_odd, "records are damaged"},
	{break_reclen_long, "records are damaged"},
	{break_reclen_tail, "records are damaged"},
	{break_namelen, "records are damaged"},
	{break_dir_size, "nonsense"},
	{break_name, "slash"},
	{break_double_name, "one name twice"},
	{break_record_ino, "is not there"},
	{break_record_far, "is not there"},
	{break_record_type, "another type"},
	{break_record_gone, "has no name"},
	{break_dot, "not \".\""},
	{break_dotdot_name, "not \"..\""},
	{break_root_parent, "\"..\" of the root"},
	{break_loop, "two names"},
	{break_parent, "not the directory's parent"},
};

struct search {
	const char *text;
	bool found;
};

static void look_for(void *arg, const struct dmfs_finding *f)
{
	struct search *s = arg;

	s->found |= strstr(f->text, s->text) != NULL;
}

static void the_check_finds_every_damage_and_nothing_crashes_on_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(damages); i++) {
		struct search s = {damages[i].text, false};
		uint32_t findings = 0;
		void *memory;

		base_again();
		damages[i].cause();
		image_mount(&base);
		memory = calloc(1, dmfs_check_memory(&base.fs));
		assert_int_equal(dmfs_check(&base.fs, memory, look_for, &s, &findings), OK);
		free(memory);
		if (!s.found)
			print_error("%s was not found\n", s.text);
		assert_true(s.found && findings > 0);
		assert_true(base.fs.damaged);
		image_unmount(&base);
		base_again();
		damages[i].cause();
		image_survive(&base);
	}
}

static void a_lookup_that_passes_a_damaged_record_ends_there(void **state)
{
	static void (*const causes[])(void) = {break_reclen_zero, break_reclen_odd, break_reclen_long,
	                                       break_reclen_tail, break_namelen};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(causes); i++) {
		struct dmfs_inode root;
		struct dmfs_slot slot;

		base_again();
		causes[i]();
		image_mount(&base);
		assert_int_equal(image_load(&base, 1, &root), OK);
		assert_int_equal(dmfs_dir_lookup(&root, "zzz", 3, &slot), E_UCLEAN);
		assert_true(base.fs.damaged);
		assert_int_equal(dmfs_dir_add(&root, "zzz", 3, FILE_INO, 8, NULL), E_UCLEAN);
		image_unmount(&base);
	}
}

static void a_name_that_would_lie_behind_its_block_is_not_compared(void **state)
{
	struct dmfs_inode root;
	struct dmfs_slot slot;
	struct dmfs_record *last;

	(void)state;
	base_again();
	for (last = (void *)root_block(); (uint8_t *)last + last->reclen < root_block() + DMFS_BLOCK_SIZE;)
		last = (void *)((uint8_t *)last + last->reclen);
	last->reclen = (uint16_t)(last->reclen - sizeof *last);
	last = (void *)((uint8_t *)last + last->reclen);
	*last = (struct dmfs_record){.ino = FILE_INO, .reclen = sizeof *last, .namelen = 3, .type = 8};
	image_mount(&base);
	assert_int_equal(image_load(&base, 1, &root), OK);
	assert_int_equal(dmfs_dir_lookup(&root, "zzz", 3, &slot), E_UCLEAN);
	image_unmount(&base);
}

static void a_damaged_image_is_never_marked_clean_again(void **state)
{
	struct dmfs_inode root;
	struct dmfs_slot slot;

	(void)state;
	base_again();
	break_reclen_zero();
	image_mount(&base);
	assert_int_equal(image_load(&base, 1, &root), OK);
	assert_int_equal(dmfs_inode_store(&root), OK);
	assert_int_equal(dmfs_dir_lookup(&root, "zzz", 3, &slot), E_UCLEAN);
	image_unmount(&base);
	assert_int_equal(((struct dmfs_super *)(void *)base.disk)->state, DMFS_DIRTY);
}

static void a_file_with_a_wild_pointer_can_be_removed(void **state)
{
	struct dmfs_inode root, ip;

	(void)state;
	base_again();
	break_pointer();
	break_far_pointer();
	image_mount(&base);
	assert_int_equal(image_load(&base, FILE_INO, &ip), OK);
	assert_int_equal(image_load(&base, 1, &root), OK);
	assert_int_equal(dmfs_dir_remove(&root, "f", 1, NULL), OK);
	assert_int_equal(dmfs_inode_store(&root), OK);
	ip.d.links = 0;
	assert_int_equal(dmfs_inode_free(&ip), OK);
	assert_true(base.fs.damaged);
	image_unmount(&base);
}

static uint32_t seed;

static uint32_t chance(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)seed * n) >> 32);
}

/* A few words or bytes of the metadata become anything: numbers near real ones, zero, all ones. */
static void damage_by_chance(void)
{
	uint32_t meta = base.fs.data_start + 12; /* with the first data blocks: directories and indirect blocks */

	for (uint32_t i = 1 + chance(6); i > 0; i--) {
		size_t at = (size_t)chance(meta * DMFS_BLOCK_SIZE / 4) * 4;
		uint32_t word;

		if (chance(2)) /* a place that surely matters */
			at = chance(2) ? (size_t)(root_block() - base.disk) + chance(120)
			               : (size_t)((uint8_t *)dinode(1 + chance(20)) - base.disk) + chance(128);
		if (at < sizeof(struct dmfs_super))
			continue;
		at &= ~(size_t)3;
		memcpy(&word, base.disk + at, 4);
		switch (chance(5)) {
		case 0: word = 0; break;
		case 1: word = UINT32_MAX; break;
		case 2: word ^= 1u << chance(32); break;
		case 3: word = chance(BLOCKS + 50); break;
		default: word = seed; break;
		}
		memcpy(base.disk + at, &word, 4);
	}
}

static void no_chance_damage_crashes_or_loops(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 600; i++) {
		seed = i;
		base_again();
		damage_by_chance();
		image_survive(&base);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whichever_access_fails_nothing_is_half_done),
		cmocka_unit_test(a_truncation_that_failed_can_be_repeated),
		cmocka_unit_test(a_removal_that_failed_can_be_repeated),
		cmocka_unit_test(a_full_disk_refuses_what_does_not_fit_and_nothing_else),
		cmocka_unit_test(the_check_finds_every_damage_and_nothing_crashes_on_it),
		cmocka_unit_test(a_lookup_that_passes_a_damaged_record_ends_there),
		cmocka_unit_test(a_name_that_would_lie_behind_its_block_is_not_compared),
		cmocka_unit_test(a_damaged_image_is_never_marked_clean_again),
		cmocka_unit_test(a_file_with_a_wild_pointer_can_be_removed),
		cmocka_unit_test(no_chance_damage_crashes_or_loops),
	};

	return cmocka_run_group_tests(tests, make_bases, free_bases);
}
