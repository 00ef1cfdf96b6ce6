// links: lib sync mm dmfs fs
/* Descriptors: the lowest free one, growth, dup, close-on-exec, fork and exit. */
#include "test_fs_world.h"

static int32_t open_fd(void)
{
	struct file *f = open_file("/dev/null", O_RDWR);
	int32_t fd = fd_install(f, 0, false);

	if (fd < 0)
		file_put(f);
	return fd;
}

static struct file *file_at(uint32_t fd)
{
	struct fd_hold h;

	if (!fd_hold(fd, &h))
		return NULL;
	fd_drop(&h);
	return h.file;
}

static void the_lowest_free_descriptor_is_taken(void **state)
{
	(void)state;
	for (int32_t i = 0; i < 100; i++)
		assert_int_equal(open_fd(), i);
	for (uint32_t i = 3; i < 100; i += 31)
		assert_int_equal(fd_close(i), OK);
	for (int32_t i = 3; i < 100; i += 31)
		assert_int_equal(open_fd(), i);
	assert_int_equal(open_fd(), 100);
	for (uint32_t i = 0; i <= 100; i++)
		assert_int_equal(fd_close(i), OK);
	assert_int_equal(fd_close(50), E_BADF);
	assert_int_equal(fd_close(100000), E_BADF);
	assert_int_equal(fd_close(UINT32_MAX), E_BADF);
}

static void a_search_may_begin_above(void **state)
{
	struct file *f = open_file("/dev/null", O_RDWR);

	(void)state;
	assert_int_equal(fd_reserve(10, false), 10);
	fd_fill(10, f);
	assert_int_equal(fd_reserve(10, false), 11);
	assert_null(file_at(11)); /* reserved is not open */
	assert_int_equal(fd_reserve(0, false), 0);
	fd_unreserve(0);
	fd_unreserve(11);
	assert_int_equal(fd_reserve(10, false), 11);
	fd_unreserve(11);
	assert_int_equal(fd_reserve(FD_MAX - 1, false), FD_MAX - 1);
	assert_int_equal(fd_reserve(FD_MAX - 1, false), E_MFILE);
	assert_int_equal(fd_reserve(5000, false), E_MFILE);
	fd_unreserve(FD_MAX - 1);
	assert_int_equal(fd_close(10), OK);
}

static void a_process_has_so_many_and_no_more(void **state)
{
	(void)state;
	for (int32_t i = 0; i < (int32_t)FD_MAX; i++)
		assert_int_equal(open_fd(), i);
	assert_int_equal(open_fd(), E_MFILE);
	assert_int_equal(fd_close(477), OK);
	assert_int_equal(open_fd(), 477);
	for (uint32_t i = 0; i < FD_MAX; i++)
		assert_int_equal(fd_close(i), OK);
	assert_int_equal(file_count(), 0);
}

static void dup2_closes_what_was_there(void **state)
{
	(void)state;
	assert_int_equal(open_fd(), 0);
	assert_int_equal(open_fd(), 1);
	assert_int_equal(fd_dup2(0, 1), 1);
	assert_ptr_equal(file_at(0), file_at(1));
	assert_int_equal(file_count(), 1);
	assert_int_equal(fd_dup2(0, 0), 0);
	assert_int_equal(fd_dup2(5, 5), E_BADF);
	assert_int_equal(fd_dup2(5, 0), E_BADF);
	assert_int_equal(fd_dup2(0, FD_MAX), E_BADF);
	assert_int_equal(fd_dup2(0, 200), 200);
	assert_ptr_equal(file_at(200), file_at(0));
	assert_int_equal(fd_close(0), OK);
	assert_int_equal(fd_close(1), OK);
	assert_int_equal(file_count(), 1);
	assert_int_equal(fd_close(200), OK);
	assert_int_equal(file_count(), 0);
}

static void exec_closes_what_is_marked(void **state)
{
	(void)state;
	for (int32_t i = 0; i < 70; i++)
		assert_int_equal(open_fd(), i);
	for (uint32_t i = 0; i < 70; i += 2)
		assert_int_equal(fd_set_cloexec(i, true), OK);
	assert_int_equal(fd_get_cloexec(2), 1);
	assert_int_equal(fd_get_cloexec(3), 0);
	assert_int_equal(fd_set_cloexec(300, true), E_BADF);
	assert_int_equal(fd_dup2(2, 4), 4); /* the copy is not marked */
	files_close_on_exec();
	for (uint32_t i = 0; i < 70; i++)
		assert_int_equal(file_at(i) != NULL, i % 2 == 1 || i == 4);
	for (uint32_t i = 0; i < 70; i++)
		(void)fd_close(i);
	assert_int_equal(open_fd(), 0);
	assert_int_equal(fd_get_cloexec(0), 0);
	assert_int_equal(fd_close(0), OK);
}

