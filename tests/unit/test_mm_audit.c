// links: lib sync mm
/* The audit on worlds that are sound, and on worlds that were broken by hand: it names what is wrong, changes nothing
   on the way, and is content again when the damage is repaired. */
#include "test_mm_world.h"

#include "kmalloc_priv.h"
#include "test_lib_random.h"

#define SPACES 6u
#define BASE 0x10000000u
#define OTHER 0x20000000u /* of another table */
#define FILE_AT 0x30000000u
#define PAGES 40u /* more than fork copies */

static struct aspace spaces[SPACES];
static bool alive[SPACES];
static struct test_object file;

/* ---- the world ---- */

static struct aspace *next_space(struct aspace *after, bool *settled)
{
	*settled = true;
	for (unsigned i = after ? (unsigned)(after - spaces) + 1 : 0; i < SPACES; i++)
		if (alive[i])
			return &spaces[i];
	return NULL;
}

static int32_t owner_of(const struct aspace *as)
{
	return (int32_t)(as - spaces) + 1;
}

/* => whether all is well.  Whatever it says, every frame is as it was. */
static bool audit_is_content(struct audit *r)
{
	static const struct audit_spaces all = {.next = next_space, .owner = owner_of};
	size_t bytes = frame_limit() * sizeof(struct frame);
	void *before = malloc(bytes);
	bool content;

	assert_non_null(before);
	memcpy(before, frame_table, bytes);
	*r = (struct audit)AUDIT_INIT;
	content = mm_audit(&all, r);
	assert_int_equal(content, audit_is_clean(r));
	assert_memory_equal(frame_table, before, bytes);
	free(before);
	return content;
}

static void assert_sound(void)
{
	struct audit r;

	if (!audit_is_content(&r))
		fail_msg("audit: %s", r.text);
}

static void assert_says(const char *part)
{
	struct audit r;

	assert_false(audit_is_content(&r));
	if (!strstr(r.text, part))
		fail_msg("audit: \"%s\", not \"%s\"", r.text, part);
}

static enum status map_at(struct aspace *as, vaddr_t start, uint32_t pages, struct mem_object *object, uint8_t flags)
	no_lock_check
{
	const struct map_request r = {.addr = start,
	                              .len = pages * PAGE_SIZE,
	                              .prot = VMA_READ | VMA_WRITE,
	                              .flags = flags,
	                              .kind = object ? VMA_FILE : VMA_ANON,
	                              .fixed = true,
	                              .object = object};
	struct aspace_dropped d = ASPACE_DROPPED_INIT;
	vaddr_t at;
	enum status st = aspace_map(as, &r, &at, &d);

	aspace_release(&d);
	return st;
}

static void unmap(struct aspace *as, vaddr_t start, uint32_t pages) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;

	assert_int_equal(aspace_unmap(as, start, pages * PAGE_SIZE, &d), OK);
	aspace_release(&d);
}

static void fork_space(unsigned child, unsigned parent) no_lock_check
{
	assert_int_equal(aspace_clone(&spaces[child], &spaces[parent]), OK);
	spaces[child].cpus = 1;
	alive[child] = true;
}

static void end_space(unsigned i) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;

	spaces[i].cpus = 0;
	aspace_destroy(&spaces[i], &d);
	aspace_release(&d);
	alive[i] = false;
}

static void heap_start(struct aspace *as, vaddr_t start, uint32_t bytes) no_lock_check
{
	struct aspace_dropped d = ASPACE_DROPPED_INIT;

	aspace_set_heap(as, start);
	assert_int_equal(aspace_brk(as, start + bytes, &d), start + bytes);
	assert_int_equal(aspace_map_stack(as, 4 * PAGE_SIZE, 1u << 20), OK);
}

static void space_start(unsigned i)
{
	assert_int_equal(aspace_init(&spaces[i]), OK);
	spaces[i].cpus = 1;
	alive[i] = true;
}

