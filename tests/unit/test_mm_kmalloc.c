// links: lib sync mm
// suite: kmalloc
/* Objects against a model that remembers what was written where; frames and live objects counted to the last.
   Objects are filled to their last byte, so that two that overlap, or a header within one, show. */
#include "test_mm_world.h"

#include "test_lib_random.h"

#define SYMTAB_MAGIC 0x544d5953u

#define CPUS ARCH_MAX_CPUS

static jmp_buf panicked;
static char text[300];

static noreturn_fn void panic_records(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	fmt_vsnprintf(text, sizeof text, fmt, ap);
	longjmp(panicked, 1);
}

/* STATEMENT panics with WORD in the message. */
#define assert_panics(statement, word) \
	do { \
		kernel_hooks.panic = panic_records; \
		if (setjmp(panicked) == 0) { \
			statement; \
			fail_msg("no panic: %s", #statement); \
		} \
		kernel_hooks.panic = world_panic; \
		if (!strstr(text, word)) \
			fail_msg("'%s' is not in: %s", word, text); \
	} while (0)

/* ---- patterns ---- */

struct object {
	uint8_t *p; /* NULL: not there */
	uint32_t size;
	uint8_t seed;
	struct kmem_cache *cache; /* NULL: of kmalloc */
};

static void fill(const struct object *o)
{
	for (uint32_t i = 0; i < o->size; i++)
		o->p[i] = (uint8_t)(o->seed + i * 7);
}

static void check(const struct object *o)
{
	for (uint32_t i = 0; i < o->size; i++)
		if (o->p[i] != (uint8_t)(o->seed + i * 7))
			fail_msg("byte %u of an object of %u was changed", i, o->size);
}

/* => false: no memory. */
static bool object_get(struct object *o, struct kmem_cache *c, uint32_t size, uint8_t seed)
{
	*o = (struct object){c ? kmem_alloc(c) : kmalloc(size), size, seed, c};
	if (!o->p)
		return false;
	assert_int_equal(arch_window_pa(o->p) % (size >= 16 || !c ? 16 : 4), 0);
	if (!c && size == KMALLOC_MAX)
		assert_int_equal(arch_window_pa(o->p) % PAGE_SIZE, 0);
	assert_int_equal(frame_of(arch_window_pa(o->p))->kind, FRAME_SLAB);
	assert_true(arch_window_pa(o->p) / PAGE_SIZE == (arch_window_pa(o->p) + size - 1) / PAGE_SIZE);
	fill(o);
	return true;
}

static void object_put(struct object *o)
{
	check(o);
	if (o->cache)
		kmem_free(o->cache, o->p);
	else
		kfree(o->p);
	o->p = NULL;
}

/* ---- statistics ---- */

static uint32_t total_pages(void)
{
	struct kmem_stat s;
	uint32_t n = 0;

	for (unsigned i = 0; kmem_stat_get(i, &s); i++)
		n += s.pages;
	return n;
}

static bool stat_of(const char *name, struct kmem_stat *s)
{
	for (unsigned i = 0; kmem_stat_get(i, s); i++)
		if (strcmp(s->name, name) == 0)
			return true;
	return false;
}

static const uint32_t classes[] = {16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 672, 816, 1024, 1360, 2048, 4096};
#define CLASSES ARRAY_SIZE(classes)

static unsigned class_of(uint32_t size)
{
	unsigned c = 0;

	while (classes[c] < size)
		c++;
	return c;
}

/* Live objects of each size of kmalloc. */
static void check_live(const uint32_t *live)
{
	for (unsigned c = 0; c < CLASSES; c++) {
		struct kmem_stat s;
		char name[32];

		snprintf(name, sizeof name, "kmalloc-%u", classes[c]);
		assert_true(stat_of(name, &s));
		assert_int_equal(s.object_size, classes[c]);
		assert_int_equal(s.live, live[c]);
	}
	assert_int_equal(total_pages(), frame_count_kind(FRAME_SLAB));
}

static void check_none_live(void)
{
	struct kmem_stat s;

	assert_int_equal(kmalloc_trim(), 0);
	for (unsigned i = 0; kmem_stat_get(i, &s); i++) {
		assert_int_equal(s.live, 0);
		assert_int_equal(s.pages, 0);
	}
	assert_int_equal(frame_count_kind(FRAME_SLAB), 0);
}

/* ---- sizes ---- */

static void every_size_is_given_whole_aligned_and_to_itself(void **state)
{
	static struct object o[KMALLOC_MAX + 1];
	uint32_t live[CLASSES] = {0}, before;

	(void)state;
	world_start(WORLD_PAGES);
	before = world_free_frames();
	for (uint32_t size = 1; size <= KMALLOC_MAX; size++) {
		assert_true(object_get(&o[size], NULL, size, (uint8_t)size));
		live[class_of(size)]++;
	}
	check_live(live);
	for (uint32_t size = 1; size <= KMALLOC_MAX; size++)
		object_put(&o[size]);
	assert_int_equal(world_free_frames(), before);
	check_none_live();
}

/* The smallest object of kmalloc that SIZE bytes fit into, as the allocator itself says. */
static uint32_t room_for(uint32_t size)
{
	uint32_t room = UINT32_MAX;
	struct kmem_stat s;

	for (unsigned i = 0; kmem_stat_get(i, &s); i++)
		if (strncmp(s.name, "kmalloc-", 8) == 0 && s.object_size >= size && s.object_size < room)
			room = s.object_size;
	return room;
}

/* Both ways to average: over the requests, and over the bytes that all of them together take. */
static void less_than_a_fifth_goes_to_waste(void **state)
{
	uint64_t asked = 0, taken = 0, per_mille = 0;

	(void)state;
	world_start(1024);
	for (uint32_t size = 1; size <= 2048; size++) {
		uint32_t room = room_for(size);

		asked += size;
		taken += room;
		per_mille += (room - size) * 1000 / room;
	}
	assert_true((taken - asked) * 5 < taken);
	assert_true(per_mille / 2048 < 200);
}

/* What is asked for comes from the class that it was counted for above. */
static void each_size_is_served_from_the_smallest_class_that_has_room(void **state)
{
	struct kmem_stat s;
	char name[32];

	(void)state;
	world_start(1024);
	for (uint32_t size = 1; size <= KMALLOC_MAX; size++) {
		void *p = kmalloc(size);

		assert_non_null(p);
		snprintf(name, sizeof name, "kmalloc-%u", room_for(size));
		assert_true(stat_of(name, &s));
		assert_int_equal(s.live, 1);
		kfree(p);
	}
}

static void the_pages_of_kmalloc_are_counted(void **state)
{
	struct kmem_cache *c;
	void *p[300], *q;
	uint32_t pages = 0;
	struct kmem_stat s;

	(void)state;
	world_start(1024);
	c = kmem_cache_create("not kmalloc's", 1000, KMEM_PLAIN);
	assert_int_equal(kmalloc_pages(), 0);
	q = kmem_alloc(c);
	assert_non_null(q);
	assert_int_equal(kmalloc_pages(), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		assert_non_null(p[i] = kmalloc(1 + i * 9));
	for (unsigned i = 0; kmem_stat_get(i, &s); i++)
		pages += strncmp(s.name, "kmalloc-", 8) == 0 ? s.pages : 0;
	assert_int_equal(kmalloc_pages(), pages);
	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		kfree(p[i]);
	kmem_free(c, q);
	kmalloc_trim();
	assert_int_equal(kmalloc_pages(), 0);
}

static void kzalloc_clears_what_was_used_before(void **state)
{
	(void)state;
	world_start(1024);
	for (uint32_t size = 1; size <= KMALLOC_MAX; size += 1 + size / 8) {
		uint8_t *p[40];

		for (unsigned round = 0; round < 2; round++) {
			for (unsigned i = 0; i < ARRAY_SIZE(p); i++) {
				p[i] = kzalloc(size);
				assert_non_null(p[i]);
				for (uint32_t b = 0; b < size; b++)
					assert_int_equal(p[i][b], 0);
				memset(p[i], 0x77, size);
			}
			for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
				kfree(p[i]);
		}
	}
}

static void caches_of_any_size_keep_their_objects_apart(void **state)
{
	/* Sizes below 16 that are odd multiples of 4 would misalign the 8-byte links of the build machine. */
	static const uint32_t sizes[] = {1,   2,   3,   4,   5,   7,   8,   13,   15,   16,   17,   24,   31,   33,  48,
	                                 100, 255, 256, 257, 511, 512, 513, 1000, 1024, 1360, 1361, 2032, 2047, 2048};
	static struct object o[ARRAY_SIZE(sizes)][60];
	struct kmem_cache *c[ARRAY_SIZE(sizes)];
	char name[ARRAY_SIZE(sizes)][16];
	struct kmem_stat s;
	uint32_t before;

	(void)state;
	world_start(WORLD_PAGES);
	before = world_free_frames();
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(name[i], sizeof name[i], "odd%u", sizes[i]);
		c[i] = kmem_cache_create(name[i], sizes[i], KMEM_PLAIN);
		for (unsigned n = 0; n < 60; n++)
			assert_true(object_get(&o[i][n], c[i], sizes[i], (uint8_t)(i * 60 + n)));
		assert_true(stat_of(name[i], &s));
		assert_true(s.object_size >= sizes[i] && s.object_size <= sizes[i] + 15 && !s.reclaimable);
		assert_int_equal(s.live, 60);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (unsigned n = 0; n < 60; n++)
			object_put(&o[i][n]);
		assert_true(stat_of(name[i], &s));
		assert_int_equal(s.live, 0);
	}
	assert_int_equal(world_free_frames(), before);
	check_none_live();
}

static void kmem_zalloc_clears(void **state)
{
	struct kmem_cache *c;

	(void)state;
	world_start(1024);
	c = kmem_cache_create("cleared", 192, KMEM_PLAIN);
	for (unsigned i = 0; i < 100; i++) {
		uint8_t *p = kmem_zalloc(c);

		assert_non_null(p);
		for (unsigned b = 0; b < 192; b++)
			assert_int_equal(p[b], 0);
		memset(p, 0x77, 192);
		kmem_free(c, p);
	}
}

/* ---- random use ---- */

#define SLOTS 600u

static void check_random(struct object *o, struct random *rng, uint32_t *live)
{
	if (o->p) {
		live[class_of(o->size)]--;
		object_put(o);
		return;
	}
	if (object_get(o, NULL, 1 + (uint32_t)random_of_any_size(rng) % KMALLOC_MAX, (uint8_t)random_u64(rng)))
		live[class_of(o->size)]++;
}

static void objects_keep_their_bytes_whichever_cpus_allocate_and_free(void **state)
{
	static struct object o[SLOTS];
	uint32_t before;

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct random rng = {seed};
		uint32_t live[CLASSES] = {0};

		world_start(seed == 1 ? 400 : WORLD_PAGES); /* the first runs out */
		fake_cpu_count = CPUS;
		before = world_free_frames();
		for (unsigned step = 0; step < 15000; step++) {
			fake_cpu_id = random_below(&rng, CPUS);
			check_random(&o[random_below(&rng, SLOTS)], &rng, live);
			if (step % 100 == 0)
				check_live(live);
			if (step % 1111 == 0)
				kmalloc_trim();
		}
		for (unsigned i = 0; i < SLOTS; i++)
			if (o[i].p)
				object_put(&o[i]);
		assert_int_equal(world_free_frames(), before);
		check_none_live();
	}
}

