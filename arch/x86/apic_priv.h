/* Local APIC and I/O APIC (Intel SDM 3A, 10; 82093AA data sheet). */
#ifndef X86_APIC_PRIV_H
#define X86_APIC_PRIV_H

#include "acpi_priv.h"

/* The boot CPU.  => false: there is none that could be used. */
bool apic_init(struct acpi_madt *madt) must_check;
bool apic_in_use(void);   /* apic_init() was true */
void apic_cpu_init(void); /* each CPU, itself */

void apic_eoi(void);
void apic_send(uint32_t apic_id, uint32_t vector);
void apic_send_nmi(uint32_t apic_id);
void apic_send_init(uint32_t apic_id);
void apic_send_startup(uint32_t apic_id, paddr_t page);

/* Connect INTERRUPT (global system interrupt) to VECTOR on the CPU of APIC_ID. => false: no such pin. */
bool ioapic_connect(uint32_t interrupt, unsigned vector, bool active_low, bool level, uint32_t apic_id) must_check;

void apic_timer_free_run(void); /* count down from 2^32 - 1, silently */
uint32_t apic_timer_count(void);
void apic_timer_start(uint32_t count); /* this CPU: VECTOR_TIMER every COUNT bus cycles */

#endif
