/* Page tables, the TLB, and the kernel's way to physical memory.  PTE encoding is in <arch/pte.h>. */
#ifndef ARCH_MMU_H
#define ARCH_MMU_H

#include <arch/compiler.h>
#include <arch/pte.h>
#include <arch/types.h>

/* These are inline and lie in <machine/mmu.h>:

   void *arch_window(paddr_t pa);          kernel pointer to RAM at PA, below DIRECT_MAX; valid while the caller
                                           owns a reference to the frame
   paddr_t arch_window_pa(const void *p);  the inverse
   void arch_page_clear(void *page);       4096 bytes, aligned
   void arch_page_copy(void *to, const void *from);
   void arch_tlb_flush_page(vaddr_t va);   this CPU only
   void arch_tlb_flush_user(void);         this CPU only, all user translations */
#include <machine/mmu.h>

/* Make user translations of [START, START + PAGES * PAGE_SIZE) unusable on every CPU of CPUS (bit n: CPU n; this CPU
   may be among them) before returning.  The caller has changed the entries already.  Interrupts may be on or off; the
   caller holds no spinlock that an interrupt handler takes. */
void arch_tlb_shootdown(uint32_t cpus, vaddr_t start, uint32_t pages);

/* Fill the kernel half of a new page directory (1024 entries at DIR); the user half is cleared. */
void arch_root_init(pte_t *dir);
/* The page directory of the kernel alone: what idle and kernel threads run on. */
paddr_t arch_kernel_root(void);
/* Load ROOT on this CPU, if it is not loaded already.  Interrupts disabled. */
void arch_root_load(paddr_t root);

/* The kernel window [WINDOW_START, WINDOW_END): page tables exist from boot on, so these never allocate.
   The caller owns the addresses. */
void arch_window_map(vaddr_t va, paddr_t pa);
/* Unmap PAGES pages at VA and make that known on every CPU.  Interrupts enabled or disabled; no spinlock held that
   an interrupt handler takes. */
void arch_window_unmap(vaddr_t va, uint32_t pages);
/* First address of the window that arch does not use for itself (temporary maps lie below). */
vaddr_t arch_window_free_start(void);

#endif
