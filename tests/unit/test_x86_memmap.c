/* The memory map: tables of what firmware says, then random maps beside an array with one flag a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memmap_priv.h"

#include <stdlib.h>
#include <string.h>

#define PAGE(n) ((uint64_t)(n)*PAGE_SIZE)

struct entry {
	uint32_t size;
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

#define E(base, length, type) \
	{ \
		20, base, length, type \
	}

static uint64_t parse(struct memmap *m, const struct entry *e, unsigned n, uint64_t limit)
{
	/* A copy that ends where the entries end, so that a read beyond is seen. */
	void *copy = malloc(n * sizeof *e);
	uint64_t above;

	memcpy(copy, e, n * sizeof *e);
	above = memmap_from_multiboot(m, copy, (uint32_t)(n * sizeof *e), limit);
	free(copy);
	assert_true(memmap_valid(m));
	return above;
}

static void assert_ranges(const struct memmap *m, unsigned n, const pfn_t *bounds)
{
	assert_int_equal(m->n, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(m->r[i].start, bounds[2 * i]);
		assert_int_equal(m->r[i].end, bounds[2 * i + 1]);
	}
}

static void a_usual_map_of_512_mib_is_taken_as_it_is(void **state)
{
	static const struct entry map[] = {
		E(0, 0x9fc00, 1),           E(0x9fc00, 0x400, 2),      E(0xf0000, 0x10000, 2),
		E(0x100000, 0x1fee0000, 1), E(0x1ffe0000, 0x20000, 2), E(0xfffc0000, 0x40000, 2),
	};
	struct memmap m;

	(void)state;
	assert_int_equal(parse(&m, map, 6, DIRECT_MAX), 0);
	assert_ranges(&m, 2, (pfn_t[]){0, 0x9f, 0x100, 0x1ffe0});
	assert_int_equal(memmap_end(&m), 0x1ffe0);
}

static void order_and_repetition_do_not_matter(void **state)
{
	static const struct entry map[] = {
		E(0x3000, 0x2000, 2), E(0x8000, 0x4000, 1), E(0, 0x9000, 1), E(0x8000, 0x4000, 1), E(0x3000, 0x2000, 2),
	};
	struct memmap m;

	(void)state;
	parse(&m, map, 5, DIRECT_MAX);
	assert_ranges(&m, 2, (pfn_t[]){0, 3, 5, 12});
}

static void what_one_entry_forbids_no_other_allows(void **state)
{
	static const struct entry map[] = {E(0x2000, 0x1001, 3), E(0, 0x10000, 1)};
	struct memmap m;

	(void)state;
	parse(&m, map, 2, DIRECT_MAX);
	assert_ranges(&m, 2, (pfn_t[]){0, 2, 4, 16}); /* the byte of page 3 takes all of it */
}

static void only_whole_pages_are_usable(void **state)
{
	static const struct entry map[] = {E(0x1001, 0x2fff, 1), E(0x5fff, 0x1000, 1), E(0x8000, 0xfff, 1)};
	struct memmap m;

	(void)state;
	parse(&m, map, 3, DIRECT_MAX);
	assert_ranges(&m, 1, (pfn_t[]){2, 4});
}

static void ram_above_the_limit_is_counted_and_left_out(void **state)
{
	static const struct entry map[] = {
		E(0x100000, 0xbff00000, 1), E(0x100000000, 0x40000000, 1),
		E(0xfffffffffffff000, 0x10000, 1), /* wraps */
	};
	struct memmap m;

	(void)state;
	assert_int_equal(parse(&m, map, 2, DIRECT_MAX), 0xc0000000 - (uint64_t)DIRECT_MAX + 0x40000000);
	assert_ranges(&m, 1, (pfn_t[]){0x100, DIRECT_MAX >> PAGE_SHIFT});
	parse(&m, map, 3, DIRECT_MAX);
	assert_ranges(&m, 1, (pfn_t[]){0x100, DIRECT_MAX >> PAGE_SHIFT});
}

static void a_hole_that_wraps_takes_everything_from_its_start(void **state)
{
	static const struct entry map[] = {E(0, 0x100000, 1), E(0x8000, UINT64_MAX, 2)};
	struct memmap m;

	(void)state;
	parse(&m, map, 2, DIRECT_MAX);
	assert_ranges(&m, 1, (pfn_t[]){0, 8});
}

