// links: lib sync mm
/* Frames, counted to the last: whatever the boot ranges, CPUs and order of requests, each frame is handed out once, and
   free plus held is what there was. */
#include "test_mm_world.h"

#include <sync/spinlock.h>

#include "test_lib_random.h"

#define CPUS ARCH_MAX_CPUS
#define HELD 4096u

static jmp_buf panicked;
static char text[300];
static struct boot_info boot;
static paddr_t held[HELD];
static unsigned nheld;

static noreturn_fn void panic_records(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	vsnprintf(text, sizeof text, fmt, ap);
	longjmp(panicked, 1);
}

#define assert_panics(statement) \
	do { \
		kernel_hooks.panic = panic_records; \
		if (setjmp(panicked) == 0) { \
			statement; \
			fail_msg("no panic: %s", #statement); \
		} \
		kernel_hooks.panic = world_panic; \
	} while (0)

/* RAM up to the last of N RANGES, and the frames of these ranges. */
static void start_ranges(const struct boot_range *ranges, unsigned n)
{
	free(fake_ram);
	memset(&boot, 0, sizeof boot);
	memcpy(boot.ram, ranges, n * sizeof ranges[0]);
	boot.nram = n;
	boot.max_pfn = ranges[n - 1].end;
	fake_ram = aligned_alloc(PAGE_SIZE, (size_t)boot.max_pfn * PAGE_SIZE);
	assert_non_null(fake_ram);
	memset(fake_ram, 0xcc,
	       (size_t)(boot.max_pfn < 1024 ? boot.max_pfn : 1024) * PAGE_SIZE); /* RAM is not zero at boot */
	kernel_hooks.panic = world_panic;
	fake_irq_on = true;
	fake_cpu_id = 0;
	fake_cpu_count = CPUS;
	nheld = 0;
	frame_init(&boot);
}

static void start(uint32_t frames)
{
	const struct boot_range r[] = {{16, 16 + frames / 2}, {20 + frames / 2, 20 + frames}};

	start_ranges(r, ARRAY_SIZE(r));
}

static uint32_t reserve(void)
{
	uint32_t r = frame_count_total() / 128;

	return r < 256 ? r : 256;
}

static uint32_t table_frames(void)
{
	return (boot.max_pfn * (uint32_t)sizeof(struct frame) + PAGE_MASK) / PAGE_SIZE;
}

static enum status get(enum frame_kind kind)
{
	enum status st;

	assert_true(nheld < HELD);
	st = frame_get(kind, &held[nheld]);
	nheld += st == OK;
	return st;
}

static enum status get_reserve(enum frame_kind kind)
{
	enum status st;

	assert_true(nheld < HELD);
	st = frame_get_reserve(kind, &held[nheld]);
	nheld += st == OK;
	return st;
}

static void put_all(void)
{
	while (nheld > 0)
		frame_put(held[--nheld]);
}

static bool in_ranges(pfn_t pfn)
{
	for (unsigned i = 0; i < boot.nram; i++)
		if (pfn >= boot.ram[i].start && pfn < boot.ram[i].end)
			return true;
	return false;
}

static bool in_table(paddr_t pa)
{
	const uint8_t *p = arch_window(pa), *t = (const uint8_t *)frame_table;

	return p + PAGE_SIZE > t && p < t + boot.max_pfn * sizeof(struct frame);
}

/* What is held is RAM that nobody else uses, once. */
static void check_held(void)
{
	uint8_t *seen = calloc(boot.max_pfn, 1);

	assert_non_null(seen);
	for (unsigned i = 0; i < nheld; i++) {
		pfn_t pfn = held[i] / PAGE_SIZE;

		assert_int_equal(held[i] % PAGE_SIZE, 0);
		assert_true(in_ranges(pfn));
		assert_false(in_table(held[i]));
		assert_true(held[i] != frame_zero_page());
		assert_int_equal(seen[pfn]++, 0);
		assert_int_equal(frame_refs(frame_of(held[i])), 1);
	}
	free(seen);
}

/* ---- boot ---- */

static void check_boot(const struct boot_range *ranges, unsigned n)
{
	uint32_t given = 0, free_frames;

	start_ranges(ranges, n);
	for (unsigned i = 0; i < n; i++)
		given += ranges[i].end - ranges[i].start;
	assert_int_equal(frame_count_total(), given - table_frames());
	assert_int_equal(frame_count_free(), frame_count_total() - 1); /* the page of zeros */
	free_frames = frame_count_free();
	while (get_reserve(FRAME_KERNEL) == OK)
		assert_int_equal(frame_count_free(), free_frames - nheld);
	assert_int_equal(nheld, free_frames);
	check_held();
	put_all();
	assert_int_equal(frame_count_free(), free_frames);
	while (get_reserve(FRAME_ANON) == OK)
		;
	assert_int_equal(nheld, free_frames);
	check_held();
}

static void every_frame_of_the_boot_ranges_is_handed_out_once(void **state)
{
	/* In the last two the table has 2048 entries of 16 bytes: the whole of the first range. */
	static const struct {
		struct boot_range r[3];
		unsigned n;
	} layouts[] = {
		{{{16, 600}}, 1},
		{{{0, 64}}, 1},
		{{{1, 100}, {256, 1000}}, 2},
		{{{8, 40}, {40, 41}, {41, 300}}, 3},
		{{{0, 1}, {3, 4}, {16, 2000}}, 3},
		{{{16, 2000}, {2001, 2002}, {2010, 2011}}, 3},
		{{{4, 12}, {100, 2048}}, 2},
		{{{4, 12}, {2041, 2048}}, 2},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(layouts); i++)
		check_boot(layouts[i].r, layouts[i].n);
}

static void boot_may_name_as_many_ranges_as_there_is_room_for(void **state)
{
	struct boot_range r[BOOT_MAX_RANGES];

	(void)state;
	for (unsigned large = 0; large < BOOT_MAX_RANGES; large += BOOT_MAX_RANGES - 1) {
		pfn_t at = 7;

		for (unsigned i = 0; i < BOOT_MAX_RANGES; i++) {
			r[i].start = at;
			r[i].end = at + (i == large ? 2000 : 1 + i % 2);
			at = r[i].end + 1 + i % 3;
		}
		check_boot(r, BOOT_MAX_RANGES);
	}
}

static void the_page_of_zeros_is_zero(void **state)
{
	const uint8_t *p;

	(void)state;
	start(500);
	p = arch_window(frame_zero_page());
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(p[i], 0);
	assert_int_equal(frame_count_kind(FRAME_ZERO), 1);
	assert_int_equal(frame_of(frame_zero_page())->kind, FRAME_ZERO);
	assert_true(frame_refs(frame_of(frame_zero_page())) > 0);
}

static void a_zeroed_frame_is_zero_whoever_had_it(void **state)
{
	(void)state;
	start(500);
	for (unsigned round = 0; round < 2; round++) {
		while (frame_get_zeroed(FRAME_ANON, false, &held[nheld]) == OK) {
			uint32_t *words = arch_window(held[nheld++]);

			for (unsigned i = 0; i < PAGE_SIZE / 4; i++)
				assert_int_equal(words[i], 0);
			memset(words, 0xee, PAGE_SIZE);
		}
		check_held();
		put_all();
	}
}

/* ---- references ---- */

static void a_frame_lives_as_long_as_its_last_reference(void **state)
{
	uint32_t before;
	paddr_t pa;

	(void)state;
	start(500);
	before = frame_count_free();
	assert_int_equal(frame_get(FRAME_ANON, &pa), OK);
	assert_int_equal(frame_refs(frame_of(pa)), 1);
	assert_int_equal(frame_of(pa)->kind, FRAME_ANON);
	for (unsigned i = 2; i < 100; i++) {
		frame_ref(pa);
		assert_int_equal(frame_refs(frame_of(pa)), i);
	}
	for (unsigned i = 99; i > 1; i--) {
		assert_int_equal(frame_count_free(), before - 1);
		frame_put(pa);
		assert_int_equal(frame_refs(frame_of(pa)), i - 1);
	}
	assert_int_equal(frame_of(pa)->kind, FRAME_ANON);
	frame_put(pa);
	assert_int_equal(frame_refs(frame_of(pa)), 0);
	assert_int_equal(frame_count_free(), before);
}

static void references_to_free_frames_are_assertions(void **state)
{
	paddr_t pa;

	(void)state;
	start(500);
	assert_int_equal(frame_get(FRAME_ANON, &pa), OK);
	frame_put(pa);
	assert_panics(frame_put(pa));
	assert_non_null(strstr(text, "frame.c"));
	assert_panics(frame_ref(pa));
	assert_panics(frame_put(frame_zero_page()));
}

/* ---- many CPUs ---- */

static void check_counts(uint32_t total, const uint32_t *kinds)
{
	uint32_t sum = 0;

	for (unsigned k = FRAME_ANON; k < FRAME_ZERO; k++) {
		assert_int_equal(frame_count_kind((enum frame_kind)k), kinds[k]);
		sum += kinds[k];
	}
	assert_int_equal(sum, nheld);
	assert_int_equal(frame_count_free(), total - nheld);
}

static void counts_are_exact_whichever_cpus_get_and_put(void **state)
{
	uint32_t kinds[FRAME_KINDS] = {0}, total;
	struct random rng = {3};

	(void)state;
	start(1500);
	total = frame_count_free();
	for (unsigned step = 0; step < 40000; step++) {
		bool filling = step / 4000 % 2 == 0; /* long waves, so that stocks and pool run full and dry */
		enum frame_kind kind = (enum frame_kind)(FRAME_ANON + random_below(&rng, FRAME_ZERO - FRAME_ANON));

		fake_cpu_id = random_below(&rng, CPUS);
		if (random_below(&rng, 4) < (filling ? 3 : 1)) {
			if (get(kind) == OK)
				kinds[kind]++;
			else
				assert_int_equal(frame_count_free(), reserve());
		} else if (nheld > 0) {
			unsigned i = random_below(&rng, nheld);

			kinds[frame_of(held[i])->kind]--;
			frame_put(held[i]);
			held[i] = held[--nheld];
		}
		check_counts(total, kinds);
		if (step % 1000 == 0)
			check_held();
	}
}

static void a_cpu_that_runs_dry_empties_the_stocks_of_the_others(void **state)
{
	uint32_t total;

	(void)state;
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		start(600);
		total = frame_count_free();
		for (unsigned i = 0; i < CPUS * 25; i++) {
			fake_cpu_id = i / 25;
			assert_int_equal(get(FRAME_ANON), OK);
		}
		for (; nheld > 0; frame_put(held[--nheld]))
			fake_cpu_id = nheld % CPUS;
		fake_cpu_id = cpu;
		while (get(FRAME_ANON) == OK)
			;
		assert_int_equal(nheld, total - reserve());
		while (get_reserve(FRAME_ANON) == OK)
			;
		assert_int_equal(nheld, total);
		check_held();
	}
}

