// links: lib sync mm
// suite: mmap
/* From an object to those who map it: the right to write taken back, pages taken away, memory that is shared; with real
   tables and an MMU that believes its TLB. */
#include "test_mm_world.h"

#include <mm/hooks.h>
#include <mm/shared.h>

#define BASE 0x10400000u
#define PAGES 48u
#define RW (VMA_READ | VMA_WRITE)

static struct aspace parent, child;
static struct test_object object;

static vaddr_t page_va(unsigned i)
{
	return BASE + i * PAGE_SIZE;
}

static enum status map_at(struct aspace *as, vaddr_t start, unsigned pages, struct mem_object *o, uint32_t first,
                          uint8_t flags) no_lock_check
{
	const struct map_request r = {.addr = start,
	                              .len = pages * PAGE_SIZE,
	                              .prot = RW,
	                              .flags = flags,
	                              .kind = object_is_shared(o) ? VMA_SHM : VMA_FILE,
	                              .fixed = true,
	                              .object = o,
	                              .object_page = first};
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	vaddr_t at;
	enum status st = aspace_map(as, &r, &at, &d);

	aspace_release(&d);
	return st;
}

static void start(void)
{
	world_start(WORLD_PAGES);
	assert_int_equal(aspace_init(&parent), OK);
	parent.cpus = 1;
	test_object_start(&object, PAGES);
}

static void fork_now(void) no_lock_check
{
	assert_int_equal(aspace_clone(&child, &parent), OK);
	child.cpus = 1;
}

static void destroy(struct aspace *as) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;

	as->cpus = 0;
	aspace_destroy(as, &d);
	aspace_release(&d);
}

static unsigned npinned;

static void pin(struct aspace *as)
{
	(void)as;
	npinned++;
}

/* What kern/mappings.c does, without its locks. => regions met */
static unsigned walk(struct mem_object *o, bool cut, uint32_t first, uint32_t n) no_lock_check
{
	struct object_walk w;
	struct aspace *as;
	struct vma *v;
	unsigned met = 0;

	object_walk_begin(&w, o);
	while ((as = object_walk_space(&w, pin)) != NULL)
		while ((v = object_walk_region(&w, as)) != NULL) {
			if (cut)
				aspace_cut_object(as, v, first);
			else
				aspace_protect_object(as, v, first, n);
			object_walk_pass(&w);
			met++;
		}
	object_walk_end(&w);
	return met;
}

/* The object knows of no changes any more. */
static void write_back(void)
{
	for (unsigned i = 0; i < PAGES; i++)
		if (object.frame[i])
			frame_of(object.frame[i])->dirty = false;
	walk(&object.object, false, 0, PAGES);
}

static bool is_dirty(unsigned i)
{
	return frame_of(object.frame[i])->dirty;
}

static enum fault_outcome touch(struct aspace *as, vaddr_t va, bool write)
{
	uint8_t *p;

	return mmu_access(as, va, write, &p);
}

static void a_write_after_write_back_is_noticed(void **state)
{
	(void)state;
	start();
	assert_int_equal(map_at(&parent, BASE, PAGES, &object.object, 0, VMA_SHARED), OK);
	assert_int_equal(object.object.writers, 1);
	assert_int_equal(user_load(&parent, page_va(3)), 4);
	assert_false(is_dirty(3));
	user_store(&parent, page_va(3), 'a');
	assert_true(is_dirty(3));
	assert_audit(&parent);
	write_back();
	assert_audit(&parent);
	assert_int_equal(user_load(&parent, page_va(3)), 'a');
	assert_false(is_dirty(3));
	user_store(&parent, page_va(3), 'b');
	assert_true(is_dirty(3));
	assert_int_equal(*(uint8_t *)arch_window(object.frame[3]), 'b');
	destroy(&parent);
	assert_int_equal(object.object.writers, 0);
	test_object_end(&object);
}

