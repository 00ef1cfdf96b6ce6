/* What the loader hands over (Multiboot Specification 0.6.96, 3.3). */
#ifndef X86_MULTIBOOT_PRIV_H
#define X86_MULTIBOOT_PRIV_H

#include <stdint.h>

#define MULTIBOOT_LOADED 0x2badb002u /* EAX at entry (3.2) */

enum { MULTIBOOT_MEMORY = 1u << 0, MULTIBOOT_CMDLINE = 1u << 2, MULTIBOOT_MODULES = 1u << 3, MULTIBOOT_MMAP = 1u << 6 };

struct multiboot_info {
	uint32_t flags;
	uint32_t mem_lower, mem_upper; /* KiB below 1 MiB and from there to the first hole */
	uint32_t boot_device;
	uint32_t cmdline;
	uint32_t mods_count, mods_addr;
	uint32_t syms[4];
	uint32_t mmap_length, mmap_addr;
};

struct multiboot_module {
	uint32_t start, end; /* physical, END past the last byte */
	uint32_t string;
	uint32_t reserved;
};

#endif
