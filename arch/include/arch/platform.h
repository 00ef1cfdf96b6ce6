/* The devices that every machine of this kind has at fixed places, and PCI configuration space. */
#ifndef ARCH_PLATFORM_H
#define ARCH_PLATFORM_H

#include <arch/io.h>
#include <arch/types.h>

struct platform_device {
	ioport_t base;    /* first port */
	ioport_t control; /* second port range, 0: none */
	unsigned irq;     /* line for arch_irq_attach */
};

struct platform {
	struct platform_device uart;     /* 16550 */
	struct platform_device keyboard; /* 8042: base data, control command/status */
	struct platform_device ide[2];   /* legacy channels: base task file, control device control/alternate status */
	struct platform_device vga_crtc; /* index/data pair of the CRT controller, colour */
	void *vga_text;                  /* 80 x 25 cells of character, attribute */
};
extern const struct platform platform;

/* PCI configuration mechanism #1 (PCI 3.0, 3.2.2.3.2).  BDF: bus << 8 | device << 3 | function.  OFFSET: multiple of
   4. */
uint32_t arch_pci_read(uint16_t bdf, unsigned offset);
void arch_pci_write(uint16_t bdf, unsigned offset, uint32_t value);

#endif