/* ---- the reserve ---- */

static void check_reserve(uint32_t frames)
{
	paddr_t pa;

	start(frames);
	while (frame_get(FRAME_ANON, &pa) == OK)
		;
	assert_int_equal(frame_count_free(), reserve());
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		fake_cpu_id = cpu;
		assert_int_equal(frame_get(FRAME_ANON, &pa), E_NOMEM);
		assert_int_equal(frame_get_zeroed(FRAME_ANON, false, &pa), E_NOMEM);
	}
	for (uint32_t left = reserve(); left > 0; left--) {
		fake_cpu_id = left % CPUS;
		assert_int_equal(frame_count_free(), left);
		assert_int_equal(frame_get_reserve(FRAME_ANON, &pa), OK);
		assert_int_equal(frame_get(FRAME_ANON, &pa), E_NOMEM);
	}
	assert_int_equal(frame_get_reserve(FRAME_ANON, &pa), E_NOMEM);
	assert_int_equal(frame_count_free(), 0);
}

static void ordinary_requests_stop_at_the_reserve(void **state)
{
	(void)state;
	check_reserve(100);
	check_reserve(1500);
	check_reserve(5000);
}

static void the_reserve_has_a_largest_size(void **state)
{
	(void)state;
	check_reserve(40000);
	assert_int_equal(reserve(), 256);
}

