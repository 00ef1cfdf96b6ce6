// links: lib sync mm
/* The place of the last mapping, which is kept for the next one (mm/placed.c): against a model that knows pages alone,
   a mapping comes where a search over all pages would put it, regions alike are one, and everything is counted. */
#include "test_mm_world.h"

#include "test_lib_random.h"

#define LOW 0x10000u /* nothing is placed below */
#define WINDOW 32u   /* pages between that and the ceiling */
#define HEAP 12u     /* of them: where the heap may grow */
#define RW (VMA_READ | VMA_WRITE)

/* What is alike has one number; 0: nothing is mapped. */
#define MAPPED 0x10u
#define COMMITTED 0x20u
#define IN_HEAP 0x40u

static struct aspace spaces[2], *as = &spaces[0];
static uint8_t page[WINDOW], value[WINDOW];
static unsigned heap_pages;
static uint32_t free_at_start;
static struct random rng;

static vaddr_t va_of(unsigned i)
{
	return LOW + i * PAGE_SIZE;
}

/* ---- the calls, with what they hand back let go ---- */

static enum status map(vaddr_t at, unsigned n, uint8_t prot, bool fixed, vaddr_t *out) no_lock_check
{
	const struct map_request r = {.addr = at, .len = n * PAGE_SIZE, .prot = prot, .kind = VMA_ANON, .fixed = fixed};
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_map(as, &r, out, &d);

	aspace_release(&d);
	return st;
}

static enum status unmap(vaddr_t at, unsigned n) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_unmap(as, at, n * PAGE_SIZE, &d);

	aspace_release(&d);
	return st;
}

static enum status protect(vaddr_t at, unsigned n, uint8_t prot) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_protect(as, at, n * PAGE_SIZE, prot, &d);

	aspace_release(&d);
	return st;
}

static enum status resize(vaddr_t at, unsigned n, unsigned new_n, vaddr_t *out) no_lock_check
{
	const struct remap_request r = {
		.addr = at, .old_len = n * PAGE_SIZE, .new_len = new_n * PAGE_SIZE, .may_move = true};
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	enum status st = aspace_remap(as, &r, out, &d);

	aspace_release(&d);
	return st;
}

static vaddr_t set_break(vaddr_t want) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	vaddr_t now = aspace_brk(as, want, &d);

	aspace_release(&d);
	return now;
}

static bool never(void)
{
	return false;
}

static enum status move_break_eagerly(int bytes) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	vaddr_t old;
	enum status st = aspace_sbrk_eager(as, bytes, never, &old, &d);

	aspace_release(&d);
	return st;
}

static void destroy(struct aspace *old) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;

	old->cpus = 0;
	aspace_destroy(old, &d);
	aspace_release(&d);
}

/* The child goes on, the parent ends. */
static void fork_and_end(void) no_lock_check
{
	struct aspace *child = &spaces[as == &spaces[0]];

	assert_int_equal(aspace_clone(child, as), OK);
	child->cpus = 1;
	assert_audit(as);
	destroy(as);
	as = child;
}

static void start(void) no_lock_check
{
	world_start(WORLD_PAGES);
	free_at_start = world_free_frames();
	assert_int_equal(aspace_init(as), OK);
	as->cpus = 1;
	as->map_ceiling = va_of(WINDOW);
	aspace_set_heap(as, LOW);
	memset(page, 0, sizeof page);
	memset(value, 0, sizeof value);
	heap_pages = 0;
}

static void end(void)
{
	destroy(as);
	assert_int_equal(commit_total(), 0);
	assert_int_equal(world_free_frames(), free_at_start);
}

static vaddr_t map_anywhere(unsigned n, uint8_t prot)
{
	vaddr_t at = 0;

	assert_int_equal(map(0, n, prot, false, &at), OK);
	assert_audit(as);
	return at;
}

/* ---- the model ---- */

static bool is_free(unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++)
		if (i >= WINDOW || page[i])
			return false;
	return true;
}

