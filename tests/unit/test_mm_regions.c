// links: lib sync mm
// suite: mmap
/* Changes of regions (protect, discard, remap, the eager heap), seen by programs: real tables walked by an MMU that
   believes its TLB, against a model that knows for each page its rights, where it came from and its byte. */
#include "test_mm_world.h"

#include "test_lib_random.h"

#include <mm/hooks.h>

#define BASE 0x103d8000u /* 40 pages below the border of two leaf tables */
#define WINDOW 96u       /* pages */
#define PROCS 4u
#define OBJECT_PAGES 48u
#define ANON (-1)
#define UNTOUCHED (-1)
#define RW (VMA_READ | VMA_WRITE)

struct page_model {
	bool mapped;
	uint8_t prot;
	int origin; /* page of the object, or ANON */
	int value;  /* what was written, or UNTOUCHED */
};

struct model {
	bool alive;
	struct page_model page[WINDOW];
	struct aspace as;
};

static struct model procs[PROCS];
static struct test_object object;
static struct random rng;
static bool failing; /* requests for frames fail now and then */

static vaddr_t page_va(unsigned i)
{
	return BASE + i * PAGE_SIZE;
}

/* ---- the calls, with what they hand back let go ---- */

static enum status map(struct aspace *as, vaddr_t start, unsigned pages, uint8_t prot, int origin) no_lock_check
{
	const struct map_request r = {.addr = start,
	                              .len = pages * PAGE_SIZE,
	                              .prot = prot,
	                              .kind = origin == ANON ? VMA_ANON : VMA_FILE,
	                              .object = origin == ANON ? NULL : &object.object,
	                              .object_page = origin == ANON ? 0 : (uint32_t)origin,
	                              .fixed = true};
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	vaddr_t at;
	enum status st = aspace_map(as, &r, &at, &d);

	aspace_release(&d);
	return st;
}

static enum status unmap(struct aspace *as, vaddr_t start, unsigned pages) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_unmap(as, start, pages * PAGE_SIZE, &d);

	aspace_release(&d);
	return st;
}

static enum status protect(struct aspace *as, vaddr_t start, uint32_t len, uint8_t prot) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_protect(as, start, len, prot, &d);

	aspace_release(&d);
	return st;
}

static enum status discard(struct aspace *as, vaddr_t start, uint32_t len) no_lock_check
{
	return aspace_discard(as, start, len);
}

static enum status remap(struct aspace *as, const struct remap_request *r, vaddr_t *at) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_remap(as, r, at, &d);

	aspace_release(&d);
	return st;
}

static enum status move_to(struct aspace *as, vaddr_t from, uint32_t old_len, uint32_t new_len, vaddr_t to)
{
	const struct remap_request r = {
		.addr = from, .old_len = old_len, .new_len = new_len, .may_move = true, .fixed = true, .to = to};
	vaddr_t at = 0;
	enum status st = remap(as, &r, &at);

	if (st == OK)
		assert_int_equal(at, to);
	return st;
}

static enum status resize(struct aspace *as, vaddr_t from, uint32_t old_len, uint32_t new_len, bool may_move,
                          vaddr_t *at)
{
	const struct remap_request r = {.addr = from, .old_len = old_len, .new_len = new_len, .may_move = may_move};

	return remap(as, &r, at);
}

static void destroy(struct aspace *as) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;

	as->cpus = 0;
	aspace_destroy(as, &d);
	aspace_release(&d);
}

static enum status clone_space(struct aspace *child, struct aspace *parent) no_lock_check
{
	enum status st = aspace_clone(child, parent);

	if (st == OK)
		child->cpus = 1;
	return st;
}

static bool never(void)
{
	return false;
}

static enum status grow_eagerly(struct aspace *as, int32_t bytes, bool (*give_up)(void), vaddr_t *old) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_sbrk_eager(as, bytes, give_up, old, &d);

	aspace_release(&d);
	return st;
}

static vaddr_t set_break(struct aspace *as, vaddr_t want) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	vaddr_t now = aspace_brk(as, want, &d);

	aspace_release(&d);
	return now;
}

static void set_heap(struct aspace *as, vaddr_t start) no_lock_check
{
	aspace_set_heap(as, start);
}

static enum status map_stack(struct aspace *as, uint32_t limit) no_lock_check
{
	return aspace_map_stack(as, PAGE_SIZE, limit);
}

static void set_stack_limit(struct aspace *as, uint32_t limit) no_lock_check
{
	aspace_set_stack_limit(as, limit);
}

static void start_space(struct aspace *as)
{
	assert_int_equal(aspace_init(as), OK);
	as->cpus = 1;
}

/* A world with one space in it. */
static void start_with(struct aspace *as)
{
	world_start(WORLD_PAGES);
	start_space(as);
}

static enum fault_outcome touch(struct aspace *as, vaddr_t va, bool write)
{
	uint8_t *p;

	return mmu_access(as, va, write, &p);
}

/* ---- the model ---- */

/* How an access to P ends when there is memory. */
static enum fault_outcome expected(const struct page_model *p, bool write)
{
	if (!p->mapped || (write ? !(p->prot & VMA_WRITE) : p->prot == 0))
		return FAULT_SEGV;
	return p->origin >= (int)OBJECT_PAGES && p->value == UNTOUCHED ? FAULT_BUS : FAULT_DONE;
}

static uint8_t content(const struct page_model *p)
{
	if (p->value != UNTOUCHED)
		return (uint8_t)p->value;
	return p->origin == ANON ? 0 : (uint8_t)(p->origin + 1);
}

static void check_page(struct model *m, unsigned i)
{
	enum fault_outcome want = expected(&m->page[i], false);

	assert_int_equal(touch(&m->as, page_va(i), false), want);
	if (want == FAULT_DONE)
		assert_int_equal(user_load(&m->as, page_va(i)), content(&m->page[i]));
	if (expected(&m->page[i], true) != FAULT_DONE)
		assert_int_equal(touch(&m->as, page_va(i), true), expected(&m->page[i], true));
}

