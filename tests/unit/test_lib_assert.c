/* lib/assert.h: a panic reaches the hook with its text, and a true assertion reaches nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/assert.h>
#include <stdio.h>
#include <string.h>

static jmp_buf panicked;
static char text[200];

static void noreturn_fn panic_records(const struct trapframe *tf, const char *fmt, va_list ap)
{
	assert_null(tf);
	vsnprintf(text, sizeof text, fmt, ap);
	longjmp(panicked, 1);
}

static int set_up(void **state)
{
	(void)state;
	text[0] = '\0';
	kernel_hooks.panic = panic_records;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kernel_hooks.panic = NULL;
	return 0;
}

static void a_panic_hands_its_text_to_the_hook(void **state)
{
	(void)state;
	if (setjmp(panicked) == 0)
		panic("frame %x has %d owners", 0x5000u, -1);
	assert_string_equal(text, "frame 5000 has -1 owners");
}

static void a_failed_assertion_names_its_place_and_its_condition(void **state)
{
	volatile int refs = 0;

	(void)state;
	if (setjmp(panicked) == 0)
		KASSERT(refs > 0);
	assert_non_null(strstr(text, "test_lib_assert.c:"));
	assert_non_null(strstr(text, "refs > 0"));
}

static void a_true_assertion_passes(void **state)
{
	volatile int refs = 1;

	(void)state;
	if (setjmp(panicked) == 0)
		KASSERT(refs > 0);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_panic_hands_its_text_to_the_hook, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_assertion_names_its_place_and_its_condition, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_true_assertion_passes, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
