// links: lib sync mm dmfs fs
/* Paths, names and the changes of names, on a real dmfs in memory.  The image is checked at the end. */
#include "test_fs_world.h"

static void a_path_is_walked_name_by_name(void **state)
{
	(void)state;
	assert_int_equal(make_dir("/a"), OK);
	assert_int_equal(make_dir("/a/b/"), OK);
	make_file("/a/b/f", "text");
	assert_string_equal(file_text("/a/b/f"), "text");
	assert_string_equal(file_text("//a///b/./../b/f"), "text");
	assert_string_equal(file_text("/../../a/b/f"), "text");
	assert_int_equal(path_status(""), E_NOENT);
	assert_int_equal(path_status("/a/x"), E_NOENT);
	assert_int_equal(path_status("/a/x/y"), E_NOENT);
	assert_int_equal(path_status("/a/b/f/"), E_NOTDIR);
	assert_int_equal(path_status("/a/b/f/g"), E_NOTDIR);
	assert_int_equal(path_status("/a/b/f/."), E_NOTDIR);
	assert_int_equal(path_status("/a/b///"), OK);
}

static void the_walk_is_the_same_with_and_without_the_name_cache(void **state)
{
	static const char *const paths[] = {"/a",   "/a/b",    "/a/b/..",   "/a/b/f", "/a/q",
	                                    "/dev", "/dev/..", "/dev/null", "/a/b/f/"};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		int warm = path_status(paths[i]), again = path_status(paths[i]);

		names_forget_all();
		assert_int_equal(path_status(paths[i]), warm);
		assert_int_equal(again, warm);
	}
	fs_trim();
	assert_string_equal(file_text("/a/b/f"), "text");
}

static void a_name_may_have_255_bytes_and_no_more(void **state)
{
	char path[300] = "/";

	(void)state;
	memset(path + 1, 'n', 255);
	make_file(path, "long");
	assert_string_equal(file_text(path), "long");
	assert_int_equal(path_unlink(NULL, path), OK);
	path[256] = 'n';
	assert_int_equal(path_status(path), E_NAMETOOLONG);
	assert_int_equal(make_dir(path), E_NAMETOOLONG);
	assert_int_equal(open_status(path, O_CREAT | O_WRONLY), E_NAMETOOLONG);
}

static void open_makes_and_refuses_as_posix_says(void **state)
{
	(void)state;
	assert_int_equal(open_status("/new", O_RDONLY), E_NOENT);
	assert_int_equal(open_status("/new", O_RDWR | O_CREAT), OK);
	assert_int_equal(open_status("/new", O_RDWR | O_CREAT | O_EXCL), E_EXIST);
	assert_int_equal(open_status("/new", O_RDONLY | O_DIRECTORY), E_NOTDIR);
	assert_int_equal(open_status("/a", O_RDWR), E_ISDIR);
	assert_int_equal(open_status("/a", O_RDONLY | O_CREAT), E_ISDIR);
	assert_int_equal(open_status("/a", O_RDONLY | O_TRUNC), E_ISDIR);
	assert_int_equal(open_status("/a", O_RDONLY | O_DIRECTORY), OK);
	assert_int_equal(open_status("/none/", O_RDWR | O_CREAT), E_ISDIR);
	assert_int_equal(open_status("/new/", O_RDONLY), E_NOTDIR);
	assert_int_equal(open_status("/new/", O_RDONLY | O_CREAT), E_ISDIR);
	assert_int_equal(open_status("/none/x", O_RDWR | O_CREAT), E_NOENT);
	assert_int_equal(open_status("/dev/none", O_RDWR | O_CREAT), E_PERM);
	assert_int_equal(path_unlink(NULL, "/new"), OK);
	assert_int_equal(path_unlink(NULL, "/new"), E_NOENT);
}