static void check_all(void)
{
	for (unsigned n = 0; n < PROCS; n++) {
		if (!procs[n].alive)
			continue;
		assert_audit(&procs[n].as);
		for (unsigned i = 0; i < WINDOW; i++)
			check_page(&procs[n], i);
		assert_audit(&procs[n].as);
	}
	for (unsigned i = 0; i < OBJECT_PAGES; i++)
		if (object.frame[i])
			assert_int_equal(*(uint8_t *)arch_window(object.frame[i]), i + 1);
}

static void do_store(struct model *m)
{
	unsigned i = random_below(&rng, WINDOW);
	uint8_t value = (uint8_t)random_u64(&rng), *p;
	enum fault_outcome o = mmu_access(&m->as, page_va(i), true, &p);

	if (failing && o == FAULT_NOMEM)
		return;
	assert_int_equal(o, expected(&m->page[i], true));
	if (o != FAULT_DONE)
		return;
	*p = value;
	m->page[i].value = value;
}

/* A random range of the window. */
static unsigned draw(unsigned *n)
{
	unsigned from = random_below(&rng, WINDOW);

	*n = 1 + random_below(&rng, random_below(&rng, 3) ? (WINDOW - from) / 3 + 1 : WINDOW - from);
	return from;
}

static uint8_t draw_prot(void)
{
	static const uint8_t some[] = {0, VMA_READ, RW, RW, RW, VMA_READ | VMA_EXEC};

	return some[random_below(&rng, ARRAY_SIZE(some))];
}

static void do_map(struct model *m)
{
	unsigned n, from = draw(&n);
	int origin = random_below(&rng, 3) ? ANON : (int)random_below(&rng, OBJECT_PAGES - 8);
	uint8_t prot = draw_prot();

	if (map(&m->as, page_va(from), n, prot, origin) != OK)
		return;
	for (unsigned i = 0; i < n; i++)
		m->page[from + i] = (struct page_model){true, prot, origin == ANON ? ANON : origin + (int)i, UNTOUCHED};
}

static void do_unmap(struct model *m)
{
	unsigned n, from = draw(&n);

	if (unmap(&m->as, page_va(from), n) != OK)
		return;
	for (unsigned i = from; i < from + n; i++)
		m->page[i].mapped = false;
}

static bool has_hole(const struct model *m, unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++)
		if (!m->page[i].mapped)
			return true;
	return false;
}

static void do_protect(struct model *m)
{
	unsigned n, from = draw(&n);
	uint8_t prot = draw_prot();
	enum status st = protect(&m->as, page_va(from), n * PAGE_SIZE, prot);

	if (has_hole(m, from, n) || (failing && st == E_NOMEM)) {
		assert_int_equal(st, E_NOMEM);
		return;
	}
	assert_int_equal(st, OK);
	for (unsigned i = from; i < from + n; i++)
		m->page[i].prot = prot;
}

static void do_discard(struct model *m)
{
	unsigned n, from = draw(&n);
	enum status st = discard(&m->as, page_va(from), n * PAGE_SIZE);

	if (failing && st == E_AGAIN)
		return;
	assert_int_equal(st, has_hole(m, from, n) ? E_NOMEM : OK);
	for (unsigned i = from; i < from + n; i++)
		m->page[i].value = UNTOUCHED;
}

/* The N pages from FROM on are now M pages at TO. */
static void model_move(struct model *m, unsigned from, unsigned n, unsigned to, unsigned new_n)
{
	struct page_model saved[WINDOW];

	memcpy(saved, m->page, sizeof saved);
	for (unsigned i = 0; i < n; i++)
		m->page[from + i].mapped = false;
	for (unsigned i = 0; i < new_n; i++) {
		m->page[to + i] = saved[from + (i < n ? i : 0)];
		if (i < n)
			continue;
		m->page[to + i].value = UNTOUCHED;
		if (saved[from].origin != ANON)
			m->page[to + i].origin = saved[from].origin + (int)i;
	}
}

/* Do the first pages of the range lie in one region? The kernel's own list says so. */
static bool in_one_region(struct model *m, unsigned from, unsigned n)
{
	const struct vma *v = vma_find(&m->as.vmas, page_va(from));

	return v && v->end >= page_va(from + n);
}

static void do_move(struct model *m)
{
	unsigned n, from = draw(&n), new_n, to = draw(&new_n), common;
	bool overlaps = from < to + new_n && to < from + n;
	enum status st;

	common = n < new_n ? n : new_n;
	overlaps = overlaps && in_one_region(m, from, common);
	st = OK;
	if (!in_one_region(m, from, common))
		st = E_FAULT;
	else if (overlaps)
		st = E_INVAL;
	else
		st = OK;
	enum status got = move_to(&m->as, page_va(from), n * PAGE_SIZE, new_n * PAGE_SIZE, page_va(to));

	if (failing && got == E_NOMEM && st == OK)
		return;
	assert_int_equal(got, st);
	if (got == OK)
		model_move(m, from, n, to, new_n);
}

static bool can_grow(struct model *m, unsigned from, unsigned n, unsigned new_n)
{
	for (unsigned i = from + n; i < from + new_n; i++)
		if (m->page[i].mapped)
			return false;
	return true;
}

static void do_resize(struct model *m)
{
	unsigned n, from = draw(&n), new_n = 1 + random_below(&rng, WINDOW - from);
	enum status want = OK, got;
	vaddr_t at;

	if (!in_one_region(m, from, new_n > n ? n : 1))
		want = E_FAULT;
	else if (new_n > n && !can_grow(m, from, n, new_n))
		want = E_NOMEM;
	got = resize(&m->as, page_va(from), n * PAGE_SIZE, new_n * PAGE_SIZE, false, &at);
	if (failing && got == E_NOMEM)
		return;
	assert_int_equal(got, want);
	if (got == OK)
		model_move(m, from, n, from, new_n);
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
		memcpy(c->page, m->page, sizeof c->page);
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
	switch (random_below(&rng, 24)) {
	case 0:
	case 1: do_map(m); break;
	case 2: do_unmap(m); break;
	case 3: do_fork(m); break;
	case 4: do_exit(m); break;
	case 5:
	case 6:
	case 7: do_protect(m); break;
	case 8: do_discard(m); break;
	case 9:
	case 10: do_move(m); break;
	case 11: do_resize(m); break;
	default: do_store(m); break;
	}
}