/* Entries of a frozen table keep their W, and the last owner gets the table back. */
static void nor_does_the_right_come_back_with_a_shared_table(void **state)
{
	(void)state;
	start();
	assert_int_equal(map_at(&parent, BASE, PAGES, &object.object, 0, VMA_SHARED), OK);
	for (unsigned i = 0; i < PAGES; i++)
		user_store(&parent, page_va(i), (uint8_t)(i + 100));
	fork_now();
	assert_int_equal(object.object.writers, 2);
	write_back();
	assert_audit(&parent);
	assert_audit(&child);
	destroy(&child);
	assert_int_equal(user_load(&parent, page_va(0)), 100);
	user_store(&parent, page_va(1), 1); /* owns the table */
	for (unsigned i = 2; i < PAGES; i++) {
		assert_false(is_dirty(i));
		user_store(&parent, page_va(i), 1);
		assert_true(is_dirty(i));
	}
	destroy(&parent);
	test_object_end(&object);
}

/* As truncation does: pages leave the object first, and then its mappings. */
static void shorten(unsigned pages)
{
	object.pages = pages;
	for (unsigned i = pages; i < PAGES; i++)
		if (object.frame[i]) {
			frame_of(object.frame[i])->owner = NULL;
			frame_put(object.frame[i]);
			object.frame[i] = 0;
		}
	walk(&object.object, true, pages, 0);
}

static void what_is_cut_off_is_gone_for_all(void **state)
{
	uint32_t before;

	(void)state;
	for (unsigned shared_table = 0; shared_table < 2; shared_table++) {
		start();
		before = world_free_frames();
		assert_int_equal(map_at(&parent, BASE, PAGES, &object.object, 0, VMA_SHARED), OK);
		assert_int_equal(map_at(&parent, page_va(100), PAGES, &object.object, 0, 0), OK);
		for (unsigned i = 0; i < (shared_table ? PAGES : 0); i++)
			user_store(&parent, page_va(i), 's');
		for (unsigned i = 20; i < (shared_table ? PAGES : 0); i++)
			user_store(&parent, page_va(100 + i), 'p');
		fork_now();
		for (unsigned i = 20; i < PAGES; i++)
			user_store(&child, page_va(100 + i), 'c');
		user_store(&child, page_va(40), 's');
		user_store(&child, page_va(24), 's');
		shorten(25);
		assert_audit(&parent);
		assert_audit(&child);
		for (unsigned i = 25; i < PAGES; i++)
			for (unsigned write = 0; write < 2; write++) {
				assert_int_equal(touch(&parent, page_va(i), write), FAULT_BUS);
				assert_int_equal(touch(&child, page_va(100 + i), write), FAULT_BUS);
			}
		assert_int_equal(user_load(&parent, page_va(24)), 's');
		assert_int_equal(user_load(&child, page_va(124)), 'c');
		assert_int_equal(user_load(&parent, page_va(124)), shared_table ? 'p' : 's');
		object.pages = PAGES; /* longer again: the object's pages, no old ones */
		assert_int_equal(user_load(&child, page_va(130)), 31);
		assert_int_equal(user_load(&parent, page_va(30)), 31);
		destroy(&child);
		destroy(&parent);
		test_object_end(&object);
		assert_int_equal(world_free_frames(), before + 1 /* the directory */);
	}
}

/* From the table that both still see; who gets it for itself counts anew.  Neither a copy nor the last owner may bring
   back what went. */
