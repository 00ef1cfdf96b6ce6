/* dmfs against a model: random creates, writes, truncations, links, renames and removals, in memory and on an image
   at the same time.  After every few steps the image is checked, and all that the model knows is looked up and read. */
#include "test_dmfs_image.h"

#include <cmocka.h>

#define MAX_NODES 60
#define MAX_RECORDS 160
#define NAMES 70
#define POSITIONS 16

/* Blocks that are written: both sides of each change of depth, and of a leaf's end. */
static const uint32_t positions[POSITIONS] = {
	0, 1, 5, 11, 12, 13, 700, 1035, 1036, 1037, 2059, 2060, 2061, 100000, 524288, DMFS_MAX_FILE_BLOCKS - 1,
};

struct node {
	uint32_t ino;    /* 0: unused */
	uint32_t parent; /* of a directory: index of the node */
	bool dir;
	uint32_t links;
	uint64_t size;
	uint32_t tag[POSITIONS]; /* what the block holds; 0: a hole */
};

struct record {
	bool used;
	uint32_t dir, node; /* indices */
	uint32_t name;
};

struct model {
	struct image im;
	struct node nodes[MAX_NODES];
	struct record records[MAX_RECORDS];
	uint32_t seed;
	uint32_t tags;
	uint32_t done[10]; /* how often each step did something */
};

static uint32_t chance(struct model *m, uint32_t n)
{
	m->seed = m->seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)m->seed * n) >> 32);
}

/* Short and long names, such that 255 bytes occur and many share a length. */
static uint32_t spell(uint32_t name, char *out)
{
	uint32_t len = name % 7 == 0 ? 255 : name % 5 == 0 ? 100 + name : 6;

	memset(out, 'a' + (int)(name % 26), len);
	memcpy(out, (char[]){(char)('0' + name / 10), (char)('0' + name % 10)}, 2);
	out[len] = 0;
	return len;
}

static struct record *find_record(struct model *m, uint32_t dir, uint32_t name)
{
	for (uint32_t i = 0; i < MAX_RECORDS; i++)
		if (m->records[i].used && m->records[i].dir == dir && m->records[i].name == name)
			return &m->records[i];
	return NULL;
}

static struct record *free_record(struct model *m)
{
	for (uint32_t i = 0; i < MAX_RECORDS; i++)
		if (!m->records[i].used)
			return &m->records[i];
	return NULL;
}

static struct record *any_record(struct model *m)
{
	for (uint32_t tries = 0; tries < 50; tries++) {
		struct record *r = &m->records[chance(m, MAX_RECORDS)];

		if (r->used)
			return r;
	}
	return NULL;
}

static uint32_t any_dir(struct model *m)
{
	for (uint32_t tries = 0; tries < 50; tries++) {
		uint32_t i = chance(m, MAX_NODES);

		if (m->nodes[i].ino && m->nodes[i].dir)
			return i;
	}
	return 0;
}

static bool has_children(struct model *m, uint32_t dir)
{
	for (uint32_t i = 0; i < MAX_RECORDS; i++)
		if (m->records[i].used && m->records[i].dir == dir)
			return true;
	return false;
}

static void load(struct model *m, uint32_t node, struct dmfs_inode *ip)
{
	assert_int_equal(dmfs_inode_load(&m->im.fs, m->nodes[node].ino, ip), OK);
}

static bool disk_full(struct model *m, enum status st)
{
	m->done[9] += st == E_NOSPC;
	return st == E_NOSPC;
}

static void step_create(struct model *m, bool dir)
{
	uint32_t parent = any_dir(m), name = chance(m, NAMES), node = chance(m, MAX_NODES), ino = 0;
	struct record *slot = free_record(m);
	char text[256];
	enum status st;

	if (m->nodes[node].ino || !slot)
		return;
	spell(name, text);
	st = image_create(&m->im, m->nodes[parent].ino, text, dir ? S_IFDIR | 0755 : S_IFREG | 0644, &ino);
	if (disk_full(m, st))
		return;
	assert_int_equal(st, find_record(m, parent, name) ? E_EXIST : OK);
	if (st != OK)
		return;
	m->nodes[node] = (struct node){.ino = ino, .parent = parent, .dir = dir, .links = dir ? 2 : 1};
	*slot = (struct record){true, parent, node, name};
	m->nodes[parent].links += dir;
	m->done[dir]++;
}

