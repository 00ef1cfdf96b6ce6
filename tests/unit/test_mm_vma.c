// links: lib sync mm
// suite: mmap
/* Regions against a sorted array that does the same by brute force, and the cost of a search in regions touched.
   A step changes the set at random; after it the set is valid and equal to the array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arch/hooks.h>
#include <mm/object.h>
#include <mm/vma.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "test_lib_random.h"

#define WINDOW 512u /* pages in which the regions of the model lie */
#define MAX 96u     /* regions */
#define SEEDS 60u
#define STEPS 600u

static jmp_buf panicked;
static char text[300];

static noreturn_fn void panic_records(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	vsnprintf(text, sizeof text, fmt, ap);
	longjmp(panicked, 1);
}

static noreturn_fn void panic_ends(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	vprintf(fmt, ap);
	printf("\n");
	abort();
}

static int set_up(void **state)
{
	(void)state;
	kernel_hooks.panic = panic_ends;
	return 0;
}

/* ---- the model: regions in order, in pages of the window ---- */

static struct {
	struct region {
		unsigned start, end;
		struct vma *v;
	} at[MAX];
	unsigned n;
	vaddr_t base; /* of the window */
} model;
static struct vma_set set;
static struct random rng;

static vaddr_t va_of(unsigned page)
{
	return model.base + page * PAGE_SIZE;
}

static bool model_free(unsigned start, unsigned end)
{
	for (unsigned i = 0; i < model.n; i++)
		if (model.at[i].start < end && start < model.at[i].end)
			return false;
	return true;
}

static void model_insert(unsigned start, unsigned end, struct vma *v)
{
	unsigned i = model.n++;

	for (; i > 0 && model.at[i - 1].start > start; i--)
		model.at[i] = model.at[i - 1];
	model.at[i] = (struct region){start, end, v};
}

static void model_remove(unsigned i)
{
	model.n--;
	memmove(&model.at[i], &model.at[i + 1], (model.n - i) * sizeof model.at[0]);
}

/* Highest first; an answer of 0 means none, so page 0 of the address space is never one. */
static vaddr_t model_find_gap(unsigned size, unsigned low, unsigned high)
{
	for (unsigned at = high; at-- > low;)
		if (at + size <= high && model_free(at, at + size))
			return va_of(at);
	return 0;
}

static struct vma *model_find_above(vaddr_t va)
{
	for (unsigned i = 0; i < model.n; i++)
		if (va < model.base + model.at[i].end * PAGE_SIZE)
			return model.at[i].v;
	return NULL;
}

static void check_set(void)
{
	struct vma *v = vma_first(&set);

	assert_true(vma_set_valid(&set));
	assert_int_equal(set.count, model.n);
	for (unsigned i = 0; i < model.n; i++) {
		const struct region *r = &model.at[i];

		assert_ptr_equal(v, r->v);
		assert_int_equal(v->start, va_of(r->start));
		assert_int_equal(v->end, va_of(r->end));
		assert_ptr_equal(vma_prev(&set, v), i > 0 ? r[-1].v : NULL);
		v = vma_next(&set, v);
	}
	assert_null(v);
	assert_ptr_equal(vma_last(&set), model.n > 0 ? model.at[model.n - 1].v : NULL);
}

static struct vma *new_region(unsigned start, unsigned end)
{
	struct vma *v = malloc(sizeof *v);

	assert_non_null(v);
	memset(v, 0xcc, sizeof *v);
	v->start = va_of(start);
	v->end = va_of(end);
	list_init(&v->object_link);
	v->object = NULL;
	return v;
}

static void start_model(uint64_t seed)
{
	rng = (struct random){seed * 0x9e3779b97f4a7c15u + 1};
	model.n = 0;
	/* At the bottom of the address space, somewhere, and at the top. */
	model.base = seed % 3 == 0 ? 0 : seed % 3 == 1 ? 0x10000000 : USER_TOP - WINDOW * PAGE_SIZE;
	vma_set_init(&set);
	check_set();
}

static void end_model(void)
{
	while (model.n > 0) {
		unsigned i = random_below(&rng, model.n);

		vma_remove(&set, model.at[i].v);
		free(model.at[i].v);
		model_remove(i);
		check_set();
	}
}

/* ---- steps ---- */

