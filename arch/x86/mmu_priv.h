/* Paging inside arch/x86. */
#ifndef X86_MMU_PRIV_H
#define X86_MMU_PRIV_H

#include <arch/compiler.h>
#include <arch/types.h>

#define DEVICES_START 0xfc000000u /* physical = virtual from here on, uncached (docs/boot.md) */

/* Make the kernel's directory for RAM_END bytes of RAM and load it. */
void x86_paging_init(paddr_t ram_end);
/* This CPU loads the kernel's directory and switches global pages on. */
void x86_paging_enter(void);

/* tlb.c: make every CPU forget the translations of PAGES pages of the kernel window. */
void x86_window_flush(vaddr_t start, uint32_t pages);

/* A pointer to SIZE bytes of physical memory that the firmware wrote, wherever it lies; valid until the next call with
   the same SLOT.  NULL: too large, or not reachable.  Boot and panic only. */
#define MAP_SLOTS 2
#define MAP_SLOT_PAGES 128u
const void *x86_map_firmware(unsigned slot, uint64_t pa, uint32_t size);

#endif