static void random_run(uint64_t seed, unsigned steps)
{
	uint32_t before;

	world_start(WORLD_PAGES);
	before = world_free_frames();
	test_object_start(&object, OBJECT_PAGES);
	memset(procs, 0, sizeof procs);
	rng.state = seed;
	start_space(&procs[0].as);
	procs[0].alive = true;
	for (unsigned i = 0; i < steps; i++) {
		if (failing && random_below(&rng, 3) == 0)
			frame_fail_after(random_below(&rng, 4));
		random_step();
		frame_fail_after(UINT32_MAX);
		for (unsigned n = 0; n < PROCS; n++)
			if (procs[n].alive)
				assert_audit(&procs[n].as);
		if (i % 16 == 0)
			check_all();
	}
	check_all();
	for (unsigned n = 0; n < PROCS; n++)
		if (procs[n].alive)
			destroy(&procs[n].as);
	test_object_end(&object);
	assert_int_equal(world_free_frames(), before);
}

static void each_process_sees_its_own_pages_through_any_changes(void **state)
{
	(void)state;
	failing = false;
	for (uint64_t seed = 1; seed <= 60; seed++)
		random_run(seed, 500);
}

static void and_when_frames_cannot_be_had(void **state)
{
	(void)state;
	failing = true;
	for (uint64_t seed = 100; seed <= 160; seed++)
		random_run(seed, 500);
	failing = false;
}

/* ---- the k-th request fails ---- */

/* All that a program or the kernel's books can tell of a space. */
struct snapshot {
	struct aspace_counters count;
	uint32_t regions, free;
	vaddr_t heap_break;
	struct {
		vaddr_t start, end;
		uint8_t prot;
	} region[16];
};

static struct snapshot snapshot_take(struct aspace *as)
{
	struct snapshot s;
	unsigned i = 0;

	memset(&s, 0, sizeof s);
	s.count = as->count;
	s.regions = as->vmas.count;
	s.heap_break = as->heap_break;
	s.free = world_free_frames();
	for (const struct vma *v = vma_first(&as->vmas); v; v = vma_next(&as->vmas, v), i++) {
		s.region[i].start = v->start;
		s.region[i].end = v->end;
		s.region[i].prot = v->prot;
	}
	return s;
}

/* A forked space whose tables are shared, 64 pages across the border, page I holds I + 1. */
static void start_shared(struct aspace *as, struct aspace *child)
{
	start_with(as);
	assert_int_equal(map(as, BASE, 64, RW, ANON), OK);
	for (unsigned i = 0; i < 64; i++)
		user_store(as, page_va(i), (uint8_t)(i + 1));
	assert_int_equal(clone_space(child, as), OK);
}

static void check_64(struct aspace *as, vaddr_t at)
{
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(user_load(as, at + i * PAGE_SIZE), i + 1);
}

static enum status protect_part(struct aspace *as)
{
	return protect(as, page_va(10), 50 * PAGE_SIZE, 0);
}

static enum status discard_part(struct aspace *as)
{
	return discard(as, page_va(10), 50 * PAGE_SIZE);
}

static enum status move_part(struct aspace *as)
{
	return move_to(as, page_va(10), 40 * PAGE_SIZE, 50 * PAGE_SIZE, 0x20000000 - 20 * PAGE_SIZE);
}

/* OP succeeds when K requests are granted, and with fewer nothing has changed.  The tables that are made one's own on
   the way count as unchanged: what they show is. */
static void fails_cleanly(enum status (*op)(struct aspace *), enum status error)
{
	for (unsigned k = 0;; k++) {
		struct snapshot before, after;
		struct aspace as, child;
		enum status st;

		start_shared(&as, &child);
		kmalloc_trim();
		before = snapshot_take(&as);
		frame_fail_after(k);
		st = op(&as);
		frame_fail_after(UINT32_MAX);
		after = snapshot_take(&as);
		assert_audit(&as);
		if (st != OK) {
			assert_int_equal(st, error);
			assert_true(before.free - after.free <= 2); /* copies of the two shared tables */
			after.free = before.free;
			assert_memory_equal(&before, &after, sizeof before);
			check_64(&as, BASE);
		}
		check_64(&child, BASE);
		assert_audit(&child);
		destroy(&as);
		check_64(&child, BASE);
		destroy(&child);
		if (st == OK) {
			assert_true(k > 0);
			break;
		}
	}
}

static void a_failed_change_changes_nothing(void **state)
{
	(void)state;
	fails_cleanly(protect_part, E_NOMEM);
	fails_cleanly(discard_part, E_AGAIN);
	fails_cleanly(move_part, E_NOMEM);
}

/* ---- protect ---- */

static void what_may_not_be_accessed_is_kept(void **state)
{
	struct aspace as;
	uint32_t before;

	(void)state;
	start_with(&as);
	assert_int_equal(map(&as, BASE, 4, RW, ANON), OK);
	user_store(&as, page_va(1), 7);
	assert_int_equal(user_load(&as, page_va(2)), 0);
	before = as.count.resident;
	assert_int_equal(protect(&as, BASE, 4 * PAGE_SIZE, 0), OK);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(touch(&as, page_va(i), false), FAULT_SEGV);
		assert_int_equal(touch(&as, page_va(i), true), FAULT_SEGV);
	}
	assert_int_equal(as.count.resident, before);
	assert_audit(&as);
	assert_int_equal(protect(&as, BASE, 4 * PAGE_SIZE, VMA_READ), OK);
	assert_int_equal(user_load(&as, page_va(1)), 7);
	assert_int_equal(touch(&as, page_va(1), true), FAULT_SEGV);
	assert_int_equal(protect(&as, BASE, 4 * PAGE_SIZE, RW), OK);
	user_store(&as, page_va(1), 8);
	assert_int_equal(user_load(&as, page_va(1)), 8);
	destroy(&as);
}