static void unlink_and_rmdir_refuse_what_they_should(void **state)
{
	(void)state;
	assert_int_equal(path_unlink(NULL, "/a"), E_ISDIR);
	assert_int_equal(path_unlink(NULL, "/a/."), E_ISDIR);
	assert_int_equal(path_unlink(NULL, "/a/b/f/"), E_NOTDIR);
	assert_int_equal(path_unlink(NULL, "/dev/null"), E_PERM);
	assert_int_equal(path_rmdir(NULL, "/a"), E_NOTEMPTY);
	assert_int_equal(path_rmdir(NULL, "/a/b/f"), E_NOTDIR);
	assert_int_equal(path_rmdir(NULL, "/a/b/."), E_INVAL);
	assert_int_equal(path_rmdir(NULL, "/a/b/.."), E_NOTEMPTY);
	assert_int_equal(path_rmdir(NULL, "/"), E_BUSY);
	assert_int_equal(path_rmdir(NULL, "/dev"), E_BUSY);
	assert_int_equal(make_dir("/a"), E_EXIST);
	assert_int_equal(make_dir("/"), E_EXIST);
}

static void a_file_without_names_lives_until_it_is_closed(void **state)
{
	struct dmfs_statfs before, after;
	struct file *f;

	(void)state;
	dmfs_statfs(&container_of(
			     root_vnode->mount,
			     struct {
				     struct mount m;
				     struct dmfs fs;
			     },
			     m)
	                     ->fs,
	            &before);
	f = open_file("/gone", O_CREAT | O_RDWR);
	memset(user_memory, 7, 3 * PAGE_SIZE);
	assert_int_equal(file_write(f, user_addr(0), 3 * PAGE_SIZE), 3 * PAGE_SIZE);
	assert_int_equal(path_unlink(NULL, "/gone"), OK);
	assert_int_equal(path_status("/gone"), E_NOENT);
	assert_true(f->vnode->unlinked);
	assert_int_equal(file_write(f, user_addr(0), 10), 10);
	file_put(f);
	dmfs_statfs(&container_of(
			     root_vnode->mount,
			     struct {
				     struct mount m;
				     struct dmfs fs;
			     },
			     m)
	                     ->fs,
	            &after);
	assert_int_equal(before.free_blocks, after.free_blocks);
	assert_int_equal(before.free_inodes, after.free_inodes);
}

static void a_removed_directory_takes_no_names(void **state)
{
	struct vnode *dir;
	struct file *f;

	(void)state;
	assert_int_equal(make_dir("/d"), OK);
	assert_int_equal(path_lookup(NULL, "/d", &dir), OK);
	f = open_file("/d", O_RDONLY);
	assert_int_equal(path_rmdir(NULL, "/d"), OK);
	assert_int_equal(file_getdents(f, user_addr(0), 4096), E_NOENT);
	file_put(f);
	assert_int_equal(path_status("/d"), E_NOENT);
	{
		const struct vnode_make m = {.mode = S_IFDIR | 0755};
		char cwd[64];

		assert_int_equal(path_make(dir, "x", &m), E_NOENT);
		assert_int_equal(path_of_directory(dir, cwd, sizeof cwd), E_NOENT);
	}
	vnode_put(dir);
}

/* Its ".." says a number that is free, and may be anything by the next mkdir. */
static void a_removed_directory_has_no_parent(void **state)
{
	struct vnode *dir, *above;

	(void)state;
	assert_int_equal(make_dir("/d"), OK);
	assert_int_equal(make_dir("/d/e"), OK);
	assert_int_equal(path_lookup(NULL, "/d/e", &dir), OK);
	assert_int_equal(path_rmdir(NULL, "/d/e"), OK);
	assert_int_equal(path_rmdir(NULL, "/d"), OK);
	assert_int_equal(path_lookup(dir, "..", &above), E_NOENT);
	assert_int_equal(path_lookup(dir, "../x", &above), E_NOENT);
	make_file("/x", "");
	assert_int_equal(path_rename(NULL, "/x", dir, "x"), E_NOENT);
	assert_int_equal(path_unlink(NULL, "/x"), OK);
	vnode_put(dir);
}

