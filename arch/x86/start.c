/* From boot.S to kernel_main, and the second step that kernel_main asks for.
   While the boot directory is loaded, all memory below DIRECT_MAX can be read at KERNBASE + pa, so what the loader left
   is read before anything is decided about memory; afterwards nothing of it is needed. */
#include <arch/boot.h>

#include "acpi_tables_priv.h"
#include "apic_priv.h"
#include "clock_priv.h"
#include "cpu_priv.h"
#include "irq_priv.h"
#include "memmap_priv.h"
#include "mmu_priv.h"
#include "multiboot_priv.h"
#include "trap_priv.h"

#include <arch/hooks.h>
#include <arch/io.h>
#include <arch/mmu.h>
#include <arch/platform.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <arch/time.h>

#define KIB 1024u
#define MIB (1024u * KIB)
#define MMAP_BYTES_MAX (64 * KIB)

static struct boot_info boot_info; /* constant after x86_start */

extern const char kernel_end[];
void x86_start(uint32_t magic, paddr_t info_pa, uint64_t entry_cycles) noreturn_fn; /* boot.S calls it */

/* SIZE bytes that the loader left at PA, or NULL. */
static const void *loader_data(paddr_t pa, uint32_t size)
{
	return size <= DIRECT_MAX && pa <= DIRECT_MAX - size ? arch_window(pa) : NULL;
}

static void cmdline_copy(const struct multiboot_info *mb)
{
	const char *from = (mb->flags & MULTIBOOT_CMDLINE) ? loader_data(mb->cmdline, BOOT_CMDLINE_SIZE) : NULL;
	unsigned n = 0;

	if (from)
		for (; n < BOOT_CMDLINE_SIZE - 1 && from[n]; n++)
			boot_info.cmdline[n] = from[n];
	boot_info.cmdline[n] = '\0';
}

static void module_take(const struct multiboot_info *mb)
{
	const struct multiboot_module *mod = NULL;

	if ((mb->flags & MULTIBOOT_MODULES) && mb->mods_count > 0)
		mod = loader_data(mb->mods_addr, sizeof *mod);
	if (!mod || mod->end <= mod->start || mod->end > DIRECT_MAX || !page_aligned(mod->start))
		return;
	boot_info.module = mod->start;
	boot_info.module_size = mod->end - mod->start;
}

static void ram_find(const struct multiboot_info *mb, struct memmap *m)
{
	const void *entries = NULL;

	if ((mb->flags & MULTIBOOT_MMAP) && mb->mmap_length <= MMAP_BYTES_MAX)
		entries = loader_data(mb->mmap_addr, mb->mmap_length);
	if (entries) {
		boot_info.ram_unused = memmap_from_multiboot(m, entries, mb->mmap_length, DIRECT_MAX);
	} else if (mb->flags & MULTIBOOT_MEMORY) {
		memmap_add(m, 0, (uint64_t)mb->mem_lower * KIB, DIRECT_MAX);
		memmap_add(m, MIB, MIB + (uint64_t)mb->mem_upper * KIB, DIRECT_MAX);
	}
	memmap_remove(m, 640 * KIB, MIB); /* video memory and firmware, whatever the map says */
}

static void ram_reserve(struct memmap *m)
{
	uint32_t image_end = (uint32_t)kernel_end - KERNBASE;

	memmap_remove(m, 0, LOW_RESERVED);
	memmap_remove(m, MIB, image_end);
	memmap_remove(m, boot_info.module, boot_info.module + boot_info.module_size);
	boot_info.image_bytes = image_end - MIB + LOW_RESERVED;
}

static void ram_tell(const struct memmap *m)
{
	for (unsigned i = 0; i < m->n; i++)
		boot_info.ram[i] = m->r[i];
	boot_info.nram = m->n;
	boot_info.max_pfn = memmap_end(m);
}

/* CPUID.01H:EDX (Intel SDM 2A, CPUID) */
enum { CPUID_SEP = 1u << 11, CPUID_SSE = 1u << 25 };

static uint32_t features; /* constant after x86_features_init */

uint32_t cpu_features(void)
{
	return features;
}

static uint32_t cpuid_features(void)
{
	uint32_t a = 1, b, c = 0, d;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return d;
}

/* Native FPU errors and traps at the first use (Intel SDM 3A, 2.5 and 9.2.1); no alignment checks for programs that set
   AC; no SYSENTER: with MSR SYSENTER_CS 0 it is a general protection fault (Intel SDM 2B, SYSENTER). */
void x86_features_init(void)
{
	features = cpuid_features();
	x86_cr0_write((x86_cr0_read() & ~(uint32_t)(CR0_EM | CR0_AM)) | CR0_MP | CR0_NE | CR0_WP | CR0_TS);
	x86_cr4_write(x86_cr4_read() | CR4_OSFXSR | (features & CPUID_SSE ? CR4_OSXMMEXCPT : 0));
	if (features & CPUID_SEP)
		x86_msr_write(MSR_SYSENTER_CS, 0);
}

void x86_start(uint32_t magic, paddr_t info_pa, uint64_t entry_cycles)
{
	const struct multiboot_info *mb = loader_data(info_pa, sizeof *mb);
	struct memmap m = {.n = 0};

	boot_info.entry_cycles = entry_cycles;
	clock_start(entry_cycles);
	x86_idt_init();
	x86_segments_init(0);
	if (magic != MULTIBOOT_LOADED || !mb)
		x86_early_stop("not loaded by a Multiboot loader");
	cmdline_copy(mb);
	module_take(mb);
	ram_find(mb, &m);
	x86_paging_init(memmap_end(&m) << PAGE_SHIFT);
	x86_features_init();
	ram_reserve(&m);
	if (m.n == 0)
		x86_early_stop("the loader names no memory");
	ram_tell(&m);
	kernel_main(&boot_info);
}

void arch_late_init(void)
{
	acpi_init();
	irq_init();
	clock_calibrate();
	if (kernel_hooks.log)
		kernel_hooks.log("x86: %s, %u CPU%s found, TSC %u.%03u MHz", apic_in_use() ? "I/O APIC" : "8259 PICs",
		                 arch_cpus_found(), arch_cpus_found() == 1 ? "" : "s", (unsigned)arch_tsc_khz() / 1000,
		                 (unsigned)arch_tsc_khz() % 1000);
	if (kernel_hooks.log && acpi_facts.madt.cpus_ignored > 0)
		kernel_hooks.log("x86: %u more CPUs stay unused", acpi_facts.madt.cpus_ignored);
}

#define UART_LINE_STATUS 5
#define UART_CAN_SEND 0x20
#define UART_PATIENCE 100000u

static void early_put(char c)
{
	for (unsigned i = 0; i < UART_PATIENCE; i++)
		if (io_read8(platform.uart.base + UART_LINE_STATUS) & UART_CAN_SEND)
			break;
	io_write8(platform.uart.base, (uint8_t)c);
}

void x86_early_stop(const char *why)
{
	for (const char *p = "x86: "; *p; p++)
		early_put(*p);
	for (; *why; why++)
		early_put(*why);
	early_put('\n');
	arch_halt();
}

void x86_panic(const struct trapframe *tf, const char *fmt, ...)
{
	__builtin_va_list ap;

	if (!kernel_hooks.panic)
		x86_early_stop(fmt);
	__builtin_va_start(ap, fmt);
	kernel_hooks.panic(tf, fmt, ap);
}