/* Tables whose entries still say W are write-protected by the directory alone while they are shared. */
static void a_right_taken_away_in_a_shared_table_does_not_come_back_with_the_table(void **state)
{
	struct aspace as, child;

	(void)state;
	start_shared(&as, &child);
	assert_int_equal(protect(&as, BASE, 64 * PAGE_SIZE, VMA_READ), OK);
	destroy(&child);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(touch(&as, page_va(i), true), FAULT_SEGV);
	check_64(&as, BASE);
	assert_audit(&as);
	destroy(&as);
}

static void a_page_that_others_see_is_copied_however_often_it_was_protected(void **state)
{
	struct aspace as, child;

	(void)state;
	start_shared(&as, &child);
	assert_int_equal(protect(&child, BASE, 64 * PAGE_SIZE, 0), OK);
	assert_int_equal(protect(&child, BASE, 64 * PAGE_SIZE, RW), OK);
	for (unsigned i = 0; i < 64; i++)
		user_store(&child, page_va(i), 99);
	check_64(&as, BASE);
	destroy(&as);
	destroy(&child);
}

static void regions_split_and_join_again(void **state)
{
	struct aspace as;

	(void)state;
	start_with(&as);
	test_object_start(&object, OBJECT_PAGES);
	assert_int_equal(map(&as, BASE, 30, RW, ANON), OK);
	assert_int_equal(map(&as, page_va(30), 20, RW, 5), OK);
	assert_int_equal(as.vmas.count, 2);
	assert_int_equal(protect(&as, page_va(10), 30 * PAGE_SIZE, VMA_READ), OK);
	assert_int_equal(as.vmas.count, 4);
	assert_int_equal(protect(&as, page_va(15), 5 * PAGE_SIZE, 0), OK);
	assert_int_equal(as.vmas.count, 6);
	assert_int_equal(protect(&as, page_va(15), 5 * PAGE_SIZE, 0), OK);
	assert_int_equal(as.vmas.count, 6);
	assert_int_equal(protect(&as, page_va(16), 3 * PAGE_SIZE, VMA_READ), OK);
	assert_int_equal(as.vmas.count, 8);
	assert_int_equal(user_load(&as, page_va(35)), 11);
	assert_int_equal(protect(&as, page_va(12), 36 * PAGE_SIZE, RW), OK);
	assert_int_equal(as.vmas.count, 4);
	assert_int_equal(protect(&as, page_va(10), 2 * PAGE_SIZE, RW), OK);
	assert_int_equal(as.vmas.count, 2);
	assert_int_equal(object.refs, 1);
	assert_audit(&as);
	destroy(&as);
	test_object_end(&object);
}

static void bad_ranges_to_protect_change_nothing(void **state)
{
	static const struct {
		vaddr_t start;
		uint32_t len;
		enum status expect;
	} cases[] = {
		{BASE + 1, PAGE_SIZE, E_INVAL},        {BASE, 0, OK},
		{BASE, 5 * PAGE_SIZE, E_NOMEM},        {BASE - PAGE_SIZE, 2 * PAGE_SIZE, E_NOMEM},
		{BASE, 0x80000000, E_NOMEM},           {BASE, 0xffffffff, E_NOMEM},
		{USER_TOP - PAGE_SIZE, 8192, E_NOMEM}, {0xfffff000, 4096, E_NOMEM},
		{BASE, 3 * PAGE_SIZE + 1, OK},
	};
	struct aspace as;

	(void)state;
	start_with(&as);
	assert_int_equal(map(&as, BASE, 4, RW, ANON), OK);
	for (unsigned i = 0; i + 1 < ARRAY_SIZE(cases); i++) {
		assert_int_equal(protect(&as, cases[i].start, cases[i].len, VMA_READ), cases[i].expect);
		assert_int_equal(touch(&as, BASE, true), FAULT_DONE);
	}
	assert_int_equal(protect(&as, cases[8].start, cases[8].len, VMA_READ), OK);
	assert_int_equal(touch(&as, page_va(3), true), FAULT_SEGV);
	destroy(&as);
}

static void what_was_opened_for_reading_never_becomes_writable(void **state)
{
	struct aspace as;

	(void)state;
	start_with(&as);
	test_object_start(&object, OBJECT_PAGES);
	assert_int_equal(map(&as, BASE, 4, VMA_READ, 0), OK);
	assert_int_equal(protect(&as, BASE, PAGE_SIZE, RW), OK); /* private: writes are copied */
	user_store(&as, BASE, 9);
	assert_int_equal(*(uint8_t *)arch_window(object.frame[0]), 1);
	vma_find(&as.vmas, page_va(2))->flags |= VMA_SHARED | VMA_NEVER_WRITE;
	assert_int_equal(protect(&as, BASE, 4 * PAGE_SIZE, RW), E_ACCES);
	assert_int_equal(protect(&as, BASE, 4 * PAGE_SIZE, 0), OK);
	destroy(&as);
	test_object_end(&object);
}

/* ---- discard ---- */

static void discarded_pages_are_as_if_never_touched(void **state)
{
	struct aspace as;
	uint32_t before;

	(void)state;
	start_with(&as);
	test_object_start(&object, OBJECT_PAGES);
	assert_int_equal(map(&as, BASE, 40, RW, ANON), OK);
	assert_int_equal(map(&as, page_va(42), 10, RW, 3), OK);
	before = frame_count_free();
	for (unsigned i = 0; i < 40; i++)
		user_store(&as, page_va(i), 5);
	assert_int_equal(discard(&as, BASE, 40 * PAGE_SIZE), OK);
	assert_int_equal(frame_count_free(), before);
	user_store(&as, page_va(44), 5);
	assert_int_equal(discard(&as, page_va(39), 10 * PAGE_SIZE), E_NOMEM); /* over a hole, but done */
	assert_int_equal(user_load(&as, page_va(44)), 6);
	assert_int_equal(user_load(&as, page_va(3)), 0);
	assert_int_equal(discard(&as, BASE + 8, PAGE_SIZE), E_INVAL);
	assert_int_equal(discard(&as, BASE, 0), OK);
	assert_int_equal(as.vmas.count, 2);
	assert_audit(&as);
	destroy(&as);
	test_object_end(&object);
}