/* All clean pages are taken back. */
static void evict_all(void)
{
	static paddr_t taken[WORLD_FRAMES];
	unsigned n = 0;

	assert_int_equal(fs_sync_all(), OK);
	fs_trim();
	while (frame_get(FRAME_KERNEL, &taken[n]) == OK)
		n++;
	while (n > 0)
		frame_put(taken[--n]);
}

static void a_node_that_cannot_be_read_is_left_alone(void **state)
{
	(void)state;
	make_file("/unread", "x");
	make_file("/other", "x");
	evict_all();
	assert_int_equal(path_status("/none"), E_NOENT); /* the directory's block is there, the inodes' is not */
	disk_fail_reads = true;
	assert_int_equal(path_unlink(NULL, "/unread"), E_IO);
	assert_int_equal(make_dir("/unread"), E_IO);
	assert_int_equal(path_rename(NULL, "/unread", NULL, "/new"), E_IO);
	assert_int_equal(open_status("/unread", O_RDWR | O_CREAT), E_IO);
	disk_fail_reads = false;
	assert_int_equal(path_unlink(NULL, "/unread"), OK);
	assert_int_equal(path_unlink(NULL, "/other"), OK);
}

/* On the disk: the number in the record ".." of directory INO. */
static uint32_t *parent_on_disk(uint64_t ino)
{
	for (uint32_t b = 0; b < DISK_BLOCKS; b++) {
		struct dmfs_record *dot = (void *)disk_memory[b], *up = (void *)(disk_memory[b] + 12);

		if (dot->ino == ino && dot->reclen == 12 && dot->namelen == 1 && up->namelen == 2 && up->name[0] == '.')
			return &up->ino;
	}
	fail();
	return NULL;
}

static void directories_above_each_other_do_not_hang_a_rename(void **state)
{
	struct vnode *a, *b;
	uint32_t ino_a, ino_b;

	(void)state;
	assert_int_equal(make_dir("/a1"), OK);
	assert_int_equal(make_dir("/a1/b1"), OK);
	assert_int_equal(make_dir("/c1"), OK);
	assert_int_equal(path_lookup(NULL, "/a1", &a), OK);
	assert_int_equal(path_lookup(NULL, "/a1/b1", &b), OK);
	ino_a = a->ino;
	ino_b = b->ino;
	vnode_put(a);
	vnode_put(b);
	evict_all();
	*parent_on_disk(ino_a) = ino_b;
	assert_int_equal(path_rename(NULL, "/c1/x", NULL, "/a1/b1/x"), E_UCLEAN);
	evict_all();
	*parent_on_disk(ino_a) = DMFS_ROOT_INO;
	assert_int_equal(path_rmdir(NULL, "/a1/b1"), OK);
	assert_int_equal(path_rmdir(NULL, "/a1"), OK);
	assert_int_equal(path_rmdir(NULL, "/c1"), OK);
}

static void link_counts_and_refuses(void **state)
{
	struct abi_stat64 st;
	struct vnode *vn;

	(void)state;
	make_file("/one", "linked");
	assert_int_equal(path_link(NULL, "/one", NULL, "/a/two"), OK);
	assert_int_equal(path_link(NULL, "/one", NULL, "/a/two"), E_EXIST);
	assert_int_equal(path_link(NULL, "/one", NULL, "/one"), E_EXIST);
	assert_int_equal(path_link(NULL, "/a", NULL, "/dirlink"), E_PERM);
	assert_int_equal(path_link(NULL, "/one", NULL, "/dev/x"), E_XDEV);
	assert_int_equal(path_link(NULL, "/one", NULL, "/x/"), E_NOENT);
	assert_int_equal(path_lookup(NULL, "/a/two", &vn), OK);
	vnode_stat(vn, &st);
	assert_int_equal(st.nlink, 2);
	vnode_put(vn);
	assert_int_equal(path_unlink(NULL, "/one"), OK);
	assert_string_equal(file_text("/a/two"), "linked");
	assert_int_equal(path_unlink(NULL, "/a/two"), OK);
}

