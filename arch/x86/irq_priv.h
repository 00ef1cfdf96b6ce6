/* Device interrupts inside arch/x86. */
#ifndef X86_IRQ_PRIV_H
#define X86_IRQ_PRIV_H

#include <stdbool.h>

void irq_init(void); /* after acpi_init(); boot CPU */
/* The line's interrupts call hooks.timer, which wants to know what was interrupted. */
void irq_attach_tick(unsigned line);

#endif