/* Where a search puts N pages; WINDOW: nowhere. */
static unsigned highest(unsigned n)
{
	for (unsigned i = WINDOW - n + 1; i-- > 0;)
		if (is_free(i, n))
			return i;
	return WINDOW;
}

static uint8_t of_prot(uint8_t prot)
{
	return (uint8_t)(MAPPED | prot | (prot & VMA_WRITE ? COMMITTED : 0));
}

static void model_map(unsigned from, unsigned n, uint8_t what)
{
	memset(&page[from], what, n);
	memset(&value[from], 0, n);
}

/* The pages alike that begin at FROM. */
static unsigned run_at(unsigned from)
{
	unsigned n = 1;

	while (from + n < WINDOW && page[from + n] == page[from])
		n++;
	return n;
}

/* A run of a region that is not the heap. => WINDOW: there is none at a place drawn at random. */
static unsigned draw_run(unsigned *n)
{
	unsigned i = random_below(&rng, WINDOW);

	while (i > 0 && page[i - 1] == page[i])
		i--;
	*n = run_at(i);
	return page[i] && !(page[i] & IN_HEAP) ? i : WINDOW;
}

/* The regions are the runs of the model. */
static void check_regions(void)
{
	const struct vma *v = vma_first(&as->vmas);

	for (unsigned i = 0; i < WINDOW; i += run_at(i)) {
		if (!page[i])
			continue;
		while (v && v->start == v->end)
			v = vma_next(&as->vmas, v);
		assert_non_null(v);
		assert_int_equal(v->start, va_of(i));
		assert_int_equal(v->end, va_of(i + run_at(i)));
		assert_int_equal(v->prot, page[i] & (RW | VMA_EXEC));
		v = vma_next(&as->vmas, v);
	}
	while (v && v->start == v->end)
		v = vma_next(&as->vmas, v);
	assert_null(v);
}

/* ---- random steps ---- */

static uint8_t draw_prot(void)
{
	static const uint8_t prots[] = {RW, RW, VMA_READ, VMA_READ | VMA_EXEC};

	return prots[random_below(&rng, ARRAY_SIZE(prots))];
}

/* One in eight has a hint, which is taken when it is free. */
static void do_map(void)
{
	unsigned n = 1 + random_below(&rng, 4), hint = HEAP + random_below(&rng, 8 * (WINDOW - HEAP - 4));
	bool hinted = hint < WINDOW - 4;
	unsigned expected = hinted && is_free(hint, n) ? hint : highest(n);
	uint8_t prot = draw_prot();
	vaddr_t at;

	if (expected == WINDOW) {
		assert_int_equal(map(hinted ? va_of(hint) : 0, n, prot, false, &at), E_NOMEM);
		return;
	}
	assert_int_equal(map(hinted ? va_of(hint) : 0, n, prot, false, &at), OK);
	assert_int_equal(at, va_of(expected));
	model_map(expected, n, of_prot(prot));
}

static void do_map_fixed(void)
{
	unsigned from = HEAP + random_below(&rng, WINDOW - HEAP - 4), n = 1 + random_below(&rng, 4);
	vaddr_t at;

	assert_int_equal(map(va_of(from), n, RW, true, &at), OK);
	model_map(from, n, of_prot(RW));
}

static void do_unmap_run(void)
{
	unsigned n, from = draw_run(&n);

	if (from == WINDOW)
		return;
	assert_int_equal(unmap(va_of(from), n), OK);
	model_map(from, n, 0);
}

static void do_unmap(void)
{
	unsigned from = HEAP + random_below(&rng, WINDOW - HEAP - 4), n = 1 + random_below(&rng, 4);

	assert_int_equal(unmap(va_of(from), n), OK);
	model_map(from, n, 0);
}

