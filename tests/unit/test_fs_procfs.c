/* The lines of /proc (fs/procfs_format.h). */
// links: lib sync mm dmfs fs
#include "test_fs_world.h"

#include <fs/procfs_format.h>
#include <mm/look.h>

static char buf[1024];

static struct text text_of(uint32_t size)
{
	return (struct text){.buf = buf, .size = size};
}

static void a_line_is_put_whole_or_not_at_all(void **state)
{
	(void)state;
	for (uint32_t size = 1; size < 40; size++) {
		struct text t = text_of(size);
		uint32_t fit = 0;

		memset(buf, '#', sizeof buf);
		for (unsigned i = 0; i < 6; i++)
			text_put(&t, "line %u\n", i);
		fit = (size - 1) / 7; /* the NUL wants a place */
		if (fit > 6)
			fit = 6;
		assert_int_equal(t.len, fit * 7);
		assert_int_equal(t.full, size < 6 * 7 + 1);
		for (uint32_t i = size; i < sizeof buf; i++)
			assert_int_equal(buf[i], '#');
	}
}

static void what_comes_after_a_full_text_is_left_out(void **state)
{
	struct text t = text_of(8);

	(void)state;
	text_put(&t, "abcd");
	text_put(&t, "%s", "too much");
	text_put(&t, "x");
	assert_true(t.full);
	assert_int_equal(t.len, 4);
}

static void special_bytes_are_written_in_octal(void **state)
{
	(void)state;
	for (uint32_t size = 1; size < 32; size++) {
		memset(buf, '#', sizeof buf);
		memcpy(buf, "\na\\\nb\377", 7);
		assert_int_equal(text_escape(buf, size, "\n\\\377"), size > 18);
		assert_string_equal(buf, size > 18 ? "\\012a\\134\\012b\\377" : "\na\\\nb\377");
		assert_int_equal(buf[size > 18 ? 19 : 7], '#');
	}
	strcpy(buf, "plain");
	assert_true(text_escape(buf, 6, "\n"));
	assert_string_equal(buf, "plain");
	assert_false(text_escape(buf, 5, "\n"));
}

static const char *region(const struct region_line *r)
{
	struct text t = text_of(sizeof buf);

	text_put_region(&t, r);
	assert_false(t.full);
	return buf;
}

static void a_region_looks_as_on_linux(void **state)
{
	struct region_line r = {
		.start = 0x8048000, .end = 0x8056000, .prot = VMA_READ | VMA_EXEC, .dev = ABI_MKDEV(3, 12)};

	(void)state;
	r.ino = 64593;
	r.name = "/usr/sbin/gpm";
	assert_string_equal(region(&r), "08048000-08056000 r-xp 00000000 03:0c 64593      /usr/sbin/gpm\n");
	r = (struct region_line){.start = 0x1000, .end = 0x2000, .prot = VMA_READ | VMA_WRITE, .shared = true};
	assert_string_equal(region(&r), "00001000-00002000 rw-s 00000000 00:00 0 \n");
	r = (struct region_line){.start = 0x7ffff000, .end = 0x80000000, .name = "[stack]"};
	assert_string_equal(region(&r), "7ffff000-80000000 ---p 00000000 00:00 0          [stack]\n");
	r = (struct region_line){.start = 0x1000, .end = 0x2000, .page = 0x100000, .ino = UINT32_MAX, .name = "/x"};
	assert_string_equal(region(&r), "00001000-00002000 ---p 100000000 00:00 4294967295 /x\n");
}