/* ---- remap ---- */

static void moving_copies_no_page(void **state)
{
	struct aspace as;
	uint32_t before, tables;

	(void)state;
	start_with(&as);
	assert_int_equal(map(&as, BASE, 64, RW, ANON), OK);
	for (unsigned i = 0; i < 64; i += 2)
		user_store(&as, page_va(i), (uint8_t)(i + 1));
	before = frame_count_free();
	tables = as.count.tables;
	assert_int_equal(move_to(&as, BASE, 64 * PAGE_SIZE, 64 * PAGE_SIZE, BASE + 0x10000000), OK);
	assert_int_equal(frame_count_free(), before);
	assert_int_equal(as.count.tables, tables);
	assert_int_equal(as.count.resident, 32);
	for (unsigned i = 0; i < 64; i++) {
		assert_int_equal(touch(&as, page_va(i), false), FAULT_SEGV);
		assert_int_equal(user_load(&as, page_va(i) + 0x10000000), i % 2 ? 0 : i + 1);
	}
	assert_int_equal(as.count.resident, 32);
	assert_audit(&as);
	destroy(&as);
}

static void moving_takes_nothing_from_those_who_share_the_table(void **state)
{
	struct aspace as, child;

	(void)state;
	start_shared(&as, &child);
	assert_int_equal(move_to(&child, BASE, 64 * PAGE_SIZE, 70 * PAGE_SIZE, BASE + 71 * PAGE_SIZE), OK);
	check_64(&child, BASE + 71 * PAGE_SIZE);
	check_64(&as, BASE);
	user_store(&child, BASE + 71 * PAGE_SIZE, 200);
	assert_int_equal(user_load(&as, BASE), 1);
	assert_int_equal(user_load(&child, BASE + (71 + 69) * PAGE_SIZE), 0);
	assert_int_equal(touch(&child, BASE + (71 + 70) * PAGE_SIZE, false), FAULT_SEGV);
	assert_audit(&as);
	assert_audit(&child);
	destroy(&as);
	destroy(&child);
}

static void a_range_grows_where_it_is_or_finds_a_place(void **state)
{
	struct aspace as;
	vaddr_t at;

	(void)state;
	start_with(&as);
	assert_int_equal(map(&as, BASE, 4, RW, ANON), OK);
	user_store(&as, BASE, 3);
	assert_int_equal(resize(&as, BASE, 4 * PAGE_SIZE, 10 * PAGE_SIZE, false, &at), OK);
	assert_int_equal(at, BASE);
	user_store(&as, page_va(9), 4);
	assert_int_equal(map(&as, page_va(12), 1, VMA_READ, ANON), OK);
	assert_int_equal(resize(&as, BASE, 10 * PAGE_SIZE, 13 * PAGE_SIZE, false, &at), E_NOMEM);
	assert_int_equal(resize(&as, BASE, 8 * PAGE_SIZE, 9 * PAGE_SIZE, false, &at), E_NOMEM); /* its own rest */
	assert_int_equal(resize(&as, BASE, 10 * PAGE_SIZE, 13 * PAGE_SIZE, true, &at), OK);
	assert_true(at != BASE);
	assert_int_equal(user_load(&as, at), 3);
	assert_int_equal(user_load(&as, at + 9 * PAGE_SIZE), 4);
	assert_int_equal(user_load(&as, at + 12 * PAGE_SIZE), 0);
	assert_int_equal(touch(&as, BASE, false), FAULT_SEGV);
	assert_int_equal(resize(&as, at, 13 * PAGE_SIZE, 2 * PAGE_SIZE, false, &at), OK);
	assert_int_equal(touch(&as, at + 2 * PAGE_SIZE, false), FAULT_SEGV);
	assert_int_equal(as.count.promised, 3);
	/* The gap between two alike closes: they are one. */
	assert_int_equal(map(&as, BASE, 2, RW, ANON), OK);
	assert_int_equal(map(&as, page_va(4), 2, RW, ANON), OK);
	assert_int_equal(as.vmas.count, 4);
	assert_int_equal(resize(&as, BASE, 2 * PAGE_SIZE, 4 * PAGE_SIZE, false, &at), OK);
	assert_int_equal(as.vmas.count, 3);
	assert_audit(&as);
	destroy(&as);
}

static void bad_moves_are_refused(void **state)
{
	struct aspace as;
	vaddr_t at;

	(void)state;
	start_with(&as);
	assert_int_equal(map(&as, BASE, 8, RW, ANON), OK);
	assert_int_equal(map(&as, page_va(8), 8, VMA_READ, ANON), OK);
	assert_int_equal(resize(&as, BASE + 1, 4096, 8192, true, &at), E_INVAL);
	assert_int_equal(resize(&as, BASE, 0, 8192, true, &at), E_INVAL);
	assert_int_equal(resize(&as, BASE, 4096, 0, true, &at), E_INVAL);
	assert_int_equal(resize(&as, BASE - PAGE_SIZE, 4096, 8192, true, &at), E_FAULT);
	assert_int_equal(resize(&as, BASE, 9 * PAGE_SIZE, 10 * PAGE_SIZE, true, &at), E_FAULT);
	assert_int_equal(resize(&as, page_va(8), 9 * PAGE_SIZE, 10 * PAGE_SIZE, true, &at), E_FAULT);
	assert_int_equal(resize(&as, BASE, 4096, 0x80001000, true, &at), E_NOMEM);
	assert_int_equal(resize(&as, BASE, 4096, 0x7fff0000, true, &at), E_NOMEM);
	assert_int_equal(resize(&as, 0x90000000, 4096, 8192, true, &at), E_FAULT);
	assert_int_equal(move_to(&as, BASE, 4096, 8192, page_va(20) + 4), E_INVAL);
	assert_int_equal(move_to(&as, BASE, 4096, 8192, BASE), E_INVAL);
	assert_int_equal(move_to(&as, BASE, 8192, 8192, BASE - PAGE_SIZE), E_INVAL);
	assert_int_equal(move_to(&as, BASE, 4096, 8192, USER_TOP - 4096), E_INVAL);
	assert_int_equal(move_to(&as, BASE, 4096, 0x80000000, 0), E_INVAL);
	assert_int_equal(as.count.promised, 16);
	assert_int_equal(as.vmas.count, 2);
	destroy(&as);
}

