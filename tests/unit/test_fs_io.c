// links: lib sync mm dmfs fs
/* Reading, writing, truncating; the page cache below; faults of the user's memory and of the disk. */
#include "test_fs_world.h"

static uint32_t seed = 1;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void miss_all(void)
{
	memset(user_missing, true, sizeof user_missing);
}

static void a_write_is_read_back_page_aligned_or_not(void **state)
{
	static const uint32_t sizes[] = {1, 10, 4095, 4096, 4097, 8192, 12345, 65536, 100000};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct file *f = open_file("/f", O_CREAT | O_RDWR | O_TRUNC);
		uint64_t at;

		for (uint32_t b = 0; b < sizes[i]; b++)
			user_memory[b] = (uint8_t)(b * 31 + i);
		assert_int_equal(file_write(f, user_addr(0), sizes[i]), sizes[i]);
		assert_int_equal(vnode_size(f->vnode), sizes[i]);
		memset(user_memory, 0, sizes[i]);
		assert_int_equal(file_seek(f, 0, SEEK_SET, &at), OK);
		assert_int_equal(file_read(f, user_addr(0), USER_BYTES), sizes[i]);
		for (uint32_t b = 0; b < sizes[i]; b++)
			assert_int_equal(user_memory[b], (uint8_t)(b * 31 + i));
		assert_int_equal(file_read(f, user_addr(0), USER_BYTES), 0);
		file_put(f);
	}
}

static void whole_pages_are_written_without_reading_the_disk(void **state)
{
	struct file *f = open_file("/w", O_CREAT | O_RDWR);
	unsigned reads = disk_reads;

	(void)state;
	assert_int_equal(file_write(f, user_addr(0), 8 * PAGE_SIZE), 8 * PAGE_SIZE);
	assert_int_equal(disk_reads, reads);
	file_put(f);
}

static void offsets_are_shared_by_those_who_share_a_file(void **state)
{
	struct file *f = open_file("/s", O_CREAT | O_RDWR | O_TRUNC);
	uint64_t at;

	(void)state;
	file_ref(f);
	memcpy(user_memory, "abcdef", 6);
	assert_int_equal(file_write(f, user_addr(0), 3), 3);
	assert_int_equal(file_write(f, user_addr(3), 3), 3);
	assert_int_equal(f->offset, 6);
	assert_int_equal(file_seek(f, -4, SEEK_END, &at), OK);
	assert_int_equal(file_read(f, user_addr(100), 100), 4);
	assert_memory_equal(user_memory + 100, "cdef", 4);
	assert_int_equal(f->offset, 6);
	assert_int_equal(file_seek(f, -1, SEEK_SET, &at), E_INVAL);
	assert_int_equal(file_seek(f, 0, 9, &at), E_INVAL);
	assert_int_equal(file_seek(f, INT64_MAX, SEEK_CUR, &at), E_INVAL);
	file_put(f);
	file_put(f);
}

static void append_goes_to_the_end_wherever_the_offset_is(void **state)
{
	struct file *f, *g;
	uint64_t at;

	(void)state;
	make_file("/ap", "12345");
	f = open_file("/ap", O_WRONLY | O_APPEND);
	g = open_file("/ap", O_WRONLY | O_APPEND);
	memcpy(user_memory, "xyz", 3);
	assert_int_equal(file_write(f, user_addr(0), 3), 3);
	assert_int_equal(file_write(g, user_addr(0), 3), 3);
	assert_int_equal(g->offset, 11);
	assert_int_equal(file_seek(f, 0, SEEK_SET, &at), OK);
	assert_int_equal(file_write(f, user_addr(0), 1), 1);
	file_put(f);
	file_put(g);
	assert_string_equal(file_text("/ap"), "12345xyzxyzx");
}

static void missing_user_memory_is_brought_in_and_nothing_is_lost(void **state)
{
	struct file *f = open_file("/m", O_CREAT | O_RDWR | O_TRUNC);
	uint64_t at;

	(void)state;
	for (uint32_t b = 0; b < 50000; b++)
		user_memory[b] = (uint8_t)(b * 7);
	miss_all();
	user_faults = 0;
	assert_int_equal(file_write(f, user_addr(100), 40000), 40000);
	assert_int_equal(user_faults, 10);
	miss_all();
	assert_int_equal(file_seek(f, 3, SEEK_SET, &at), OK);
	assert_int_equal(file_read(f, user_addr(100001), 39997), 39997);
	assert_memory_equal(user_memory + 103, user_memory + 100001, 39997);
	memset(user_missing, false, sizeof user_missing);
	file_put(f);
}