static void cutting_needs_no_memory(void **state)
{
	(void)state;
	for (unsigned child_leaves = 0; child_leaves < 2; child_leaves++) {
		uint32_t before, anon, tables;

		start();
		before = world_free_frames();
		assert_int_equal(map_at(&parent, BASE, PAGES, &object.object, 0, VMA_SHARED), OK);
		assert_int_equal(map_at(&parent, page_va(100), PAGES, &object.object, 0, 0), OK);
		for (unsigned i = 0; i < PAGES; i++)
			user_store(&parent, page_va(i), 's');
		for (unsigned i = 20; i < PAGES; i++)
			user_store(&parent, page_va(100 + i), 'p');
		fork_now();
		anon = frame_count_kind(FRAME_ANON);
		tables = frame_count_kind(FRAME_TABLE);
		frame_fail_after(0);
		shorten(25);
		frame_fail_after(UINT32_MAX);
		assert_int_equal(frame_count_kind(FRAME_TABLE), tables);
		assert_int_equal(frame_count_kind(FRAME_ANON), anon - (PAGES - 25));
		assert_audit(&parent);
		assert_audit(&child);
		if (child_leaves)
			destroy(&child);
		for (unsigned i = 25; i < PAGES; i++) {
			assert_int_equal(touch(&parent, page_va(i), true), FAULT_BUS);
			assert_int_equal(touch(&parent, page_va(100 + i), false), FAULT_BUS);
		}
		assert_audit(&parent);
		assert_int_equal(user_load(&parent, page_va(24)), 's');
		assert_int_equal(user_load(&parent, page_va(124)), 'p');
		assert_int_equal(parent.count.resident, 25 + 5);
		if (!child_leaves) {
			assert_audit(&child);
			assert_int_equal(touch(&child, page_va(30), false), FAULT_BUS);
			assert_int_equal(user_load(&child, page_va(124)), 'p');
			assert_int_equal(child.count.resident, 25 + 5);
			assert_audit(&child);
			destroy(&child);
		}
		destroy(&parent);
		test_object_end(&object);
		assert_int_equal(world_free_frames(), before + 1 /* the directory */);
	}
}

/* A page that was waited for is not mapped when the object has lost it meanwhile. */
static void a_page_that_went_while_it_was_fetched_is_not_mapped(void **state) no_lock_check
{
	const struct fault_info f = {.va = page_va(30), .user = true};
	struct fault_supply s = {.user_sp = USER_TOP - 4096};

	(void)state;
	start();
	assert_int_equal(map_at(&parent, BASE, PAGES, &object.object, 0, VMA_SHARED), OK);
	assert_int_equal(aspace_fault(&parent, &f, &s), FAULT_NEED_PAGE);
	s.object = s.need_object;
	assert_int_equal(s.object->ops->get_page(s.object, s.need_index, false, &s.page), OK);
	s.have_page = true;
	shorten(30);
	assert_int_equal(aspace_fault(&parent, &f, &s), FAULT_NEED_PAGE);
	assert_false(s.have_page);
	s.object->ops->put(s.object);
	s.need_object->ops->put(s.need_object);
	assert_int_equal(parent.count.resident, 0);
	assert_int_equal(frame_pins(), 0);
	assert_int_equal(touch(&parent, page_va(30), false), FAULT_BUS);
	destroy(&parent);
	test_object_end(&object);
}

/* Whatever happens to regions between two steps of a walk, none is missed. */
static void a_walk_meets_what_changes_under_way(void **state) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	struct object_walk w, other;

	(void)state;
	start();
	assert_int_equal(map_at(&parent, BASE, 10, &object.object, 0, VMA_SHARED), OK);
	assert_int_equal(map_at(&parent, page_va(10), 10, &object.object, 10, VMA_SHARED), OK);
	user_store(&parent, page_va(15), 1);
	object_walk_begin(&w, &object.object);
	object_walk_begin(&other, &object.object);
	assert_ptr_equal(object_walk_space(&w, pin), &parent);
	assert_int_equal(object_walk_region(&w, &parent)->start, BASE);
	assert_null(object_walk_region(&w, &child));
	object_walk_pass(&w);
	/* The two become one: what the walk still had to see is part of what it has passed. */
	assert_int_equal(aspace_protect(&parent, BASE, 20 * PAGE_SIZE, VMA_READ, &d), OK);
	assert_int_equal(aspace_protect(&parent, BASE, 20 * PAGE_SIZE, RW, &d), OK);
	aspace_release(&d);
	assert_int_equal(parent.vmas.count, 1);
	assert_int_equal(object_walk_region(&w, &parent)->end, page_va(20));
	fork_now();
	object_walk_pass(&w);
	assert_ptr_equal(object_walk_space(&w, pin), &child);
	object_walk_pass(&w);
	assert_null(object_walk_space(&w, pin));
	object_walk_end(&w);
	object_walk_end(&other);
	assert_int_equal(walk(&object.object, false, 0, 1), 2);
	destroy(&child);
	destroy(&parent);
	test_object_end(&object);
}