/* ---- trimming ---- */

static void *burst[CPUS][30][8];

/* On each CPU, of each size up to 2048. */
static void burst_get(void)
{
	fake_cpu_count = CPUS;
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		fake_cpu_id = cpu;
		for (unsigned i = 0; i < 30; i++)
			for (unsigned c = 0; c < 8; c++)
				assert_non_null(burst[cpu][i][c] = kmalloc(15u << c));
	}
}

/* Each freed by another CPU than the one that got it; some of CPU 0's are kept. */
static void burst_put(unsigned kept)
{
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		fake_cpu_id = CPUS - 1 - cpu;
		for (unsigned i = cpu == 0 ? kept : 0; i < 30; i++)
			for (unsigned c = 0; c < 8; c++)
				kfree(burst[cpu][i][c]);
	}
	fake_cpu_id = 3;
}

static void trimming_gives_every_frame_back(void **state)
{
	uint32_t before;

	(void)state;
	world_start(WORLD_PAGES);
	assert_int_equal(kmalloc_trim(), 0);
	before = frame_count_free();
	burst_get();
	burst_put(0);
	assert_true(frame_count_free() < before);
	kmalloc_trim();
	assert_int_equal(frame_count_free(), before);
	check_none_live();
}

static void trimming_says_how_many_frames_it_gave_back(void **state)
{
	uint32_t had, trimmed;

	(void)state;
	for (unsigned kept = 0; kept < 20; kept += 5) {
		world_start(WORLD_PAGES);
		burst_get();
		burst_put(kept);
		had = frame_count_free();
		trimmed = kmalloc_trim();
		assert_int_equal(frame_count_free() - had, trimmed);
		assert_int_equal(kmalloc_trim(), 0);
	}
}

