/* ACPI tables: made here by hand from the specification; then cut at every length, and garbled at every byte with the
   checksum made good again.  A table always lies at the end of its allocation, so that a read beyond is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "acpi_priv.h"

#include <stdlib.h>
#include <string.h>

#define MAX 512

struct table {
	uint8_t b[MAX];
	size_t n;
};

static void put(struct table *t, uint64_t v, unsigned bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		t->b[t->n++] = (uint8_t)v;
}

static void put_bytes(struct table *t, const void *p, size_t n)
{
	memcpy(t->b + t->n, p, n);
	t->n += n;
}

static void begin(struct table *t, const char *signature)
{
	memset(t, 0, sizeof *t);
	memcpy(t->b, signature, 4);
	t->n = ACPI_HEADER_BYTES;
}

static void sum_up(uint8_t *p, size_t n, size_t at)
{
	uint8_t sum = 0;

	p[at] = 0;
	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + p[i]);
	p[at] = (uint8_t)-sum;
}

static void finish(struct table *t)
{
	size_t n = t->n;

	t->n = 4;
	put(t, n, 4);
	t->n = n;
	sum_up(t->b, n, 9);
}

/* A copy of the first N bytes, with nothing behind. */
static uint8_t *exact(const struct table *t, size_t n)
{
	uint8_t *p = malloc(n ? n : 1);

	memcpy(p, t->b, n);
	return p;
}

static void madt_cpu(struct table *t, uint8_t id, uint32_t flags)
{
	put(t, 0, 1);
	put(t, 8, 1);
	put(t, id, 1);
	put(t, id, 1);
	put(t, flags, 4);
}

static void madt_override(struct table *t, uint8_t line, uint32_t gsi, uint16_t flags)
{
	put(t, 2, 1);
	put(t, 10, 1);
	put(t, 0, 1);
	put(t, line, 1);
	put(t, gsi, 4);
	put(t, flags, 2);
}

static struct table madt_of(unsigned cpus)
{
	struct table t;

	begin(&t, "APIC");
	put(&t, 0xfee00000, 4);
	put(&t, 1, 4);
	for (unsigned i = 0; i < cpus; i++)
		madt_cpu(&t, (uint8_t)(2 * i), 1);
	madt_cpu(&t, 0x77, 0);
	put(&t, 0x0c01, 2); /* I/O APIC, 12 bytes */
	put(&t, 0, 2);
	put(&t, 0xfec00000, 4);
	put(&t, 0, 4);
	madt_override(&t, 0, 2, 0);
	madt_override(&t, 9, 9, 0xd);
	madt_override(&t, 10, 20, 0xf);
	put(&t, 0x0604, 2); /* local APIC NMI: not of interest */
	put(&t, 0x010000ff, 4);
	finish(&t);
	return t;
}

static void a_madt_names_cpus_io_apics_and_overrides(void **state)
{
	struct table t = madt_of(3);
	struct acpi_madt m;

	(void)state;
	assert_true(acpi_madt_parse(t.b, t.n, &m));
	assert_int_equal(m.local_apic, 0xfee00000);
	assert_int_equal(m.ncpus, 3);
	assert_int_equal(m.apic_id[2], 4);
	assert_int_equal(m.cpus_ignored, 0);
	assert_int_equal(m.nioapics, 1);
	assert_int_equal(m.ioapic[0].address, 0xfec00000);
	assert_int_equal(m.isa[0].interrupt, 2);
	assert_false(m.isa[0].level || m.isa[0].active_low);
	assert_int_equal(m.isa[1].interrupt, 1);
	assert_true(m.isa[9].level && !m.isa[9].active_low);
	assert_true(m.isa[10].level && m.isa[10].active_low && m.isa[10].interrupt == 20);
}

static void cpus_beyond_the_most_are_counted_not_kept(void **state)
{
	struct table t = madt_of(ARCH_MAX_CPUS + 4);
	struct acpi_madt m;

	(void)state;
	assert_true(acpi_madt_parse(t.b, t.n, &m));
	assert_int_equal(m.ncpus, ARCH_MAX_CPUS);
	assert_int_equal(m.cpus_ignored, 4);
}