static void do_protect(void)
{
	unsigned n, from = draw_run(&n);
	uint8_t prot = draw_prot();

	if (from == WINDOW)
		return;
	n = 1 + random_below(&rng, n);
	assert_int_equal(protect(va_of(from), n, prot), OK);
	for (unsigned i = from; i < from + n; i++)
		page[i] = (uint8_t)(of_prot(prot) | (page[i] & COMMITTED));
}

static void do_resize(void)
{
	unsigned n, from = draw_run(&n), more = 1 + random_below(&rng, 3), to;
	uint8_t what, bytes[WINDOW] = {0};
	vaddr_t at;

	if (from == WINDOW)
		return;
	to = is_free(from + n, more) ? from : n + more < WINDOW ? highest(n + more) : WINDOW;
	if (to == WINDOW) {
		assert_int_equal(resize(va_of(from), n, n + more, &at), E_NOMEM);
		return;
	}
	assert_int_equal(resize(va_of(from), n, n + more, &at), OK);
	assert_int_equal(at, va_of(to));
	what = page[from];
	memcpy(bytes, &value[from], n);
	model_map(from, n, 0);
	model_map(to, n + more, what);
	memcpy(&value[to], bytes, n);
}

static void do_brk(void)
{
	unsigned want = random_below(&rng, HEAP);
	bool fits = want <= heap_pages || is_free(heap_pages, want - heap_pages);

	if (random_below(&rng, 2))
		assert_int_equal(set_break(va_of(want)), fits ? va_of(want) : va_of(heap_pages));
	else
		assert_int_equal(move_break_eagerly(((int)want - (int)heap_pages) * (int)PAGE_SIZE),
		                 fits ? OK : E_NOMEM);
	if (!fits)
		return;
	if (want < heap_pages)
		model_map(want, heap_pages - want, 0);
	else
		model_map(heap_pages, want - heap_pages, MAPPED | RW | COMMITTED | IN_HEAP);
	heap_pages = want;
}

static void do_touch(void)
{
	unsigned i = random_below(&rng, WINDOW);

	if (!page[i])
		return;
	assert_int_equal(user_load(as, va_of(i)), value[i]);
	if (!(page[i] & VMA_WRITE))
		return;
	value[i] = (uint8_t)random_u64(&rng);
	user_store(as, va_of(i), value[i]);
}

static void random_step(void)
{
	switch (random_below(&rng, 16)) {
	case 0: do_map_fixed(); break;
	case 1: do_unmap(); break;
	case 2: do_protect(); break;
	case 3: do_resize(); break;
	case 4: do_brk(); break;
	case 5: fork_and_end(); break;
	case 6:
	case 7:
	case 8: do_touch(); break;
	case 9:
	case 10:
	case 11:
	case 12: do_map(); break;
	default: do_unmap_run(); break;
	}
}

static void a_mapping_comes_where_a_search_over_all_pages_puts_it(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 20; seed++) {
		rng.state = seed;
		start();
		for (unsigned i = 0; i < 2000; i++) {
			random_step();
			assert_audit(as);
			check_regions();
		}
		end();
	}
}

/* ---- one by one ---- */

static void a_node_that_is_kept_is_mapped_again_without_memory(void **state)
{
	vaddr_t at, again;
	struct vma *v;

	(void)state;
	start();
	at = map_anywhere(2, RW);
	v = vma_find(&as->vmas, at);
	user_store(as, at, 7);
	assert_int_equal(unmap(at, 2), OK);
	assert_int_equal(as->count.promised + as->count.resident + as->count.tables, 0);
	assert_int_equal(as->count.committed, 1); /* the directory */
	assert_int_equal(commit_total(), 1);
	assert_null(vma_find(&as->vmas, at));
	assert_audit(as);
	again = map_anywhere(5, RW);
	assert_int_equal(again, at - 3 * PAGE_SIZE);
	assert_ptr_equal(vma_find(&as->vmas, again), v);
	assert_int_equal(user_load(as, at), 0);
	end();
}

