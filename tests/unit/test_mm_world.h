/* A machine for the tests of mm: some MiB of RAM, an MMU with a TLB that walks the real tables, and an object with
   pages. A missing flush shows: user_load and user_store believe the TLB until something was flushed. */
#ifndef TEST_MM_WORLD_H
#define TEST_MM_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/hooks.h>
#include <arch/mmu.h>
#include <lib/fmt.h>
#include <mm/aspace.h>
#include <mm/audit.h>
#include <mm/commit.h>
#include <mm/fault_policy.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>
#include <mm/look.h>
#include <mm/object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORLD_MIB 16u
#define WORLD_PAGES (WORLD_MIB * 256u)

/* What the MMU below remembers. */
#define TLB_SLOTS 256u
static struct {
	vaddr_t page; /* 0: empty */
	paddr_t pa;
	bool writable;
} tlb[TLB_SLOTS];
static unsigned tlb_flushes_seen;
static const struct aspace *tlb_space;

static noreturn_fn void world_panic(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	vprintf(fmt, ap);
	printf("\n");
	abort();
}

/* PAGES of RAM from frame 16 on, all of mm initialised afresh. */
static inline void world_start(uint32_t pages)
{
	static struct boot_info info;

	free(fake_ram);
	fake_ram = aligned_alloc(PAGE_SIZE, (size_t)(WORLD_PAGES + 16) * PAGE_SIZE);
	assert_non_null(fake_ram);
	memset(fake_ram, 0xcc, (size_t)(WORLD_PAGES + 16) * PAGE_SIZE);
	kernel_hooks.panic = world_panic;
	memset(tlb, 0, sizeof tlb);
	fake_irq_on = true;
	fake_cpu_id = 0;
	fake_cpu_count = 1;
	info = (struct boot_info){.nram = 2, .max_pfn = pages + 16};
	info.ram[0] = (struct boot_range){16, pages / 2};
	info.ram[1] = (struct boot_range){pages / 2 + 8, pages + 16};
	frame_init(&info);
	kmalloc_init();
	aspace_boot_init();
}

static inline uint32_t world_free_frames(void)
{
	kmalloc_trim();
	return frame_count_free();
}

/* ---- an object whose page I holds the byte I + 1 everywhere ---- */

struct test_object {
	struct mem_object object;
	uint32_t pages; /* its size */
	uint32_t refs;
	bool absent;       /* find_page finds nothing that was not got before */
	paddr_t frame[64]; /* 0: not in memory */
};

static inline bool test_object_find(struct mem_object *o, uint32_t index, bool write, paddr_t *pa)
{
	struct test_object *t = (struct test_object *)o;

	if (index >= t->pages || !t->frame[index] || (write && !frame_of(t->frame[index])->dirty))
		return false;
	frame_ref(t->frame[index]);
	*pa = t->frame[index];
	return true;
}

static inline enum status test_object_get_page(struct mem_object *o, uint32_t index, bool write, paddr_t *pa)
{
	struct test_object *t = (struct test_object *)o;

	if (index >= t->pages)
		return E_SIGBUS;
	if (!t->frame[index]) {
		if (frame_get(FRAME_CACHE, &t->frame[index]) != OK)
			return E_NOMEM;
		memset(arch_window(t->frame[index]), (int)index + 1, PAGE_SIZE);
		frame_of(t->frame[index])->owner = t;
	}
	if (write)
		frame_of(t->frame[index])->dirty = true;
	*pa = t->frame[index];
	frame_pin(*pa);
	return OK;
}

static inline void test_object_ref(struct mem_object *o)
{
	((struct test_object *)o)->refs++;
}
static inline void test_object_unref(struct mem_object *o)
{
	assert_true(((struct test_object *)o)->refs-- > 0);
}

static const struct mem_object_ops test_object_ops = {.find_page = test_object_find,
                                                      .get_page = test_object_get_page,
                                                      .get = test_object_ref,
                                                      .put = test_object_unref};

static inline void test_object_start(struct test_object *t, uint32_t pages)
{
	*t = (struct test_object){.pages = pages};
	mem_object_init(&t->object, &test_object_ops);
}

