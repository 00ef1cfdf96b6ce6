/* The kernel half of every page directory.  It is made once, at boot, and no entry of it ever changes:

   KERNBASE ..          RAM, by global 4 MiB pages; the first 4 MiB, where the kernel image is, by a page table, so that
                        text and read-only data are write-protected (CR0.WP) and the boot stack has a guard page
   WINDOW_START ..      16 page tables, whose entries do change
   DEVICES_START ..     the local APIC, I/O APIC and firmware at their own addresses, uncached

   So a new directory copies 512 entries and needs no list of directories to update.  A recursive mapping of the page
   tables was not taken: RAM is mapped, so a table is reached by adding KERNBASE. */
#include "mmu_priv.h"

#include "cpu_priv.h"

#include <arch/boot.h>
#include <arch/mmu.h>

#define LARGE (X86_PTE_P | X86_PTE_W | X86_PTE_PS | X86_PTE_G)
#define SMALL (X86_PTE_P | X86_PTE_W | X86_PTE_G)
#define UNCACHED (X86_PTE_PCD | X86_PTE_PWT)
#define WINDOW_TABLES ((WINDOW_END - WINDOW_START) / PT_SPAN)
#define VGA_START 0xa0000u
#define VGA_END 0xc0000u

/* Constant after x86_paging_init, but for the window's entries, which belong to who owns the addresses. */
static pte_t kernel_root[PT_ENTRIES] aligned_to(PAGE_SIZE);
static pte_t image_table[PT_ENTRIES] aligned_to(PAGE_SIZE);
static pte_t window_tables[WINDOW_TABLES * PT_ENTRIES] aligned_to(PAGE_SIZE);
paddr_t x86_kernel_root_pa; /* for ap_start.S */

extern const char kernel_rodata_end[], boot_guard[];

static uint32_t pa_of(const void *p)
{
	return (uint32_t)p - KERNBASE;
}

static pte_t image_entry(paddr_t pa)
{
	uint32_t flags = SMALL;

	if (pa >= pa_of(kernel_text_start) && pa < pa_of(kernel_rodata_end))
		flags &= ~(uint32_t)X86_PTE_W;
	if (pa >= VGA_START && pa < VGA_END)
		flags |= UNCACHED;
	if (pa == pa_of(boot_guard))
		return pte_none();
	return (pte_t){pa | flags};
}

void x86_paging_init(paddr_t ram_end)
{
	unsigned base = pt_dir_index(KERNBASE), window = pt_dir_index(WINDOW_START);

	for (unsigned i = 0; i < PT_ENTRIES; i++)
		image_table[i] = image_entry(i * PAGE_SIZE);
	kernel_root[base].raw = pa_of(image_table) | X86_PTE_P | X86_PTE_W;
	for (uint32_t pa = PT_SPAN; pa < ram_end; pa += PT_SPAN)
		kernel_root[base + pt_dir_index(pa)].raw = pa | LARGE;
	for (unsigned i = 0; i < WINDOW_TABLES; i++)
		kernel_root[window + i].raw = (pa_of(window_tables) + i * PAGE_SIZE) | X86_PTE_P | X86_PTE_W;
	for (unsigned i = pt_dir_index(DEVICES_START); i < PT_ENTRIES; i++)
		kernel_root[i].raw = i * PT_SPAN | LARGE | UNCACHED;
	x86_kernel_root_pa = pa_of(kernel_root);
	x86_paging_enter();
}

/* In this order: the boot directory's writable translations are not global, so the load of CR3 forgets them. */
void x86_paging_enter(void)
{
	x86_cr3_write(x86_kernel_root_pa);
	x86_cr4_write(x86_cr4_read() | CR4_PGE);
}

paddr_t arch_kernel_root(void)
{
	return pa_of(kernel_root);
}

void arch_root_init(pte_t *dir)
{
	const pte_t *from = kernel_root + PT_USER_DIR_ENTRIES;
	uint32_t words = PT_USER_DIR_ENTRIES;

	__asm__ volatile("rep stosl" : "+D"(dir), "+c"(words) : "a"(0) : "memory");
	words = PT_ENTRIES - PT_USER_DIR_ENTRIES;
	__asm__ volatile("rep movsl" : "+D"(dir), "+S"(from), "+c"(words) : : "memory");
}

void arch_root_load(paddr_t root)
{
	x86_cr3_write(root);
}

static pte_t *window_slot(vaddr_t va)
{
	return &window_tables[(va - WINDOW_START) >> PAGE_SHIFT];
}

void arch_window_map(vaddr_t va, paddr_t pa)
{
	pte_write(window_slot(va), (pte_t){page_floor(pa) | SMALL});
}

void arch_window_unmap(vaddr_t va, uint32_t pages)
{
	for (uint32_t i = 0; i < pages; i++)
		pte_write(window_slot(va + i * PAGE_SIZE), pte_none());
	x86_window_flush(va, pages);
}

vaddr_t arch_window_free_start(void)
{
	return WINDOW_START + MAP_SLOTS * MAP_SLOT_PAGES * PAGE_SIZE;
}

/* Through the window always: tables may lie above the direct map, or in a hole of it that has no mapping.  Only this
   CPU flushes: nobody else reads through these addresses. */
const void *x86_map_firmware(unsigned slot, uint64_t pa, uint32_t size)
{
	uint32_t offset = (uint32_t)pa & PAGE_MASK;
	vaddr_t va = WINDOW_START + slot * MAP_SLOT_PAGES * PAGE_SIZE;

	if (size == 0 || size > MAP_SLOT_PAGES * PAGE_SIZE - offset || pa > UINT32_MAX - size)
		return NULL;
	for (uint32_t at = 0; at < offset + size; at += PAGE_SIZE) {
		arch_window_map(va + at, page_floor((paddr_t)pa) + at);
		arch_tlb_flush_page(va + at);
	}
	return (const void *)(va + offset);
}