/* A burst that is over does not keep its pages for ever, even without trimming. */
static void most_empty_slabs_go_back_by_themselves(void **state)
{
	static void *p[1000];
	uint32_t before;

	(void)state;
	world_start(WORLD_PAGES);
	before = frame_count_free();
	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		assert_non_null(p[i] = kmalloc(256));
	assert_true(before - frame_count_free() >= 62);
	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		kfree(p[i]);
	assert_in_range(before - frame_count_free(), 0, 8);
}

static void pages_of_reclaimable_caches_are_counted(void **state)
{
	struct kmem_cache *yes, *no;
	struct kmem_stat s;
	void *p[100];

	(void)state;
	world_start(WORLD_PAGES);
	yes = kmem_cache_create("yes", 500, KMEM_RECLAIMABLE);
	no = kmem_cache_create("no", 500, KMEM_PLAIN);
	assert_int_equal(kmalloc_reclaimable_pages(), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		assert_non_null(p[i] = kmem_alloc(i % 2 ? yes : no));
	assert_true(stat_of("yes", &s));
	assert_true(s.reclaimable);
	assert_true(s.pages >= 50 / 8);
	assert_int_equal(kmalloc_reclaimable_pages(), s.pages);
	assert_true(stat_of("no", &s));
	assert_false(s.reclaimable);
	for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
		kmem_free(i % 2 ? yes : no, p[i]);
	kmalloc_trim();
	assert_int_equal(kmalloc_reclaimable_pages(), 0);
}

/* ---- no memory ---- */

static const uint32_t script[] = {16, 2048, 4096, 512, 100, 1000, 600, 2000, 4096, 3000, 33, 513, 1024, 256, 1, 129};

/* The script, some rounds of it, with K requests for frames granted. => whether all was had. */
static bool run_script(struct kmem_cache *c, uint32_t k)
{
	static struct object o[ARRAY_SIZE(script) * 6];
	unsigned n;

	frame_fail_after(k);
	for (n = 0; n < ARRAY_SIZE(o); n++)
		if (!object_get(&o[n], n % 5 == 0 ? c : NULL, n % 5 == 0 ? 700 : script[n % ARRAY_SIZE(script)],
		                (uint8_t)n))
			break;
	for (unsigned i = 0; i < n; i++)
		object_put(&o[i]);
	return n == ARRAY_SIZE(o);
}

static void a_request_that_finds_no_frame_fails_and_loses_nothing(void **state)
{
	struct kmem_cache *c;
	uint32_t before, k;

	(void)state;
	world_start(1024);
	c = kmem_cache_create("scripted", 700, KMEM_PLAIN);
	before = world_free_frames();
	for (k = 0; !run_script(c, k); k++) {
		frame_fail_after(UINT32_MAX);
		assert_int_equal(world_free_frames(), before);
		check_none_live();
	}
	frame_fail_after(UINT32_MAX);
	assert_true(k > 20);
	assert_int_equal(world_free_frames(), before);
}

static void the_zeroing_requests_fail_too(void **state)
{
	struct kmem_cache *c;

	(void)state;
	world_start(1024);
	c = kmem_cache_create("zeroed", 700, KMEM_PLAIN);
	frame_fail_after(0);
	assert_null(kmem_alloc(c));
	assert_null(kmem_zalloc(c));
	for (uint32_t size = 1; size <= KMALLOC_MAX; size *= 2)
		assert_null(kzalloc(size));
	frame_fail_after(1); /* the slab, but not what describes it */
	kfree(kmalloc(2048));
	frame_fail_after(UINT32_MAX);
	kmalloc_trim();
	check_none_live();
}

static void all_memory_can_be_had_and_comes_back(void **state)
{
	static struct object o[40000];
	uint32_t before;

	(void)state;
	world_start(600);
	fake_cpu_count = CPUS;
	before = world_free_frames();
	for (unsigned i = 0; i < CLASSES; i++) {
		uint32_t size = classes[i], per_page;
		unsigned n = 0, got;
		struct kmem_stat s;

		while (n < ARRAY_SIZE(o) && object_get(&o[n], NULL, size, (uint8_t)n)) {
			n++;
			fake_cpu_id = n % CPUS;
		}
		got = n;
		assert_true(kmem_stat_get(i + 1, &s)); /* the first is of headers */
		assert_int_equal(s.object_size, size);
		per_page = s.per_page;
		while (n > 0)
			object_put(&o[--n]);
		if (size >= 128) /* the whole of memory, but for headers, stocks and the reserve */
			assert_true(got < ARRAY_SIZE(o) && got / per_page > before * 8 / 10);
		assert_int_equal(world_free_frames(), before);
	}
}

/* ---- mistakes of callers ---- */

/* Functions with a name that a panic may give, far enough from each other. */
static no_inline void *allocator(size_t size)
{
	void *p = kmalloc(size);

	__asm__ volatile("" : "+r"(p)); /* no tail call */
	return p;
}

static no_inline void freer(void *p)
{
	kfree(p);
	__asm__ volatile("");
}

static no_inline void second_freer(void *p)
{
	kfree(p);
	__asm__ volatile("" ::: "memory");
}

static no_inline void *zeroing_allocator(size_t size)
{
	void *p = kzalloc(size);

	__asm__ volatile("" : "+r"(p));
	return p;
}

/* The symbol table of the test (lib/symtab.h has it constant, and made by a tool). */
static const struct {
	const char *name;
	uintptr_t at;
} named[] = {
	{"allocator", (uintptr_t)allocator},
	{"freer", (uintptr_t)freer},
	{"second_freer", (uintptr_t)second_freer},
	{"zeroing_allocator", (uintptr_t)zeroing_allocator},
};
struct test_symtab {
	uint32_t magic, count, end, pool_size, address[ARRAY_SIZE(named)], name[ARRAY_SIZE(named)];
	char pool[ARRAY_SIZE(named)][32];
};
extern struct test_symtab test_symtab __asm__("kernel_symtab");
struct test_symtab test_symtab;

static int by_address(const void *a, const void *b)
{
	uint32_t x = (uint32_t)named[*(const unsigned *)a].at, y = (uint32_t)named[*(const unsigned *)b].at;

	return x < y ? -1 : x > y;
}

static void names_start(void)
{
	unsigned order[ARRAY_SIZE(named)];

	for (unsigned i = 0; i < ARRAY_SIZE(named); i++)
		order[i] = i;
	qsort(order, ARRAY_SIZE(order), sizeof order[0], by_address);
	test_symtab =
		(struct test_symtab){SYMTAB_MAGIC, ARRAY_SIZE(named), 0, sizeof test_symtab.pool, {0}, {0}, {{0}}};
	for (unsigned i = 0; i < ARRAY_SIZE(named); i++) {
		test_symtab.address[i] = (uint32_t)named[order[i]].at;
		test_symtab.name[i] = i * (uint32_t)sizeof test_symtab.pool[0];
		strcpy(test_symtab.pool[i], named[order[i]].name);
		test_symtab.end = test_symtab.address[i] + 2000;
	}
}

static void a_size_out_of_range_panics_and_names_the_caller(void **state)
{
	static const size_t sizes[] = {0, KMALLOC_MAX + 1, 65536, SIZE_MAX};

	(void)state;
	world_start(1024);
	names_start();
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_panics(freer(allocator(sizes[i])), "by allocator+0x");
		assert_panics(freer(zeroing_allocator(sizes[i])), "by zeroing_allocator+0x");
		assert_true(strstr(text, "kmalloc("));
	}
}

