// links: lib sync mm
/* Address spaces as programs see them: real tables walked by a small MMU, against a model that only knows bytes. */
#include "test_mm_world.h"

#include "test_lib_random.h"

#define BASE 0x103f0000u /* the window lies across the border of two leaf tables */
#define WINDOW 64u       /* pages */
#define PROCS 5u

/* What one process should see. */
struct model {
	bool alive;
	bool mapped[WINDOW];
	uint8_t value[WINDOW];
	struct aspace as;
};

static struct model procs[PROCS];
static struct random rng;

static vaddr_t page_va(unsigned i)
{
	return BASE + i * PAGE_SIZE;
}

static enum status map_anon(struct aspace *as, vaddr_t start, uint32_t pages, vaddr_t *at) no_lock_check
{
	const struct map_request r = {.addr = start,
	                              .len = pages * PAGE_SIZE,
	                              .prot = VMA_READ | VMA_WRITE,
	                              .kind = VMA_ANON,
	                              .fixed = start != 0};
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	vaddr_t ignored;
	enum status st = aspace_map(as, &r, at ? at : &ignored, &d);

	aspace_release(&d);
	return st;
}

static enum status unmap(struct aspace *as, vaddr_t start, uint32_t bytes) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_unmap(as, start, bytes, &d);

	aspace_release(&d);
	return st;
}

static void destroy(struct aspace *as) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;

	as->cpus = 0;
	aspace_destroy(as, &d);
	aspace_release(&d);
}

static vaddr_t set_break(struct aspace *as, vaddr_t want) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	vaddr_t now = aspace_brk(as, want, &d);

	aspace_release(&d);
	return now;
}

static enum status clone_space(struct aspace *child, struct aspace *parent) no_lock_check
{
	enum status st = aspace_clone(child, parent);

	if (st == OK)
		child->cpus = 1;
	return st;
}

static enum status map_stack(struct aspace *as, uint32_t limit) no_lock_check
{
	return aspace_map_stack(as, PAGE_SIZE, limit);
}

static void set_heap(struct aspace *as, vaddr_t start) no_lock_check
{
	aspace_set_heap(as, start);
}

static void start_space(struct aspace *as)
{
	assert_int_equal(aspace_init(as), OK);
	as->cpus = 1;
}

/* ---- the model ---- */

static void check_page(struct model *m, unsigned i)
{
	uint8_t *p;

	if (m->mapped[i])
		assert_int_equal(user_load(&m->as, page_va(i)), m->value[i]);
	else
		assert_int_equal(mmu_access(&m->as, page_va(i), rng.state & 1, &p), FAULT_SEGV);
}

static void check_all(void)
{
	for (unsigned n = 0; n < PROCS; n++) {
		if (!procs[n].alive)
			continue;
		for (unsigned i = 0; i < WINDOW; i++)
			check_page(&procs[n], i);
		assert_audit(&procs[n].as);
	}
}

static void do_store(struct model *m)
{
	unsigned i = random_below(&rng, WINDOW);
	uint8_t value = (uint8_t)random_u64(&rng), *p;
	enum fault_outcome o = mmu_access(&m->as, page_va(i), true, &p);

	if (!m->mapped[i]) {
		assert_int_equal(o, FAULT_SEGV);
	} else if (o != FAULT_NOMEM) {
		assert_int_equal(o, FAULT_DONE);
		*p = value;
		m->value[i] = value;
	}
}

static void do_map(struct model *m)
{
	unsigned from = random_below(&rng, WINDOW), n = 1 + random_below(&rng, WINDOW - from);

	if (map_anon(&m->as, page_va(from), n, NULL) != OK)
		return;
	for (unsigned i = from; i < from + n; i++) {
		m->mapped[i] = true;
		m->value[i] = 0;
	}
}

static void do_unmap(struct model *m)
{
	unsigned from = random_below(&rng, WINDOW), n = 1 + random_below(&rng, WINDOW - from);

	if (unmap(&m->as, page_va(from), n * PAGE_SIZE) != OK)
		return;
	for (unsigned i = from; i < from + n; i++)
		m->mapped[i] = false;
}

static void do_fork(struct model *m)
{
	for (unsigned n = 0; n < PROCS; n++) {
		struct model *c = &procs[n];

		if (c->alive)
			continue;
		if (clone_space(&c->as, &m->as) != OK)
			return;
		c->alive = true;
		memcpy(c->mapped, m->mapped, sizeof c->mapped);
		memcpy(c->value, m->value, sizeof c->value);
		return;
	}
}