/* ---- the stack's limit ---- */

static void the_limit_of_the_stack_works_at_once(void **state)
{
	struct aspace as;

	(void)state;
	start_with(&as);
	assert_int_equal(map_stack(&as, 8 * PAGE_SIZE), OK);
	assert_int_equal(touch(&as, USER_TOP - 9 * PAGE_SIZE, true), FAULT_SEGV);
	set_stack_limit(&as, 16 * PAGE_SIZE);
	assert_int_equal(touch(&as, USER_TOP - 9 * PAGE_SIZE, true), FAULT_DONE);
	assert_int_equal(touch(&as, USER_TOP - 17 * PAGE_SIZE, true), FAULT_SEGV);
	/* Rights that split the stack move neither its top nor its limit. */
	assert_int_equal(protect(&as, USER_TOP - 9 * PAGE_SIZE, 4 * PAGE_SIZE, VMA_READ), OK);
	assert_int_equal(touch(&as, USER_TOP - 17 * PAGE_SIZE, false), FAULT_SEGV);
	assert_int_equal(touch(&as, USER_TOP - 12 * PAGE_SIZE, false), FAULT_DONE);
	set_stack_limit(&as, 4 * PAGE_SIZE);
	assert_int_equal(touch(&as, USER_TOP - 13 * PAGE_SIZE, false), FAULT_SEGV);
	assert_audit(&as);
	destroy(&as);
}

static void mappings_leave_the_stack_room_within_reason(void **state)
{
	static const struct {
		uint32_t limit, room;
	} cases[] = {{0, 8u << 20}, {65536, 8u << 20}, {64u << 20, 64u << 20}, {0xffffffff, USER_TOP / 4}};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aspace as;

		start_with(&as);
		assert_int_equal(map_stack(&as, cases[i].limit), OK);
		assert_int_equal(as.map_ceiling, USER_TOP - cases[i].room - 16 * PAGE_SIZE);
		set_stack_limit(&as, 1u << 20);
		assert_int_equal(as.map_ceiling, USER_TOP - cases[i].room - 16 * PAGE_SIZE);
		destroy(&as);
	}
}

/* ---- the heap ---- */

static void the_eager_heap_is_there_at_once(void **state)
{
	struct aspace as;
	uint32_t before;
	vaddr_t old;

	(void)state;
	start_with(&as);
	set_heap(&as, 0x08050010);
	assert_int_equal(grow_eagerly(&as, 100 * PAGE_SIZE, never, &old), OK);
	assert_int_equal(old, 0x08050010);
	assert_int_equal(as.heap_break, 0x08050010 + 100 * PAGE_SIZE);
	assert_int_equal(as.count.resident, 100);
	before = frame_count_free();
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(user_load(&as, 0x08051000 + i * PAGE_SIZE), 0);
		user_store(&as, 0x08051000 + i * PAGE_SIZE, 1);
	}
	assert_int_equal(frame_count_free(), before);
	assert_int_equal(grow_eagerly(&as, 0, never, &old), OK);
	assert_int_equal(old, 0x08050010 + 100 * PAGE_SIZE);
	assert_int_equal(grow_eagerly(&as, -100 * (int)PAGE_SIZE - 1, never, &old), E_INVAL);
	assert_int_equal(grow_eagerly(&as, INT32_MIN, never, &old), E_INVAL);
	assert_int_equal(grow_eagerly(&as, INT32_MAX, never, &old), E_NOMEM);
	assert_int_equal(grow_eagerly(&as, 64 << 20, never, &old), E_NOMEM); /* more than the machine has */
	assert_int_equal(as.count.resident, 100);
	assert_int_equal(grow_eagerly(&as, -100 * (int)PAGE_SIZE, never, &old), OK);
	assert_int_equal(as.count.resident, 0);
	assert_audit(&as);
	destroy(&as);
}

static enum status grow_across_the_border(struct aspace *as)
{
	vaddr_t old;

	return grow_eagerly(as, 100 * PAGE_SIZE, never, &old);
}

/* A heap that ends in a shared table and grows over its border, into a table that holds something else and is shared
   too: each request fails in turn, and not one frame is kept. */
static void an_eager_heap_that_fails_keeps_nothing(void **state)
{
	(void)state;
	for (unsigned k = 0;; k++) {
		struct snapshot before, after;
		struct aspace as, child;
		enum status st;

		start_with(&as);
		set_heap(&as, 0x103c0000);
		assert_int_equal(set_break(&as, 0x103e0000), 0x103e0000);
		assert_int_equal(map(&as, 0x10600000, 20, RW, ANON), OK);
		for (unsigned i = 0; i < 20; i++) {
			user_store(&as, 0x103c0000 + i * PAGE_SIZE, 1);
			user_store(&as, 0x10600000 + i * PAGE_SIZE, 2);
		}
		assert_int_equal(clone_space(&child, &as), OK);
		before = snapshot_take(&as);
		frame_fail_after(k);
		st = grow_across_the_border(&as);
		frame_fail_after(UINT32_MAX);
		after = snapshot_take(&as);
		assert_audit(&as);
		assert_audit(&child);
		if (st != OK) {
			assert_int_equal(st, E_NOMEM);
			assert_memory_equal(&before, &after, sizeof before);
		}
		assert_int_equal(user_load(&as, 0x103c0000), 1);
		assert_int_equal(user_load(&as, 0x10600000), 2);
		destroy(&child);
		destroy(&as);
		if (st == OK) {
			assert_in_range(k, 102, 103);
			return;
		}
	}
}

static unsigned patience;

static bool lose_patience(void)
{
	return patience-- == 0;
}

