/* The host twin of arch/x86/include/machine/mmu.h: physical memory is a buffer of the test, TLB flushes count.
   Variables: tests/unit/fake/machine/fake.c. */
#ifndef MACHINE_MMU_H
#define MACHINE_MMU_H

#include <string.h>

extern uint8_t *fake_ram;              /* the byte of physical address 0 */
extern unsigned fake_tlb_page_flushes; /* calls of arch_tlb_flush_page */
extern unsigned fake_tlb_user_flushes; /* calls of arch_tlb_flush_user */
extern unsigned fake_tlb_shootdowns;   /* calls of arch_tlb_shootdown */

static inline void *arch_window(paddr_t pa)
{
	return fake_ram + pa;
}

static inline paddr_t arch_window_pa(const void *p)
{
	return (paddr_t)((const uint8_t *)p - fake_ram);
}

static inline void arch_page_clear(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

static inline void arch_page_copy(void *to, const void *from)
{
	memcpy(to, from, PAGE_SIZE);
}

static inline void arch_tlb_flush_page(vaddr_t va)
{
	(void)va;
	fake_tlb_page_flushes++;
}

static inline void arch_tlb_flush_user(void)
{
	fake_tlb_user_flushes++;
}

#endif