static void a_madt_is_refused_when_cut_or_of_another_name_or_sum(void **state)
{
	struct table t = madt_of(2);
	struct acpi_madt m;

	(void)state;
	for (size_t n = 0; n < t.n; n++) {
		uint8_t *p = exact(&t, n);

		assert_false(acpi_madt_parse(p, n, &m));
		free(p);
	}
	t.b[50] ^= 1;
	assert_false(acpi_madt_parse(t.b, t.n, &m));
	t = madt_of(2);
	t.b[0] = 'X';
	sum_up(t.b, t.n, 9);
	assert_false(acpi_madt_parse(t.b, t.n, &m));
}

static void assert_madt_sane(const uint8_t *p, size_t n)
{
	struct acpi_madt m;

	if (!acpi_madt_parse(p, n, &m))
		return;
	assert_in_range(m.ncpus, 0, ARCH_MAX_CPUS);
	assert_in_range(m.nioapics, 0, ACPI_MAX_IOAPICS);
}

static void a_garbled_madt_is_read_within_its_bytes(void **state)
{
	static const uint8_t values[] = {0, 1, 2, 7, 8, 0x7f, 0x80, 0xff};
	struct table good = madt_of(ARCH_MAX_CPUS);

	(void)state;
	for (size_t at = 0; at < good.n; at++)
		for (unsigned v = 0; v < sizeof values; v++) {
			uint8_t *p = exact(&good, good.n);

			p[at] = values[v];
			sum_up(p, good.n, at == 9 ? 10 : 9);
			assert_madt_sane(p, good.n);
			free(p);
		}
}

static void a_madt_that_claims_a_shorter_length_is_read_that_far(void **state)
{
	struct table good = madt_of(2);

	(void)state;
	for (size_t n = 0; n < good.n; n++) {
		uint8_t *p = exact(&good, n < 8 ? 8 : n);

		p[4] = (uint8_t)n;
		p[5] = (uint8_t)(n >> 8);
		if (n > 9)
			sum_up(p, n, 9);
		assert_madt_sane(p, n < 8 ? 8 : n);
		free(p);
	}
}

static void an_rsdp_is_known_by_name_and_sum(void **state)
{
	uint8_t p[36] = "RSD PTR ";
	struct acpi_root root;

	(void)state;
	memcpy(p + 16, "\x00\x10\xfe\x1f", 4);
	sum_up(p, 20, 8);
	assert_true(acpi_rsdp_parse(p, 20, &root));
	assert_int_equal(root.rsdt, 0x1ffe1000);
	assert_int_equal(root.xsdt, 0);
	assert_false(acpi_rsdp_parse(p, 19, &root));
	p[9] ^= 1;
	assert_false(acpi_rsdp_parse(p, 20, &root));
	p[9] ^= 1;
	p[7] = 'x';
	sum_up(p, 20, 8);
	assert_false(acpi_rsdp_parse(p, 20, &root));
}

static void an_xsdt_counts_only_with_the_second_sum(void **state)
{
	uint8_t p[36] = "RSD PTR ";
	struct acpi_root root;

	(void)state;
	p[15] = 2;
	p[20] = 36;
	p[24] = 0x40;
	p[28] = 1;
	sum_up(p, 20, 8);
	sum_up(p, 36, 32);
	assert_true(acpi_rsdp_parse(p, 36, &root));
	assert_true(root.xsdt == 0x100000040);
	assert_true(acpi_rsdp_parse(p, 35, &root));
	assert_true(root.xsdt == 0);
	p[33] ^= 1;
	assert_true(acpi_rsdp_parse(p, 36, &root));
	assert_true(root.xsdt == 0);
}

static void an_rsdp_of_the_first_revision_has_no_xsdt(void **state)
{
	uint8_t p[36] = "RSD PTR ";
	struct acpi_root root;

	(void)state;
	p[20] = 36; /* whatever follows it in memory */
	p[24] = 0x40;
	sum_up(p, 20, 8);
	sum_up(p, 36, 32);
	assert_true(acpi_rsdp_parse(p, 36, &root));
	assert_true(root.xsdt == 0);
}