/* What the reserve gave comes back to all once there is enough of it. */
static void a_reserve_that_was_used_fills_up_again(void **state)
{
	uint32_t total;

	(void)state;
	start(1500);
	total = frame_count_free();
	while (get_reserve(FRAME_ANON) == OK)
		;
	put_all();
	while (get(FRAME_ANON) == OK)
		;
	assert_int_equal(nheld, total - reserve());
}

/* ---- failure on demand ---- */

static void requests_fail_after_as_many_as_the_test_says(void **state)
{
	uint32_t total;
	paddr_t pa;

	(void)state;
	start(500);
	total = frame_count_free();
	for (unsigned n = 0; n < 40; n++) {
		frame_fail_after(n);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(i % 2 ? get(FRAME_ANON) : get_reserve(FRAME_ANON), OK);
		for (unsigned i = 0; i < 3; i++) {
			assert_int_equal(frame_get(FRAME_ANON, &pa), E_NOMEM);
			assert_int_equal(frame_get_reserve(FRAME_ANON, &pa), E_NOMEM);
			assert_int_equal(frame_get_zeroed(FRAME_ANON, false, &pa), E_NOMEM);
		}
		assert_int_equal(frame_count_free(), total - n);
		put_all();
		assert_int_equal(frame_count_free(), total);
	}
	frame_fail_after(UINT32_MAX);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(get(FRAME_ANON), OK);
	put_all();
}

