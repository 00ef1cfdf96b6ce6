// links: lib sync mm
/* The overcommit rule: what counts, what is refused when the sum may not exceed memory, and that every refusal changes
   nothing.  The audit recomputes the sum after each operation. */
#include "test_mm_world.h"

#include "test_lib_random.h"

#include <mm/commit.h>
#include <mm/kmalloc.h>

#define RW (VMA_READ | VMA_WRITE)
#define HEAP 0x08050000u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void start_with_rule(enum commit_rule rule)
{
	world_start(WORLD_PAGES);
	commit_set_rule(rule);
}

static void start_space(struct aspace *as) no_lock_check
{
	assert_int_equal(aspace_init(as), OK);
	aspace_set_heap(as, HEAP);
}

static void end_space(struct aspace *as) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;

	as->cpus = 0;
	aspace_destroy(as, &d);
	aspace_release(&d);
}

static enum status map(struct aspace *as, uint32_t pages, uint8_t prot, vaddr_t *at) no_lock_check
{
	const struct map_request r = {.len = pages * PAGE_SIZE, .prot = prot, .kind = VMA_ANON};
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_map(as, &r, at, &d);

	aspace_release(&d);
	assert_audit(as);
	return st;
}

static enum status unmap(struct aspace *as, vaddr_t at, uint32_t pages) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_unmap(as, at, pages * PAGE_SIZE, &d);

	aspace_release(&d);
	assert_audit(as);
	return st;
}

static enum status protect(struct aspace *as, vaddr_t at, uint32_t pages, uint8_t prot) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_protect(as, at, pages * PAGE_SIZE, prot, &d);

	aspace_release(&d);
	assert_audit(as);
	return st;
}

static bool set_break(struct aspace *as, vaddr_t want) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	bool done = aspace_brk(as, want, &d) == want;

	aspace_release(&d);
	assert_audit(as);
	return done;
}

static enum status clone(struct aspace *child, struct aspace *parent) no_lock_check
{
	return aspace_clone(child, parent);
}

/* Pages that may still be promised. */
static uint32_t room(void)
{
	return commit_limit() - commit_total();
}

static void a_promise_counts_its_pages_and_the_tables_for_them(void **state)
{
	uint32_t before;
	struct aspace as;
	vaddr_t at;

	(void)state;
	start_with_rule(COMMIT_ALWAYS);
	before = commit_total();
	start_space(&as);
	assert_int_equal(commit_total(), before + 1); /* the directory */
	assert_int_equal(map(&as, 1024, RW, &at), OK);
	assert_int_equal(commit_total(), before + 1 + 1024 + (at % PT_SPAN == 0 ? 1 : 2));
	assert_int_equal(unmap(&as, at, 1024), OK);
	assert_int_equal(map(&as, 10, VMA_READ, &at), OK); /* never a page of its own */
	assert_int_equal(commit_total(), before + 2);
	end_space(&as);
	assert_int_equal(commit_total(), before);
}

static void the_usual_rule_refuses_nothing(void **state)
{
	struct aspace as;
	vaddr_t at;

	(void)state;
	start_with_rule(COMMIT_ALWAYS);
	start_space(&as);
	assert_int_equal(map(&as, 100 * WORLD_PAGES, RW, &at), OK);
	assert_true(commit_total() > commit_limit());
	end_space(&as);
}

static void the_strict_rule_refuses_what_could_not_be_kept(void **state)
{
	struct aspace as, child;
	vaddr_t at, other;
	uint32_t total;

	(void)state;
	start_with_rule(COMMIT_STRICT);
	start_space(&as);
	assert_int_equal(map(&as, room() + 1, RW, &other), E_NOMEM);
	assert_int_equal(map(&as, room() * 2 / 3, RW, &at), OK);
	total = commit_total();
	assert_int_equal(map(&as, room() + 1, RW, &other), E_NOMEM);
	assert_false(set_break(&as, HEAP + (room() + 1) * PAGE_SIZE));
	assert_int_equal(clone(&child, &as), E_NOMEM);
	assert_int_equal(commit_total(), total);
	assert_int_equal(unmap(&as, at, (total - 10) / 2), OK);
	assert_int_equal(clone(&child, &as), OK);
	end_space(&child);
	end_space(&as);
	assert_int_equal(commit_total(), 0);
}

static void all_that_was_promised_can_be_touched(void **state)
{
	struct aspace as;
	uint32_t pages;
	vaddr_t at;

	(void)state;
	start_with_rule(COMMIT_STRICT);
	start_space(&as);
	for (pages = room(); map(&as, pages, RW, &at) != OK; pages--)
		continue;
	assert_true(pages > WORLD_PAGES * 9 / 10);
	for (uint32_t i = 0; i < pages; i++)
		user_store(&as, at + i * PAGE_SIZE, (uint8_t)i);
	for (uint32_t i = 0; i < pages; i++)
		assert_int_equal(user_load(&as, at + i * PAGE_SIZE), (uint8_t)i);
	end_space(&as);
}