static void rename_replaces_moves_and_refuses(void **state)
{
	(void)state;
	make_file("/r1", "one");
	make_file("/r2", "two");
	assert_int_equal(path_rename(NULL, "/r1", NULL, "/r2"), OK);
	assert_string_equal(file_text("/r2"), "one");
	assert_int_equal(path_status("/r1"), E_NOENT);
	assert_int_equal(path_rename(NULL, "/r2", NULL, "/r2"), OK);
	assert_int_equal(path_rename(NULL, "/r2", NULL, "/a/b/r3"), OK);
	assert_string_equal(file_text("/a/b/r3"), "one");
	assert_int_equal(path_rename(NULL, "/none", NULL, "/x"), E_NOENT);
	assert_int_equal(path_rename(NULL, "/a/b/r3", NULL, "/a"), E_NOTEMPTY);
	assert_int_equal(path_rename(NULL, "/a", NULL, "/a/b/r3"), E_INVAL);
	assert_int_equal(make_dir("/e"), OK);
	assert_int_equal(path_rename(NULL, "/e", NULL, "/a/b/r3"), E_NOTDIR);
	assert_int_equal(path_rename(NULL, "/a/b/r3", NULL, "/e"), E_ISDIR);
	assert_int_equal(path_rename(NULL, "/e", NULL, "/a"), E_NOTEMPTY);
	assert_int_equal(path_rename(NULL, "/a/b/r3/", NULL, "/x"), E_NOTDIR);
	assert_int_equal(path_rename(NULL, "/a", NULL, "/a/b/inside"), E_INVAL);
	assert_int_equal(path_rename(NULL, "/a/b", NULL, "/a"), E_NOTEMPTY);
	assert_int_equal(path_rename(NULL, "/a/.", NULL, "/x"), E_BUSY);
	assert_int_equal(path_rename(NULL, "/a", NULL, "/dev/x"), E_XDEV);
	assert_int_equal(path_rename(NULL, "/dev", NULL, "/x"), E_BUSY);
	assert_int_equal(path_unlink(NULL, "/a/b/r3"), OK);
	assert_int_equal(path_rmdir(NULL, "/e"), OK);
}

static void a_moved_directory_knows_its_new_parent(void **state)
{
	struct vnode *dir;
	char cwd[64];

	(void)state;
	assert_int_equal(make_dir("/p"), OK);
	assert_int_equal(make_dir("/q"), OK);
	assert_int_equal(make_dir("/p/m"), OK);
	assert_int_equal(make_dir("/q/m"), OK);
	assert_int_equal(path_status("/p/m/.."), OK);
	assert_int_equal(path_rename(NULL, "/p/m", NULL, "/q/m"), OK);
	assert_int_equal(path_lookup(NULL, "/q/m", &dir), OK);
	assert_int_equal(path_of_directory(dir, cwd, sizeof cwd), 5);
	assert_string_equal(cwd, "/q/m");
	assert_int_equal(path_of_directory(dir, cwd, 5), 5);
	assert_int_equal(path_of_directory(dir, cwd, 4), E_RANGE);
	vnode_put(dir);
	assert_int_equal(path_rmdir(NULL, "/p"), OK);
	assert_int_equal(path_status("/q/m/../../p"), E_NOENT);
	assert_int_equal(path_status("/q/m/../m/.."), OK);
	assert_int_equal(path_rmdir(NULL, "/q/m"), OK);
	assert_int_equal(path_rmdir(NULL, "/q"), OK);
}

static void getcwd_crosses_mounts_and_the_root_is_a_slash(void **state)
{
	struct vnode *dev;
	char cwd[64];

	(void)state;
	assert_int_equal(path_lookup(NULL, "/dev", &dev), OK);
	assert_int_equal(path_of_directory(dev, cwd, sizeof cwd), 5);
	assert_string_equal(cwd, "/dev");
	vnode_put(dev);
	assert_int_equal(path_of_directory(root_vnode, cwd, sizeof cwd), 2);
	assert_string_equal(cwd, "/");
}

