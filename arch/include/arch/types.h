/* Addresses of the machine and the sizes of its pages.  An address is a number, not a pointer: physical memory is
   reached through arch_window() (arch/mmu.h), user memory through arch/uaccess.h. */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t vaddr_t; /* virtual address */
typedef uint32_t paddr_t; /* physical address */
typedef uint32_t pfn_t;   /* page frame number: paddr / PAGE_SIZE */

/* An address that came from a program, unchecked.  A type of its own, so that nobody dereferences it. */
typedef struct {
	vaddr_t va;
} user_ptr_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096u
#define PAGE_MASK 4095u /* the offset bits */

/* The address map (docs/boot.md). */
#define USER_TOP 0x80000000u     /* user addresses are below */
#define KERNBASE 0x80000000u     /* direct map of RAM: KERNBASE + pa */
#define WINDOW_START 0xF0000000u /* kernel window: stacks, temporary maps */
#define WINDOW_END 0xF4000000u
#define DIRECT_MAX (WINDOW_START - KERNBASE) /* bytes of RAM the kernel uses at most */

#define ARCH_MAX_CPUS 8

static inline vaddr_t page_floor(vaddr_t a)
{
	return a & ~PAGE_MASK;
}
/* A must be at most 2^32 - PAGE_SIZE. */
static inline vaddr_t page_ceil(vaddr_t a)
{
	return (a + PAGE_MASK) & ~PAGE_MASK;
}
static inline bool page_aligned(vaddr_t a)
{
	return (a & PAGE_MASK) == 0;
}

#endif