/* A space with pages of its own and of a file, and a child that shares the first table and has a copy of the second. */
static void family_start(void)
{
	world_start(WORLD_PAGES);
	memset(alive, 0, sizeof alive);
	commit_give(commit_total()); /* of a test that failed */
	test_object_start(&file, 8);
	space_start(0);
	heap_start(&spaces[0], 0x08000000, 3 * PAGE_SIZE + 5);
	assert_int_equal(map_at(&spaces[0], BASE, PAGES, NULL, 0), OK);
	assert_int_equal(map_at(&spaces[0], OTHER, 4, NULL, 0), OK);
	assert_int_equal(map_at(&spaces[0], FILE_AT, 8, &file.object, 0), OK);
	for (unsigned i = 0; i < PAGES; i++)
		user_store(&spaces[0], BASE + i * PAGE_SIZE, 1);
	user_store(&spaces[0], OTHER, 1);
	(void)user_load(&spaces[0], OTHER + PAGE_SIZE); /* the page of zeros */
	(void)user_load(&spaces[0], FILE_AT);
	fork_space(1, 0);
}

static void family_end(void)
{
	assert_sound();
	for (unsigned i = 0; i < SPACES; i++)
		if (alive[i])
			end_space(i);
	assert_sound();
	test_object_end(&file);
	assert_sound();
}

static struct frame *frame_at(unsigned space, vaddr_t va, pte_t **slot)
{
	pte_t d = pte_read((pte_t *)arch_window(spaces[space].root) + pt_dir_index(va));
	pte_t *e = (pte_t *)arch_window(pte_frame(d)) + pt_table_index(va);

	if (slot)
		*slot = e;
	return frame_of(pte_frame(*e));
}

/* ---- sound worlds ---- */

static void a_sound_world_is_left_alone(void **state)
{
	(void)state;
	family_start();
	assert_sound();
	user_store(&spaces[1], BASE, 2); /* splits the table */
	assert_sound();
	unmap(&spaces[0], BASE + 8 * PAGE_SIZE, 8);
	assert_sound();
	family_end();
}

static void a_page_that_the_cache_has_dropped_may_stay_mapped(void **state)
{
	paddr_t pa;

	(void)state;
	family_start();
	pa = file.frame[0];
	file.frame[0] = 0;
	frame_of(pa)->owner = NULL;
	frame_put(pa);
	assert_int_equal(frame_refs(frame_of(pa)), 2); /* the tables of both */
	assert_sound();
	family_end();
}

static void a_pinned_page_is_accounted_for(void **state)
{
	paddr_t pa;

	(void)state;
	family_start();
	pa = file.frame[0];
	frame_pin(pa);
	frame_pin(pa);
	assert_sound();
	frame_unpin(pa);
	assert_sound();
	frame_pin_pass();
	assert_says("(cache) counts 4 references, found 3, first found at 30000000 of pid 1");
	frame_put(pa);
	frame_pin(pa);
	frame_put(pa);
	assert_says("0 references are pinned, counted 1");
	frame_pin_pass();
	family_end();
}

/* ---- broken counts ---- */