static void a_bad_address_ends_a_transfer_with_the_count_so_far(void **state)
{
	struct file *f = open_file("/b", O_CREAT | O_RDWR | O_TRUNC);
	uint64_t at;

	(void)state;
	assert_int_equal(file_write(f, user_ptr(16), 10), E_FAULT);
	assert_int_equal(vnode_size(f->vnode), 0);
	assert_int_equal(f->offset, 0);
	memset(user_memory + USER_BYTES - 5000, 'z', 5000);
	assert_int_equal(file_write(f, user_addr(USER_BYTES - 5000), 9000), 5000);
	assert_int_equal(vnode_size(f->vnode), 5000);
	assert_int_equal(f->offset, 5000);
	assert_int_equal(file_seek(f, 0, SEEK_SET, &at), OK);
	assert_int_equal(file_read(f, user_addr(USER_BYTES - 100), 4000), 100);
	assert_int_equal(f->offset, 100);
	assert_int_equal(file_read(f, user_ptr(16), 10), E_FAULT);
	assert_int_equal(f->offset, 100);
	file_ref(f);
	assert_int_equal(file_read(f, user_addr(USER_BYTES - 100), 4000), 100);
	assert_int_equal(f->offset, 200);
	file_put(f);
	file_put(f);
}

static void what_lies_beyond_a_cut_is_zero_when_the_file_grows_again(void **state)
{
	struct file *f = open_file("/t", O_CREAT | O_RDWR | O_TRUNC);
	uint64_t at;

	(void)state;
	memset(user_memory, 'q', 30000);
	assert_int_equal(file_write(f, user_addr(0), 30000), 30000);
	assert_int_equal(file_truncate(f, 5001), OK);
	assert_int_equal(file_truncate(f, 20000), OK);
	assert_int_equal(file_seek(f, 0, SEEK_SET, &at), OK);
	assert_int_equal(file_read(f, user_addr(0), USER_BYTES), 20000);
	for (uint32_t b = 0; b < 20000; b++)
		assert_int_equal(user_memory[b], b < 5001 ? 'q' : 0);
	assert_int_equal(file_truncate(f, 1ull << 44), E_FBIG);
	assert_int_equal(file_truncate(f, 1ull << 33), E_FBIG);
	assert_int_equal(vnode_size(f->vnode), 20000);
	file_put(f);
}

static void a_page_that_somebody_maps_survives_truncation(void **state)
{
	struct file *f = open_file("/map", O_CREAT | O_RDWR | O_TRUNC);
	const struct mem_object_ops *ops = f->vnode->object.ops;
	paddr_t pa;

	(void)state;
	memset(user_memory, 'm', PAGE_SIZE);
	assert_int_equal(file_write(f, user_addr(0), PAGE_SIZE), PAGE_SIZE);
	assert_int_equal(ops->find_page(&f->vnode->object, 0, false, &pa), true);
	assert_int_equal(file_truncate(f, 0), OK);
	assert_int_equal(*(char *)arch_window(pa), 'm');
	assert_int_equal(frame_refs(frame_of(pa)), 1);
	frame_put(pa);
	assert_int_equal(ops->find_page(&f->vnode->object, 0, false, &pa), false);
	assert_int_equal(ops->get_page(&f->vnode->object, 0, false, &pa), E_SIGBUS);
	assert_int_equal(ops->get_page(&f->vnode->object, 0, true, &pa), E_SIGBUS);
	assert_int_equal(world_cut, 0);
	file_put(f);
}

/* ---- writes through mappings ---- */

static struct mem_object *mapped;
static uint8_t *mapped_byte;
static unsigned protected_pages;

static bool may_write(uint32_t index)
{
	paddr_t pa;
	bool found = mapped->ops->find_page(mapped, index, true, &pa);

	if (found)
		frame_put(pa);
	return found;
}

/* A program writes just before it loses the right; in the middle of write-back it would have to wait. */
static void write_at_the_last_moment(struct mem_object *o, uint32_t first, uint32_t n)
{
	assert_ptr_equal(o, mapped);
	assert_false(may_write(first));
	assert_true(frame_of(arch_window_pa(mapped_byte))->dirty);
	mapped_byte[0] = 'l';
	protected_pages += n;
}