static inline void test_object_end(struct test_object *t)
{
	assert_int_equal(t->refs, 0);
	assert_true(list_is_empty(&t->object.maps));
	for (uint32_t i = 0; i < ARRAY_SIZE(t->frame); i++)
		if (t->frame[i])
			frame_put(t->frame[i]);
}

/* ---- the MMU ---- */

static inline void tlb_update(const struct aspace *as)
{
	unsigned flushes = fake_tlb_page_flushes + fake_tlb_user_flushes + fake_tlb_shootdowns;

	if (flushes != tlb_flushes_seen || as != tlb_space)
		memset(tlb, 0, sizeof tlb);
	tlb_flushes_seen = flushes;
	tlb_space = as;
}

/* As the processor translates (Intel SDM 3A, 4.3): W of both levels counts. */
static inline bool mmu_walk(struct aspace *as, vaddr_t va, bool write, paddr_t *pa, bool *present)
{
	unsigned slot = (va >> PAGE_SHIFT) % TLB_SLOTS;
	pte_t d, e;

	tlb_update(as);
	*present = true;
	if (tlb[slot].page == page_floor(va) && (!write || tlb[slot].writable)) {
		*pa = tlb[slot].pa | (va & PAGE_MASK);
		return true;
	}
	d = pte_read((pte_t *)arch_window(as->root) + pt_dir_index(va));
	*present = pte_present(d);
	if (!*present)
		return false;
	e = pte_read((pte_t *)arch_window(pte_frame(d)) + pt_table_index(va));
	*present = pte_present(e);
	if (!*present || (write && !(pte_writable(d) && pte_writable(e))))
		return false;
	tlb[slot].page = page_floor(va);
	tlb[slot].pa = pte_frame(e);
	tlb[slot].writable = pte_writable(d) && pte_writable(e);
	*pa = pte_frame(e) | (va & PAGE_MASK);
	return true;
}

static inline enum fault_outcome world_fault(struct aspace *as, vaddr_t va, bool write, bool present) no_lock_check
{
	const struct fault_info f = {.va = va, .write = write, .present = present, .user = true};
	struct fault_supply s = {.user_sp = USER_TOP - 4096};
	enum fault_outcome o;

	while ((o = aspace_fault(as, &f, &s)) == FAULT_NEED_PAGE) {
		enum status st;

		if (s.object)
			s.object->ops->put(s.object);
		s.object = s.need_object;
		st = s.object->ops->get_page(s.object, s.need_index, s.need_write, &s.page);
		s.have_page = st == OK;
		if (st != OK) {
			o = st == E_NOMEM ? FAULT_NOMEM : FAULT_BUS;
			break;
		}
	}
	if (s.object)
		s.object->ops->put(s.object);
	return o;
}

/* One access, with as many faults as it takes. => FAULT_DONE, and the byte's place. */
static inline enum fault_outcome mmu_access(struct aspace *as, vaddr_t va, bool write, uint8_t **byte)
{
	bool present;
	paddr_t pa;

	for (unsigned tries = 0; tries < 5; tries++) {
		enum fault_outcome o;

		if (mmu_walk(as, va, write, &pa, &present)) {
			*byte = (uint8_t *)arch_window(pa);
			return FAULT_DONE;
		}
		o = world_fault(as, va, write, present);
		if (o != FAULT_DONE)
			return o;
	}
	fail_msg("the access to %x faults for ever", va);
	return FAULT_SEGV;
}

static inline uint8_t user_load(struct aspace *as, vaddr_t va)
{
	uint8_t *p = NULL;

	assert_int_equal(mmu_access(as, va, false, &p), FAULT_DONE);
	return *p;
}

static inline void user_store(struct aspace *as, vaddr_t va, uint8_t value)
{
	uint8_t *p = NULL;

	assert_int_equal(mmu_access(as, va, true, &p), FAULT_DONE);
	*p = value;
}

static inline void assert_audit(struct aspace *as) no_lock_check
{
	struct audit r = AUDIT_INIT;

	if (!aspace_audit(as, true, &r))
		fail_msg("audit: %s", r.text);
}

#endif
