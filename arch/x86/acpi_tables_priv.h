/* What the firmware's tables said. */
#ifndef X86_ACPI_TABLES_PRIV_H
#define X86_ACPI_TABLES_PRIV_H

#include "acpi_priv.h"

/* Constant after acpi_init(). */
struct acpi_facts {
	bool has_madt, has_fadt;
	struct acpi_madt madt;
	struct acpi_fadt fadt;
};
extern struct acpi_facts acpi_facts;

void acpi_init(void);
/* The numbers that power-off writes into the PM1 control registers. */
bool acpi_sleep_types(uint8_t *type_a, uint8_t *type_b) must_check;

#endif