static void a_smaller_mapping_comes_to_a_gap_above(void **state)
{
	vaddr_t at[3];

	(void)state;
	start();
	at[0] = map_anywhere(2, VMA_READ);
	at[1] = map_anywhere(1, RW);
	assert_int_equal(unmap(at[0] + PAGE_SIZE, 1), OK); /* one page at the top is free */
	assert_int_equal(unmap(at[1], 1), OK);
	at[1] = map_anywhere(2, RW);
	assert_int_equal(at[1], at[0] - 2 * PAGE_SIZE);
	assert_int_equal(unmap(at[1], 2), OK);
	at[2] = map_anywhere(1, RW);
	assert_int_equal(at[2], at[0] + PAGE_SIZE);
	end();
}

static void one_that_fills_the_gap_joins_the_region_below(void **state)
{
	vaddr_t at;

	(void)state;
	start();
	assert_int_equal(map(va_of(WINDOW - 4), 2, RW, true, &at), OK);
	at = map_anywhere(1, RW);
	assert_int_equal(at, va_of(WINDOW - 1));
	assert_int_equal(unmap(at, 1), OK);
	at = map_anywhere(2, RW);
	assert_int_equal(at, va_of(WINDOW - 2));
	assert_int_equal(as->vmas.count, 1);
	end();
}

static void the_stack_grows_over_a_place_that_is_kept(void **state) no_lock_check
{
	vaddr_t at;

	(void)state;
	start();
	assert_int_equal(aspace_map_stack(as, PAGE_SIZE, 64u << 20), OK);
	as->map_ceiling = USER_TOP - 20 * PAGE_SIZE;
	at = map_anywhere(1, RW);
	assert_int_equal(at, USER_TOP - 21 * PAGE_SIZE);
	assert_int_equal(unmap(at, 1), OK);
	user_store(as, USER_TOP - 10 * PAGE_SIZE, 1); /* its guard reaches below the place */
	assert_audit(as);
	as->map_ceiling = va_of(WINDOW);
	end();
}

static void a_heap_that_shrank_leaves_a_higher_gap(void **state) no_lock_check
{
	vaddr_t at;

	(void)state;
	start();
	aspace_set_heap(as, va_of(16));
	assert_int_equal(set_break(va_of(WINDOW)), va_of(WINDOW));
	at = map_anywhere(2, RW);
	assert_int_equal(at, va_of(14));
	assert_int_equal(unmap(at, 2), OK);
	assert_int_equal(set_break(va_of(20)), va_of(20));
	assert_audit(as);
	assert_int_equal(map_anywhere(2, RW), va_of(WINDOW - 2));
	end();
}

static void what_was_changed_meanwhile_is_not_kept(void **state)
{
	vaddr_t at, other;

	(void)state;
	start();
	at = map_anywhere(2, RW);
	assert_int_equal(protect(at, 2, VMA_READ), OK);
	assert_int_equal(unmap(at, 2), OK);
	assert_int_equal(as->vmas.count, 0);
	at = map_anywhere(2, RW);
	assert_int_equal(unmap(at, 2), OK);
	assert_int_equal(as->vmas.count, 1);
	assert_int_equal(map(va_of(10), 1, RW, true, &other), OK);
	assert_int_equal(as->vmas.count, 1);
	at = map_anywhere(2, RW);
	assert_int_equal(unmap(at, 2), OK);
	assert_int_equal(as->vmas.count, 2);
	fork_and_end();
	assert_int_equal(as->vmas.count, 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_that_is_kept_is_mapped_again_without_memory),
		cmocka_unit_test(a_smaller_mapping_comes_to_a_gap_above),
		cmocka_unit_test(one_that_fills_the_gap_joins_the_region_below),
		cmocka_unit_test(the_stack_grows_over_a_place_that_is_kept),
		cmocka_unit_test(a_heap_that_shrank_leaves_a_higher_gap),
		cmocka_unit_test(what_was_changed_meanwhile_is_not_kept),
		cmocka_unit_test(a_mapping_comes_where_a_search_over_all_pages_puts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
