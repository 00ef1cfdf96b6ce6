// links: lib
// with: ../../usr/bin/picture.c ../../usr/bin/snapshot_class.c
/* What memview paints, character by character, and how it tells what a frame or page is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../usr/bin/snapshot.h"

static void classes_in_a_row_are_marks_in_a_row(void **state)
{
	static const uint8_t frames[] = {
		FRAME_HOLE, FRAME_FREE, FRAME_OTHER, FRAME_KERNEL, FRAME_SLAB, FRAME_TABLE, FRAME_CACHE, FRAME_ZERO,
		FRAME_SHARED, FRAME_OWNED, FRAME_OWNED + 1, FRAME_OWNED + 26, FRAME_OWNED + OWNERS_MAX - 1,
	};
	struct picture p = {0};

	(void)state;
	picture_frames(&p, frames, sizeof frames, 1);
	assert_string_equal(p.data, "      0K  .?#%=~0+abA9\n");
	assert_int_equal(p.lines, 1);
	picture_free(&p);
}

static void every_class_has_a_mark_of_its_own(void **state)
{
	char seen[256] = {0};

	(void)state;
	for (unsigned int c = 0; c < FRAME_CLASSES; c++) {
		assert_true(frame_mark(c) >= ' ' && frame_mark(c) < 127);
		assert_int_equal(seen[(unsigned char)frame_mark(c)]++, 0);
	}
}

static void rows_bear_their_addresses(void **state)
{
	uint8_t frames[3 * 64 * 4];
	struct picture p = {0};

	(void)state;
	memset(frames, FRAME_FREE, sizeof frames);
	picture_frames(&p, frames, sizeof frames, 4); /* 64 * 4 frames are a MiB */
	assert_int_equal(p.lines, 3);
	assert_int_equal(p.length, 3 * (9 + 64 + 1));
	assert_memory_equal(p.data, "      0M .", 10);
	assert_memory_equal(p.data + 2 * 74, "      2M .", 10);
	picture_free(&p);
	picture_frames(&p, frames, 65, 1);
	assert_int_equal(p.length, 74 + 9 + 1 + 1);
	assert_string_equal(p.data + 74, "    256K .\n");
	picture_free(&p);
}

static void a_group_shows_what_most_of_it_is(void **state)
{
	static const uint8_t frames[] = {FRAME_FREE, FRAME_SLAB, FRAME_SLAB, FRAME_KERNEL, FRAME_FREE, FRAME_CACHE, FRAME_FREE};

	(void)state;
	assert_int_equal(frame_class_of_group(frames, 1), FRAME_FREE);
	assert_int_equal(frame_class_of_group(frames, 3), FRAME_SLAB);
	assert_int_equal(frame_class_of_group(frames + 3, 2), FRAME_KERNEL); /* of equals, the use */
	assert_int_equal(frame_class_of_group(frames, 7), FRAME_FREE);
}

static void a_picture_fits_its_rows(void **state)
{
	(void)state;
	assert_int_equal(picture_group(0, 64, 10), 1);
	assert_int_equal(picture_group(640, 64, 10), 1);
	assert_int_equal(picture_group(641, 64, 10), 2);
	for (size_t n = 1; n < 600000; n += 997) {
		size_t g = picture_group(n, 64, 10);

		assert_int_equal(g & (g - 1), 0);
		assert_true((n + g - 1) / g <= 640);
		assert_true(g == 1 || (n + g / 2 - 1) / (g / 2) > 640);
	}
}