/* ---- cached pages ---- */

#define PAGES 12u

struct page {
	struct frame_cached cached;
	bool busy; /* detach says no */
	bool in_index;
	unsigned asked, discards;
	unsigned turn; /* when it was discarded, from 1 */
};
static struct page pages[PAGES];
static unsigned discarded;
static struct spinlock index_lock = SPINLOCK_INIT(RANK_CACHE, "index"),
		       stock_lock = SPINLOCK_INIT(RANK_SLAB_CPU, "stock");

static bool page_detach(struct frame_cached *c) no_lock_check
{
	struct page *p = container_of(c, struct page, cached);

	assert_true(p->in_index);
	p->asked++;
	spin_lock(&index_lock); /* panics if too much is held */
	if (!p->busy && frame_refs(frame_of(c->pa)) == 1)
		p->in_index = false;
	spin_unlock(&index_lock);
	return !p->in_index;
}

static void page_discard(struct frame_cached *c) no_lock_check
{
	struct page *p = container_of(c, struct page, cached);

	assert_false(p->in_index);
	spin_lock(&stock_lock); /* panics if something of this rank or above is held */
	spin_unlock(&stock_lock);
	assert_int_equal(p->discards++, 0);
	p->turn = ++discarded;
	memset(&c->link, 0xcc, sizeof c->link); /* as after kfree */
}

static const struct frame_cache_ops page_ops = {.detach = page_detach, .discard = page_discard};

static void start_cache(uint32_t frames)
{
	start(frames);
	frame_set_cache(&page_ops);
	discarded = 0;
	memset(pages, 0, sizeof pages);
	for (unsigned i = 0; i < PAGES; i++) {
		list_init(&pages[i].cached.link);
		assert_int_equal(frame_get(FRAME_CACHE, &pages[i].cached.pa), OK);
		pages[i].in_index = true;
		frame_cached_add(&pages[i].cached);
	}
}

/* Until not one more can be had without the cache. */
static void exhaust_free_frames(void)
{
	while (frame_count_free() > reserve()) {
		assert_int_equal(get(FRAME_ANON), OK);
		assert_int_equal(discarded, 0);
	}
}

static void check_evicted(const unsigned *order, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(frame_count_kind(FRAME_CACHE) + discarded, PAGES);
		assert_int_equal(get(FRAME_ANON), OK);
		assert_int_equal(pages[order[i]].turn, i + 1);
		assert_int_equal(discarded, i + 1);
		assert_int_equal(frame_count_free(), reserve());
	}
	assert_int_equal(get(FRAME_ANON), E_NOMEM);
	assert_int_equal(discarded, n);
	assert_int_equal(frame_count_kind(FRAME_CACHE) + discarded, PAGES);
	check_held();
}

