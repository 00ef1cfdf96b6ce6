/* Any sequence of requests: objects keep their bytes, no two overlap, and at the end every frame is back.
   The input is a row of operations of two or three bytes; which CPU acts is in each.  Frames are few: they run out.
   Compiled as the release kernel has it too.  A debug build must also find every wrong free, whatever objects hold, and
   never one that is right. */
#include <mm/kmalloc.h>

#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/hooks.h>
#include <mm/frame.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

#define FRAMES 64u
#define SLOTS 256u
#define CACHES 4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct object {
	uint8_t *p; /* NULL: none */
	uint32_t size;
	struct kmem_cache *cache; /* NULL: of kmalloc */
} slots[SLOTS];
static struct kmem_cache *caches[CACHES];
static const uint32_t cache_size[CACHES] = {8, 48, 700, 1500};
static unsigned live;

static uint8_t pattern(const struct object *o)
{
	return (uint8_t)(o - slots) ^ (uint8_t)(o->size * 5);
}

static bool panic_is_due;
static jmp_buf panicked;

static noreturn_fn void panic_comes(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	(void)fmt;
	(void)ap;
	if (!panic_is_due)
		abort();
	longjmp(panicked, 1);
}

static void start(void)
{
	static struct boot_info info = {.nram = 1, .ram = {{1, FRAMES}}, .max_pfn = FRAMES};

	if (!fake_ram)
		fake_ram = aligned_alloc(PAGE_SIZE, FRAMES * PAGE_SIZE);
	REQUIRE(fake_ram);
	kernel_hooks.panic = panic_comes;
	fake_cpu_count = ARCH_MAX_CPUS;
	fake_cpu_id = 0;
	frame_init(&info);
	kmalloc_init();
	for (unsigned i = 0; i < CACHES; i++)
		caches[i] = kmem_cache_create("fuzzed", cache_size[i], i % 2 ? KMEM_RECLAIMABLE : KMEM_PLAIN);
	live = 0;
	memset(slots, 0, sizeof slots);
}

static void object_get(struct object *o, uint32_t size, bool zeroed)
{
	o->cache = size < CACHES ? caches[size] : NULL;
	o->size = o->cache ? cache_size[size] : 1 + size % KMALLOC_MAX;
	if (o->cache)
		o->p = zeroed ? kmem_zalloc(o->cache) : kmem_alloc(o->cache);
	else
		o->p = zeroed ? kzalloc(o->size) : kmalloc(o->size);
	if (!o->p)
		return;
	REQUIRE(arch_window_pa(o->p) % (o->cache && o->size < 16 ? 4 : 16) == 0);
	for (uint32_t i = 0; zeroed && i < o->size; i++)
		REQUIRE(o->p[i] == 0);
	memset(o->p, pattern(o), o->size);
	live++;
}

static void object_put(struct object *o)
{
	for (uint32_t i = 0; i < o->size; i++)
		REQUIRE(o->p[i] == pattern(o));
	if (o->cache)
		kmem_free(o->cache, o->p);
	else
		kfree(o->p);
	o->p = NULL;
	live--;
}

static void check_counts(void)
{
	struct kmem_stat s;
	uint32_t objects = 0, pages = 0, reclaimable = 0;

	for (unsigned i = 0; kmem_stat_get(i, &s); i++) {
		pages += s.pages;
		reclaimable += s.reclaimable ? s.pages : 0;
		objects += strcmp(s.name, "slab") == 0 ? 0 : s.live; /* kmalloc's own headers */
	}
	REQUIRE(objects == live);
	REQUIRE(pages == frame_count_kind(FRAME_SLAB));
	REQUIRE(reclaimable == kmalloc_reclaimable_pages());
}

#ifdef CONFIG_DEBUG
static bool is_object(const uint8_t *p)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (slots[i].p == p)
			return true;
	return false;
}

/* Free what is AT bytes from the start of the page of frame FRAME, unless it is an object in use: a panic, that changes
   nothing. */
static void free_wrongly(uint32_t frame, uint32_t at)
{
	uint8_t *p = (uint8_t *)arch_window((frame % FRAMES) << PAGE_SHIFT) + at % PAGE_SIZE;

	if (is_object(p))
		return;
	panic_is_due = true;
	if (setjmp(panicked) == 0) {
		kfree(p);
		abort();
	}
	panic_is_due = false;
}
#else
static void free_wrongly(uint32_t frame, uint32_t at)
{
	(void)frame;
	(void)at;
}
#endif

/* Many of one size at once, got or freed: stocks run over and slabs full. */
static void burst(uint8_t first, uint8_t what)
{
	for (unsigned i = 0; i < 16u + what % 32; i++) {
		struct object *o = &slots[(first + i) % SLOTS];

		if (o->p)
			object_put(o);
		else
			object_get(o, 1u << what % 12, what & 0x80);
	}
}

/* => bytes used. */
static size_t step(const uint8_t *data, size_t size)
{
	struct object *o = &slots[data[1] % SLOTS];

	fake_cpu_id = data[0] % ARCH_MAX_CPUS;
	switch (data[0] / ARCH_MAX_CPUS % 8) {
	case 0: kmalloc_trim(); break;
	case 1: frame_fail_after(data[1] < 128 ? data[1] : UINT32_MAX); break;
	case 2: check_counts(); break;
	case 3:
		if (size < 3)
			break;
		burst(data[1], data[2]);
		return 3;
	case 4:
		if (size < 3)
			break;
		free_wrongly(data[1], data[2] * (data[0] & 0x80 ? 16u : 1u));
		return 3;
	default:
		if (o->p) {
			object_put(o);
			break;
		}
		if (size < 3)
			break;
		/* Small sizes are as frequent as large ones. */
		object_get(o, (uint32_t)data[2] << (data[0] / ARCH_MAX_CPUS % 5), data[0] & 0x80);
		return 3;
	}
	return 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t before;

	start();
	before = frame_count_free();
	while (size >= 2) {
		size_t used = step(data, size);

		data += used;
		size -= used;
	}
	frame_fail_after(UINT32_MAX);
	for (unsigned i = 0; i < SLOTS; i++)
		if (slots[i].p)
			object_put(&slots[i]);
	check_counts();
	kmalloc_trim();
	REQUIRE(frame_count_free() == before && frame_count_kind(FRAME_SLAB) == 0);
	return 0;
}