/* What the disk has at the first byte of the page of MARK. */
static const uint8_t *disk_page_with(uint8_t first, uint8_t second)
{
	for (unsigned i = 0; i < DISK_BLOCKS; i++)
		if (disk_memory[i][0] == first && disk_memory[i][1] == second)
			return disk_memory[i];
	return NULL;
}

static void a_write_through_a_mapping_reaches_the_disk_without_what_is_beyond_the_end(void **state)
{
	struct file *f = open_file("/mapped", O_CREAT | O_RDWR | O_TRUNC);
	const uint8_t *block;
	paddr_t pa;

	(void)state;
	mapped = &f->vnode->object;
	memset(user_memory, 'm', 1000);
	assert_int_equal(file_write(f, user_addr(0), 1000), 1000);
	assert_int_equal(vnode_sync(f->vnode), OK);
	assert_false(may_write(0));
	mapped->writers = 1;
	assert_int_equal(mapped->ops->get_page(mapped, 0, true, &pa), OK);
	assert_true(may_write(0));
	mapped_byte = arch_window(pa);
	mapped_byte[1] = '!';
	memset(mapped_byte + 1000, 'x', PAGE_SIZE - 1000);
	world_protect = write_at_the_last_moment;
	assert_int_equal(page_write_back(NULL), OK);
	assert_int_equal(protected_pages, 1);
	assert_false(may_write(0));
	assert_false(frame_of(pa)->dirty);
	block = disk_page_with('l', '!');
	assert_non_null(block);
	assert_int_equal(block[999], 'm');
	for (unsigned i = 1000; i < PAGE_SIZE; i++)
		assert_int_equal(block[i], 0);
	/* In memory it stays until the file is synced, or grows over it. */
	assert_int_equal(mapped_byte[1000], 'x');
	assert_int_equal(file_truncate(f, 3000), OK);
	assert_int_equal(mapped_byte[1000], 0);
	assert_int_equal(mapped_byte[2999], 0);
	mapped_byte[3000] = 'y';
	assert_int_equal(file_seek(f, 2 * PAGE_SIZE, SEEK_SET, &(uint64_t){0}), OK);
	assert_int_equal(file_write(f, user_addr(0), 1), 1);
	assert_int_equal(mapped_byte[3000], 0);
	frame_unpin(pa);
	mapped->writers = 0;
	world_protect = NULL;
	file_put(f);
}

static void a_hole_that_is_written_through_a_mapping_gets_a_place(void **state)
{
	struct file *f = open_file("/holes", O_CREAT | O_RDWR | O_TRUNC);
	struct abi_stat64 st;
	paddr_t pa;

	(void)state;
	mapped = &f->vnode->object;
	assert_int_equal(file_truncate(f, 8 * PAGE_SIZE), OK);
	assert_int_equal(mapped->ops->get_page(mapped, 5, false, &pa), OK);
	assert_false(may_write(5));
	frame_unpin(pa);
	assert_int_equal(mapped->ops->get_page(mapped, 5, true, &pa), OK);
	assert_true(may_write(5));
	memset(arch_window(pa), 'h', PAGE_SIZE);
	frame_unpin(pa);
	assert_int_equal(vnode_sync(f->vnode), OK);
	assert_non_null(disk_page_with('h', 'h'));
	file_stat(f, &st);
	assert_int_equal(st.blocks, PAGE_SIZE / 512);
	assert_int_equal(mapped->ops->get_page(mapped, 8, true, &pa), E_SIGBUS);
	file_put(f);
}

static void the_cache_forgets_and_the_disk_remembers(void **state)
{
	struct file *f = open_file("/keep", O_CREAT | O_RDWR | O_TRUNC);

	(void)state;
	for (uint32_t b = 0; b < 60000; b++)
		user_memory[b] = (uint8_t)(b / 3);
	assert_int_equal(file_write(f, user_addr(0), 60000), 60000);
	file_put(f);
	fs_trim();
	memset(user_memory, 0, 60000);
	f = open_file("/keep", O_RDONLY);
	assert_int_equal(file_read(f, user_addr(0), USER_BYTES), 60000);
	for (uint32_t b = 0; b < 60000; b++)
		assert_int_equal(user_memory[b], (uint8_t)(b / 3));
	file_put(f);
}

