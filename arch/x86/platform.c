/* Devices at fixed places of every PC, and PCI configuration space. */
#include <arch/platform.h>

#include <arch/cpu.h>
#include <arch/types.h>

const struct platform platform = {
	.uart = {.base = 0x3f8, .irq = 4},
	.keyboard = {.base = 0x60, .control = 0x64, .irq = 1},
	.ide = {{.base = 0x1f0, .control = 0x3f6, .irq = 14}, {.base = 0x170, .control = 0x376, .irq = 15}},
	.vga_crtc = {.base = 0x3d4, .control = 0x3d5},
	.vga_text = (void *)(KERNBASE + 0xb8000),
};

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_ENABLE 0x80000000u

/* The two accesses belong together: other CPUs are kept out by a flag of one word, for arch/ has no locks below it. */
static uint32_t pci_busy; /* atomic */

static uint32_t pci_begin(uint16_t bdf, unsigned offset)
{
	uint32_t saved = irq_save();

	while (__atomic_exchange_n(&pci_busy, 1, __ATOMIC_ACQUIRE))
		arch_spin_poll();
	io_write32(PCI_ADDRESS, PCI_ENABLE | (uint32_t)bdf << 8 | (offset & 0xfc));
	return saved;
}

static void pci_end(uint32_t saved)
{
	__atomic_store_n(&pci_busy, 0, __ATOMIC_RELEASE);
	irq_restore(saved);
}

uint32_t arch_pci_read(uint16_t bdf, unsigned offset)
{
	uint32_t saved = pci_begin(bdf, offset), value = io_read32(PCI_DATA);

	pci_end(saved);
	return value;
}

void arch_pci_write(uint16_t bdf, unsigned offset, uint32_t value)
{
	uint32_t saved = pci_begin(bdf, offset);

	io_write32(PCI_DATA, value);
	pci_end(saved);
}