static void a_table_shorter_than_its_header_is_none(void **state)
{
	struct table t;

	(void)state;
	begin(&t, "SSDT");
	t.b[4] = ACPI_HEADER_BYTES - 1;
	sum_up(t.b, ACPI_HEADER_BYTES - 1, 9);
	assert_int_equal(acpi_table_length(t.b, ACPI_HEADER_BYTES), 0);
	assert_false(acpi_table_valid(t.b, ACPI_HEADER_BYTES, "SSDT"));
	t.b[4] = ACPI_HEADER_BYTES;
	sum_up(t.b, ACPI_HEADER_BYTES, 9);
	assert_true(acpi_table_valid(t.b, ACPI_HEADER_BYTES, "SSDT"));
	assert_true(acpi_table_valid(t.b, ACPI_HEADER_BYTES, NULL));
}

static void root_entries_end_with_the_table(void **state)
{
	struct table t;

	(void)state;
	begin(&t, "RSDT");
	put(&t, 0x11111111, 4);
	put(&t, 0x22222222, 4);
	put(&t, 0x33, 3); /* half an entry */
	finish(&t);
	assert_true(acpi_table_valid(t.b, t.n, "RSDT"));
	assert_true(acpi_root_entry(t.b, t.n, 1) == 0x22222222);
	assert_true(acpi_root_entry(t.b, t.n, 2) == 0);
	assert_true(acpi_root_entry(t.b, t.n, UINT32_MAX / 4) == 0);
	begin(&t, "XSDT");
	put(&t, 0x4444444411111111, 8);
	finish(&t);
	assert_true(acpi_root_entry(t.b, t.n, 0) == 0x4444444411111111);
	assert_true(acpi_root_entry(t.b, t.n, 1) == 0);
}

static struct table fadt_of(size_t size)
{
	struct table t;

	begin(&t, "FACP");
	t.b[40] = 0x40; /* DSDT */
	t.b[48] = 0xb2;
	t.b[52] = 0xf1;
	t.b[64] = 0x04; /* PM1a control 0x604 */
	t.b[65] = 0x06;
	t.b[76] = 0x08; /* PM timer 0x608 */
	t.b[77] = 0x06;
	t.b[91] = 4;
	t.b[108] = 0x32;
	t.b[113] = 4; /* reset register supported */
	t.b[116] = 1;
	t.b[117] = 8;
	t.b[120] = 0xf9;
	t.b[121] = 0x0c;
	t.b[128] = 6;
	t.n = size;
	finish(&t);
	return t;
}

static void a_fadt_gives_the_power_registers(void **state)
{
	struct table t = fadt_of(244);
	struct acpi_fadt f;

	(void)state;
	assert_true(acpi_fadt_parse(t.b, t.n, &f));
	assert_int_equal(f.dsdt, 0x40);
	assert_int_equal(f.pm1a_control, 0x604);
	assert_int_equal(f.pm1b_control, 0);
	assert_int_equal(f.pm_timer, 0x608);
	assert_int_equal(f.smi_command, 0xb2);
	assert_int_equal(f.acpi_enable, 0xf1);
	assert_int_equal(f.century, 0x32);
	assert_true(f.can_reset);
	assert_int_equal(f.reset_port, 0xcf9);
	assert_int_equal(f.reset_value, 6);
}

static void an_old_fadt_has_no_reset_register(void **state)
{
	struct table t = fadt_of(116);
	struct acpi_fadt f;

	(void)state;
	assert_true(acpi_fadt_parse(t.b, t.n, &f));
	assert_false(f.can_reset);
	for (size_t n = ACPI_HEADER_BYTES; n < 116; n++) {
		uint8_t *p;

		t = fadt_of(n);
		p = exact(&t, n);
		assert_false(acpi_fadt_parse(p, n, &f));
		free(p);
	}
}

static struct table dsdt_of(const void *aml, size_t n)
{
	struct table t;

