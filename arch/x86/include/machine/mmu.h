/* Inline half of <arch/mmu.h>: the direct map is one addition, a page is 1024 words. */
#ifndef MACHINE_MMU_H
#define MACHINE_MMU_H

static inline void *arch_window(paddr_t pa)
{
	return (void *)(KERNBASE + pa);
}

static inline paddr_t arch_window_pa(const void *p)
{
	return (paddr_t)p - KERNBASE;
}

static inline void arch_page_clear(void *page)
{
	uint32_t words = PAGE_SIZE / 4;

	__asm__ volatile("rep stosl" : "+D"(page), "+c"(words) : "a"(0) : "memory");
}

static inline void arch_page_copy(void *to, const void *from)
{
	uint32_t words = PAGE_SIZE / 4;

	__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

static inline void arch_tlb_flush_page(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

/* A load of CR3 keeps global translations, and only the kernel's are global (Intel SDM 3A, 4.10.4.1). */
static inline void arch_tlb_flush_user(void)
{
	uint32_t root;

	__asm__ volatile("mov %%cr3, %0\n\tmov %0, %%cr3" : "=r"(root) : : "memory");
}

#endif