static void do_exit(struct model *m)
{
	unsigned alive = 0;

	for (unsigned n = 0; n < PROCS; n++)
		alive += procs[n].alive;
	if (alive == 1)
		return;
	destroy(&m->as);
	m->alive = false;
}

static void random_step(void)
{
	struct model *m = &procs[random_below(&rng, PROCS)];

	if (!m->alive)
		return;
	switch (random_below(&rng, 16)) {
	case 0: do_map(m); break;
	case 1: do_unmap(m); break;
	case 2:
	case 3: do_fork(m); break;
	case 4: do_exit(m); break;
	case 5:
	case 6:
		frame_fail_after(UINT32_MAX); /* checking is not under test */
		check_page(m, random_below(&rng, WINDOW));
		break;
	default: do_store(m); break;
	}
}

/* FAILING: every now and then one request for a frame fails. */
static void random_run(uint64_t seed, unsigned steps, bool failing)
{
	uint32_t before;

	world_start(WORLD_PAGES);
	before = world_free_frames();
	memset(procs, 0, sizeof procs);
	rng.state = seed;
	start_space(&procs[0].as);
	procs[0].alive = true;
	for (unsigned i = 0; i < steps; i++) {
		if (failing && random_below(&rng, 4) == 0)
			frame_fail_after(random_below(&rng, 3));
		random_step();
		frame_fail_after(UINT32_MAX);
		if (i % 16 == 0)
			check_all();
	}
	check_all();
	for (unsigned n = 0; n < PROCS; n++)
		if (procs[n].alive)
			destroy(&procs[n].as);
	assert_int_equal(world_free_frames(), before);
}

static void processes_see_their_own_bytes_through_forks_and_unmaps(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++)
		random_run(seed, 600, false);
}

static void a_failed_request_for_a_frame_changes_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 100; seed <= 130; seed++)
		random_run(seed, 600, true);
}

/* ---- single promises ---- */

static void promising_memory_takes_no_frame(void **state)
{
	struct aspace as;
	uint32_t before;
	vaddr_t at;

	(void)state;
	world_start(WORLD_PAGES);
	start_space(&as);
	assert_int_equal(map_anon(&as, 0, 1, &at), OK); /* the first region brings a slab */
	before = frame_count_free();
	assert_int_equal(map_anon(&as, 0x20000000, 0x10000, NULL), OK);
	set_heap(&as, 0x08050123);
	assert_int_equal(set_break(&as, 0x18050123), 0x18050123);
	assert_int_equal(frame_count_free(), before);
	assert_int_equal(as.count.resident, 0);
	destroy(&as);
}

static void reading_untouched_memory_maps_the_page_of_zeros(void **state)
{
	struct aspace as;
	uint32_t before;

	(void)state;
	world_start(WORLD_PAGES);
	start_space(&as);
	assert_int_equal(map_anon(&as, BASE, WINDOW, NULL), OK);
	user_load(&as, BASE);
	before = frame_count_free();
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(user_load(&as, page_va(i)), 0);
	assert_int_equal(frame_count_free(), before);
	user_store(&as, page_va(3), 7);
	assert_int_equal(frame_count_free(), before - 1);
	assert_int_equal(user_load(&as, page_va(3)), 7);
	assert_int_equal(user_load(&as, page_va(4)), 0);
	assert_audit(&as);
	destroy(&as);
}

static void fork_of_a_full_table_copies_nothing(void **state)
{
	struct aspace parent, child;
	uint32_t before;

	(void)state;
	world_start(WORLD_PAGES);
	start_space(&parent);
	assert_int_equal(map_anon(&parent, 0x10000000, 1024, NULL), OK);
	for (unsigned i = 0; i < 1024; i++)
		user_store(&parent, 0x10000000 + i * PAGE_SIZE, (uint8_t)i);
	before = frame_count_free();
	assert_int_equal(clone_space(&child, &parent), OK);
	/* The directory; regions may take a slab. */
	assert_in_range(before - frame_count_free(), 1, 2);
	assert_int_equal(child.count.resident, 1024);
	user_store(&child, 0x10000000, 99);
	assert_int_equal(user_load(&parent, 0x10000000), 0);
	assert_int_equal(user_load(&child, 0x10001000), 1);
	user_store(&parent, 0x10001000, 55);
	assert_int_equal(user_load(&child, 0x10001000), 1);
	assert_audit(&parent);
	assert_audit(&child);
	destroy(&parent);
	assert_int_equal(user_load(&child, 0x10001000), 1);
	destroy(&child);
}