static void getdents_shows_each_entry_once_in_buffers_of_any_size(void **state)
{
	(void)state;
	assert_int_equal(make_dir("/many"), OK);
	for (unsigned i = 0; i < 200; i++) {
		char path[32];

		snprintf(path, sizeof path, "/many/file%u", i);
		make_file(path, "x");
	}
	for (uint32_t size = 32; size <= 10000; size = size * 3 / 2) {
		struct file *f = open_file("/many", O_RDONLY | O_DIRECTORY);
		unsigned seen = 0;
		int32_t n;

		while ((n = file_getdents(f, user_addr(0), size)) > 0) {
			assert_true((uint32_t)n <= size);
			for (int32_t at = 0; at < n; seen++) {
				const struct abi_dirent64 *e = (void *)&user_memory[at];

				at += e->reclen;
			}
		}
		assert_int_equal(n, 0);
		assert_int_equal(seen, 202);
		file_put(f);
	}
	for (unsigned i = 0; i < 200; i++) {
		char path[32];

		snprintf(path, sizeof path, "/many/file%u", i);
		assert_int_equal(path_unlink(NULL, path), OK);
	}
	assert_int_equal(path_rmdir(NULL, "/many"), OK);
}

static void getdents_refuses(void **state)
{
	struct file *f = open_file("/", O_RDONLY);
	struct file *g = open_file("/a/b/f", O_RDONLY);

	(void)state;
	assert_int_equal(file_getdents(f, user_addr(0), 8), E_INVAL);
	assert_int_equal(file_getdents(f, user_ptr(0), 4096), E_FAULT);
	assert_int_equal(f->offset, 0);
	assert_int_equal(file_getdents(g, user_addr(0), 4096), E_NOTDIR);
	file_put(f);
	file_put(g);
}

static void dev_has_its_devices(void **state)
{
	struct abi_stat64 st;
	struct vnode *vn;
	struct file *f;

	(void)state;
	assert_int_equal(path_lookup(NULL, "/dev/null", &vn), OK);
	vnode_stat(vn, &st);
	assert_int_equal(st.mode, S_IFCHR | 0666);
	assert_int_equal(st.rdev, ABI_MKDEV(1, 3));
	vnode_put(vn);
	f = open_file("/dev/zero", O_RDWR);
	memset(user_memory, 1, 10000);
	assert_int_equal(file_read(f, user_addr(5), 9000), 9000);
	assert_int_equal(user_memory[4], 1);
	assert_int_equal(user_memory[5] | user_memory[9004], 0);
	assert_int_equal(user_memory[9005], 1);
	assert_int_equal(file_write(f, user_addr(0), 77), 77);
	file_put(f);
	f = open_file("/dev/hda", O_RDONLY);
	assert_int_equal(file_read(f, user_addr(0), 4), 4);
	assert_memory_equal(user_memory, "DMFS", 4);
	file_put(f);
	assert_int_equal(open_status("/dev/hda", O_RDWR), E_BUSY);
}

static void a_running_program_is_not_written(void **state)
{
	const struct vnode_make m = {.mode = S_IFREG | 0755};
	struct vnode *vn;
	struct file *f;

	(void)state;
	assert_int_equal(program_open("/a/b/f", &vn), E_ACCES);
	assert_int_equal(program_open("/a", &vn), E_ACCES);
	assert_int_equal(path_make(NULL, "/prog", &m), OK);
	assert_int_equal(program_open("/prog", &vn), OK);
	assert_int_equal(open_status("/prog", O_WRONLY), E_TXTBSY);
	assert_int_equal(open_status("/prog", O_RDONLY | O_TRUNC), E_TXTBSY);
	assert_int_equal(open_status("/prog", O_RDONLY), OK);
	program_close(vn);
	f = open_file("/prog", O_WRONLY);
	assert_int_equal(program_open("/prog", &vn), E_TXTBSY);
	file_put(f);
	assert_int_equal(program_open("/prog", &vn), OK);
	program_close(vn);
	assert_int_equal(path_unlink(NULL, "/prog"), OK);
}