static void an_eager_heap_that_is_given_up_keeps_nothing(void **state)
{
	struct snapshot before, after;
	struct aspace as;
	vaddr_t old;

	(void)state;
	start_with(&as);
	set_heap(&as, 0x08050000);
	before = snapshot_take(&as);
	patience = 3;
	assert_int_equal(grow_eagerly(&as, 1000 * PAGE_SIZE, lose_patience, &old), E_INTR);
	after = snapshot_take(&as);
	assert_memory_equal(&before, &after, sizeof before);
	destroy(&as);
}

static void the_heap_grows_beside_what_was_protected(void **state)
{
	struct aspace as;

	(void)state;
	start_with(&as);
	set_heap(&as, 0x08050000);
	assert_int_equal(set_break(&as, 0x08060000), 0x08060000);
	assert_int_equal(protect(&as, 0x0805f000, PAGE_SIZE, VMA_READ), OK);
	assert_int_equal(set_break(&as, 0x08062000), 0x08062000);
	assert_int_equal(touch(&as, 0x08061000, true), FAULT_DONE);
	assert_int_equal(touch(&as, 0x0805f000, true), FAULT_SEGV);
	assert_int_equal(protect(&as, 0x0805f000, PAGE_SIZE, RW), OK);
	assert_int_equal(as.vmas.count, 1);
	assert_int_equal(set_break(&as, 0x08050000), 0x08050000);
	assert_int_equal(as.count.promised, 0); /* the region stays, empty */
	destroy(&as);
}

#define HEAP 0x08050000u

/* A heap of two pages that shrank to nothing above one page of another region, which ends where the heap begins. */
static void start_with_empty_heap(struct aspace *as)
{
	start_with(as);
	set_heap(as, HEAP);
	assert_int_equal(map(as, HEAP - PAGE_SIZE, 1, RW, ANON), OK);
	assert_int_equal(set_break(as, HEAP + 2 * PAGE_SIZE), HEAP + 2 * PAGE_SIZE);
	assert_int_equal(set_break(as, HEAP), HEAP);
	assert_audit(as);
}

static void the_rest_of_a_heap_joins_its_lower_part(void **state)
{
	struct aspace as;

	(void)state;
	start_with(&as);
	set_heap(&as, HEAP);
	assert_int_equal(set_break(&as, HEAP + 2 * PAGE_SIZE), HEAP + 2 * PAGE_SIZE);
	assert_int_equal(protect(&as, HEAP, PAGE_SIZE, VMA_READ), OK);
	assert_int_equal(set_break(&as, HEAP + PAGE_SIZE), HEAP + PAGE_SIZE); /* the upper part is empty */
	assert_int_equal(protect(&as, HEAP, PAGE_SIZE, RW), OK);
	assert_audit(&as);
	assert_int_equal(set_break(&as, HEAP + 3 * PAGE_SIZE), HEAP + 3 * PAGE_SIZE);
	assert_int_equal(touch(&as, HEAP + 2 * PAGE_SIZE, true), FAULT_DONE);
	assert_audit(&as);
	destroy(&as);
}

static void a_range_grows_over_the_place_of_an_empty_heap(void **state)
{
	struct aspace as;
	vaddr_t at;

	(void)state;
	start_with_empty_heap(&as);
	assert_int_equal(resize(&as, HEAP - PAGE_SIZE, PAGE_SIZE, 4 * PAGE_SIZE, false, &at), OK);
	assert_audit(&as);
	assert_int_equal(touch(&as, HEAP + PAGE_SIZE, true), FAULT_DONE);
	assert_int_equal(set_break(&as, HEAP + PAGE_SIZE), HEAP); /* the place is taken */
	assert_int_equal(unmap(&as, HEAP, 3), OK);
	assert_int_equal(set_break(&as, HEAP + PAGE_SIZE), HEAP + PAGE_SIZE);
	assert_audit(&as);
	destroy(&as);
}

static void an_empty_heap_is_not_protected_with_its_neighbours(void **state)
{
	struct aspace as;

	(void)state;
	start_with_empty_heap(&as);
	assert_int_equal(map(&as, HEAP, 1, VMA_READ, ANON), OK);
	assert_int_equal(protect(&as, HEAP - PAGE_SIZE, 2 * PAGE_SIZE, 0), OK);
	assert_int_equal(unmap(&as, HEAP, 1), OK);
	assert_int_equal(set_break(&as, HEAP + PAGE_SIZE), HEAP + PAGE_SIZE);
	assert_int_equal(touch(&as, HEAP, true), FAULT_DONE);
	assert_audit(&as);
	destroy(&as);
}

/* The lower half of the heap is something else when the heap shrinks to where that begins, and on. */
static void a_heap_that_shrank_past_its_region_grows_again(void **state)
{
	struct aspace as;

	(void)state;
	start_with(&as);
	set_heap(&as, HEAP);
	assert_int_equal(set_break(&as, HEAP + 4 * PAGE_SIZE), HEAP + 4 * PAGE_SIZE);
	assert_int_equal(map(&as, HEAP, 2, RW, ANON), OK);
	assert_int_equal(set_break(&as, HEAP + 2 * PAGE_SIZE), HEAP + 2 * PAGE_SIZE);
	assert_int_equal(set_break(&as, HEAP), HEAP);
	assert_int_equal(as.count.promised, 0);
	assert_int_equal(set_break(&as, HEAP + 4 * PAGE_SIZE), HEAP + 4 * PAGE_SIZE);
	assert_int_equal(touch(&as, HEAP + 2 * PAGE_SIZE, true), FAULT_DONE);
	assert_audit(&as);
	destroy(&as);
}

/* A region without rights lies over the break and below: the break that moves down cuts it in two. */
static void a_heap_that_shrinks_cuts_what_replaced_it(void **state)
{
	struct aspace as;

	(void)state;
	start_with(&as);
	set_heap(&as, HEAP);
	assert_int_equal(set_break(&as, HEAP + 4 * PAGE_SIZE), HEAP + 4 * PAGE_SIZE);
	assert_int_equal(map(&as, HEAP + PAGE_SIZE, 6, 0, ANON), OK);
	assert_int_equal(set_break(&as, HEAP + 2 * PAGE_SIZE), HEAP + 2 * PAGE_SIZE);
	assert_int_equal(as.count.promised, 1 + 1 + 3);
	assert_audit(&as);
	destroy(&as);
}

