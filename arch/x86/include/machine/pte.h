/* The words of x86 page tables (Intel SDM 3A, 4.3, tables 4-3 to 4-6: 32-bit paging).  Plain C, so that unit tests of
   the build machine build real tables with it.
   A user page's translation is never global; A and D are set by the processor. */
#ifndef MACHINE_PTE_H
#define MACHINE_PTE_H

#include <arch/types.h>

typedef struct {
	uint32_t raw;
} pte_t;

enum {
	X86_PTE_P = 1u << 0,
	X86_PTE_W = 1u << 1,
	X86_PTE_U = 1u << 2,
	X86_PTE_PWT = 1u << 3,
	X86_PTE_PCD = 1u << 4,
	X86_PTE_A = 1u << 5,
	X86_PTE_D = 1u << 6,
	X86_PTE_PS = 1u << 7, /* in a directory entry: maps 4 MiB itself */
	X86_PTE_G = 1u << 8,
	X86_PTE_FLAGS = 0xfff,
};

static inline unsigned pt_dir_index(vaddr_t va)
{
	return va >> 22;
}

static inline unsigned pt_table_index(vaddr_t va)
{
	return (va >> PAGE_SHIFT) & 1023;
}

static inline pte_t pte_none(void)
{
	return (pte_t){0};
}

static inline pte_t pte_user(paddr_t pa, bool writable)
{
	return (pte_t){pa | X86_PTE_P | X86_PTE_U | (writable ? (uint32_t)X86_PTE_W : 0)};
}

static inline pte_t pte_table(paddr_t pa, bool writable)
{
	return pte_user(pa, writable);
}

static inline bool pte_present(pte_t e)
{
	return e.raw & X86_PTE_P;
}

static inline bool pte_is_none(pte_t e)
{
	return e.raw == 0;
}

/* With P clear the processor looks at no other bit; U then says that the rest is still a page's. */
static inline bool pte_hidden(pte_t e)
{
	return (e.raw & (X86_PTE_P | X86_PTE_U)) == X86_PTE_U;
}

static inline pte_t pte_hide(pte_t e)
{
	return (pte_t){e.raw & ~(uint32_t)(X86_PTE_P | X86_PTE_W)};
}

static inline pte_t pte_show(pte_t e)
{
	return (pte_t){e.raw | X86_PTE_P};
}

static inline bool pte_writable(pte_t e)
{
	return e.raw & X86_PTE_W;
}

static inline bool pte_dirty(pte_t e)
{
	return e.raw & X86_PTE_D;
}

static inline bool pte_accessed(pte_t e)
{
	return e.raw & X86_PTE_A;
}

static inline paddr_t pte_frame(pte_t e)
{
	return e.raw & ~(uint32_t)X86_PTE_FLAGS;
}

static inline pte_t pte_write_protect(pte_t e)
{
	return (pte_t){e.raw & ~(uint32_t)X86_PTE_W};
}

static inline pte_t pte_make_writable(pte_t e)
{
	return (pte_t){e.raw | X86_PTE_W};
}

/* Volatile: the processor, and other CPUs, read and write the word too. */
static inline pte_t pte_read(const pte_t *slot)
{
	return (pte_t){*(const volatile uint32_t *)&slot->raw};
}

static inline void pte_write(pte_t *slot, pte_t e)
{
	*(volatile uint32_t *)&slot->raw = e.raw;
}

static inline pte_t pte_exchange(pte_t *slot, pte_t e)
{
	return (pte_t){__atomic_exchange_n(&slot->raw, e.raw, __ATOMIC_SEQ_CST)};
}

#endif