static void without_memory_nothing_changes(void **state)
{
	(void)state;
	fs_trim();
	kmalloc_trim();
	for (uint32_t n = 0;; n++) {
		int st;

		frame_fail_after(n);
		st = make_dir("/nomem");
		frame_fail_after(UINT32_MAX);
		if (st == OK)
			break;
		assert_int_equal(st, E_NOMEM);
		assert_int_equal(path_status("/nomem"), E_NOENT);
		fs_trim();
		kmalloc_trim();
		assert_true(n < 100);
	}
	assert_int_equal(path_rmdir(NULL, "/nomem"), OK);
}

static void a_thousand_random_changes_agree_with_a_model(void **state)
{
	enum { NAMES = 12 };
	bool there[2][NAMES] = {{false}};
	uint32_t seed = 12345;

	(void)state;
	assert_int_equal(make_dir("/m0"), OK);
	assert_int_equal(make_dir("/m1"), OK);
	for (unsigned i = 0; i < 4000; i++) {
		char a[16], b[16];
		unsigned da, na, db, nb;

		seed = seed * 1664525 + 1013904223;
		da = seed >> 31;
		na = (seed >> 24) % NAMES;
		db = seed >> 23 & 1;
		nb = (seed >> 16) % NAMES;
		snprintf(a, sizeof a, "/m%u/n%u", da, na);
		snprintf(b, sizeof b, "/m%u/n%u", db, nb);
		switch (seed >> 12 & 3) {
		case 0:
			assert_int_equal(open_status(a, O_CREAT | O_EXCL | O_RDWR), there[da][na] ? E_EXIST : OK);
			there[da][na] = true;
			break;
		case 1:
			assert_int_equal(path_unlink(NULL, a), there[da][na] ? OK : E_NOENT);
			there[da][na] = false;
			break;
		case 2:
			assert_int_equal(path_rename(NULL, a, NULL, b), there[da][na] ? OK : E_NOENT);
			if (there[da][na] && (da != db || na != nb)) {
				there[db][nb] = true;
				there[da][na] = false;
			}
			break;
		case 3: assert_int_equal(path_status(a), there[da][na] ? OK : E_NOENT); break;
		}
		if (i % 500 == 499)
			fs_trim();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_walked_name_by_name),
		cmocka_unit_test(the_walk_is_the_same_with_and_without_the_name_cache),
		cmocka_unit_test(a_name_may_have_255_bytes_and_no_more),
		cmocka_unit_test(open_makes_and_refuses_as_posix_says),
		cmocka_unit_test(unlink_and_rmdir_refuse_what_they_should),
		cmocka_unit_test(a_file_without_names_lives_until_it_is_closed),
		cmocka_unit_test(a_removed_directory_takes_no_names),
		cmocka_unit_test(a_removed_directory_has_no_parent),
		cmocka_unit_test(a_node_that_cannot_be_read_is_left_alone),
		cmocka_unit_test(directories_above_each_other_do_not_hang_a_rename),
		cmocka_unit_test(link_counts_and_refuses),
		cmocka_unit_test(rename_replaces_moves_and_refuses),
		cmocka_unit_test(a_moved_directory_knows_its_new_parent),
		cmocka_unit_test(getcwd_crosses_mounts_and_the_root_is_a_slash),
		cmocka_unit_test(getdents_shows_each_entry_once_in_buffers_of_any_size),
		cmocka_unit_test(getdents_refuses),
		cmocka_unit_test(dev_has_its_devices),
		cmocka_unit_test(a_running_program_is_not_written),
		cmocka_unit_test(without_memory_nothing_changes),
		cmocka_unit_test(a_thousand_random_changes_agree_with_a_model),
	};

	return cmocka_run_group_tests(tests, world_start, world_end);
}