static void do_insert(void)
{
	unsigned start = random_below(&rng, WINDOW);
	unsigned end = start + 1 + random_below(&rng, random_below(&rng, 8) ? 4 : 40);
	struct vma *v;

	if (model.n == MAX || end > WINDOW || !model_free(start, end))
		return;
	v = new_region(start, end);
	vma_insert(&set, v);
	model_insert(start, end, v);
}

static void do_remove(void)
{
	unsigned i = random_below(&rng, MAX);

	if (i >= model.n)
		return;
	vma_remove(&set, model.at[i].v);
	free(model.at[i].v);
	model_remove(i);
}

static void do_resize(void)
{
	unsigned i = random_below(&rng, MAX), low, high, start, end;
	struct region *r = &model.at[i];

	if (i >= model.n)
		return;
	low = i > 0 ? r[-1].end : 0;
	high = i + 1 < model.n ? r[1].start : WINDOW;
	start = random_below(&rng, 2) ? r->start : low + random_below(&rng, high - low);
	end = random_below(&rng, 2) && r->end > start ? r->end : start + 1 + random_below(&rng, high - start);
	vma_resize(&set, r->v, va_of(start), va_of(end));
	r->start = start;
	r->end = end;
}

static void do_split(void)
{
	unsigned i = random_below(&rng, MAX), at;
	struct region *r = &model.at[i];
	struct vma *upper;

	if (i >= model.n || model.n == MAX || r->end - r->start < 2)
		return;
	at = r->start + 1 + random_below(&rng, r->end - r->start - 1);
	upper = malloc(sizeof *upper);
	assert_non_null(upper);
	memset(upper, 0xcc, sizeof *upper);
	vma_split(&set, r->v, va_of(at), upper);
	model_insert(at, r->end, upper);
	model.at[i].end = at;
}

static void do_find(void)
{
	for (unsigned tries = 0; tries < 4; tries++) {
		vaddr_t va = va_of(random_below(&rng, WINDOW)) + random_below(&rng, 3) * PAGE_MASK / 2;
		struct vma *above = model_find_above(va);

		assert_ptr_equal(vma_find_above(&set, va), above);
		assert_ptr_equal(vma_find(&set, va), above && above->start <= va ? above : NULL);
	}
}

static void do_find_gap(void)
{
	unsigned low = random_below(&rng, 2) ? 0 : random_below(&rng, WINDOW);
	unsigned high = random_below(&rng, 2) ? WINDOW : low + random_below(&rng, WINDOW - low + 1);
	unsigned size = 1 + random_below(&rng, random_below(&rng, 4) ? 8 : 80);

	assert_int_equal(vma_find_gap(&set, size * PAGE_SIZE, va_of(low), va_of(high)),
	                 model_find_gap(size, low, high));
}

static void a_set_of_regions_behaves_as_a_sorted_array(void **state)
{
	static void (*const steps[])(void) = {do_insert, do_insert, do_insert,   do_remove,  do_resize,
	                                      do_split,  do_find,   do_find_gap, do_find_gap};

	(void)state;
	for (unsigned seed = 0; seed < SEEDS; seed++) {
		start_model(seed);
		for (unsigned step = 0; step < STEPS; step++) {
			steps[random_below(&rng, ARRAY_SIZE(steps))]();
			check_set();
		}
		end_model();
	}
}

/* The window of every pair of bounds, around few regions. */
static void a_gap_is_found_within_any_bounds(void **state)
{
	static const unsigned regions[][2] = {{2, 3}, {3, 5}, {9, 10}, {11, 14}, {20, 21}};

	(void)state;
	for (uint64_t seed = 0; seed < 3; seed++) {
		start_model(seed);
		for (unsigned i = 0; i < ARRAY_SIZE(regions); i++) {
			struct vma *v = new_region(regions[i][0], regions[i][1]);

			vma_insert(&set, v);
			model_insert(regions[i][0], regions[i][1], v);
		}
		for (unsigned low = 0; low <= 24; low++)
			for (unsigned high = low; high <= 24; high++)
				for (unsigned size = 1; size <= 12; size++)
					assert_int_equal(vma_find_gap(&set, size * PAGE_SIZE, va_of(low), va_of(high)),
					                 model_find_gap(size, low, high));
		end_model();
	}
}

