/* The end of a run. */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

#include <arch/compiler.h>
#include <arch/io.h>

/* ACPI S5 (PM1 control registers from the FADT, SLP_TYP from the DSDT's _S5_ package).  Returns when that did not
   work. */
void arch_power_off(void);
/* ACPI reset register, the keyboard controller, then a triple fault. */
void arch_reset(void) noreturn_fn;
/* QEMU's isa-debug-exit at PORT: QEMU ends with status CODE << 1 | 1.  Returns where there is none. */
void arch_debug_exit(ioport_t port, uint8_t code);
/* Interrupts off, halted, for ever. */
void arch_halt(void) noreturn_fn;

#endif