static void a_child_shares_the_files_and_not_the_table(void **state)
{
	struct proc child = {.files = NULL};

	(void)state;
	for (int32_t i = 0; i < 40; i++)
		assert_int_equal(open_fd(), i);
	assert_int_equal(fd_set_cloexec(39, true), OK);
	current_files()->umask = 027;
	assert_int_equal(files_fork(&world_proc, &child), OK);
	assert_int_equal(file_count(), 40);
	assert_int_equal(child.files->umask, 027);
	assert_ptr_equal(child.files->cwd, current_files()->cwd);
	assert_ptr_equal(child.files->slots[39], file_at(39));
	for (uint32_t i = 0; i < 40; i++)
		assert_int_equal(fd_close(i), OK);
	assert_int_equal(file_count(), 40);
	files_exit(&child);
	assert_int_equal(file_count(), 0);
	assert_null(child.files);
	files_exit(&child);
}

static void a_program_is_denied_to_writers_as_long_as_somebody_runs_it(void **state)
{
	const struct vnode_make m = {.mode = S_IFREG | 0755};
	struct proc child = {.files = NULL};
	struct vnode *vn;

	(void)state;
	assert_int_equal(path_make(NULL, "/prog", &m), OK);
	assert_int_equal(program_open("/prog", &vn), OK);
	files_set_program(vn);
	assert_int_equal(files_fork(&world_proc, &child), OK);
	files_set_program(NULL);
	assert_int_equal(open_status("/prog", O_WRONLY), E_TXTBSY);
	files_exit(&child);
	assert_int_equal(open_status("/prog", O_WRONLY), OK);
}

static void a_shared_table_lends_references(void **state)
{
	struct fd_hold h;

	(void)state;
	assert_int_equal(open_fd(), 0);
	current_files()->users = 2;
	assert_true(fd_hold(0, &h));
	assert_int_equal(h.file->refs, 2);
	assert_int_equal(fd_close(0), OK);
	assert_int_equal(h.file->refs, 1); /* still usable */
	fd_drop(&h);
	assert_int_equal(file_count(), 0);
	assert_false(fd_hold(0, &h));
	assert_false(fd_hold(9999, &h));
	current_files()->users = 1;
}

static void no_memory_changes_nothing(void **state)
{
	struct proc child = {.files = NULL};

	(void)state;
	for (int32_t i = 0; i < 200; i++)
		assert_int_equal(open_fd(), i);
	kmalloc_trim();
	for (uint32_t n = 0;; n++) {
		enum status st;

		frame_fail_after(n);
		st = files_fork(&world_proc, &child);
		frame_fail_after(UINT32_MAX);
		if (st == OK)
			break;
		assert_int_equal(st, E_NOMEM);
		assert_null(child.files);
		kmalloc_trim();
		assert_true(n < 20);
	}
	files_exit(&child);
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(fd_close(i), OK);
}

static void the_working_directory_is_where_relative_paths_begin(void **state)
{
	struct vnode *dir;

	(void)state;
	assert_int_equal(make_dir("/w"), OK);
	assert_int_equal(path_lookup(NULL, "w", &dir), OK);
	files_set_cwd(dir);
	make_file("f", "here");
	assert_string_equal(file_text("/w/f"), "here");
	assert_string_equal(file_text("../w/./f"), "here");
	vnode_ref(root_vnode);
	files_set_cwd(root_vnode);
	assert_int_equal(path_status("f"), E_NOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lowest_free_descriptor_is_taken),
		cmocka_unit_test(a_search_may_begin_above),
		cmocka_unit_test(a_process_has_so_many_and_no_more),
		cmocka_unit_test(dup2_closes_what_was_there),
		cmocka_unit_test(exec_closes_what_is_marked),
		cmocka_unit_test(a_child_shares_the_files_and_not_the_table),
		cmocka_unit_test(a_program_is_denied_to_writers_as_long_as_somebody_runs_it),
		cmocka_unit_test(a_shared_table_lends_references),
		cmocka_unit_test(no_memory_changes_nothing),
		cmocka_unit_test(the_working_directory_is_where_relative_paths_begin),
	};

	return cmocka_run_group_tests(tests, world_start, world_end);
}