static void a_cache_that_cannot_be_panics(void **state)
{
	(void)state;
	world_start(1024);
	assert_panics(kmem_cache_create("nothing", 0, KMEM_PLAIN), "nothing");
	assert_panics(kmem_cache_create("large", 2049, KMEM_PLAIN), "large");
	assert_panics(for (;;) kmem_cache_create("one too many", 64, KMEM_PLAIN), "one too many");
}

static void null_may_be_freed(void **state)
{
	(void)state;
	world_start(1024);
	kfree(NULL);
	check_none_live();
}

/* At once, while it is in a stock, whatever it holds; who did what is said. */
static void an_object_freed_twice_is_caught_and_all_are_named(void **state)
{
	static const uint32_t sizes[] = {1, 16, 17, 64, 512, 1000, 2048, 2049, 4096};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint8_t *p, *q;

		world_start(1024);
		names_start();
		p = allocator(sizes[i]);
		q = kmalloc(sizes[i]);
		freer(p);
		assert_panics(second_freer(p), "was freed twice, by second_freer+0x");
		assert_true(strstr(text, "; allocated by allocator+0x"));
		assert_true(strstr(text, ", freed by freer+0x"));
		kfree(q);
		assert_panics(second_freer(p), "was freed twice, by second_freer+0x");
		memset(p, 0x11, sizes[i]); /* what it holds is no excuse */
		assert_panics(second_freer(p), "was freed twice");
	}
}

