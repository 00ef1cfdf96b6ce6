/* Pages and page tables as xv6's programs name them, and the registers that they read.  The machine is an x86: the bits
   of a page-table entry are RISC-V's, for programs that print them. */
#ifndef XV6_KERNEL_RISCV_H
#define XV6_KERNEL_RISCV_H

#ifndef __ASSEMBLER__
#include "kernel/types.h"

typedef uint64 pte_t;
typedef uint64 *pagetable_t;

/* The stack pointer. */
static inline uint64 r_sp(void)
{
	uint64 sp;

	__asm__ volatile("movl %%esp, %0" : "=r"(sp));
	return sp;
}

/* The frame pointer. */
static inline uint64 r_fp(void)
{
	return (uint64)__builtin_frame_address(0);
}

/* Cycles that have passed; the counter is the x86's. */
static inline uint64 r_time(void)
{
	uint64 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low;
}
#endif

#define PGSIZE 4096
#define PGSHIFT 12
#define SUPERPGSIZE (2 * (1 << 20))
#define SUPERPGROUNDUP(sz) (((sz) + SUPERPGSIZE - 1) & ~(SUPERPGSIZE - 1))

#define PGROUNDUP(sz) (((sz) + PGSIZE - 1) & ~(PGSIZE - 1))
#define PGROUNDDOWN(a) (((a)) & ~(PGSIZE - 1))

#define PTE_V (1L << 0)
#define PTE_R (1L << 1)
#define PTE_W (1L << 2)
#define PTE_X (1L << 3)
#define PTE_U (1L << 4)
#define PTE_A (1L << 6)
#define PTE_D (1L << 7)
#define PTE_FLAGS(pte) ((pte)&0x3FF)

/* The heap may grow to TRAPFRAME, two pages below: above lie 64 KiB of guard and 8 MiB of room for the stack. */
#define MAXVA 0x7f7f2000L

#endif