static void step_remove(struct model *m)
{
	uint32_t parent = any_dir(m), name = chance(m, NAMES);
	struct record *r = find_record(m, parent, name);
	char text[256];
	enum status st;

	spell(name, text);
	st = image_remove(&m->im, m->nodes[parent].ino, text);
	if (!r) {
		assert_int_equal(st, E_NOENT);
		return;
	}
	struct node *n = &m->nodes[r->node];
	if (n->dir && has_children(m, r->node)) {
		assert_int_equal(st, E_NOTEMPTY);
		return;
	}
	assert_int_equal(st, OK);
	m->nodes[parent].links -= n->dir;
	n->links -= n->dir ? 2 : 1;
	if (n->links == 0)
		*n = (struct node){0};
	r->used = false;
	m->done[2]++;
}

static void step_link(struct model *m)
{
	struct record *r = any_record(m), *slot = free_record(m);
	uint32_t parent = any_dir(m), name = chance(m, NAMES), len;
	struct dmfs_inode dir, ip;
	char text[256];
	enum status st;

	if (!r || !slot || m->nodes[r->node].dir)
		return;
	len = spell(name, text);
	load(m, parent, &dir);
	load(m, r->node, &ip);
	st = dmfs_dir_add(&dir, text, len, ip.ino, S_IFREG >> 12, NULL);
	if (disk_full(m, st))
		return;
	assert_int_equal(st, find_record(m, parent, name) ? E_EXIST : OK);
	if (st != OK)
		return;
	ip.d.links++;
	assert_int_equal(dmfs_inode_store(&ip), OK);
	assert_int_equal(dmfs_inode_store(&dir), OK);
	m->nodes[r->node].links++;
	*slot = (struct record){true, parent, r->node, name};
	m->done[3]++;
}

static bool is_below(struct model *m, uint32_t dir, uint32_t above)
{
	while (dir != above && dir != 0)
		dir = m->nodes[dir].parent;
	return dir == above;
}

/* Move the name R to NAME in the directory TO, where nothing has that name. */
static void rename_to_free(struct model *m, struct record *r, uint32_t to, uint32_t name)
{
	struct node *n = &m->nodes[r->node];
	struct dmfs_inode from_dir, to_dir, ip, *to_ip = r->dir == to ? &from_dir : &to_dir;
	struct dmfs_slot old, new;
	char old_text[256], new_text[256];
	uint32_t old_len = spell(r->name, old_text), new_len = spell(name, new_text);
	enum status st;

	load(m, r->dir, &from_dir);
	load(m, to, &to_dir);
	assert_int_equal(dmfs_dir_lookup(&from_dir, old_text, old_len, &old), OK);
	assert_int_equal(old.ino, n->ino);
	assert_int_equal(dmfs_dir_lookup(to_ip, new_text, new_len, &new), E_NOENT);
	st = dmfs_dir_add(to_ip, new_text, new_len, n->ino, n->dir ? 4 : 8, &new);
	if (disk_full(m, st))
		return;
	assert_int_equal(st, OK);
	assert_int_equal(dmfs_dir_remove(&from_dir, old_text, old_len, &old), OK);
	if (n->dir && r->dir != to) {
		load(m, r->node, &ip);
		assert_int_equal(dmfs_dir_replace(&ip, "..", 2, to_ip->ino, 4, NULL), OK);
		assert_int_equal(dmfs_inode_store(&ip), OK);
		from_dir.d.links--;
		to_dir.d.links++;
		m->nodes[r->dir].links--;
		m->nodes[to].links++;
		n->parent = to;
	}
	assert_int_equal(dmfs_inode_store(&from_dir), OK);
	if (r->dir != to)
		assert_int_equal(dmfs_inode_store(&to_dir), OK);
	r->dir = to;
	r->name = name;
}