static void neighbours_are_written_together(void **state)
{
	struct file *f = open_file("/run", O_CREAT | O_RDWR | O_TRUNC);
	unsigned writes;

	(void)state;
	assert_int_equal(fs_sync_all(), OK);
	assert_int_equal(file_write(f, user_addr(0), 32 * PAGE_SIZE), 32 * PAGE_SIZE);
	writes = disk_writes;
	assert_int_equal(page_write_back(f->vnode), OK);
	assert_in_range(disk_writes - writes, 2, 5);
	writes = disk_writes;
	assert_int_equal(page_write_back(f->vnode), OK);
	assert_int_equal(disk_writes, writes);
	file_put(f);
}

static void a_read_error_is_an_errno_and_nothing_is_cached(void **state)
{
	struct file *f;

	(void)state;
	make_file("/err", "content");
	fs_trim();
	f = open_file("/err", O_RDWR);
	disk_fail_reads = true;
	assert_int_equal(file_read(f, user_addr(0), 10), E_IO);
	assert_int_equal(file_write(f, user_addr(0), 3), E_IO);
	disk_fail_reads = false;
	assert_int_equal(file_read(f, user_addr(0), 10), 7);
	assert_memory_equal(user_memory, "content", 7);
	file_put(f);
	fs_trim();
	names_forget_all();
	disk_fail_reads = true;
	(void)path_status("/err"); /* whatever is cached of the directory: no crash */
	disk_fail_reads = false;
	assert_int_equal(path_status("/err"), OK);
}

static void a_write_error_is_told_once_by_fsync(void **state)
{
	struct file *f = open_file("/werr", O_CREAT | O_RDWR | O_TRUNC);

	(void)state;
	assert_int_equal(file_write(f, user_addr(0), 100), 100);
	disk_fail_writes = true;
	assert_int_equal(vnode_sync(f->vnode), E_IO);
	disk_fail_writes = false;
	assert_int_equal(file_write(f, user_addr(0), 100), 100);
	(void)page_take_error(f->vnode->mount->disk);
	assert_int_equal(vnode_sync(f->vnode), OK);
	assert_true(disk_flushes > 0);
	file_put(f);
	/* Metadata that could not be written is clean by now: dirty all of it again for the check at the end. */
	assert_int_equal(path_unlink(NULL, "/werr"), OK);
	make_file("/werr", "again");
	assert_int_equal(fs_sync_all(), OK);
}

/* The other thread: the write-back thread does its work. */
static void write_back_now(void)
{
	(void)page_write_back(NULL);
}

static void a_full_disk_is_an_errno_and_space_comes_back(void **state)
{
	struct file *f = open_file("/full", O_CREAT | O_RDWR | O_TRUNC);
	uint32_t total = 0;
	int32_t n;

	(void)state;
	world_sleep = write_back_now;
	while ((n = file_write(f, user_addr(0), 10 * PAGE_SIZE)) > 0)
		total += (uint32_t)n;
	world_sleep = NULL;
	assert_int_equal(n, E_NOSPC);
	assert_true(total > 1000 * PAGE_SIZE);
	assert_int_equal(vnode_size(f->vnode), total);
	assert_int_equal(make_dir("/nodir"), E_NOSPC);
	assert_int_equal(path_status("/nodir"), E_NOENT);
	assert_int_equal(file_truncate(f, 100), OK);
	assert_int_equal(make_dir("/nodir"), OK);
	assert_int_equal(path_rmdir(NULL, "/nodir"), OK);
	file_put(f);
	assert_int_equal(path_unlink(NULL, "/full"), OK);
}

static void writers_wait_while_a_quarter_of_memory_is_dirty(void **state)
{
	struct file *f = open_file("/dirty", O_CREAT | O_RDWR | O_TRUNC);
	uint32_t most = 0;

	(void)state;
	world_sleep = write_back_now;
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(file_write(f, user_addr(0), 12 * PAGE_SIZE), 12 * PAGE_SIZE);
		if (pagecache_dirty() > most)
			most = pagecache_dirty();
	}
	world_sleep = NULL;
	assert_in_range(most, frame_count_total() / 4 - 20, frame_count_total() / 4 + 20);
	file_put(f);
	assert_int_equal(path_unlink(NULL, "/dirty"), OK);
}