static void an_empty_set_is_one_gap_and_a_full_one_has_none(void **state)
{
	struct vma whole = {.start = 0, .end = USER_TOP};

	(void)state;
	vma_set_init(&set);
	assert_null(vma_first(&set));
	assert_null(vma_last(&set));
	assert_null(vma_find(&set, 0));
	assert_null(vma_find_above(&set, 0));
	assert_int_equal(vma_find_gap(&set, PAGE_SIZE, PAGE_SIZE, USER_TOP), USER_TOP - PAGE_SIZE);
	assert_int_equal(vma_find_gap(&set, USER_TOP - PAGE_SIZE, PAGE_SIZE, USER_TOP), PAGE_SIZE);
	assert_int_equal(vma_find_gap(&set, USER_TOP, PAGE_SIZE, USER_TOP), 0);
	assert_int_equal(vma_find_gap(&set, UINT32_MAX & ~PAGE_MASK, PAGE_SIZE, USER_TOP), 0);
	assert_int_equal(vma_find_gap(&set, PAGE_SIZE, 0x5000, 0x5000), 0);
	list_init(&whole.object_link);
	vma_insert(&set, &whole);
	assert_true(vma_set_valid(&set));
	assert_ptr_equal(vma_find(&set, 0), &whole);
	assert_ptr_equal(vma_find(&set, USER_TOP - 1), &whole);
	assert_null(vma_find(&set, USER_TOP));
	assert_null(vma_find_above(&set, USER_TOP));
	assert_null(vma_find_above(&set, UINT32_MAX));
	assert_int_equal(vma_find_gap(&set, PAGE_SIZE, PAGE_SIZE, USER_TOP), 0);
	vma_resize(&set, &whole, PAGE_SIZE, USER_TOP - PAGE_SIZE);
	assert_null(vma_find(&set, 0));
	assert_null(vma_find(&set, USER_TOP - PAGE_SIZE));
	assert_int_equal(vma_find_gap(&set, PAGE_SIZE, PAGE_SIZE, USER_TOP), USER_TOP - PAGE_SIZE);
	vma_remove(&set, &whole);
	assert_true(vma_set_valid(&set));
	assert_null(vma_find(&set, PAGE_SIZE)); /* not what was found last */
	assert_int_equal(set.count, 0);
}

static void a_split_region_goes_on_where_it_was_cut(void **state)
{
	struct mem_object object;
	struct aspace *as = (struct aspace *)(uintptr_t)0x1234;
	struct vma upper, v = {.start = 0x10000,
	                       .end = 0x20000,
	                       .prot = VMA_READ | VMA_EXEC,
	                       .flags = VMA_ZERO_TAIL,
	                       .kind = VMA_FILE,
	                       .object = &object,
	                       .object_page = 7,
	                       .file_end = 0x1f123,
	                       .as = as};

	(void)state;
	mem_object_init(&object, NULL);
	memset(&upper, 0xcc, sizeof upper);
	vma_set_init(&set);
	list_init(&v.object_link);
	vma_insert(&set, &v);
	list_add_tail(&object.maps, &v.object_link);
	vma_split(&set, &v, 0x13000, &upper);
	assert_true(vma_set_valid(&set));
	assert_int_equal(set.count, 2);
	assert_int_equal(v.start, 0x10000);
	assert_int_equal(v.end, 0x13000);
	assert_int_equal(v.object_page, 7);
	assert_int_equal(upper.start, 0x13000);
	assert_int_equal(upper.end, 0x20000);
	assert_int_equal(upper.object_page, 10);
	assert_int_equal(upper.prot, VMA_READ | VMA_EXEC);
	assert_int_equal(upper.flags, VMA_ZERO_TAIL);
	assert_int_equal(upper.kind, VMA_FILE);
	assert_int_equal(upper.file_end, 0x1f123);
	assert_ptr_equal(upper.object, &object);
	assert_ptr_equal(upper.as, as);
	assert_true(list_is_empty(&upper.object_link)); /* whoever splits puts it on the object's list */
	assert_ptr_equal(vma_find(&set, 0x12fff), &v);
	assert_ptr_equal(vma_find(&set, 0x13000), &upper);
	/* The list of the object is as it was. */
	assert_ptr_equal(object.maps.next, &v.object_link);
	assert_ptr_equal(object.maps.prev, &v.object_link);
}