static void every_damage_is_named_and_repaired(void **state)
{
	static const struct {
		enum damage what;
		vaddr_t at;
		int32_t by;
		const char *says;
	} cases[] = {
		{DAMAGE_PAGE_REFS, BASE + PAGE_SIZE, 1,
	         "(anon) counts 2 references, found 1, first found at 10001000 of pid 1"},
		{DAMAGE_PAGE_REFS, BASE + PAGE_SIZE, -2, "(anon) counts 4294967295 references, found 1"},
		{DAMAGE_PAGE_REFS, OTHER, -1, "(anon) counts 1 references, found 2, first found at 20000000 of pid 1"},
		{DAMAGE_PAGE_REFS, BASE, -1, "of kind anon has no references and is not free"},
		{DAMAGE_PAGE_REFS, FILE_AT, 1,
	         "(cache) counts 4 references, found 3, first found at 30000000 of pid 1"},
		{DAMAGE_PAGE_REFS, FILE_AT, -1, "(cache) counts 2 references, found 3"},
		{DAMAGE_PAGE_KIND, OTHER, FRAME_KERNEL - FRAME_ANON, "frames are of kind anon, counted"},
		{DAMAGE_PAGE_KIND, OTHER, FRAME_KINDS, "is of no kind (9)"},
		{DAMAGE_PAGE_WRITE, OTHER, 1, "pid 1: the page at 20000000 is writable, frame "},
		{DAMAGE_PAGE_WRITE, OTHER + PAGE_SIZE, 1, "pid 1: the page of zeros is writable at 20001000"},
		{DAMAGE_PAGE_WRITE, FILE_AT, 1, "pid 1: the cached page at 30000000 is writable in a private region"},
		{DAMAGE_TABLE_REFS, BASE, 1, "(table) counts 3 references, found 2, first found at 10000000 of pid 1"},
		{DAMAGE_TABLE_REFS, BASE, -1, "(table) counts 1 references, found 2"},
		{DAMAGE_TABLE_LIVE, BASE, 1, "pid 1: the table of 10000000 shows 40 pages, counted 41"},
		{DAMAGE_TABLE_LOW, BASE, 2, "pid 1: the page at 10000000 lies outside the bounds 2-40 of its table"},
		{DAMAGE_RESIDENT, 0, 1, "pid 1: there are 42 resident pages, counted 43"},
		{DAMAGE_PROMISED, 0, -1, "pid 1: there are 60 promised pages, counted 59"},
		{DAMAGE_TABLES, 0, 1, "pid 1: there are 3 tables, counted 4"},
		{DAMAGE_COMMITTED, 0, 1, "pid 1: there are 82 committed pages, counted 83"},
		{DAMAGE_CHARGED, 0, 1, "pid 1: there are 82 committed pages that were taken, counted 83"},
		{DAMAGE_BITMAP, BASE, 1, "pid 1: the table of 10000000 is there, noted otherwise"},
		{DAMAGE_BITMAP, 0x40000000, 1, "pid 1: the table of 40000000 is not there, noted otherwise"},
		{DAMAGE_GAP, BASE, 1, "pid 1: the regions are not in order"},
	};

	(void)state;
	family_start();
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(mm_damage(&spaces[0], cases[i].what, cases[i].at, cases[i].by), OK);
		assert_says(cases[i].says);
		assert_int_equal(mm_damage(&spaces[0], cases[i].what, cases[i].at, -cases[i].by), OK);
		assert_sound();
	}
	assert_int_equal(mm_damage(&spaces[0], DAMAGE_PAGE_REFS, 0x50000000, 1), E_FAULT);
	assert_int_equal(mm_damage(&spaces[0], DAMAGE_KINDS, BASE, 1), E_INVAL);
	family_end();
}

/* An entry of the second table that shows what it must not: SHOWS, where nothing is. */
static void assert_entry_says(pte_t shows, const char *part)
{
	struct frame *table;
	uint16_t high;
	pte_t *slot;

	(void)frame_at(0, OTHER, &slot);
	table = frame_of(page_floor(arch_window_pa(slot)));
	high = table->bounds.high;
	slot += 8;
	assert_false(pte_present(*slot));
	*slot = shows;
	table->bounds.high = 9;
	assert_says(part);
	*slot = pte_none();
	table->bounds.high = high;
	assert_sound();
}

static void an_entry_that_shows_nonsense_is_named(void **state)
{
	void *slab;
	paddr_t pa;

	(void)state;
	family_start();
	slab = kmalloc(64);
	assert_int_equal(frame_get(FRAME_ANON, &pa), OK);
	frame_put(pa);
	assert_entry_says(pte_user(pa, false), "(free) counts 0 references, found 1, first found at 20008000 of pid 1");
	assert_entry_says(pte_user(arch_window_pa(slab), false), "(slab) counts 1 references, found 2");
	assert_entry_says(pte_user(spaces[1].root, false), "(table) counts 1 references, found 2");
	assert_entry_says(pte_user(frame_limit() << PAGE_SHIFT, false), "the page at 20008000 is no frame");
	kfree(slab);
	family_end();
}