/* ---- CPUs ---- */

static struct aspace *wanderer; /* runs on another CPU after each pause; NULL: none */
static unsigned missed;         /* shootdowns that did not ask the CPU it was on */

static void wander(void)
{
	fake_cpu_id ^= 1;
	wanderer->cpus = 1u << fake_cpu_id;
}

void arch_tlb_shootdown(uint32_t cpus, vaddr_t start, uint32_t pages)
{
	(void)start, (void)pages;
	fake_tlb_shootdowns++;
	missed += wanderer && cpus != wanderer->cpus;
}

static void a_change_that_pauses_flushes_where_the_space_runs_then(void **state)
{
	struct aspace as;

	(void)state;
	start_with(&as);
	fake_cpu_count = 2;
	wanderer = &as;
	mm_hooks.pause = wander;
	missed = 0;
	assert_int_equal(map(&as, 0x10000000, 4096, RW, ANON), OK);
	for (unsigned i = 0; i < 4096; i += 512)
		user_store(&as, 0x10000000 + i * PAGE_SIZE, 1);
	assert_int_equal(protect(&as, 0x10000000, 4096 * PAGE_SIZE, VMA_READ), OK);
	assert_int_equal(missed, 0);
	assert_int_equal(move_to(&as, 0x10000000, 4096 * PAGE_SIZE, 4096 * PAGE_SIZE, 0x20001000), OK);
	assert_int_equal(missed, 0);
	assert_int_equal(discard(&as, 0x20001000, 4096 * PAGE_SIZE), OK);
	assert_int_equal(missed, 0);
	mm_hooks.pause = NULL;
	wanderer = NULL;
	destroy(&as);
}

/* ---- under pressure ---- */

static uint32_t drop_cached(struct aspace *as) no_lock_check
{
	uint32_t n = aspace_drop_cached(as);

	assert_audit(as);
	return n;
}

static unsigned unused_object_pages(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < OBJECT_PAGES; i++)
		n += object.frame[i] && frame_refs(frame_of(object.frame[i])) == 1;
	return n;
}

/* Pages of a file in one table, a file and a page of one's own in the other; both are shared by three. */
static void pages_of_files_are_given_up_by_all_who_share_their_table(void **state)
{
	struct aspace as[3];

	(void)state;
	start_with(&as[0]);
	test_object_start(&object, OBJECT_PAGES);
	assert_int_equal(map(&as[0], 0x10000000, 24, VMA_READ, 0), OK);
	assert_int_equal(map(&as[0], 0x10400000, 24, RW, 24), OK);
	for (unsigned i = 0; i < 24; i++) {
		user_load(&as[0], 0x10000000 + i * PAGE_SIZE);
		user_load(&as[0], 0x10400000 + i * PAGE_SIZE);
	}
	user_store(&as[0], 0x10400000, 99);
	assert_int_equal(clone_space(&as[1], &as[0]), OK);
	assert_int_equal(clone_space(&as[2], &as[0]), OK);
	assert_int_equal(as[0].count.resident, 48);
	drop_cached(&as[0]);
	assert_int_equal(as[0].count.resident, 24); /* the other table is not its own */
	drop_cached(&as[1]);
	assert_int_equal(drop_cached(&as[2]), 24);
	assert_int_equal(unused_object_pages(), 24 + 1);
	for (unsigned p = 0; p < 3; p++) {
		assert_int_equal(user_load(&as[p], 0x10000000 + 5 * PAGE_SIZE), 6);
		assert_int_equal(user_load(&as[p], 0x10400000), 99);
	}
	destroy(&as[0]);
	destroy(&as[1]);
	drop_cached(&as[2]);
	assert_int_equal(unused_object_pages(), OBJECT_PAGES);
	assert_int_equal(user_load(&as[2], 0x10400000), 99);
	destroy(&as[2]);
	test_object_end(&object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_process_sees_its_own_pages_through_any_changes),
		cmocka_unit_test(and_when_frames_cannot_be_had),
		cmocka_unit_test(a_failed_change_changes_nothing),
		cmocka_unit_test(what_may_not_be_accessed_is_kept),
		cmocka_unit_test(a_right_taken_away_in_a_shared_table_does_not_come_back_with_the_table),
		cmocka_unit_test(a_page_that_others_see_is_copied_however_often_it_was_protected),
		cmocka_unit_test(regions_split_and_join_again),
		cmocka_unit_test(bad_ranges_to_protect_change_nothing),
		cmocka_unit_test(what_was_opened_for_reading_never_becomes_writable),
		cmocka_unit_test(discarded_pages_are_as_if_never_touched),
		cmocka_unit_test(moving_copies_no_page),
		cmocka_unit_test(moving_takes_nothing_from_those_who_share_the_table),
		cmocka_unit_test(a_range_grows_where_it_is_or_finds_a_place),
		cmocka_unit_test(bad_moves_are_refused),
		cmocka_unit_test(the_limit_of_the_stack_works_at_once),
		cmocka_unit_test(mappings_leave_the_stack_room_within_reason),
		cmocka_unit_test(the_eager_heap_is_there_at_once),
		cmocka_unit_test(an_eager_heap_that_fails_keeps_nothing),
		cmocka_unit_test(an_eager_heap_that_is_given_up_keeps_nothing),
		cmocka_unit_test(the_heap_grows_beside_what_was_protected),
		cmocka_unit_test(the_rest_of_a_heap_joins_its_lower_part),
		cmocka_unit_test(a_range_grows_over_the_place_of_an_empty_heap),
		cmocka_unit_test(an_empty_heap_is_not_protected_with_its_neighbours),
		cmocka_unit_test(a_heap_that_shrank_past_its_region_grows_again),
		cmocka_unit_test(a_heap_that_shrinks_cuts_what_replaced_it),
		cmocka_unit_test(a_change_that_pauses_flushes_where_the_space_runs_then),
		cmocka_unit_test(pages_of_files_are_given_up_by_all_who_share_their_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