/* ---- shared memory ---- */

static void shared_pages_are_everybodys_whenever_they_come(void **state)
{
	struct mem_object *o;
	uint32_t before, committed;

	(void)state;
	start();
	before = world_free_frames();
	committed = commit_total();
	assert_int_equal(shared_create(2000, &o), OK);
	assert_int_equal(commit_total(), committed + 2000 + 3); /* pages, two nodes and a root */
	assert_int_equal(map_at(&parent, BASE, 2000, o, 0, VMA_SHARED), OK);
	o->ops->put(o);
	for (unsigned i = 0; i < 30; i++)
		assert_int_equal(user_load(&parent, page_va(i)), 0);
	fork_now();
	committed = commit_total();
	for (unsigned i = 0; i < 2000; i += 7) {
		struct aspace *one = i % 2 ? &parent : &child, *two = i % 2 ? &child : &parent;

		user_store(one, page_va(i), (uint8_t)(i | 1));
		assert_int_equal(user_load(two, page_va(i)), (uint8_t)(i | 1));
		user_store(two, page_va(i), 5);
		assert_int_equal(user_load(one, page_va(i)), 5);
	}
	assert_int_equal(commit_total(), committed);
	assert_audit(&parent);
	assert_audit(&child);
	destroy(&child);
	assert_int_equal(user_load(&parent, page_va(7)), 5);
	destroy(&parent);
	assert_int_equal(frame_count_kind(FRAME_SHARED), 0);
	assert_int_equal(commit_total(), 0);
	assert_int_equal(world_free_frames(), before + 1);
	test_object_end(&object);
}

static void a_shared_page_that_cannot_be_had_changes_nothing(void **state)
{
	struct mem_object *o;
	unsigned failures = 0;

	(void)state;
	start();
	assert_int_equal(shared_create(5000, &o), OK);
	assert_int_equal(map_at(&parent, BASE, 5000, o, 0, VMA_SHARED), OK);
	o->ops->put(o);
	for (unsigned allow = 0;; allow++) {
		enum fault_outcome outcome;

		frame_fail_after(allow);
		outcome = touch(&parent, page_va(4999), true);
		frame_fail_after(UINT32_MAX);
		assert_audit(&parent);
		if (outcome == FAULT_DONE)
			break;
		assert_int_equal(outcome, FAULT_NOMEM);
		failures++;
	}
	assert_true(failures > 0);
	assert_int_equal(touch(&parent, page_va(5000), true), FAULT_SEGV);
	destroy(&parent);
	assert_int_equal(frame_count_kind(FRAME_SHARED), 0);
	test_object_end(&object);
}

static void one_shared_page_alone_needs_no_node(void **state)
{
	struct mem_object *o;
	uint32_t committed;

	(void)state;
	start();
	committed = commit_total();
	assert_int_equal(shared_create(1, &o), OK);
	assert_int_equal(commit_total(), committed + 1);
	assert_int_equal(map_at(&parent, BASE, 2, o, 0, VMA_SHARED), OK);
	o->ops->put(o);
	assert_int_equal(shared_present(o), 0);
	assert_int_equal(user_load(&parent, BASE), 0);
	assert_int_equal(shared_present(o), 1);
	assert_int_equal(frame_count_kind(FRAME_SHARED), 1);
	fork_now();
	user_store(&child, BASE, 7);
	assert_int_equal(user_load(&parent, BASE), 7);
	assert_int_equal(touch(&parent, BASE + PAGE_SIZE, false), FAULT_BUS);
	assert_audit(&parent);
	destroy(&child);
	destroy(&parent);
	assert_int_equal(frame_count_kind(FRAME_SHARED), 0);
	assert_int_equal(commit_total(), 0);
	test_object_end(&object);
}

/* ---- who is told ---- */

static int regions_told; /* that came, without those that went */