static void a_directory_that_leads_astray_is_named(void **state)
{
	pte_t *slot;
	paddr_t page;
	unsigned at = pt_dir_index(0x40000000);

	(void)state;
	family_start();
	(void)frame_at(0, BASE, &slot);
	page = pte_frame(*slot);
	slot = (pte_t *)arch_window(spaces[0].root) + at;
	spaces[0].tables[at / 32] |= 1u << at % 32;
	*slot = pte_table(page, false);
	assert_says("pid 1: the directory leads to no table at 40000000");
	*slot = pte_table(frame_limit() << PAGE_SHIFT, false);
	assert_says("pid 1: the directory leads to no table at 40000000");
	*slot = pte_none();
	spaces[0].tables[at / 32] &= ~(1u << at % 32);
	family_end();
}

static void a_shared_table_with_w_is_named(void **state)
{
	pte_t *slot;

	(void)state;
	family_start();
	slot = (pte_t *)arch_window(spaces[1].root) + pt_dir_index(BASE);
	*slot = pte_table(pte_frame(*slot), true);
	assert_says("pid 2: the table of 10000000 is writable and has 2 references");
	*slot = pte_table(pte_frame(*slot), false);
	family_end();
}

/* ---- frames ---- */

static void a_leaked_frame_is_named(void **state)
{
	struct frame saved, *f;
	paddr_t pa;

	(void)state;
	family_start();
	assert_int_equal(frame_get(FRAME_ANON, &pa), OK);
	assert_says("(anon) counts 1 references, found 0, mapped nowhere");
	f = frame_of(pa);
	saved = *f;
	f->kind = FRAME_FREE;
	f->refs = 0;
	assert_says("is free, with 0 references, and on no list");
	*f = saved;
	frame_put(pa);
	family_end();
}

static void a_free_list_that_runs_in_a_circle_is_named(void **state)
{
	paddr_t pa[64];
	struct frame *f;
	pfn_t next;

	(void)state;
	family_start();
	for (unsigned i = 0; i < ARRAY_SIZE(pa); i++)
		assert_int_equal(frame_get(FRAME_ANON, &pa[i]), OK);
	for (unsigned i = 0; i < ARRAY_SIZE(pa); i++)
		frame_put(pa[i]);
	assert_sound();
	f = frame_of(
		pa[40]); /* long out of the stock: the last of those that are given back are the first of the list */
	next = f->next;
	f->next = pa[40] >> PAGE_SHIFT;
	assert_says("free list: frame");
	f->next = frame_limit();
	assert_says("free list: there is no frame");
	f->next = next;
	f->kind = FRAME_KERNEL;
	assert_says("is of kind kernel and has 0 references");
	f->kind = FRAME_FREE;
	family_end();
}

/* ---- kmalloc ---- */

static void a_broken_slab_is_named(void **state)
{
	struct slab *slab;
	void *p[300], *saved, **link;
	struct frame *f;

	(void)state;
	family_start();
	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		assert_non_null(p[i] = kmalloc(64));
	for (unsigned i = 0; i < ARRAY_SIZE(p); i += 2)
		kfree(p[i]);
	assert_sound();
	f = frame_of(arch_window_pa(p[20]));
	link = object_link(f->slab, p[20]); /* no longer in the stock, where the youngest make room */
	saved = *link;
	*link = f->slab; /* in the page, but none of its objects */
	assert_says("kmalloc-64: the free list of the slab in frame");
	*link = (char *)p[20] + 1;
	assert_says("kmalloc-64: the free list of the slab in frame");
	*link = saved;
	assert_sound();
	slab = f->slab;
	f->slab = NULL;
	assert_says("is not of the slab that lies there");
	f->slab = slab;
	for (unsigned i = 1; i < ARRAY_SIZE(p); i += 2)
		kfree(p[i]);
	family_end();
}

/* ---- regions ---- */