/* The name OVER, of a file, gets the inode of the file R, which loses its own name. */
static void rename_over(struct model *m, struct record *r, struct record *over)
{
	struct node *victim = &m->nodes[over->node];
	struct dmfs_inode from_dir, to_dir, ip, *to_ip = r->dir == over->dir ? &from_dir : &to_dir;
	char old_text[256], new_text[256];
	uint32_t old_len = spell(r->name, old_text), new_len = spell(over->name, new_text);

	load(m, r->dir, &from_dir);
	load(m, over->dir, &to_dir);
	load(m, over->node, &ip);
	assert_int_equal(dmfs_dir_replace(to_ip, new_text, new_len, m->nodes[r->node].ino, 8, NULL), OK);
	assert_int_equal(dmfs_dir_remove(&from_dir, old_text, old_len, NULL), OK);
	assert_int_equal(dmfs_inode_store(&from_dir), OK);
	if (to_ip == &to_dir)
		assert_int_equal(dmfs_inode_store(&to_dir), OK);
	ip.d.links--;
	assert_int_equal(ip.d.links ? dmfs_inode_store(&ip) : dmfs_inode_free(&ip), OK);
	if (--victim->links == 0)
		*victim = (struct node){0};
	over->node = r->node;
	r->used = false;
}

static void step_rename(struct model *m)
{
	uint32_t to = any_dir(m), name = chance(m, NAMES);
	struct record *r = any_record(m), *over = find_record(m, to, name);

	if (!r || (m->nodes[r->node].dir && is_below(m, to, r->node)))
		return;
	if (over && (over->node == r->node || m->nodes[over->node].dir || m->nodes[r->node].dir))
		return;
	if (over)
		rename_over(m, r, over);
	else
		rename_to_free(m, r, to, name);
	m->done[over ? 4 : 5]++;
}

static void step_write(struct model *m)
{
	struct record *r = any_record(m);
	uint32_t at = chance(m, POSITIONS);
	struct dmfs_inode ip;
	enum status st;

	if (!r || m->nodes[r->node].dir)
		return;
	struct node *n = &m->nodes[r->node];
	load(m, r->node, &ip);
	for (uint32_t i = 1 + chance(m, 4); i > 0; i--, at = (at + 1) % POSITIONS) {
		st = image_write(&m->im, &ip, positions[at], ++m->tags);
		if (disk_full(m, st))
			break;
		assert_int_equal(st, OK);
		n->tag[at] = m->tags;
		if (n->size < ((uint64_t)positions[at] + 1) << 12)
			n->size = ((uint64_t)positions[at] + 1) << 12;
	}
	assert_int_equal(dmfs_inode_store(&ip), OK);
	m->done[6]++;
}

static void step_truncate(struct model *m)
{
	struct record *r = any_record(m);
	uint32_t at = chance(m, POSITIONS);
	uint64_t size = ((uint64_t)positions[at] << 12) + chance(m, 2) * chance(m, 4096);
	struct dmfs_inode ip;

	if (!r || m->nodes[r->node].dir)
		return;
	load(m, r->node, &ip);
	assert_int_equal(dmfs_truncate(&ip, size), OK);
	m->nodes[r->node].size = size;
	for (uint32_t i = 0; i < POSITIONS; i++)
		if ((uint64_t)positions[i] << 12 >= size)
			m->nodes[r->node].tag[i] = 0;
	m->done[7]++;
}

static void compare_node(struct model *m, uint32_t i)
{
	struct node *n = &m->nodes[i];
	struct dmfs_inode ip;

	load(m, i, &ip);
	assert_int_equal(ip.d.links, n->links);
	assert_int_equal((ip.d.mode & S_IFMT) == S_IFDIR, n->dir);
	if (n->dir) {
		assert_int_equal(dmfs_dir_is_empty(&ip), has_children(m, i) ? E_NOTEMPTY : OK);
		return;
	}
	assert_int_equal(ip.d.size, n->size);
	for (uint32_t k = 0; k < POSITIONS; k++)
		assert_int_equal(image_read(&m->im, &ip, positions[k]), n->tag[k]);
}

struct count {
	uint32_t n;
};

static bool count_all(void *arg, const struct dmfs_entry *e)
{
	struct count *c = arg;

	c->n += e->ino != 0;
	return true;
}

