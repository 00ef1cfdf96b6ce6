/* The few facts that are taken from ACPI's tables (ACPI Specification 6.4), by pure functions that believe nothing: a
   table is so many bytes, and nothing beyond them is read.  tests/unit/test_x86_acpi.c feeds them good, cut and garbled
   ones. */
#ifndef X86_ACPI_PRIV_H
#define X86_ACPI_PRIV_H

#include <arch/compiler.h>
#include <arch/types.h>

#define ACPI_HEADER_BYTES 36u /* of every table but the RSDP */
#define ACPI_RSDP_BYTES 20u   /* of its first, checksummed part */
#define ACPI_RSDP2_BYTES 36u

struct acpi_root {
	uint32_t rsdt;
	uint64_t xsdt; /* 0: none */
};
/* RSDP: HAVE bytes at P (5.2.5.3). => whether they are one; its length is checked too when it has an extended part. */
bool acpi_rsdp_parse(const void *p, size_t have, struct acpi_root *out) must_check;

/* The length a table's header claims; 0: HAVE is less than a header, or the claim is less. */
uint32_t acpi_table_length(const void *table, size_t have);
/* => whether HAVE bytes hold a whole table of this SIGNATURE (NULL: any) with a good checksum (5.2.6). */
bool acpi_table_valid(const void *table, size_t have, const char *signature) must_check;

/* Entry I of an RSDT or XSDT that is valid: the address of a table; 0: no such entry. */
uint64_t acpi_root_entry(const void *table, size_t have, unsigned i);

#define ACPI_MAX_IOAPICS 4
#define ACPI_ISA_LINES 16

struct acpi_ioapic {
	uint32_t address;
	uint32_t first; /* global system interrupt of its pin 0 */
};
struct acpi_override {
	uint32_t interrupt; /* global system interrupt */
	bool active_low, level;
};
struct acpi_madt {
	uint32_t local_apic;
	unsigned ncpus; /* enabled ones, at most ARCH_MAX_CPUS are kept */
	uint8_t apic_id[ARCH_MAX_CPUS];
	unsigned cpus_ignored;
	unsigned nioapics;
	struct acpi_ioapic ioapic[ACPI_MAX_IOAPICS];
	struct acpi_override isa[ACPI_ISA_LINES]; /* what the ISA line is connected to */
};
/* 5.2.12.  => false: not a valid MADT. */
bool acpi_madt_parse(const void *table, size_t have, struct acpi_madt *out) must_check;

struct acpi_fadt {
	uint32_t dsdt;
	uint16_t pm1a_control, pm1b_control; /* ports; 0: none */
	uint16_t smi_command;                /* port; 0: ACPI mode is always on */
	uint8_t acpi_enable;
	uint16_t pm_timer; /* port; 0: none */
	uint8_t century;   /* index in the RTC's RAM; 0: none */
	uint16_t reset_port;
	uint8_t reset_value;
	bool can_reset;
};
/* 5.2.9.  => false: not a valid FADT. */
bool acpi_fadt_parse(const void *table, size_t have, struct acpi_fadt *out) must_check;

/* SLP_TYPa and SLP_TYPb of the package that the DSDT names _S5_ (7.4.2, 20.2).  => false: not found. */
bool acpi_s5_find(const void *dsdt, size_t have, uint8_t *type_a, uint8_t *type_b) must_check;

#endif