static void regions_that_lie_are_named(void **state)
{
	struct aspace *as = &spaces[0];
	struct vma *v, saved;

	(void)state;
	family_start();
	as->heap_start += PAGE_SIZE;
	assert_says("pid 1: the heap's region 08000000-08004000 begins below 08001000");
	as->heap_start -= PAGE_SIZE;
	as->empty_heap = vma_find(&as->vmas, 0x08000000);
	assert_says("pid 1: the region 08000000-08004000 is not empty, noted otherwise");
	as->empty_heap = &saved;
	assert_says("pid 1: the empty heap is no region");
	as->empty_heap = NULL;
	as->placed = &saved;
	assert_says("pid 1: the region that is noted as placed is none");
	as->placed = vma_find(&as->vmas, 0x08000000);
	assert_says("pid 1: the region 08000000-08004000 is noted as placed, and the search would not place it there");
	as->placed = NULL;
	assert_true(commit_take(1));
	assert_says("committed pages, counted");
	commit_give(1);
	v = vma_find(&as->vmas, FILE_AT);
	saved = *v;
	v->as = &spaces[1];
	assert_says("pid 1: the region 30000000-30008000 of kind 1 is none of this space");
	*v = saved;
	v->flags &= (uint8_t)~VMA_COMMITTED;
	assert_says("pid 1: the region 30000000-30008000 may be written and is not committed");
	*v = saved;
	v->object = NULL;
	assert_says("pid 1: the region 30000000-30008000 of kind 1 and its object do not fit");
	*v = saved;
	v->prot = VMA_READ;
	v->start += PAGE_SIZE;
	assert_says("pid 1: the regions are not in order");
	*v = saved;
	v = vma_find(&as->vmas, BASE);
	v->prot = VMA_READ;
	assert_says("pid 1: the page at 10000000 is writable, its region is not");
	v->prot = VMA_READ | VMA_WRITE;
	family_end();
}

/* ---- random ---- */

static void random_step(struct random *rng)
{
	unsigned i = random_below(rng, SPACES), k = random_below(rng, SPACES);
	vaddr_t base = random_below(rng, 2) ? BASE : OTHER, page = base + random_below(rng, PAGES) * PAGE_SIZE;
	uint8_t *byte;

	if (!alive[i])
		return;
	switch (random_below(rng, 12)) {
	case 0:
		if (!alive[k])
			fork_space(k, i);
		break;
	case 1:
		if (i != 0)
			end_space(i);
		break;
	case 2: unmap(&spaces[i], page, 1 + random_below(rng, 12)); break;
	case 3: assert_int_equal(map_at(&spaces[i], page, 1 + random_below(rng, 12), NULL, 0), OK); break;
	case 4:
		assert_int_equal(map_at(&spaces[i], FILE_AT, 8, &file.object, random_below(rng, 2) ? VMA_SHARED : 0),
		                 OK);
		break;
	case 5:
	case 6:
		(void)mmu_access(&spaces[i], FILE_AT + random_below(rng, 9) * PAGE_SIZE, random_below(rng, 2), &byte);
		break;
	default: (void)mmu_access(&spaces[i], page, random_below(rng, 4) != 0, &byte); break;
	}
}

static void whatever_happens_the_audit_agrees(void **state)
{
	struct random rng = {.state = 20240229};

	(void)state;
	family_start();
	for (unsigned i = 0; i < 2500; i++) {
		random_step(&rng);
		assert_sound();
	}
	family_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_world_is_left_alone),
		cmocka_unit_test(a_page_that_the_cache_has_dropped_may_stay_mapped),
		cmocka_unit_test(a_pinned_page_is_accounted_for),
		cmocka_unit_test(every_damage_is_named_and_repaired),
		cmocka_unit_test(an_entry_that_shows_nonsense_is_named),
		cmocka_unit_test(a_directory_that_leads_astray_is_named),
		cmocka_unit_test(a_shared_table_with_w_is_named),
		cmocka_unit_test(a_leaked_frame_is_named),
		cmocka_unit_test(a_free_list_that_runs_in_a_circle_is_named),
		cmocka_unit_test(a_broken_slab_is_named),
		cmocka_unit_test(regions_that_lie_are_named),
		cmocka_unit_test(whatever_happens_the_audit_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