/* And later, when it lies in its slab again, or not even the slab is there. */
static void an_object_freed_twice_is_caught_late(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CLASSES; i++) {
		void *p, *keep;

		world_start(1024);
		names_start();
		p = allocator(classes[i]);
		keep = kmalloc(classes[i]);
		freer(p);
		kmalloc_trim();
		assert_panics(second_freer(p), "by second_freer+0x");
		kfree(keep);
		kmalloc_trim();
		assert_panics(second_freer(p), "in a page of kind free, by second_freer+0x");
		assert_true(strstr(text, "; last allocated by allocator+0x"));
		assert_true(strstr(text, ", freed by freer+0x"));
	}
}

/* Bytes that look like those of a free object, or like anything else, are a program's business. */
static void what_an_object_holds_is_no_mistake(void **state)
{
	uint8_t *p[40];

	(void)state;
	world_start(1024);
	for (unsigned value = 0; value < 256; value++)
		for (unsigned i = 0; i < CLASSES; i++) {
			for (unsigned n = 0; n < ARRAY_SIZE(p); n++) {
				assert_non_null(p[n] = kmalloc(classes[i] - n % 15));
				memset(p[n], (int)value, classes[i] - n % 15);
			}
			for (unsigned n = 0; n < ARRAY_SIZE(p); n++)
				kfree(p[n]);
		}
	kmalloc_trim();
	check_none_live();
}