static void compare(struct model *m)
{
	uint32_t expected = 0;
	struct count c = {0};

	assert_int_equal(image_check(&m->im, true), 0);
	assert_int_equal(m->im.nheld, 1); /* the inode bitmap */
	for (uint32_t i = 0; i < MAX_NODES; i++) {
		struct dmfs_inode ip;
		uint32_t cookie = 0;

		if (!m->nodes[i].ino)
			continue;
		compare_node(m, i);
		load(m, i, &ip);
		if (m->nodes[i].dir)
			assert_int_equal(dmfs_dir_read(&ip, &cookie, count_all, &c), OK);
		expected += m->nodes[i].dir ? 2 : 0;
	}
	for (uint32_t i = 0; i < MAX_RECORDS; i++) {
		struct record *r = &m->records[i];
		struct dmfs_inode dir;
		struct dmfs_slot slot;
		char text[256];

		if (!r->used)
			continue;
		load(m, r->dir, &dir);
		assert_int_equal(dmfs_dir_lookup(&dir, text, spell(r->name, text), &slot), OK);
		assert_int_equal(slot.ino, m->nodes[r->node].ino);
		expected++;
	}
	assert_int_equal(c.n, expected); /* and nothing else */
}

static void step(struct model *m)
{
	switch (chance(m, 12)) {
	case 0:
	case 1: step_create(m, false); break;
	case 2: step_create(m, true); break;
	case 3:
	case 4: step_remove(m); break;
	case 5: step_link(m); break;
	case 6:
	case 7: step_rename(m); break;
	case 8: step_truncate(m); break;
	default: step_write(m); break;
	}
}

/* Take away all names that can go, until nothing is left. */
static void remove_all(struct model *m)
{
	for (uint32_t left = 1; left > 0;) {
		left = 0;
		for (uint32_t i = 0; i < MAX_RECORDS; i++) {
			struct record *r = &m->records[i];
			char text[256];

			left += r->used;
			if (!r->used || has_children(m, r->node))
				continue;
			spell(r->name, text);
			assert_int_equal(image_remove(&m->im, m->nodes[r->dir].ino, text), OK);
			r->used = false;
		}
	}
}

static void run_model(uint32_t seed, uint32_t steps, uint32_t blocks)
{
	struct model *m = calloc(1, sizeof *m);
	struct dmfs_inode root;

	m->seed = seed;
	image_make(&m->im, blocks, 64);
	uint32_t free_blocks = m->im.fs.free_blocks, free_inodes = m->im.fs.free_inodes;
	m->nodes[0] = (struct node){.ino = DMFS_ROOT_INO, .dir = true, .links = 2};
	for (uint32_t i = 1; i <= steps; i++) {
		step(m);
		if (i % 50 == 0)
			compare(m);
		if (i % 400 == 0) {
			image_unmount(&m->im);
			image_mount(&m->im);
			assert_true(m->im.fs.was_clean);
		}
	}
	for (uint32_t i = 0; i < 8; i++)
		assert_true(m->done[i] > 0);
	remove_all(m);
	assert_int_equal(image_check(&m->im, true), 0);
	assert_int_equal(m->im.fs.free_inodes, free_inodes);
	assert_int_equal(dmfs_inode_load(&m->im.fs, DMFS_ROOT_INO, &root), OK);
	assert_int_equal(m->im.fs.free_blocks, free_blocks + 1 - root.d.blocks);
	if (blocks < 300)
		assert_true(m->done[9] > 0); /* the disk was full */
	image_unmount(&m->im);
	image_free(&m->im);
	free(m);
}

static void random_steps_agree_with_the_model(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 6; seed++)
		run_model(seed, 2000, 1200);
}

static void random_steps_on_a_disk_that_is_often_full_agree_with_the_model(void **state)
{
	(void)state;
	for (uint32_t seed = 101; seed <= 106; seed++)
		run_model(seed, 2000, 140);
}

static void random_steps_across_several_bitmap_blocks_agree_with_the_model(void **state)
{
	(void)state;
	run_model(201, 1200, 2 * DMFS_BITS_PER_BLOCK + 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_steps_agree_with_the_model),
		cmocka_unit_test(random_steps_on_a_disk_that_is_often_full_agree_with_the_model),
		cmocka_unit_test(random_steps_across_several_bitmap_blocks_agree_with_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