static void memory_pressure_takes_clean_pages_and_no_others(void **state)
{
	struct file *f = open_file("/press", O_CREAT | O_RDWR | O_TRUNC);
	static paddr_t taken[WORLD_FRAMES];
	unsigned n = 0;

	(void)state;
	memset(user_memory, 'p', 20 * PAGE_SIZE);
	assert_int_equal(file_write(f, user_addr(0), 20 * PAGE_SIZE), 20 * PAGE_SIZE);
	assert_int_equal(fs_sync_all(), OK);
	assert_int_equal(file_write(f, user_addr(0), 3 * PAGE_SIZE), 3 * PAGE_SIZE);
	while (n < WORLD_FRAMES && frame_get(FRAME_ANON, &taken[n]) == OK)
		n++;
	assert_true(pagecache_count() < 30);
	while (n > 0)
		frame_put(taken[--n]);
	memset(user_memory, 0, 23 * PAGE_SIZE);
	f->offset = 0;
	assert_int_equal(file_read(f, user_addr(0), USER_BYTES), 23 * PAGE_SIZE);
	for (uint32_t b = 0; b < 23 * PAGE_SIZE; b++)
		assert_int_equal(user_memory[b], 'p');
	file_put(f);
}

#define MODEL_BYTES 150000u
static uint8_t model[MODEL_BYTES];

static void ten_thousand_random_steps_agree_with_a_model(void **state)
{
	struct file *f = open_file("/model", O_CREAT | O_RDWR | O_TRUNC);
	uint32_t size = 0;

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		uint32_t at = random_below(MODEL_BYTES - 20000), n = random_below(20000), what = random_below(10);

		if (random_below(4) == 0)
			user_missing[random_below(USER_PAGES)] = true;
		if (random_below(3) == 0)
			n &= ~PAGE_MASK, at &= ~PAGE_MASK;
		f->offset = at;
		if (what < 5 && n > 0) {
			memset(user_memory + 500, (int)i, n);
			assert_int_equal(file_write(f, user_addr(500), n), n);
			memset(model + at, (int)i, n);
			size = at + n > size ? at + n : size;
		} else if (what < 8) {
			uint32_t want = at >= size ? 0 : size - at < n ? size - at : n;

			assert_int_equal(file_read(f, user_addr(7), n), want);
			assert_memory_equal(user_memory + 7, model + at, want);
		} else if (what == 8) {
			assert_int_equal(file_truncate(f, at), OK);
			if (at < size)
				memset(model + at, 0, size - at);
			size = at;
		} else if (random_below(10) == 0) {
			file_put(f);
			fs_trim();
			f = open_file("/model", O_RDWR);
		}
		assert_int_equal(vnode_size(f->vnode), size);
	}
	memset(user_missing, false, sizeof user_missing);
	file_put(f);
}

static void nothing_that_was_opened_stays(void **state)
{
	struct fs_counters c;

	(void)state;
	fs_trim();
	fs_count(&c);
	assert_int_equal(c.files, 0);
	assert_int_equal(c.dirty, 0);
	assert_int_equal(c.vnodes, 4); /* the two roots, what /dev covers, the disk */
	assert_int_equal(names_count(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_write_is_read_back_page_aligned_or_not),
		cmocka_unit_test(whole_pages_are_written_without_reading_the_disk),
		cmocka_unit_test(offsets_are_shared_by_those_who_share_a_file),
		cmocka_unit_test(append_goes_to_the_end_wherever_the_offset_is),
		cmocka_unit_test(missing_user_memory_is_brought_in_and_nothing_is_lost),
		cmocka_unit_test(a_bad_address_ends_a_transfer_with_the_count_so_far),
		cmocka_unit_test(what_lies_beyond_a_cut_is_zero_when_the_file_grows_again),
		cmocka_unit_test(a_page_that_somebody_maps_survives_truncation),
		cmocka_unit_test(a_write_through_a_mapping_reaches_the_disk_without_what_is_beyond_the_end),
		cmocka_unit_test(a_hole_that_is_written_through_a_mapping_gets_a_place),
		cmocka_unit_test(the_cache_forgets_and_the_disk_remembers),
		cmocka_unit_test(neighbours_are_written_together),
		cmocka_unit_test(a_read_error_is_an_errno_and_nothing_is_cached),
		cmocka_unit_test(a_write_error_is_told_once_by_fsync),
		cmocka_unit_test(a_full_disk_is_an_errno_and_space_comes_back),
		cmocka_unit_test(writers_wait_while_a_quarter_of_memory_is_dirty),
		cmocka_unit_test(memory_pressure_takes_clean_pages_and_no_others),
		cmocka_unit_test(ten_thousand_random_steps_agree_with_a_model),
		cmocka_unit_test(nothing_that_was_opened_stays),
	};

	return cmocka_run_group_tests(tests, world_start, world_end);
}