static void came(struct mem_object *o, const struct vma *v)
{
	assert_ptr_equal(v->object, o);
	assert_true(((struct test_object *)o)->refs > 0);
	regions_told++;
}

static void went(struct mem_object *o, const struct vma *v)
{
	assert_ptr_equal(v->object, o);
	assert_true(((struct test_object *)o)->refs > 0);
	regions_told--;
}

static struct mem_object_ops telling_ops;

static int regions_of(const struct aspace *as) no_lock_check
{
	int n = 0;

	for (const struct vma *v = vma_first(&as->vmas); v; v = vma_next(&as->vmas, v))
		n += v->object == &object.object;
	return n;
}

static void start_telling(void)
{
	start();
	telling_ops = test_object_ops;
	telling_ops.region_comes = came;
	telling_ops.region_goes = went;
	object.object.ops = &telling_ops;
	regions_told = 0;
}

static enum status unmap(vaddr_t va, unsigned pages) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_unmap(&parent, va, pages * PAGE_SIZE, &d);

	aspace_release(&d);
	return st;
}

static void protect(unsigned page, uint8_t prot) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;

	assert_int_equal(aspace_protect(&parent, page_va(page), PAGE_SIZE, prot, &d), OK);
	aspace_release(&d);
}

static void move(vaddr_t from, vaddr_t to, unsigned pages) no_lock_check
{
	const struct remap_request r = {.addr = from,
	                                .old_len = pages * PAGE_SIZE,
	                                .new_len = pages * PAGE_SIZE,
	                                .may_move = true,
	                                .fixed = true,
	                                .to = to};
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	vaddr_t at;

	assert_int_equal(aspace_remap(&parent, &r, &at, &d), OK);
	aspace_release(&d);
}

static void assert_told(int regions)
{
	assert_int_equal(regions_of(&parent), regions);
	assert_int_equal(regions_told, regions);
}

static void assert_told_both(int regions)
{
	assert_int_equal(regions_of(&parent) + regions_of(&child), regions);
	assert_int_equal(regions_told, regions);
}

/* However its regions come and go. */
static void an_object_is_told_of_each_of_its_regions(void **state)
{
	(void)state;
	start_telling();
	assert_int_equal(map_at(&parent, BASE, 10, &object.object, 0, VMA_SHARED), OK);
	assert_told(1);
	protect(3, VMA_READ);
	assert_told(3);
	protect(3, RW);
	assert_told(1);
	assert_int_equal(unmap(page_va(5), 1), OK);
	assert_told(2);
	move(page_va(6), page_va(30), 4);
	assert_told(2);
	move(page_va(31), page_va(40), 2);
	assert_told(4);
	fork_now();
	assert_int_equal(regions_told, 8);
	destroy(&child);
	assert_told(4);
	assert_int_equal(map_at(&parent, BASE, 5, &object.object, 7, VMA_SHARED), OK); /* over another */
	assert_told(4);
	assert_int_equal(unmap(BASE, 100), OK);
	assert_told(0);
	destroy(&parent);
	test_object_end(&object);
}

static void a_fork_that_fails_tells_nobody_too_much(void **state) no_lock_check
{
	(void)state;
	start_telling();
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(map_at(&parent, page_va(2 * i), 1, &object.object, i, VMA_SHARED), OK);
	for (unsigned i = 0; i < 40; i++)
		user_load(&parent, page_va(2 * i));
	for (unsigned allow = 0;; allow++) {
		enum status st;

		kmalloc_trim();
		frame_fail_after(allow);
		st = aspace_clone(&child, &parent);
		frame_fail_after(UINT32_MAX);
		if (st == OK)
			break;
		assert_told(40);
	}
	assert_int_equal(regions_told, 80);
	destroy(&child);
	destroy(&parent);
	test_object_end(&object);
}

/* ---- an object is unmapped ---- */

static enum status unmap_object(vaddr_t base, unsigned pages) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_unmap_object(&parent, &object.object, base, base + pages * PAGE_SIZE, &d);

	aspace_release(&d);
	assert_audit(&parent);
	return st;
}