static void what_is_no_object_is_not_freed(void **state)
{
	struct kmem_cache *a, *b;
	char on_stack[64];
	paddr_t pa;
	void *p;

	(void)state;
	world_start(1024);
	names_start();
	assert_int_equal(frame_get(FRAME_ANON, &pa), OK);
	assert_panics(freer(arch_window(pa)), "in a page of kind anon, by freer+0x");
	assert_panics(freer((uint8_t *)arch_window(pa) + 64), "in a page of kind anon");
	frame_put(pa);
	assert_panics(freer(arch_window(pa)), "in a page of kind free");
	assert_panics(freer(arch_window(frame_zero_page())), "in a page of kind");
	assert_panics(freer(on_stack), "no memory of the pool, by freer+0x");
	assert_panics(freer(&on_stack[1]), "no memory of the pool");
	assert_panics(freer((void *)&classes), "no memory of the pool");
	assert_panics(freer(arch_window(0)), "no memory of the pool"); /* the kernel's own */
	a = kmem_cache_create("a", 64, KMEM_PLAIN);
	b = kmem_cache_create("b", 64, KMEM_PLAIN);
	p = kmem_alloc(a);
	assert_non_null(p);
	assert_panics(kmem_free(b, p), "b: free of 0x");
	assert_true(strstr(text, "an object of a, by "));
	assert_panics(freer(p), "kfree: free of 0x");
	assert_true(strstr(text, "an object of a, by freer+0x"));
	kmem_free(a, p);
	p = kmalloc(KMALLOC_MAX);
	assert_panics(kmem_free(a, p), "an object of kmalloc-4096");
	kfree(p);
}

