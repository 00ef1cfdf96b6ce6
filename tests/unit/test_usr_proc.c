// links: lib
// with: ../../usr/bin/proc_text.c
/* The readers of /proc that ps, free, pmap, vmstat and memview share, over texts of this kernel, of Linux, and broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../usr/bin/proc_text.h"

static void a_stat_line_is_read_field_by_field(void **state)
{
	struct proc_stat s;

	(void)state;
	assert_true(proc_stat_parse("42 (sh) S 1 42 41 1281 42 4194304 100 0 3 0 12 34 0 0 20 0 1 0 77 1003520 51 4294967295\n",
	                            &s));
	assert_int_equal(s.pid, 42);
	assert_string_equal(s.name, "sh");
	assert_int_equal(s.state, 'S');
	assert_int_equal(s.ppid, 1);
	assert_int_equal(s.pgid, 42);
	assert_int_equal(s.utime, 12);
	assert_int_equal(s.stime, 34);
	assert_int_equal(s.promised, 1003520);
	assert_int_equal(s.resident, 51);
}

static void a_name_may_hold_blanks_and_parentheses(void **state)
{
	struct proc_stat s;

	(void)state;
	assert_true(proc_stat_parse("7 (a) R (b c)) R 1 2 3 4 -1 0 0 0 0 0 5 6 0 0 20 0 1 0 9 8192 2", &s));
	assert_string_equal(s.name, "a) R (b c)");
	assert_int_equal(s.state, 'R');
	assert_int_equal(s.ppid, 1);
	assert_int_equal(s.resident, 2);
}

static void a_long_name_is_cut(void **state)
{
	struct proc_stat s;

	(void)state;
	assert_true(proc_stat_parse("7 (0123456789012345678901234567890123456789) R 1 2 3 4 -1 0 0 0 0 0 5 6 0 0 20 0 1 0 9 1 2",
	                            &s));
	assert_string_equal(s.name, "0123456789012345678901234567890");
}

static void what_is_no_stat_line_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "7", "7 (sh", "7 sh) S 1", "x (sh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21",
		"7 (sh)", "7 (sh) S", "7 (sh) S 1 2 3", "7 (sh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
		"7 (sh) S 1 2 3 4 5 6 7 8 9 x 11 12 13 14 15 16 17 18 19 20 21", "7 (sh) 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
	};
	struct proc_stat s;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(proc_stat_parse(bad[i], &s));
}

static void a_line_of_maps_is_a_region(void **state)
{
	struct proc_region r;

	(void)state;
	assert_true(proc_region_parse("08048000-0804f000 r-xp 00001000 03:00 12         /bin/sh\n0804f000-", &r));
	assert_int_equal(r.start, 0x08048000);
	assert_int_equal(r.end, 0x0804f000);
	assert_string_equal(r.mode, "r-xp");
	assert_string_equal(r.name, "/bin/sh");
	assert_string_equal(proc_region_name(&r), "sh");
	assert_true(proc_region_parse("40000000-40001000 rw-p 00000000 00:00 0 \n", &r));
	assert_string_equal(r.name, "");
	assert_string_equal(proc_region_name(&r), "[ anon ]");
	assert_true(proc_region_parse("0a000000-7ffff000 rw-s 00000000 00:00 0", &r));
	assert_string_equal(r.mode, "rw-s");
	assert_true(proc_region_parse("7f000000-7ffff000 rw-p 00000000 00:00 0                          [stack]", &r));
	assert_string_equal(proc_region_name(&r), "[stack]");
	assert_true(proc_region_parse("00001000-00002000 r--p 0 8:1 9 /a file with blanks\n", &r));
	assert_string_equal(r.name, "/a file with blanks");
}

static void of_a_long_path_the_end_is_kept(void **state)
{
	char line[300] = "00001000-00002000 r--p 00000000 08:01 9 /";
	struct proc_region r;

	(void)state;
	memset(line + strlen(line), 'x', 200);
	strcpy(line + 240, "/name\n");
	assert_true(proc_region_parse(line, &r));
	assert_int_equal(strlen(r.name), sizeof r.name - 1);
	assert_string_equal(proc_region_name(&r), "name");
}

static void what_is_no_region_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"08048000",
		"08048000-",
		"08048000-0804f000",
		"08048000 0804f000 r-xp 0 0:0 0",
		"08048000-0804f000 r-x 0 0:0 0",
		"08048000-0804f000 r-xpp 0 0:0 0",
		"08048000-0804f000 r-xp",
		"08048000-0804f000 r-xp 0 0 0",
		"0804f000-08048000 r-xp 0 0:0 0",
		"08048000-108048000 r-xp 0 0:0 0",
	};
	struct proc_region r;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(proc_region_parse(bad[i], &r));
}

static const char meminfo[] = "MemTotal:         127692 kB\nMemFree:          120000 kB\nCached:                3 kB\nMem: 5 kB\n";

static void a_number_is_found_by_its_name(void **state)
{
	static const char vmstat[] = "nr_free_pages 30000\nfault_zero_fill 17\nfault_zero_page 4294967296\nlast 9";
	uint64_t n;

	(void)state;
	assert_int_equal(proc_value(meminfo, "MemTotal"), 127692);
	assert_int_equal(proc_value(meminfo, "Cached"), 3);
	assert_int_equal(proc_value(meminfo, "Mem"), 5); /* a whole word, not the head of another */
	assert_int_equal(proc_value(vmstat, "fault_zero_fill"), 17);
	assert_int_equal(proc_value(vmstat, "fault_zero_page"), 4294967296);
	assert_int_equal(proc_value(vmstat, "last"), 9);
	assert_int_equal(proc_value(vmstat, "fault_zero"), 0);
	assert_int_equal(proc_value(vmstat, "zero_fill"), 0);
	assert_false(proc_number(vmstat, "nothing", 0, &n));
	assert_false(proc_number("", "nothing", 0, &n));
	assert_false(proc_number("name word\n", "name", 0, &n));
	assert_false(proc_number("name\n", "name", 0, &n));
}

static void one_of_many_numbers_is_found(void **state)
{
	static const char stat[] = "cpu  10 20 30 40\ncpu0 1 2 3 4\nprocs_running 1\n";
	uint64_t n;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(proc_number(stat, "cpu", i, &n));
		assert_int_equal(n, 10 * (i + 1));
		assert_true(proc_number(stat, "cpu0", i, &n));
		assert_int_equal(n, i + 1);
	}
	assert_false(proc_number(stat, "cpu", 4, &n));
	assert_int_equal(proc_value(stat, "procs_running"), 1);
}

static void lines_follow_each_other(void **state)
{
	const char *at = "a\nb\n";

	(void)state;
	at = proc_next_line(at);
	assert_string_equal(at, "b\n");
	assert_null(proc_next_line(at));
	assert_null(proc_next_line(""));
	assert_null(proc_next_line("c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stat_line_is_read_field_by_field),
		cmocka_unit_test(a_name_may_hold_blanks_and_parentheses),
		cmocka_unit_test(a_long_name_is_cut),
		cmocka_unit_test(what_is_no_stat_line_is_refused),
		cmocka_unit_test(a_line_of_maps_is_a_region),
		cmocka_unit_test(of_a_long_path_the_end_is_kept),
		cmocka_unit_test(what_is_no_region_is_refused),
		cmocka_unit_test(a_number_is_found_by_its_name),
		cmocka_unit_test(one_of_many_numbers_is_found),
		cmocka_unit_test(lines_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
