/* PCI configuration: find a function, and what it says (PCI Local Bus 3.0, chapter 6). */
#ifndef DEV_PCI_H
#define DEV_PCI_H

#include <arch/io.h>
#include <arch/types.h>

struct pci_function {
	uint16_t bdf; /* bus << 8 | device << 3 | function */
	uint16_t vendor, device;
	uint8_t class_code, subclass, interface;
	uint8_t irq_line; /* as the firmware routed it; 0xff: nowhere */
};

/* The N-th function (from 0) of that class and subclass, on all buses that bridges lead to. => false: there is none. */
bool pci_find_class(uint8_t class_code, uint8_t subclass, unsigned n, struct pci_function *out);
/* I/O base address register BAR (0 .. 5). => its first port; 0: memory, or not set. */
ioport_t pci_io_base(const struct pci_function *f, unsigned bar);
/* Let it decode ports and be master of the bus. */
void pci_enable_master(const struct pci_function *f);

#endif