static void pages_are_upper_case_when_half_are_there(void **state)
{
	static const struct {
		uint8_t page[6];
		size_t n;
		char mark;
	} cases[] = {
		{{PAGE_ABSENT, PAGE_ABSENT}, 2, '.'},
		{{PAGE_PRIVATE}, 1, 'P'},
		{{PAGE_ZERO}, 1, 'Z'},
		{{PAGE_FILE}, 1, 'F'},
		{{PAGE_SHARED}, 1, 'S'},
		{{PAGE_COW}, 1, 'C'},
		{{PAGE_PRIVATE, PAGE_ABSENT}, 2, 'P'},
		{{PAGE_PRIVATE, PAGE_ABSENT, PAGE_ABSENT}, 3, 'p'},
		{{PAGE_ZERO, PAGE_ABSENT, PAGE_ZERO, PAGE_COW}, 4, 'Z'},
		{{PAGE_ZERO, PAGE_ABSENT, PAGE_ABSENT, PAGE_ABSENT, PAGE_ABSENT, PAGE_COW}, 6, 'c'},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(page_mark_of_group(cases[i].page, cases[i].n), cases[i].mark);
}

static void a_region_is_a_line_with_a_bar(void **state)
{
	static const uint8_t pages[] = {PAGE_FILE, PAGE_ABSENT, PAGE_COW, PAGE_PRIVATE};
	struct picture_region r = {.start = 0x8048000, .mode = "rw-p", .name = "a-long-name", .page = pages, .npages = 4};
	struct picture p = {0};

	(void)state;
	picture_region(&p, &r, 0);
	assert_string_equal(p.data, "08048000 rw-p       16K x1     a-long-n F.CP\n");
	picture_free(&p);
	r.npages = 0;
	picture_region(&p, &r, 0);
	assert_int_equal(p.lines, 1);
	picture_free(&p);
}

static void a_large_region_is_grouped_or_takes_more_lines(void **state)
{
	static uint8_t pages[2 * PICTURE_BAR];
	struct picture_region r = {.start = 0x40000000, .mode = "rw-p", .name = "x", .page = pages, .npages = sizeof pages};
	struct picture p = {0};

	(void)state;
	memset(pages, PAGE_PRIVATE, PICTURE_BAR);
	picture_region(&p, &r, 0);
	assert_int_equal(p.lines, 1);
	assert_int_equal(p.length, PICTURE_WIDTH + 1);
	assert_string_equal(p.data + 40, "PPPPPPPPPPPPPPPPPPP...................\n");
	picture_free(&p);
	picture_region(&p, &r, 1);
	assert_int_equal(p.lines, 2);
	assert_int_equal(p.length, 2 * (PICTURE_WIDTH + 1));
	assert_int_equal(strspn(p.data + 40, "P"), PICTURE_BAR);
	assert_int_equal(strspn(p.data + PICTURE_WIDTH + 1, " "), 40);
	assert_int_equal(strspn(p.data + PICTURE_WIDTH + 1 + 40, "."), PICTURE_BAR);
	picture_free(&p);
}

/* The text without its control sequences. */
static void strip(char *text)
{
	char *to = text;

	for (char *at = text; *at;) {
		if (*at == '\033') {
			at += 2;
			at += strspn(at, "0123456789;") + 1;
		} else {
			*to++ = *at++;
		}
	}
	*to = '\0';
}

static void colours_change_nothing_but_the_look(void **state)
{
	uint8_t frames[300];
	struct picture plain = {0}, coloured = {.colours = true};

	(void)state;
	for (size_t i = 0; i < sizeof frames; i++)
		frames[i] = (uint8_t)(i % FRAME_CLASSES);
	picture_frames(&plain, frames, sizeof frames, 1);
	picture_frames(&coloured, frames, sizeof frames, 1);
	assert_null(strchr(plain.data, '\033'));
	assert_non_null(strstr(coloured.data, "\033[0;37;41m#"));
	assert_non_null(strstr(coloured.data, "\033[0m\033[K\n")); /* each line ends plain, and clears what was behind it */
	strip(coloured.data);
	assert_string_equal(plain.data, coloured.data);
	picture_free(&plain);
	picture_free(&coloured);
}

static void a_colour_is_set_where_it_changes(void **state)
{
	uint8_t frames[64];
	struct picture p = {.colours = true};
	int n = 0;

	(void)state;
	memset(frames, FRAME_KERNEL, sizeof frames);
	picture_frames(&p, frames, sizeof frames, 1);
	for (const char *at = p.data; (at = strchr(at, '\033')); at++)
		n++;
	assert_int_equal(n, 3); /* kernel, plain, clear */
	picture_free(&p);
}

static void the_legend_counts_and_stays_narrow(void **state)
{
	struct picture_owner owner[OWNERS_MAX] = {{1, "init"}};
	uint32_t count[FRAME_CLASSES] = {[FRAME_KERNEL] = 226, [FRAME_FREE] = 31000, [FRAME_OWNED] = 20, [FRAME_OWNED + 3] = 7};
	struct picture p = {0};

	(void)state;
	owner[3] = (struct picture_owner){12, "a-name-that-is-long"};
	picture_legend(&p, count, owner);
	assert_non_null(strstr(p.data, "# kernel 226  % slab 0"));
	assert_non_null(strstr(p.data, ". free 31000\n"));
	assert_non_null(strstr(p.data, "a 1 init 20  d 12 a-name-that- 7\n"));
	for (size_t i = 0; i < OWNERS_MAX; i++)
		owner[i] = (struct picture_owner){(int)i + 10000, "0123456789012345"};
	p.length = p.lines = 0;
	picture_legend(&p, count, owner);
	for (const char *at = p.data, *end; *at; at = end + 1) {
		end = strchr(at, '\n');
		assert_true(end - at <= PICTURE_WIDTH);
	}
	picture_free(&p);
	assert_true(strlen(picture_page_legend) <= PICTURE_WIDTH);
}

static void a_frame_is_what_its_flags_say(void **state)
{
	static const struct {
		uint64_t flags, count;
		enum frame_class want;
	} cases[] = {
		{PAGEFLAG(PAGEFLAG_NONE), 0, FRAME_HOLE},
		{PAGEFLAG(PAGEFLAG_FREE), 0, FRAME_FREE},
		{PAGEFLAG(PAGEFLAG_SLAB), 1, FRAME_SLAB},
		{PAGEFLAG(PAGEFLAG_TABLE), 2, FRAME_TABLE},
		{PAGEFLAG(PAGEFLAG_KERNEL), 1, FRAME_KERNEL},
		{PAGEFLAG(PAGEFLAG_ZERO), 1, FRAME_ZERO},
		{PAGEFLAG(PAGEFLAG_ZERO) | PAGEFLAG(PAGEFLAG_KERNEL), 1, FRAME_ZERO},
		{PAGEFLAG(PAGEFLAG_LRU), 1, FRAME_CACHE},
		{PAGEFLAG(PAGEFLAG_LRU) | PAGEFLAG(PAGEFLAG_MAPPED), 5, FRAME_CACHE},
		{PAGEFLAG(PAGEFLAG_ANON) | PAGEFLAG(PAGEFLAG_MAPPED), 1, FRAME_OTHER},
		{PAGEFLAG(PAGEFLAG_ANON) | PAGEFLAG(PAGEFLAG_MAPPED), 2, FRAME_SHARED},
		{0, 1, FRAME_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(snapshot_frame_class(cases[i].flags, cases[i].count), cases[i].want);
}

static void a_frame_with_two_owners_is_shared(void **state)
{
	(void)state;
	assert_int_equal(snapshot_owned_class(FRAME_OTHER, 3), FRAME_OWNED + 3);
	assert_int_equal(snapshot_owned_class(FRAME_FREE, 3), FRAME_OWNED + 3); /* taken meanwhile */
	assert_int_equal(snapshot_owned_class(FRAME_OWNED + 3, 3), FRAME_OWNED + 3);
	assert_int_equal(snapshot_owned_class(FRAME_OWNED + 3, 4), FRAME_SHARED);
	for (unsigned int c = FRAME_KERNEL; c <= FRAME_SHARED; c++)
		assert_int_equal(snapshot_owned_class((enum frame_class)c, 1), c);
}

static void a_page_is_what_its_entry_says(void **state)
{
	const uint64_t there = PAGEMAP_PRESENT | 77;

	(void)state;
	assert_int_equal(snapshot_page_class(0, FRAME_OTHER, "rw-p"), PAGE_ABSENT);
	assert_int_equal(snapshot_page_class(77, FRAME_OTHER, "rw-p"), PAGE_ABSENT);
	assert_int_equal(snapshot_page_class(there, FRAME_ZERO, "rw-p"), PAGE_ZERO);
	assert_int_equal(snapshot_page_class(there, FRAME_OWNED, "rw-p"), PAGE_COW);
	assert_int_equal(snapshot_page_class(there | PAGEMAP_EXCLUSIVE, FRAME_OWNED, "rw-p"), PAGE_PRIVATE);
	assert_int_equal(snapshot_page_class(there | PAGEMAP_FILE, FRAME_CACHE, "r-xp"), PAGE_FILE);
	assert_int_equal(snapshot_page_class(there | PAGEMAP_FILE | PAGEMAP_EXCLUSIVE, FRAME_CACHE, "rw-p"), PAGE_FILE);
	assert_int_equal(snapshot_page_class(there | PAGEMAP_EXCLUSIVE, FRAME_OWNED, "rw-s"), PAGE_SHARED);
}

static void a_process_keeps_its_letter(void **state)
{
	int owner[OWNERS_MAX] = {0}, many[OWNERS_MAX + 5];

	(void)state;
	snapshot_owners(owner, (const int[]){1, 2, 3}, 3);
	assert_memory_equal(owner, ((const int[]){1, 2, 3, 0}), 4 * sizeof(int));
	snapshot_owners(owner, (const int[]){1, 3, 9}, 3);
	assert_memory_equal(owner, ((const int[]){1, 9, 3, 0}), 4 * sizeof(int));
	for (int i = 0; i < OWNERS_MAX + 5; i++)
		many[i] = i + 1;
	snapshot_owners(owner, many, OWNERS_MAX + 5);
	for (int i = 0; i < OWNERS_MAX; i++)
		assert_true(owner[i] >= 1 && owner[i] <= OWNERS_MAX + 5);
	snapshot_owners(owner, many, 0);
	for (int i = 0; i < OWNERS_MAX; i++)
		assert_int_equal(owner[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_in_a_row_are_marks_in_a_row),
		cmocka_unit_test(every_class_has_a_mark_of_its_own),
		cmocka_unit_test(rows_bear_their_addresses),
		cmocka_unit_test(a_group_shows_what_most_of_it_is),
		cmocka_unit_test(a_picture_fits_its_rows),
		cmocka_unit_test(pages_are_upper_case_when_half_are_there),
		cmocka_unit_test(a_region_is_a_line_with_a_bar),
		cmocka_unit_test(a_large_region_is_grouped_or_takes_more_lines),
		cmocka_unit_test(colours_change_nothing_but_the_look),
		cmocka_unit_test(a_colour_is_set_where_it_changes),
		cmocka_unit_test(the_legend_counts_and_stays_narrow),
		cmocka_unit_test(a_frame_is_what_its_flags_say),
		cmocka_unit_test(a_frame_with_two_owners_is_shared),
		cmocka_unit_test(a_page_is_what_its_entry_says),
		cmocka_unit_test(a_process_keeps_its_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