/* Every address of two pages of objects that is not where one in use begins. */
static void an_address_within_a_slab_is_freed_only_where_an_object_begins(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CLASSES; i++) {
		uint8_t *p, *page;
		unsigned wrong = 0, step = classes[i] <= 64 ? 1 : 7;

		world_start(1024);
		names_start();
		assert_non_null(p = allocator(classes[i]));
		page = (uint8_t *)arch_window(page_floor(arch_window_pa(p)));
		for (uint8_t *at = page; at < page + PAGE_SIZE; at += step) {
			if (at == p)
				continue;
			assert_panics(freer(at), "by freer+0x");
			wrong++;
		}
		assert_true(wrong >= PAGE_SIZE / step - 1);
		assert_panics(freer(p + 8), "which is 8 bytes inside object 0x");
		assert_true(strstr(text, "that was allocated by allocator+0x"));
		freer(p);
	}
}

/* Each byte of it, the first too, and those between what was asked for and the class. */
static void a_write_to_a_freed_object_is_caught_at_its_next_use(void **state)
{
	static const uint32_t sizes[] = {1, 8, 16, 32, 100, 512, 2048, 3000, 4096};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
		for (uint32_t at = 0; at < sizes[i]; at += 1 + sizes[i] / 6) {
			uint8_t *p;

			world_start(1024);
			names_start();
			assert_non_null(p = allocator(sizes[i]));
			freer(p);
			p[at] ^= 1;
			assert_panics(for (unsigned n = 0; n < 300; n++) p = kmalloc(sizes[i]),
			              "was written after it was freed");
			assert_true(strstr(text, "; allocated by allocator+0x"));
			assert_true(strstr(text, ", freed by freer+0x"));
		}
}

/* The same after it went back to its slab, which another object keeps alive; and when the slab goes. */
static void a_write_to_a_freed_object_is_caught_after_trimming(void **state)
{
	uint8_t *p, *keep;

	(void)state;
	for (unsigned goes = 0; goes < 2; goes++)
		for (uint32_t at = 0; at < 64; at += 7) {
			world_start(1024);
			names_start();
			p = allocator(64);
			keep = kmalloc(64);
			assert_non_null(p);
			freer(p);
			kmalloc_trim();
			p[at] = 0;
			if (goes) {
				kfree(keep);
				assert_panics(kmalloc_trim(), "was written after it was freed");
			} else {
				assert_panics(for (unsigned n = 0; n < 300; n++) p = kmalloc(64), "written");
			}
			assert_true(strstr(text, ", freed by freer+0x"));
		}
}

