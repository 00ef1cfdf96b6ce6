/* Reading ACPI's tables.  Fields are fetched by offset, one by one, and only if the table is long enough to have them;
   the offsets are those of the specification's tables.
   AML is not interpreted: the two numbers needed from the DSDT stand in a package of constants that is found by its
   name.  An interpreter is larger than this kernel, and what it could add (a _S5 that is computed) was not met. */
#include "acpi_priv.h"

static uint32_t u32_at(const uint8_t *p, size_t offset)
{
	return p[offset] | (uint32_t)p[offset + 1] << 8 | (uint32_t)p[offset + 2] << 16 | (uint32_t)p[offset + 3] << 24;
}

static uint16_t u16_at(const uint8_t *p, size_t offset)
{
	return (uint16_t)(p[offset] | p[offset + 1] << 8);
}

static bool checksum_good(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	while (n-- > 0)
		sum = (uint8_t)(sum + *p++);
	return sum == 0;
}

static bool equal(const uint8_t *p, const char *name, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (p[i] != (uint8_t)name[i])
			return false;
	return true;
}

/* Table 5.3: signature 8, checksum, OEM id 6, revision (15), RSDT (16), length (20), XSDT (24), extended checksum. */
bool acpi_rsdp_parse(const void *rsdp, size_t have, struct acpi_root *out)
{
	const uint8_t *p = rsdp;

	if (have < ACPI_RSDP_BYTES || !equal(p, "RSD PTR ", 8) || !checksum_good(p, ACPI_RSDP_BYTES))
		return false;
	out->rsdt = u32_at(p, 16);
	out->xsdt = 0;
	if (p[15] >= 2 && have >= ACPI_RSDP2_BYTES && u32_at(p, 20) == ACPI_RSDP2_BYTES &&
	    checksum_good(p, ACPI_RSDP2_BYTES))
		out->xsdt = (uint64_t)u32_at(p, 28) << 32 | u32_at(p, 24);
	return true;
}

/* Table 5.4: signature 4, length (4), revision, checksum, OEM fields. */
uint32_t acpi_table_length(const void *table, size_t have)
{
	uint32_t length = have < ACPI_HEADER_BYTES ? 0 : u32_at(table, 4);

	return length < ACPI_HEADER_BYTES ? 0 : length;
}

bool acpi_table_valid(const void *table, size_t have, const char *signature)
{
	uint32_t length = acpi_table_length(table, have);

	if (length == 0 || length > have)
		return false;
	return (!signature || equal(table, signature, 4)) && checksum_good(table, length);
}

uint64_t acpi_root_entry(const void *table, size_t have, unsigned i)
{
	const uint8_t *p = table;
	uint32_t length = acpi_table_length(table, have);
	bool wide = have >= 4 && equal(p, "XSDT", 4);
	uint32_t size = wide ? 8 : 4;

	if (length > have || length < ACPI_HEADER_BYTES || i >= (length - ACPI_HEADER_BYTES) / size)
		return 0;
	p += ACPI_HEADER_BYTES + i * size;
	return wide ? (uint64_t)u32_at(p, 4) << 32 | u32_at(p, 0) : u32_at(p, 0);
}

/* Interrupt controller structures (5.2.12, table 5.21). */
enum { MADT_LOCAL_APIC = 0, MADT_IO_APIC = 1, MADT_OVERRIDE = 2 };
#define MADT_FIXED_BYTES 44u
#define MADT_CPU_ENABLED 1u

static void madt_cpu(struct acpi_madt *m, const uint8_t *p)
{
	if (!(u32_at(p, 4) & MADT_CPU_ENABLED))
		return;
	if (m->ncpus < ARCH_MAX_CPUS)
		m->apic_id[m->ncpus++] = p[3];
	else
		m->cpus_ignored++;
}

static void madt_ioapic(struct acpi_madt *m, const uint8_t *p)
{
	if (m->nioapics < ACPI_MAX_IOAPICS)
		m->ioapic[m->nioapics++] = (struct acpi_ioapic){u32_at(p, 4), u32_at(p, 8)};
}

/* Flags as in the MP specification 1.4, table 4-10: bits 0-1 polarity, 2-3 trigger; 0: as the bus has it, 1: high or
   edge, 3: low or level. */
static void madt_override(struct acpi_madt *m, const uint8_t *p)
{
	uint16_t flags = u16_at(p, 8);

	if (p[2] != 0 || p[3] >= ACPI_ISA_LINES)
		return;
	m->isa[p[3]] = (struct acpi_override){u32_at(p, 4), (flags & 3) == 3, (flags >> 2 & 3) == 3};
}

bool acpi_madt_parse(const void *table, size_t have, struct acpi_madt *out)
{
	const uint8_t *p = table;
	uint32_t length, at;

	if (!acpi_table_valid(table, have, "APIC") || acpi_table_length(table, have) < MADT_FIXED_BYTES)
		return false;
	*out = (struct acpi_madt){.local_apic = u32_at(p, 36)};
	for (unsigned i = 0; i < ACPI_ISA_LINES; i++)
		out->isa[i].interrupt = i;
	length = acpi_table_length(table, have);
	for (at = MADT_FIXED_BYTES; at + 2 <= length; at += p[at + 1]) {
		uint8_t size = p[at + 1];

		if (size < 2 || size > length - at)
			break;
		if (p[at] == MADT_LOCAL_APIC && size >= 8)
			madt_cpu(out, p + at);
		else if (p[at] == MADT_IO_APIC && size >= 12)
			madt_ioapic(out, p + at);
		else if (p[at] == MADT_OVERRIDE && size >= 10)
			madt_override(out, p + at);
	}
	return true;
}