	begin(&t, "DSDT");
	put_bytes(&t, aml, n);
	finish(&t);
	return t;
}
#define DSDT(aml) dsdt_of(aml, sizeof(aml) - 1)

static bool s5(const struct table *t, uint8_t *a, uint8_t *b)
{
	uint8_t *p = exact(t, t->n);
	bool found = acpi_s5_find(p, t->n, a, b);

	free(p);
	return found;
}

static void s5_is_found_in_the_forms_that_compilers_write(void **state)
{
	uint8_t a, b;
	struct table t = DSDT("xx\x08_S5_\x12\x06\x04\x00\x00\x00\x00");

	(void)state;
	assert_true(s5(&t, &a, &b) && a == 0 && b == 0);
	t = DSDT("\x08_S5_\x12\x0a\x04\x0a\x05\x0a\x06\x0a\x00\x0a\x00");
	assert_true(s5(&t, &a, &b) && a == 5 && b == 6);
	t = DSDT("\x08\\_S5_\x12\x08\x04\x01\x0a\x07\x00\x00");
	assert_true(s5(&t, &a, &b) && a == 1 && b == 7);
	t = DSDT("\x08_S5_\x12\x4a\x00\x04\x0b\x03\x00\x0b\x02\x00"); /* length of two bytes, words */
	assert_true(s5(&t, &a, &b) && a == 3 && b == 2);
}

static void other_uses_of_the_name_are_passed_over(void **state)
{
	uint8_t a, b;
	struct table t =
		DSDT("\x10_S5_\x12\x06\x04\x01\x01..\x08_S5_\x12\x06\x04\x05\x05\x08_S5_\x12\x08\x04\x0a\x02\x0a\x03");

	(void)state;
	assert_true(s5(&t, &a, &b) && a == 2 && b == 3);
	t = DSDT("_S5_\x12\x06\x04\x01\x01");
	assert_false(s5(&t, &a, &b));
	t = DSDT("no such name");
	assert_false(s5(&t, &a, &b));
}

static void a_dsdt_cut_anywhere_is_read_within_its_bytes(void **state)
{
	static const char aml[] = "\x08_S5_\x12\x4a\x00\x04\x0b\x03\x00\x0b\x02\x00";
	uint8_t a, b;

	(void)state;
	for (size_t n = 0; n < sizeof aml - 1; n++) {
		struct table t = dsdt_of(aml, n);

		assert_int_equal(s5(&t, &a, &b), n >= 12);
	}
	for (unsigned v = 0; v < 256; v++)
		for (size_t at = 5; at < sizeof aml - 1; at++) {
			struct table t = DSDT("\x08_S5_\x12\x4a\x00\x04\x0b\x03\x00\x0b\x02\x00");

			t.b[ACPI_HEADER_BYTES + at] = (uint8_t)v;
			finish(&t);
			(void)s5(&t, &a, &b);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_madt_names_cpus_io_apics_and_overrides),
		cmocka_unit_test(cpus_beyond_the_most_are_counted_not_kept),
		cmocka_unit_test(a_madt_is_refused_when_cut_or_of_another_name_or_sum),
		cmocka_unit_test(a_garbled_madt_is_read_within_its_bytes),
		cmocka_unit_test(a_madt_that_claims_a_shorter_length_is_read_that_far),
		cmocka_unit_test(an_rsdp_is_known_by_name_and_sum),
		cmocka_unit_test(an_xsdt_counts_only_with_the_second_sum),
		cmocka_unit_test(an_rsdp_of_the_first_revision_has_no_xsdt),
		cmocka_unit_test(a_table_shorter_than_its_header_is_none),
		cmocka_unit_test(root_entries_end_with_the_table),
		cmocka_unit_test(a_fadt_gives_the_power_registers),
		cmocka_unit_test(an_old_fadt_has_no_reset_register),
		cmocka_unit_test(s5_is_found_in_the_forms_that_compilers_write),
		cmocka_unit_test(other_uses_of_the_name_are_passed_over),
		cmocka_unit_test(a_dsdt_cut_anywhere_is_read_within_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