/* Three pieces of a mapping, between which lie others, one of them of the same object. */
static void make_pieces(void)
{
	assert_int_equal(map_at(&parent, BASE, 40, &object.object, 0, VMA_SHARED), OK);
	assert_int_equal(map_at(&parent, page_va(10), 5, &object.object, 20, VMA_SHARED), OK);
	assert_int_equal(unmap(page_va(20), 3), OK);
	for (unsigned i = 0; i < 40; i++)
		if (i < 20 || i >= 23)
			user_load(&parent, page_va(i));
}

static void the_pieces_of_a_mapping_go_and_no_others(void **state)
{
	(void)state;
	start_telling();
	make_pieces();
	assert_told(4);
	assert_int_equal(unmap_object(page_va(1), 40), E_INVAL);
	assert_int_equal(unmap_object(page_va(23), 40), E_INVAL);
	assert_told(4);
	assert_int_equal(unmap_object(BASE, 40), OK);
	assert_told(1);
	assert_int_equal(user_load(&parent, page_va(10)), 21);
	assert_int_equal(touch(&parent, page_va(9), false), FAULT_SEGV);
	assert_int_equal(touch(&parent, page_va(15), false), FAULT_SEGV);
	assert_int_equal(touch(&parent, page_va(39), false), FAULT_SEGV);
	assert_int_equal(unmap_object(BASE, 40), E_INVAL);
	destroy(&parent);
	test_object_end(&object);
}

static unsigned pauses;

static void count_pause(void)
{
	pauses++;
}

/* Between each two pieces lies another region.  There is a pause after some dozens. */
static void each_region_among_the_pieces_is_passed_a_few_times(void **state)
{
	(void)state;
	start_telling();
	assert_int_equal(map_at(&parent, BASE, 1000, &object.object, 0, VMA_SHARED), OK);
	for (unsigned i = 1; i < 1000; i += 2)
		assert_int_equal(map_at(&parent, page_va(i), 1, &object.object, 2000, VMA_SHARED), OK);
	assert_told(1000);
	pauses = 0;
	mm_hooks.pause = count_pause;
	assert_int_equal(unmap_object(BASE, 1000), OK);
	mm_hooks.pause = NULL;
	assert_told(500);
	assert_in_range(pauses, 0, 100);
	destroy(&parent);
	test_object_end(&object);
}

/* All pieces lie in one table that a child shares, with other pages in it. */
static void without_memory_no_piece_goes(void **state)
{
	enum status st;

	(void)state;
	start_telling();
	make_pieces();
	fork_now();
	frame_fail_after(0);
	st = unmap_object(BASE, 40);
	frame_fail_after(UINT32_MAX);
	assert_int_equal(st, E_NOMEM);
	assert_told_both(8);
	assert_int_equal(unmap_object(BASE, 40), OK);
	assert_told_both(5);
	assert_int_equal(user_load(&child, page_va(39)), 40);
	destroy(&child);
	destroy(&parent);
	test_object_end(&object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_write_after_write_back_is_noticed),
		cmocka_unit_test(nor_does_the_right_come_back_with_a_shared_table),
		cmocka_unit_test(what_is_cut_off_is_gone_for_all),
		cmocka_unit_test(cutting_needs_no_memory),
		cmocka_unit_test(a_page_that_went_while_it_was_fetched_is_not_mapped),
		cmocka_unit_test(a_walk_meets_what_changes_under_way),
		cmocka_unit_test(shared_pages_are_everybodys_whenever_they_come),
		cmocka_unit_test(a_shared_page_that_cannot_be_had_changes_nothing),
		cmocka_unit_test(one_shared_page_alone_needs_no_node),
		cmocka_unit_test(an_object_is_told_of_each_of_its_regions),
		cmocka_unit_test(a_fork_that_fails_tells_nobody_too_much),
		cmocka_unit_test(the_pieces_of_a_mapping_go_and_no_others),
		cmocka_unit_test(each_region_among_the_pieces_is_passed_a_few_times),
		cmocka_unit_test(without_memory_no_piece_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
