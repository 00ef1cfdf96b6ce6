/* The words of page tables (machine/pte.h) against Intel SDM 3A, tables 4-4 to 4-6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arch/pte.h>

#define P 0x001u
#define W 0x002u
#define U 0x004u
#define A 0x020u
#define D 0x040u
#define G 0x100u

static const paddr_t frames[] = {0, 0x1000, 0x00400000, 0x12345000, 0x6ffff000, 0xfffff000};

static void an_address_splits_into_two_indices_of_ten_bits(void **state)
{
	(void)state;
	assert_int_equal(pt_dir_index(0), 0);
	assert_int_equal(pt_dir_index(PT_SPAN - 1), 0);
	assert_int_equal(pt_dir_index(PT_SPAN), 1);
	assert_int_equal(pt_dir_index(USER_TOP - 1), PT_USER_DIR_ENTRIES - 1);
	assert_int_equal(pt_dir_index(USER_TOP), PT_USER_DIR_ENTRIES);
	assert_int_equal(pt_dir_index(UINT32_MAX), PT_ENTRIES - 1);
	assert_int_equal(pt_table_index(0x1000), 1);
	assert_int_equal(pt_table_index(PT_SPAN - 1), PT_ENTRIES - 1);
	assert_int_equal(pt_table_index(PT_SPAN), 0);
	for (uint64_t va = 0; va <= UINT32_MAX; va += 0x123457)
		assert_int_equal(pt_dir_index((vaddr_t)va) * PT_SPAN + pt_table_index((vaddr_t)va) * PAGE_SIZE,
		                 page_floor((vaddr_t)va));
}

static void an_empty_entry_is_absent_and_grants_nothing(void **state)
{
	pte_t e = pte_none();

	(void)state;
	assert_int_equal(e.raw, 0);
	assert_false(pte_present(e));
	assert_false(pte_writable(e));
}

static void a_user_page_has_the_bits_of_the_manual(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		assert_int_equal(pte_user(frames[i], false).raw, frames[i] | P | U);
		assert_int_equal(pte_user(frames[i], true).raw, frames[i] | P | W | U);
		assert_int_equal(pte_table(frames[i], false).raw, frames[i] | P | U);
		assert_int_equal(pte_table(frames[i], true).raw, frames[i] | P | W | U);
	}
}

/* All combinations of the low twelve bits. */
static void each_question_reads_its_bit_and_each_change_touches_its_bit_alone(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof frames / sizeof frames[0]; i++)
		for (uint32_t flags = 0; flags <= PAGE_MASK; flags++) {
			pte_t e = {frames[i] | flags};

			assert_int_equal(pte_present(e), !!(flags & P));
			assert_int_equal(pte_writable(e), !!(flags & W));
			assert_int_equal(pte_accessed(e), !!(flags & A));
			assert_int_equal(pte_dirty(e), !!(flags & D));
			assert_int_equal(pte_frame(e), frames[i]);
			assert_int_equal(pte_write_protect(e).raw, e.raw & ~W);
			assert_int_equal(pte_make_writable(e).raw, e.raw | W);
		}
}

static void a_user_translation_is_never_global(void **state)
{
	(void)state;
	assert_false(pte_user(0x1000, true).raw & G);
	assert_false(pte_table(0x1000, true).raw & G);
}

static void a_slot_gives_back_what_was_written(void **state)
{
	pte_t slot = pte_none(), old;

	(void)state;
	pte_write(&slot, pte_user(0x5000, true));
	assert_int_equal(pte_read(&slot).raw, 0x5000 | P | W | U);
	slot.raw |= D | A; /* as the processor does */
	old = pte_exchange(&slot, pte_none());
	assert_true(pte_dirty(old));
	assert_true(pte_accessed(old));
	assert_int_equal(pte_frame(old), 0x5000);
	assert_false(pte_present(pte_read(&slot)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_splits_into_two_indices_of_ten_bits),
		cmocka_unit_test(an_empty_entry_is_absent_and_grants_nothing),
		cmocka_unit_test(a_user_page_has_the_bits_of_the_manual),
		cmocka_unit_test(each_question_reads_its_bit_and_each_change_touches_its_bit_alone),
		cmocka_unit_test(a_user_translation_is_never_global),
		cmocka_unit_test(a_slot_gives_back_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
