/* What the loader and the machine say at the start, and the one symbol that arch takes from above. */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

#include <arch/compiler.h>
#include <arch/types.h>

#define BOOT_MAX_RANGES 32
#define BOOT_CMDLINE_SIZE 4096 /* bytes with the NUL */

/* Frames [start, end) of usable RAM below DIRECT_MAX, outside the kernel image, the module and arch's own boot data. */
struct boot_range {
	pfn_t start, end;
};

struct boot_info {
	char cmdline[BOOT_CMDLINE_SIZE];
	struct boot_range ram[BOOT_MAX_RANGES]; /* ascending, not overlapping */
	unsigned nram;
	pfn_t max_pfn;         /* one above the highest frame in ram[] */
	uint64_t ram_unused;   /* bytes of RAM that lie above DIRECT_MAX */
	paddr_t module;        /* first multiboot module, page aligned, in the direct map; */
	uint32_t module_size;  /* bytes; 0: none */
	uint32_t image_bytes;  /* RAM taken by the kernel image and arch's boot data */
	uint64_t entry_cycles; /* TSC at the first instruction of boot.S */
};

/* Called once on the boot CPU's first stack, interrupts disabled, paging on, exceptions and cpu_id() working, no
   timer, no other CPU; kernel_hooks may be empty.  Defined by the topmost floor (sys/main.c).  INFO stays valid. */
void kernel_main(const struct boot_info *info) noreturn_fn;

/* Second step, called by kernel_main when hooks are set and log output works: ACPI tables, APICs or PICs, clock
   calibration (at most 1 ms). */
void arch_late_init(void);

/* The embedded symbol table (lib/symtab.h), empty in the first link pass. */
struct symtab;
extern const struct symtab kernel_symtab;
/* Kernel text, for backtraces: [start, end). */
extern const char kernel_text_start[], kernel_text_end[];

#endif