static void the_last_owner_takes_over_without_a_copy(void **state)
{
	struct aspace parent, child;
	uint32_t before;

	(void)state;
	world_start(WORLD_PAGES);
	start_space(&parent);
	assert_int_equal(map_anon(&parent, 0x10000000, 100, NULL), OK);
	for (unsigned i = 0; i < 100; i++)
		user_store(&parent, 0x10000000 + i * PAGE_SIZE, 1);
	assert_int_equal(clone_space(&child, &parent), OK);
	destroy(&child);
	before = frame_count_free();
	for (unsigned i = 0; i < 100; i++)
		user_store(&parent, 0x10000000 + i * PAGE_SIZE, 2);
	assert_int_equal(frame_count_free(), before);
	destroy(&parent);
}

static void the_break_moves_only_within_reason(void **state)
{
	struct aspace as;

	(void)state;
	world_start(WORLD_PAGES);
	start_space(&as);
	set_heap(&as, 0x08050010);
	as.map_ceiling = USER_TOP - (9u << 20);
	assert_int_equal(set_break(&as, 0), 0x08050010);
	assert_int_equal(set_break(&as, 0x0805000f), 0x08050010);
	assert_int_equal(set_break(&as, 0x80000000), 0x08050010);
	assert_int_equal(set_break(&as, 0xfffff000), 0x08050010);
	assert_int_equal(set_break(&as, 0x7ff00000), 0x08050010);
	assert_int_equal(set_break(&as, 0x08060000), 0x08060000);
	user_store(&as, 0x0805ffff, 5);
	assert_int_equal(map_anon(&as, 0x08070000, 1, NULL), OK);
	assert_int_equal(set_break(&as, 0x08080000), 0x08060000);
	assert_int_equal(set_break(&as, 0x08051000), 0x08051000);
	assert_int_equal(set_break(&as, 0x08060000), 0x08060000);
	assert_int_equal(user_load(&as, 0x0805ffff), 0);
	assert_audit(&as);
	destroy(&as);
}

static void the_stack_grows_to_its_limit_and_keeps_its_guard(void **state)
{
	struct aspace as;
	uint8_t *p;

	(void)state;
	world_start(WORLD_PAGES);
	start_space(&as);
	assert_int_equal(map_stack(&as, 65536), OK);
	for (unsigned i = 1; i <= 16; i++)
		user_store(&as, USER_TOP - i * PAGE_SIZE, (uint8_t)i);
	assert_int_equal(mmu_access(&as, USER_TOP - 17 * PAGE_SIZE, true, &p), FAULT_SEGV);
	assert_audit(&as);
	destroy(&as);
}

/* ---- objects ---- */

static enum status map_object(struct aspace *as, struct test_object *o, vaddr_t start, uint32_t bytes, uint8_t prot,
                              vaddr_t file_end) no_lock_check
{
	struct map_request r = {.addr = start,
	                        .len = bytes,
	                        .prot = prot,
	                        .kind = VMA_FILE,
	                        .fixed = true,
	                        .object = &o->object,
	                        .file_end = file_end};
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st;
	vaddr_t at;

	if (file_end)
		r.flags = VMA_ZERO_TAIL;
	st = aspace_map(as, &r, &at, &d);
	aspace_release(&d);
	return st;
}

static void a_private_mapping_shows_the_object_and_keeps_writes_to_itself(void **state)
{
	struct aspace as, child;
	struct test_object o;
	uint32_t before;
	uint8_t *p;

	(void)state;
	world_start(WORLD_PAGES);
	before = world_free_frames();
	test_object_start(&o, 10);
	start_space(&as);
	assert_int_equal(map_object(&as, &o, BASE, 12 * PAGE_SIZE, VMA_READ | VMA_WRITE, 0), OK);
	assert_int_equal(user_load(&as, page_va(2)), 3);
	user_store(&as, page_va(2), 77);
	user_store(&as, page_va(5), 78);
	assert_int_equal(user_load(&as, page_va(5) + 1), 6);
	assert_int_equal(clone_space(&child, &as), OK);
	user_store(&child, page_va(2), 1);
	assert_int_equal(user_load(&as, page_va(2)), 77);
	assert_int_equal(*(uint8_t *)arch_window(o.frame[2]), 3);
	assert_int_equal(mmu_access(&as, page_va(11), false, &p), FAULT_BUS);
	assert_int_equal(unmap(&as, page_va(3), 3 * PAGE_SIZE), OK);
	assert_int_equal(user_load(&as, page_va(7)), 8);
	assert_int_equal(user_load(&child, page_va(4)), 5);
	assert_audit(&as);
	assert_audit(&child);
	destroy(&as);
	destroy(&child);
	test_object_end(&o);
	assert_int_equal(world_free_frames(), before);
}