static void what_could_be_written_once_counts_for_ever(void **state)
{
	struct aspace as;
	uint32_t total;
	vaddr_t at, other;

	(void)state;
	start_with_rule(COMMIT_STRICT);
	start_space(&as);
	assert_int_equal(map(&as, 100, VMA_READ, &at), OK);
	assert_int_equal(protect(&as, at, 100, RW), OK);
	total = commit_total();
	assert_true(total > 100);
	assert_int_equal(protect(&as, at, 100, VMA_READ), OK);
	assert_int_equal(commit_total(), total);
	assert_int_equal(map(&as, WORLD_PAGES, VMA_READ, &other), OK);
	total = commit_total();
	assert_int_equal(protect(&as, other, WORLD_PAGES, RW), E_NOMEM);
	assert_int_equal(commit_total(), total);
	end_space(&as);
}

static void the_stack_counts_as_far_as_it_has_grown_and_a_little_more(void **state) no_lock_check
{
	struct aspace as;
	uint32_t total;
	vaddr_t at;

	(void)state;
	start_with_rule(COMMIT_STRICT);
	start_space(&as);
	total = commit_total();
	assert_int_equal(aspace_map_stack(&as, PAGE_SIZE, 8u << 20), OK);
	assert_int_equal(commit_total(), total + 1 + 16 + 1);
	user_store(&as, USER_TOP - 2 * PAGE_SIZE, 1);
	assert_int_equal(commit_total(), total + 2 + 16 + 1);
	assert_audit(&as);
	while (map(&as, 1, RW, &at) == OK)
		continue;
	total = commit_total();
	assert_int_equal(world_fault(&as, USER_TOP - 3 * PAGE_SIZE, true, false), FAULT_SEGV);
	assert_int_equal(commit_total(), total);
	end_space(&as);
}

static void the_kernel_does_not_take_what_is_promised(void **state)
{
	paddr_t taken[8], pa;
	struct aspace as;
	unsigned n = 0;
	vaddr_t at;

	(void)state;
	start_with_rule(COMMIT_STRICT);
	start_space(&as);
	for (uint32_t pages = room(); map(&as, pages, RW, &at) != OK; pages--)
		continue;
	while (n < COUNT(taken) && frame_get(FRAME_KERNEL, &taken[n]) == OK)
		n++;
	assert_int_equal(commit_total(), commit_limit());
	assert_int_equal(frame_get(FRAME_SLAB, &pa), E_NOMEM);
	assert_int_equal(frame_get(FRAME_ANON, &pa), OK);
	frame_put(pa);
	while (n > 0)
		frame_put(taken[--n]);
	end_space(&as);
}

static void random_operations_keep_the_sum(void **state)
{
	struct random rng = {17};
	struct aspace as;
	vaddr_t at;

	(void)state;
	start_with_rule(COMMIT_STRICT);
	start_space(&as);
	for (unsigned i = 0; i < 4000; i++) {
		vaddr_t va = 0x10000000u + random_below(&rng, 4096) * PAGE_SIZE;
		uint32_t pages = 1 + random_below(&rng, 1500);

		switch (random_below(&rng, 5)) {
		case 0: (void)!map(&as, pages, random_below(&rng, 2) ? RW : VMA_READ, &at); break;
		case 1: (void)!unmap(&as, va, pages); break;
		case 2: (void)!unmap(&as, 0x70000000u + random_below(&rng, 50000) * PAGE_SIZE, pages); break;
		case 3: set_break(&as, HEAP + random_below(&rng, 3000) * 999); break;
		default: (void)!protect(&as, page_floor(at), 1 + pages / 8, (uint8_t)(random_below(&rng, 4)));
		}
		assert_true(commit_total() <= commit_limit());
	}
	end_space(&as);
	assert_int_equal(commit_total(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_promise_counts_its_pages_and_the_tables_for_them),
		cmocka_unit_test(the_usual_rule_refuses_nothing),
		cmocka_unit_test(the_strict_rule_refuses_what_could_not_be_kept),
		cmocka_unit_test(all_that_was_promised_can_be_touched),
		cmocka_unit_test(what_could_be_written_once_counts_for_ever),
		cmocka_unit_test(the_stack_counts_as_far_as_it_has_grown_and_a_little_more),
		cmocka_unit_test(the_kernel_does_not_take_what_is_promised),
		cmocka_unit_test(random_operations_keep_the_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