/* Each byte between the last that was asked for and the next object. */
static void a_write_beyond_the_end_is_caught_when_it_is_freed(void **state)
{
	(void)state;
	for (uint32_t size = 1; size < KMALLOC_MAX; size += 1 + size / 3) {
		uint32_t room = size > 2048 ? KMALLOC_MAX : room_for(size) + 16;

		for (uint32_t at = size; at < room; at += 1 + (room - size) / 8) {
			char word[40];
			uint8_t *p;

			world_start(1024);
			names_start();
			assert_non_null(p = allocator(size));
			memset(p, 1, size);
			p[at] ^= 0x80;
			snprintf(word, sizeof word, "beyond its end, byte %u is", at);
			assert_panics(freer(p), word);
			assert_true(strstr(text, "; allocated by allocator+0x"));
		}
	}
}

static void a_write_beyond_the_end_of_a_caches_object_is_caught(void **state)
{
	struct kmem_cache *c;
	uint8_t *p;

	(void)state;
	world_start(1024);
	c = kmem_cache_create("exact", 37, KMEM_PLAIN);
	assert_non_null(p = kmem_zalloc(c));
	kmem_free(c, p);
	assert_non_null(p = kmem_zalloc(c));
	p[37] = 0;
	assert_panics(kmem_free(c, p), "exact: object 0x");
	assert_true(strstr(text, "of 37 bytes was written beyond its end, byte 37"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_may_be_freed),
		cmocka_unit_test(every_size_is_given_whole_aligned_and_to_itself),
		cmocka_unit_test(less_than_a_fifth_goes_to_waste),
		cmocka_unit_test(each_size_is_served_from_the_smallest_class_that_has_room),
		cmocka_unit_test(the_pages_of_kmalloc_are_counted),
		cmocka_unit_test(kzalloc_clears_what_was_used_before),
		cmocka_unit_test(caches_of_any_size_keep_their_objects_apart),
		cmocka_unit_test(kmem_zalloc_clears),
		cmocka_unit_test(objects_keep_their_bytes_whichever_cpus_allocate_and_free),
		cmocka_unit_test(trimming_gives_every_frame_back),
		cmocka_unit_test(trimming_says_how_many_frames_it_gave_back),
		cmocka_unit_test(most_empty_slabs_go_back_by_themselves),
		cmocka_unit_test(pages_of_reclaimable_caches_are_counted),
		cmocka_unit_test(a_request_that_finds_no_frame_fails_and_loses_nothing),
		cmocka_unit_test(the_zeroing_requests_fail_too),
		cmocka_unit_test(all_memory_can_be_had_and_comes_back),
		cmocka_unit_test(a_size_out_of_range_panics_and_names_the_caller),
		cmocka_unit_test(a_cache_that_cannot_be_panics),
		cmocka_unit_test(an_object_freed_twice_is_caught_and_all_are_named),
		cmocka_unit_test(an_object_freed_twice_is_caught_late),
		cmocka_unit_test(what_an_object_holds_is_no_mistake),
		cmocka_unit_test(what_is_no_object_is_not_freed),
		cmocka_unit_test(an_address_within_a_slab_is_freed_only_where_an_object_begins),
		cmocka_unit_test(a_write_to_a_freed_object_is_caught_at_its_next_use),
		cmocka_unit_test(a_write_to_a_freed_object_is_caught_after_trimming),
		cmocka_unit_test(a_write_beyond_the_end_is_caught_when_it_is_freed),
		cmocka_unit_test(a_write_beyond_the_end_of_a_caches_object_is_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