static void a_lookup_forgets_regions_that_moved(void **state)
{
	struct vma a = {.start = 0x10000, .end = 0x20000}, b = {.start = 0x30000, .end = 0x40000}, c;

	(void)state;
	vma_set_init(&set);
	vma_insert(&set, &a);
	vma_insert(&set, &b);
	assert_ptr_equal(vma_find(&set, 0x1f000), &a);
	vma_resize(&set, &a, 0x10000, 0x18000);
	assert_null(vma_find(&set, 0x1f000));
	assert_ptr_equal(vma_find(&set, 0x17fff), &a);
	vma_split(&set, &a, 0x14000, &c);
	assert_ptr_equal(vma_find(&set, 0x17fff), &c);
	vma_remove(&set, &c);
	assert_null(vma_find(&set, 0x17fff));
	memset(&c, 0xcc, sizeof c);
	assert_null(vma_find(&set, 0x17fff));
	assert_ptr_equal(vma_find(&set, 0x3ffff), &b);
}

/* ---- what vma_set_valid says no to ---- */

/* DAMAGE is seen, and then undone. */
#define assert_seen(damage) \
	do { \
		damage; \
		assert_false(vma_set_valid(&set)); \
		memcpy(v, sound, sizeof v); \
		set = sound_set; \
		assert_true(vma_set_valid(&set)); \
	} while (0)

static void damage_is_seen(void **state)
{
	struct vma v[5], sound[5], twin;
	struct vma_set sound_set;

	(void)state;
	memset(v, 0, sizeof v);
	vma_set_init(&set);
	for (unsigned i = 0; i < ARRAY_SIZE(v); i++) {
		v[i].kind = VMA_FILE; /* which is never empty */
		v[i].start = 0x10000 * (i + 1);
		v[i].end = v[i].start + 0x4000;
		vma_insert(&set, &v[i]);
	}
	memcpy(sound, v, sizeof v);
	sound_set = set;
	assert_true(vma_set_valid(&set));
	for (unsigned i = 0; i < ARRAY_SIZE(v); i++) {
		assert_seen(v[i].gap += PAGE_SIZE);
		assert_seen(v[i].largest_gap -= PAGE_SIZE);
		assert_seen(v[i].start += PAGE_SIZE);
		assert_seen(v[i].end = v[i].start);
		assert_seen(v[i].end += 1);
	}
	assert_seen(v[1].end = 0x31000);
	/* An overlap alone, all gaps and summaries being right. */
	assert_seen((v[1].end = 0x31000, v[2].gap = v[2].start - v[1].end, rb_update_path(&set.tree, &v[2].node)));
	/* One in the list that is not in the tree. */
	assert_seen((twin = v[0], list_remove(&v[0].link), list_add_head(&set.order, &twin.link)));
	assert_seen(set.count++);
	assert_seen(list_remove(&v[0].link));
	assert_seen((list_remove(&v[0].link), list_add_tail(&set.order, &v[0].link)));
}

/* Debug builds notice a caller that breaks its side. */
static void an_overlap_is_an_assertion(void **state)
{
	static const vaddr_t overlaps[][2] = {
		{0x10000, 0x20000}, {0xf000, 0x11000}, {0x1f000, 0x21000}, {0x12000, 0x13000}, {0xf000, 0x21000}};
	struct vma a = {.start = 0x10000, .end = 0x20000}, b;

	(void)state;
	kernel_hooks.panic = panic_records;
	for (unsigned i = 0; i < ARRAY_SIZE(overlaps); i++) {
		vma_set_init(&set);
		vma_insert(&set, &a);
		b = (struct vma){.start = overlaps[i][0], .end = overlaps[i][1]};
		if (setjmp(panicked) == 0) {
			vma_insert(&set, &b);
			fail_msg("overlap %u went unnoticed", i);
		}
		assert_non_null(strstr(text, "vma.c"));
	}
}

/* ---- the cost: each region lies on a page of its own that may not be touched unseen ---- */

#define MANY 10000u

static uint8_t *guarded; /* MANY pages */
static volatile unsigned touched;

static void count_touch(int sig, siginfo_t *info, void *context)
{
	uint8_t *page = (uint8_t *)((uintptr_t)info->si_addr & ~(uintptr_t)PAGE_MASK);

	(void)context;
	if (page < guarded || page >= guarded + (size_t)MANY * PAGE_SIZE) {
		signal(sig, SIG_DFL);
		return;
	}
	touched++;
	mprotect(page, PAGE_SIZE, PROT_READ | PROT_WRITE);
}

static struct vma *many(unsigned i)
{
	return (struct vma *)(void *)(guarded + (size_t)i * PAGE_SIZE);
}

