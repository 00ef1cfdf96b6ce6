/* Power-off, reset, halt. */
#include <arch/power.h>

#include "acpi_tables_priv.h"

#include <arch/cpu.h>
#include <arch/platform.h>
#include <arch/time.h>

/* PM1 control register (ACPI 4.8.3.2.1). */
#define PM1_SCI_ENABLED 1u
#define PM1_SLEEP_TYPE_SHIFT 10
#define PM1_SLEEP_TYPE_MASK (7u << PM1_SLEEP_TYPE_SHIFT)
#define PM1_SLEEP_ENABLE (1u << 13)
#define ACPI_ENABLE_LIMIT_US 10000u
#define POWER_OFF_LIMIT_US 100000u
#define DELAY_US 100u

/* 8042 data sheet: pulse output line 0, which is the processor's reset. */
#define KBC_INPUT_FULL 0x02
#define KBC_PULSE_RESET 0xfe
#define KBC_PATIENCE 100000u

/* ACPI 4.8.2.1: the firmware gives the registers to the operating system. */
static void acpi_mode_enter(const struct acpi_fadt *f)
{
	if (!f->smi_command || !f->acpi_enable || (io_read16(f->pm1a_control) & PM1_SCI_ENABLED))
		return;
	io_write8(f->smi_command, f->acpi_enable);
	for (uint32_t us = 0; us < ACPI_ENABLE_LIMIT_US && !(io_read16(f->pm1a_control) & PM1_SCI_ENABLED);
	     us += DELAY_US)
		arch_delay_us(DELAY_US);
}

/* Type first, then type and enable (ACPI 7.4.2). */
static void sleep_enter(uint16_t port, uint8_t type)
{
	uint16_t v;

	if (!port)
		return;
	v = (uint16_t)((io_read16(port) & ~(PM1_SLEEP_TYPE_MASK | PM1_SLEEP_ENABLE)) | (type & 7u)
	                                                                                       << PM1_SLEEP_TYPE_SHIFT);
	io_write16(port, v);
	io_write16(port, (uint16_t)(v | PM1_SLEEP_ENABLE));
}

void arch_power_off(void)
{
	const struct acpi_fadt *f = &acpi_facts.fadt;
	uint8_t type_a, type_b;

	if (!acpi_sleep_types(&type_a, &type_b) || !f->pm1a_control)
		return;
	acpi_mode_enter(f);
	sleep_enter(f->pm1a_control, type_a);
	sleep_enter(f->pm1b_control, type_b);
	arch_delay_us(POWER_OFF_LIMIT_US);
}

static void keyboard_reset(void)
{
	for (unsigned i = 0; i < KBC_PATIENCE && (io_read8(platform.keyboard.control) & KBC_INPUT_FULL); i++)
		;
	io_write8(platform.keyboard.control, KBC_PULSE_RESET);
}

/* An exception without an IDT, then without a double fault (Intel SDM 3A, 6.15). */
static void triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint32_t base;
	} packed_struct none = {0, 0};

	__asm__ volatile("lidt %0\n\tint3" : : "m"(none));
}

void arch_reset(void)
{
	irq_disable();
	if (acpi_facts.has_fadt && acpi_facts.fadt.can_reset) {
		io_write8(acpi_facts.fadt.reset_port, acpi_facts.fadt.reset_value);
		arch_delay_us(POWER_OFF_LIMIT_US);
	}
	keyboard_reset();
	arch_delay_us(POWER_OFF_LIMIT_US);
	triple_fault();
	arch_halt();
}

void arch_debug_exit(ioport_t port, uint8_t code)
{
	io_write8(port, code);
}

void arch_halt(void)
{
	for (;;)
		__asm__ volatile("cli\n\thlt" ::: "memory");
}
