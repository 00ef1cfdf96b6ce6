/* Device interrupts, through the I/O APIC, or the PICs when there is none. */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

#include <arch/compiler.h>
#include <arch/types.h>

/* Call HANDLER(CTX) for each interrupt of LINE (ISA numbering 0..15, or the line that PCI configuration space names),
   on the boot CPU, interrupts disabled, end-of-interrupt done by arch.  LEVEL: level triggered, active low (PCI).
   Up to four handlers share a line.  The line is unmasked.  => false: no such line, or no place. */
bool arch_irq_attach(unsigned line, bool level, void (*handler)(void *), void *ctx) must_check;

#endif