static void the_tail_of_a_segment_reads_as_zeros(void **state)
{
	struct aspace as;
	struct test_object o;

	(void)state;
	world_start(WORLD_PAGES);
	test_object_start(&o, 10);
	start_space(&as);
	assert_int_equal(map_object(&as, &o, BASE, 2 * PAGE_SIZE, VMA_READ, BASE + PAGE_SIZE + 100), OK);
	assert_int_equal(user_load(&as, BASE), 1);
	assert_int_equal(user_load(&as, BASE + PAGE_SIZE + 99), 2);
	assert_int_equal(user_load(&as, BASE + PAGE_SIZE + 100), 0);
	assert_int_equal(user_load(&as, BASE + 2 * PAGE_SIZE - 1), 0);
	assert_audit(&as);
	destroy(&as);
	test_object_end(&o);
}

static void bad_ranges_are_refused_and_change_nothing(void **state)
{
	static const struct {
		vaddr_t start;
		uint32_t len;
		enum status expect;
	} cases[] = {
		{0x10000001, 4096, E_INVAL}, {0x10000000, 0, E_INVAL},          {0x7ffff000, 8192, E_INVAL},
		{0x80000000, 4096, E_INVAL}, {0xfffff000, 4096, E_INVAL},       {0x10000000, 0xfffff000, E_INVAL},
		{0, 0x80000001, E_INVAL},    {0x10000000, 0xffffffff, E_INVAL},
	};
	struct aspace as;

	(void)state;
	world_start(WORLD_PAGES);
	start_space(&as);
	assert_int_equal(map_anon(&as, BASE, WINDOW, NULL), OK);
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(unmap(&as, cases[i].start, cases[i].len), cases[i].expect);
	assert_int_equal(as.count.promised, WINDOW);
	assert_int_equal(unmap(&as, 0, 0x80000000), OK);
	assert_int_equal(as.count.promised, 0);
	destroy(&as);
}

static void mappings_are_placed_from_the_top_and_never_overlap(void **state)
{
	struct aspace as;
	vaddr_t at[64];

	(void)state;
	world_start(WORLD_PAGES);
	start_space(&as);
	as.map_ceiling = USER_TOP - (9u << 20);
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		assert_int_equal(map_anon(&as, 0, 1 + i % 3, &at[i]), OK);
		if (i > 0)
			assert_true(at[i] + (1 + i % 3) * PAGE_SIZE == at[i - 1]);
	}
	assert_int_equal(as.vmas.count, 1); /* neighbours alike are one */
	assert_int_equal(unmap(&as, at[10], (1 + 10 % 3) * PAGE_SIZE), OK);
	assert_int_equal(as.vmas.count, 2);
	assert_int_equal(map_anon(&as, 0, 2, &at[10]), OK);
	assert_int_equal(as.vmas.count, 1);
	assert_audit(&as);
	destroy(&as);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_see_their_own_bytes_through_forks_and_unmaps),
		cmocka_unit_test(a_failed_request_for_a_frame_changes_nothing),
		cmocka_unit_test(promising_memory_takes_no_frame),
		cmocka_unit_test(reading_untouched_memory_maps_the_page_of_zeros),
		cmocka_unit_test(fork_of_a_full_table_copies_nothing),
		cmocka_unit_test(the_last_owner_takes_over_without_a_copy),
		cmocka_unit_test(the_break_moves_only_within_reason),
		cmocka_unit_test(the_stack_grows_to_its_limit_and_keeps_its_guard),
		cmocka_unit_test(a_private_mapping_shows_the_object_and_keeps_writes_to_itself),
		cmocka_unit_test(the_tail_of_a_segment_reads_as_zeros),
		cmocka_unit_test(bad_ranges_are_refused_and_change_nothing),
		cmocka_unit_test(mappings_are_placed_from_the_top_and_never_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