static void a_cut_table_is_read_up_to_the_cut(void **state)
{
	static const struct entry map[] = {E(0, 0x4000, 1), E(0x8000, 0x4000, 1)};
	struct memmap m;

	(void)state;
	for (uint32_t size = 0; size <= sizeof map; size++) {
		void *copy = malloc(size + 1); /* malloc(0) may be NULL */

		memcpy(copy, map, size);
		memmap_from_multiboot(&m, copy, size, DIRECT_MAX);
		free(copy);
		assert_int_equal(m.n, size / sizeof map[0]);
	}
}

static void a_garbled_size_ends_the_table(void **state)
{
	struct entry map[] = {E(0, 0x4000, 1), E(0x8000, 0x4000, 1)};
	static const uint32_t sizes[] = {0, 1, 19, 0x7fffffff, 0xffffffff, 0xfffffffc, 0xffffffec};
	struct memmap m;

	(void)state;
	for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		map[1].size = sizes[i];
		parse(&m, map, 2, DIRECT_MAX);
		assert_in_range(m.n, 1, 2);
		assert_int_equal(m.r[0].end, 4);
	}
	map[1].size = 0;
	parse(&m, map, 2, DIRECT_MAX);
	assert_ranges(&m, 1, (pfn_t[]){0, 4});
}

static void larger_entries_than_needed_are_stepped_over(void **state)
{
	static const struct {
		struct entry e;
		uint32_t extended;
	} __attribute__((packed)) map[] = {{{24, 0, 0x1000, 1}, 7}, {{24, 0x4000, 0x1000, 1}, 7}};
	struct memmap m;

	(void)state;
	memmap_from_multiboot(&m, map, sizeof map, DIRECT_MAX);
	assert_ranges(&m, 2, (pfn_t[]){0, 1, 4, 5});
}

static void when_there_are_too_many_ranges_the_smallest_go(void **state)
{
	struct memmap m = {.n = 0};

	(void)state;
	for (unsigned i = 0; i < BOOT_MAX_RANGES; i++)
		memmap_add(&m, PAGE(10 * i), PAGE(10 * i + 2), DIRECT_MAX);
	memmap_add(&m, PAGE(1000), PAGE(1001), DIRECT_MAX);
	assert_int_equal(m.n, BOOT_MAX_RANGES);
	assert_int_equal(memmap_end(&m), 10 * (BOOT_MAX_RANGES - 1) + 2);
	memmap_add(&m, PAGE(2000), PAGE(2100), DIRECT_MAX);
	assert_int_equal(m.n, BOOT_MAX_RANGES);
	assert_int_equal(memmap_end(&m), 2100);
	memmap_remove(&m, PAGE(2050), PAGE(2051)); /* one becomes two: again one too many */
	assert_true(memmap_valid(&m));
	assert_int_equal(memmap_end(&m), 2100);
}

#define MODEL_PAGES 64

static void random_maps_agree_with_a_flag_for_each_page(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned round = 0; round < 2000; round++) {
		struct entry map[12];
		bool good[MODEL_PAGES] = {false}, bad[MODEL_PAGES] = {false};
		unsigned n = (unsigned)random() % 12, at = 0;
		struct memmap m;

		for (unsigned i = 0; i < n; i++) {
			unsigned start = (unsigned)random() % MODEL_PAGES, pages = (unsigned)random() % 16;

			map[i] = (struct entry)E(PAGE(start), PAGE(pages), 1 + (unsigned)random() % 2);
			for (unsigned p = start; p < start + pages && p < MODEL_PAGES; p++)
				*(map[i].type == 1 ? &good[p] : &bad[p]) = true;
		}
		parse(&m, map, n, PAGE(MODEL_PAGES));
		for (unsigned p = 0; p < MODEL_PAGES; p++) {
			while (at < m.n && m.r[at].end <= p)
				at++;
			assert_int_equal(at < m.n && m.r[at].start <= p, good[p] && !bad[p]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usual_map_of_512_mib_is_taken_as_it_is),
		cmocka_unit_test(order_and_repetition_do_not_matter),
		cmocka_unit_test(what_one_entry_forbids_no_other_allows),
		cmocka_unit_test(only_whole_pages_are_usable),
		cmocka_unit_test(ram_above_the_limit_is_counted_and_left_out),
		cmocka_unit_test(a_hole_that_wraps_takes_everything_from_its_start),
		cmocka_unit_test(a_cut_table_is_read_up_to_the_cut),
		cmocka_unit_test(a_garbled_size_ends_the_table),
		cmocka_unit_test(larger_entries_than_needed_are_stepped_over),
		cmocka_unit_test(when_there_are_too_many_ranges_the_smallest_go),
		cmocka_unit_test(random_maps_agree_with_a_flag_for_each_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