static void stat_has_52_fields_in_order(void **state)
{
	struct text t = text_of(sizeof buf);
	const struct stat_line s = {
		.pid = 1,
		.name = "a b) c",
		.state = 'S',
		.ppid = 4,
		.pgid = 5,
		.sid = 6,
		.tty = 7,
		.foreground = -1,
		.minor_faults = 10,
		.major_faults = 12,
		.utime = 14,
		.stime = 15,
		.cutime = 16,
		.cstime = 17,
		.start = 22ull << 32,
		.size = 23,
		.resident = 24,
		.code_start = 26,
		.code_end = 27,
		.stack_start = 28,
		.sig_pending = 31,
		.sig_blocked = 32,
		.sig_ignored = 33,
		.cpu = 39,
		.data_start = 45,
		.data_end = 46,
		.heap_start = 47,
		.arg_start = 48,
		.arg_end = 49,
		.env_start = 50,
		.env_end = 51,
		.exit_status = 52,
	};

	(void)state;
	text_put_stat(&t, &s);
	assert_string_equal(
		buf, "1 (a b) c) S 4 5 6 7 -1 0 10 0 12 0 14 15 16 17 20 0 1 0 94489280512 23 24 4294967295 26 27 "
		     "28 0 0 31 32 33 0 0 0 0 17 39 0 0 0 0 0 45 46 47 48 49 50 51 52\n");
}

static void kilobytes_stand_in_columns(void **state)
{
	struct text t = text_of(sizeof buf);

	(void)state;
	text_put_kb(&t, "MemTotal", 129596);
	text_put_kb(&t, "SReclaimable", UINT32_MAX);
	assert_string_equal(buf, "MemTotal:         129596 kB\nSReclaimable:   4294967295 kB\n");
}

static void each_kind_of_frame_has_its_flags(void **state)
{
	static const uint64_t want[FRAME_KINDS] = {[FRAME_FREE] = 1ull << 10,
	                                           [FRAME_ANON] = 3ull << 11,
	                                           [FRAME_TABLE] = 1ull << 26,
	                                           [FRAME_SLAB] = 1ull << 7,
	                                           [FRAME_CACHE] = 1ull << 3 | 1ull << 5,
	                                           [FRAME_KERNEL] = 1ull << 32,
	                                           [FRAME_ZERO] = 1ull << 24,
	                                           [FRAME_SHARED] = 1ull << 12};

	(void)state;
	for (unsigned kind = 0; kind < FRAME_KINDS; kind++) {
		struct frame_look f = {.pooled = true, .kind = (enum frame_kind)kind};

		assert_int_equal(page_flags_word(&f), want[kind]);
		f.pooled = false;
		assert_int_equal(page_flags_word(&f), 1ull << 32);
	}
}

static void a_cached_frame_may_be_dirty_and_mapped(void **state)
{
	struct frame_look f = {.pooled = true, .kind = FRAME_CACHE, .dirty = true, .maps = 2};

	(void)state;
	assert_int_equal(page_flags_word(&f), 1ull << 3 | 1ull << 4 | 1ull << 5 | 1ull << 11);
}

static void an_entry_of_pagemap_says_what_is_there(void **state)
{
	struct page_look p = {.present = true, .pfn = 0x12345};

	(void)state;
	assert_int_equal(pagemap_word(&p), 1ull << 63 | 0x12345);
	p.seers = 1;
	assert_int_equal(pagemap_word(&p), 1ull << 63 | 1ull << 56 | 0x12345);
	p.seers = 2;
	p.cached = true;
	assert_int_equal(pagemap_word(&p), 1ull << 63 | 1ull << 61 | 0x12345);
	p.present = false;
	assert_int_equal(pagemap_word(&p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_put_whole_or_not_at_all),
		cmocka_unit_test(what_comes_after_a_full_text_is_left_out),
		cmocka_unit_test(special_bytes_are_written_in_octal),
		cmocka_unit_test(a_region_looks_as_on_linux),
		cmocka_unit_test(stat_has_52_fields_in_order),
		cmocka_unit_test(kilobytes_stand_in_columns),
		cmocka_unit_test(each_kind_of_frame_has_its_flags),
		cmocka_unit_test(a_cached_frame_may_be_dirty_and_mapped),
		cmocka_unit_test(an_entry_of_pagemap_says_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
