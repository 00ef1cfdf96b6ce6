/* Finding ACPI's tables in memory.  Only what is needed to start is read at boot; the DSDT is mapped, summed and
   searched when the power is to go off, for it is long. */
#include "acpi_tables_priv.h"

#include "mmu_priv.h"

#include <arch/mmu.h>

#define EBDA_POINTER 0x40eu /* segment of the extended BIOS data area */
#define EBDA_BYTES 1024u
#define BIOS_START 0xe0000u
#define BIOS_END 0x100000u
#define RSDP_ALIGN 16u
#define ROOT_ENTRIES_MAX 64u

struct acpi_facts acpi_facts; /* constant after acpi_init */

static bool rsdp_search(paddr_t start, paddr_t end, struct acpi_root *out)
{
	for (paddr_t pa = start; pa + ACPI_RSDP_BYTES <= end; pa += RSDP_ALIGN) {
		const uint8_t *p = arch_window(pa);

		if (p[0] == 'R' && acpi_rsdp_parse(p, end - pa, out))
			return true;
	}
	return false;
}

/* ACPI 5.2.5.1. */
static bool rsdp_find(struct acpi_root *out)
{
	paddr_t ebda = (paddr_t) * (const volatile uint16_t *)arch_window(EBDA_POINTER) << 4;

	if (ebda >= 0x80000 && ebda <= 0xa0000 - EBDA_BYTES && rsdp_search(ebda, ebda + EBDA_BYTES, out))
		return true;
	return rsdp_search(BIOS_START, BIOS_END, out);
}

/* Slot 0 holds the root table, slot 1 the one that is looked at. */
enum { SLOT_ROOT, SLOT_TABLE };

/* => the table at PA, wholly mapped; NULL. */
static const void *table_map(unsigned slot, uint64_t pa, uint32_t *length)
{
	const void *header = x86_map_firmware(slot, pa, ACPI_HEADER_BYTES);

	*length = header ? acpi_table_length(header, ACPI_HEADER_BYTES) : 0;
	return *length ? x86_map_firmware(slot, pa, *length) : NULL;
}

static void table_look(uint64_t pa)
{
	uint32_t length;
	const void *table = table_map(SLOT_TABLE, pa, &length);

	if (!table)
		return;
	if (!acpi_facts.has_madt)
		acpi_facts.has_madt = acpi_madt_parse(table, length, &acpi_facts.madt);
	if (!acpi_facts.has_fadt)
		acpi_facts.has_fadt = acpi_fadt_parse(table, length, &acpi_facts.fadt);
}

static bool root_walk(uint64_t pa, const char *signature)
{
	uint32_t length;
	const void *root = table_map(SLOT_ROOT, pa, &length);

	if (!root || !acpi_table_valid(root, length, signature))
		return false;
	for (unsigned i = 0; i < ROOT_ENTRIES_MAX; i++) {
		uint64_t entry = acpi_root_entry(root, length, i);

		if (entry)
			table_look(entry);
	}
	return true;
}

void acpi_init(void)
{
	struct acpi_root root;

	if (!rsdp_find(&root))
		return;
	if (root.xsdt && root_walk(root.xsdt, "XSDT"))
		return;
	(void)root_walk(root.rsdt, "RSDT");
}

bool acpi_sleep_types(uint8_t *type_a, uint8_t *type_b)
{
	uint32_t length;
	const void *dsdt;

	if (!acpi_facts.has_fadt || !acpi_facts.fadt.dsdt)
		return false;
	dsdt = table_map(SLOT_TABLE, acpi_facts.fadt.dsdt, &length);
	return dsdt && acpi_s5_find(dsdt, length, type_a, type_b);
}