static void pressure_takes_the_oldest_cached_page(void **state)
{
	static const unsigned order[PAGES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

	(void)state;
	start_cache(500);
	exhaust_free_frames();
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(pages[i].asked, 0);
	check_evicted(order, PAGES);
}

static void a_page_that_was_touched_is_young_again(void **state)
{
	static const unsigned order[PAGES] = {1, 2, 4, 5, 6, 8, 9, 10, 11, 7, 3, 0};

	(void)state;
	start_cache(500);
	frame_cached_touch(&pages[3].cached);
	frame_cached_touch(&pages[7].cached);
	frame_cached_touch(&pages[3].cached);
	frame_cached_touch(&pages[0].cached);
	exhaust_free_frames();
	check_evicted(order, PAGES);
}

static void pages_in_use_are_passed_over_and_keep_their_place(void **state)
{
	static const unsigned order[] = {0, 2, 4, 5, 7, 8, 9, 10};

	(void)state;
	start_cache(500);
	pages[1].busy = true;
	frame_ref(pages[3].cached.pa);
	frame_cached_remove(&pages[6].cached); /* in the index, but not to be had */
	pages[11].busy = true;
	exhaust_free_frames();
	check_evicted(order, ARRAY_SIZE(order));
	assert_true(pages[1].asked > 0 && pages[11].asked > 0);
	pages[11].busy = false;
	frame_put(pages[3].cached.pa);
	frame_cached_add(&pages[6].cached);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(get(FRAME_ANON), OK);
	assert_int_equal(get(FRAME_ANON), E_NOMEM);
	assert_int_equal(pages[3].turn, 9);
	assert_int_equal(pages[11].turn, 10);
	assert_int_equal(pages[6].turn, 11);
	assert_true(pages[1].in_index && pages[1].discards == 0);
	assert_int_equal(frame_refs(frame_of(pages[1].cached.pa)), 1);
}

static void a_page_may_be_removed_and_freed_by_its_owner(void **state)
{
	uint32_t before;

	(void)state;
	start(500);
	before = frame_count_free();
	start_cache(500);
	for (unsigned i = 0; i < PAGES; i++) {
		frame_cached_remove(&pages[i].cached);
		frame_put(pages[i].cached.pa);
		memset(&pages[i].cached, 0xcc, sizeof pages[i].cached);
	}
	assert_int_equal(frame_count_free(), before);
	while (get_reserve(FRAME_ANON) == OK)
		;
	assert_int_equal(nheld, before);
	assert_int_equal(discarded, 0);
}

/* As a page table does while it is split, at the greatest rank from which frames may be taken. */
static void eviction_may_happen_under_the_lock_of_a_table(void **state) no_lock_check
{
	struct spinlock table = SPINLOCK_INIT(RANK_PAGETABLE, "table");

	(void)state;
	start_cache(500);
	exhaust_free_frames();
	spin_lock(&table);
	assert_int_equal(get(FRAME_TABLE), OK);
	spin_unlock(&table);
	assert_int_equal(discarded, 1);
	spin_assert_none_held("after eviction");
}

/* Whichever call asks, and on which CPU. */
static void every_kind_of_request_evicts(void **state)
{
	paddr_t pa;
	unsigned n;

	(void)state;
	start_cache(500);
	exhaust_free_frames();
	fake_cpu_id = 5;
	assert_int_equal(frame_get_zeroed(FRAME_ANON, false, &pa), OK);
	assert_int_equal(discarded, 1);
	assert_int_equal(*(uint32_t *)arch_window(pa), 0);
	for (n = 0; frame_get_reserve(FRAME_ANON, &pa) == OK; n++)
		fake_cpu_id = n % CPUS;
	assert_int_equal(n, reserve() + PAGES - 1);
	assert_int_equal(discarded, PAGES);
	assert_int_equal(frame_count_free(), 0);
}

static void what_pressure_can_take_back_is_counted(void **state)
{
	(void)state;
	start_cache(500);
	assert_int_equal(frame_count_reclaimable(), PAGES);
	assert_int_equal(get(FRAME_ANON), OK);
	assert_int_equal(frame_count_reclaimable(), PAGES);
	pages[2].busy = true; /* dirty */
	assert_int_equal(frame_count_reclaimable(), PAGES);
	frame_ref(pages[4].cached.pa); /* mapped */
	frame_ref(pages[5].cached.pa);
	assert_int_equal(frame_count_reclaimable(), PAGES - 2);
	frame_put(pages[4].cached.pa);
	assert_int_equal(frame_count_reclaimable(), PAGES - 1);
	exhaust_free_frames();
	assert_int_equal(get(FRAME_ANON), OK);
	assert_int_equal(frame_count_reclaimable(), PAGES - 2);
	frame_put(pages[5].cached.pa);
	assert_int_equal(frame_count_reclaimable(), PAGES - 1);
}

static void what_was_given_back_as_zeros_is_not_cleared_again(void **state)
{
	uint32_t before;
	paddr_t pa, again;

	(void)state;
	world_start(WORLD_PAGES);
	before = frame_count_free();
	assert_int_equal(frame_get_zeroed(FRAME_TABLE, false, &pa), OK);
	frame_put_made(FRAME_ZEROS, pa);
	assert_int_equal(frame_count_free(), before);
	assert_int_equal(frame_count_kind(FRAME_TABLE), 0);
	((uint8_t *)arch_window(pa))[100] = 7; /* nobody may; it shows whether the page is cleared */
	assert_int_equal(frame_get_zeroed(FRAME_TABLE, false, &again), OK);
	assert_int_equal(again, pa);
	assert_int_equal(((uint8_t *)arch_window(pa))[100], 7);
	frame_put(again);
}

static void frames_of_zeros_are_there_for_all_when_memory_is_short(void **state)
{
	paddr_t pa[12], any;
	uint32_t free;

	(void)state;
	world_start(WORLD_PAGES);
	free = frame_count_free();
	for (unsigned i = 0; i < 12; i++)
		assert_int_equal(frame_get_zeroed(FRAME_TABLE, false, &pa[i]), OK);
	for (unsigned i = 0; i < 12; i++)
		frame_put_made(FRAME_ZEROS, pa[i]);
	assert_int_equal(frame_count_free(), free);
	fake_cpu_id = 1; /* another CPU takes them all */
	fake_cpu_count = 2;
	for (; free > 0; free--)
		assert_int_equal(frame_get_reserve(FRAME_ANON, &any), OK);
	assert_int_equal(frame_get_reserve(FRAME_ANON, &any), E_NOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_given_back_as_zeros_is_not_cleared_again),
		cmocka_unit_test(frames_of_zeros_are_there_for_all_when_memory_is_short),
		cmocka_unit_test(every_frame_of_the_boot_ranges_is_handed_out_once),
		cmocka_unit_test(boot_may_name_as_many_ranges_as_there_is_room_for),
		cmocka_unit_test(the_page_of_zeros_is_zero),
		cmocka_unit_test(a_zeroed_frame_is_zero_whoever_had_it),
		cmocka_unit_test(a_frame_lives_as_long_as_its_last_reference),
		cmocka_unit_test(references_to_free_frames_are_assertions),
		cmocka_unit_test(counts_are_exact_whichever_cpus_get_and_put),
		cmocka_unit_test(a_cpu_that_runs_dry_empties_the_stocks_of_the_others),
		cmocka_unit_test(ordinary_requests_stop_at_the_reserve),
		cmocka_unit_test(the_reserve_has_a_largest_size),
		cmocka_unit_test(a_reserve_that_was_used_fills_up_again),
		cmocka_unit_test(requests_fail_after_as_many_as_the_test_says),
		cmocka_unit_test(pressure_takes_the_oldest_cached_page),
		cmocka_unit_test(a_page_that_was_touched_is_young_again),
		cmocka_unit_test(pages_in_use_are_passed_over_and_keep_their_place),
		cmocka_unit_test(a_page_may_be_removed_and_freed_by_its_owner),
		cmocka_unit_test(eviction_may_happen_under_the_lock_of_a_table),
		cmocka_unit_test(every_kind_of_request_evicts),
		cmocka_unit_test(what_pressure_can_take_back_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