static void touches_start(void)
{
	assert_int_equal(mprotect(guarded, (size_t)MANY * PAGE_SIZE, PROT_NONE), 0);
	touched = 0;
}

/* => how many regions were touched. */
static unsigned touches_end(void)
{
	unsigned n = touched;

	assert_int_equal(mprotect(guarded, (size_t)MANY * PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	return n;
}

static unsigned depth(const struct rb_node *n)
{
	unsigned left, right;

	if (!n)
		return 0;
	left = depth(n->left);
	right = depth(n->right);
	return 1 + (left > right ? left : right);
}

/* In ascending order, the worst for a tree that is not balanced. */
static void many_regions(void)
{
	struct sigaction action = {.sa_sigaction = count_touch, .sa_flags = SA_SIGINFO};
	vaddr_t at = 0x1000;

	rng = (struct random){77};
	guarded = mmap(NULL, (size_t)MANY * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(guarded != MAP_FAILED);
	assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0);
	vma_set_init(&set);
	for (unsigned i = 0; i < MANY; i++) {
		at += random_below(&rng, 4) * PAGE_SIZE;
		if (i % 1000 == 500)
			at += 64 * PAGE_SIZE;
		*many(i) = (struct vma){.start = at, .end = at + PAGE_SIZE * (1 + random_below(&rng, 3))};
		at = many(i)->end;
		vma_insert(&set, many(i));
	}
	assert_true(vma_set_valid(&set));
	assert_int_equal(set.count, MANY);
}

static void many_regions_end(void)
{
	signal(SIGSEGV, SIG_DFL);
	munmap(guarded, (size_t)MANY * PAGE_SIZE);
}

#define LOG2_MANY 14u /* 2^14 > MANY + 1 */

static void a_search_among_ten_thousand_touches_few(void **state)
{
	vaddr_t top;

	(void)state;
	many_regions();
	top = vma_last(&set)->end;
	assert_true(depth(set.tree.node) <= 2 * LOG2_MANY);
	for (unsigned i = 0; i < 100; i++) {
		vaddr_t va = random_below(&rng, top);

		touches_start();
		vma_find(&set, va);
		assert_true(touches_end() <= 2 * LOG2_MANY + 1); /* and the one found last */
		touches_start();
		vma_find_above(&set, va);
		assert_true(touches_end() <= 2 * LOG2_MANY);
	}
	many_regions_end();
}

/* At each of a path's nodes both children may be looked at; bounds and the place found make three paths. */
static void a_gap_among_ten_thousand_is_found_by_touching_few(void **state)
{
	vaddr_t top;
	unsigned none = 0;

	(void)state;
	many_regions();
	top = vma_last(&set)->end;
	for (unsigned i = 0; i < 200; i++) {
		vaddr_t low = page_floor(random_below(&rng, top)),
			high = page_floor(low + random_below(&rng, top - low));
		uint32_t size = PAGE_SIZE * (1 + random_below(&rng, i % 2 ? 4 : 80));

		touches_start();
		none += vma_find_gap(&set, size, low, high) == 0;
		assert_true(touches_end() <= 6 * 2 * LOG2_MANY);
	}
	assert_in_range(none, 20, 180); /* both answers were tried */
	many_regions_end();
}

static void changes_among_ten_thousand_touch_few(void **state)
{
	(void)state;
	many_regions();
	for (unsigned i = 0; i < 100; i++) {
		struct vma *v = many(random_below(&rng, MANY));

		touches_start();
		vma_remove(&set, v);
		assert_true(touches_end() <= 4 * 2 * LOG2_MANY);
		touches_start();
		vma_insert(&set, v);
		assert_true(touches_end() <= 4 * 2 * LOG2_MANY);
	}
	assert_true(vma_set_valid(&set));
	many_regions_end();
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_set_of_regions_behaves_as_a_sorted_array),
		TEST(a_gap_is_found_within_any_bounds),
		TEST(an_empty_set_is_one_gap_and_a_full_one_has_none),
		TEST(a_split_region_goes_on_where_it_was_cut),
		TEST(a_lookup_forgets_regions_that_moved),
		TEST(damage_is_seen),
		TEST(an_overlap_is_an_assertion),
		TEST(a_search_among_ten_thousand_touches_few),
		TEST(a_gap_among_ten_thousand_is_found_by_touching_few),
		TEST(changes_among_ten_thousand_touch_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