/* Offsets of table 5.9. */
enum {
	FADT_DSDT = 40,
	FADT_SMI_CMD = 48,
	FADT_ACPI_ENABLE = 52,
	FADT_PM1A_CNT = 64,
	FADT_PM1B_CNT = 68,
	FADT_PM_TMR = 76,
	FADT_PM_TMR_LEN = 91,
	FADT_CENTURY = 108,
	FADT_FLAGS = 112,
	FADT_RESET_REG = 116,
	FADT_RESET_VALUE = 128,
};
#define FADT_REV1_BYTES 116u
#define FADT_RESET_BYTES 129u
#define FADT_RESET_SUPPORTED (1u << 10)
#define ADDRESS_SPACE_IO 1 /* generic address structure, table 5.1 */

/* The reset register counts only as one port of the I/O space. */
static void fadt_reset(struct acpi_fadt *f, const uint8_t *p)
{
	uint32_t port = u32_at(p, FADT_RESET_REG + 4);

	if (!(u32_at(p, FADT_FLAGS) & FADT_RESET_SUPPORTED) || p[FADT_RESET_REG] != ADDRESS_SPACE_IO || port == 0 ||
	    port > UINT16_MAX || u32_at(p, FADT_RESET_REG + 8) != 0)
		return;
	f->can_reset = true;
	f->reset_port = (uint16_t)port;
	f->reset_value = p[FADT_RESET_VALUE];
}

bool acpi_fadt_parse(const void *table, size_t have, struct acpi_fadt *out)
{
	const uint8_t *p = table;

	if (!acpi_table_valid(table, have, "FACP") || acpi_table_length(table, have) < FADT_REV1_BYTES)
		return false;
	*out = (struct acpi_fadt){
		.dsdt = u32_at(p, FADT_DSDT),
		.pm1a_control = u16_at(p, FADT_PM1A_CNT),
		.pm1b_control = u16_at(p, FADT_PM1B_CNT),
		.smi_command = u16_at(p, FADT_SMI_CMD),
		.acpi_enable = p[FADT_ACPI_ENABLE],
		.pm_timer = p[FADT_PM_TMR_LEN] == 4 ? u16_at(p, FADT_PM_TMR) : 0,
		.century = p[FADT_CENTURY],
	};
	if (acpi_table_length(table, have) >= FADT_RESET_BYTES)
		fadt_reset(out, p);
	return true;
}

/* AML opcodes (20.2). */
enum {
	AML_ZERO = 0x00,
	AML_ONE = 0x01,
	AML_NAME = 0x08,
	AML_BYTE = 0x0a,
	AML_WORD = 0x0b,
	AML_PACKAGE = 0x12,
	AML_ROOT = '\\'
};

/* One small constant at *AT; *AT moves behind it. */
static bool aml_constant(const uint8_t *p, size_t end, size_t *at, uint8_t *out)
{
	size_t size = 1;

	if (*at >= end)
		return false;
	switch (p[*at]) {
	case AML_ZERO:
	case AML_ONE: *out = p[*at]; break;
	case AML_BYTE:
	case AML_WORD:
		size = p[*at] == AML_BYTE ? 2 : 3;
		if (end - *at < size)
			return false;
		*out = p[*at + 1];
		break;
	default: return false;
	}
	*at += size;
	return true;
}

/* "_S5_" is at NAME: NameOp before it, maybe with the root's backslash; a package of two constants or more behind. */
static bool s5_package(const uint8_t *p, size_t end, size_t name, uint8_t *type_a, uint8_t *type_b)
{
	size_t at = name + 4, op = name - 1;

	if (name > 1 && p[op] == AML_ROOT)
		op--;
	if (p[op] != AML_NAME || at >= end || p[at] != AML_PACKAGE || ++at >= end)
		return false;
	at += 1 + (p[at] >> 6); /* PkgLength: one byte, and as many more as its two highest bits say (20.2.4) */
	at++;                   /* number of elements */
	if (!aml_constant(p, end, &at, type_a))
		return false;
	if (!aml_constant(p, end, &at, type_b))
		*type_b = *type_a;
	return true;
}

bool acpi_s5_find(const void *dsdt, size_t have, uint8_t *type_a, uint8_t *type_b)
{
	const uint8_t *p = dsdt;
	uint32_t length;

	if (!acpi_table_valid(dsdt, have, "DSDT"))
		return false;
	length = acpi_table_length(dsdt, have);
	for (size_t at = ACPI_HEADER_BYTES + 1; at + 4 <= length; at++)
		if (p[at] == '_' && equal(p + at, "_S5_", 4) && s5_package(p, length, at, type_a, type_b))
			return true;
	return false;
}
