/* kern/sigset.h: sets and what a process must act on; proc_wait_matches: whom waitpid waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kern/proc.h>
#include <kern/sigset.h>

static void every_signal_has_a_bit_of_its_own(void **state)
{
	(void)state;
	for (int s = 1; s <= ABI_NSIG; s++) {
		uint32_t set[SIGSET_WORDS] = {0};

		sigset_add(set, s);
		for (int t = 1; t <= ABI_NSIG; t++)
			assert_int_equal(sigset_has(set, t), s == t);
		sigset_remove(set, s);
		assert_int_equal(set[0] | set[1], 0);
	}
	assert_false(signal_valid(0));
	assert_true(signal_valid(1));
	assert_true(signal_valid(ABI_NSIG));
	assert_false(signal_valid(ABI_NSIG + 1));
	assert_false(signal_valid(-1));
}

static void the_lowest_unblocked_is_delivered_first(void **state)
{
	uint32_t pending[SIGSET_WORDS] = {0}, blocked[SIGSET_WORDS] = {0};

	(void)state;
	assert_int_equal(sigset_deliverable(pending, blocked), 0);
	sigset_add(pending, 40);
	assert_int_equal(sigset_deliverable(pending, blocked), 40);
	sigset_add(pending, SIGTERM);
	assert_int_equal(sigset_deliverable(pending, blocked), SIGTERM);
	sigset_add(blocked, SIGTERM);
	assert_int_equal(sigset_deliverable(pending, blocked), 40);
	sigset_add(blocked, 40);
	assert_int_equal(sigset_deliverable(pending, blocked), 0);
}

static void kill_comes_first_and_cannot_be_blocked(void **state)
{
	uint32_t pending[SIGSET_WORDS] = {0}, blocked[SIGSET_WORDS] = {0};
	const uint32_t all[SIGSET_WORDS] = {UINT32_MAX, UINT32_MAX};

	(void)state;
	assert_true(sigset_change(blocked, SIG_SETMASK, all));
	assert_false(sigset_has(blocked, SIGKILL));
	assert_false(sigset_has(blocked, SIGSTOP));
	sigset_remove(blocked, SIGINT);
	sigset_add(pending, SIGINT);
	assert_int_equal(sigset_deliverable(pending, blocked), SIGINT);
	sigset_add(pending, SIGKILL);
	assert_int_equal(sigset_deliverable(pending, blocked), SIGKILL);
}

static void masks_change_as_asked_and_a_wrong_how_changes_nothing(void **state)
{
	uint32_t set[SIGSET_WORDS] = {0x0f, 0xf0};
	const uint32_t arg[SIGSET_WORDS] = {0x11, 0x11};

	(void)state;
	assert_false(sigset_change(set, 3, arg));
	assert_int_equal(set[0], 0x0f);
	assert_true(sigset_change(set, SIG_BLOCK, arg));
	assert_int_equal(set[0], 0x1f);
	assert_int_equal(set[1], 0xf1);
	assert_true(sigset_change(set, SIG_UNBLOCK, arg));
	assert_int_equal(set[0], 0x0e);
	assert_int_equal(set[1], 0xe0);
	assert_true(sigset_change(set, SIG_SETMASK, arg));
	assert_int_equal(set[0], 0x11);
}

static void only_harmless_signals_and_stops_are_ignored_by_default(void **state)
{
	static const int ignored[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(ignored); i++)
		assert_true(signal_default_ignores(ignored[i]));
	for (int s = 1; s <= ABI_NSIG; s++)
		n += signal_default_ignores(s);
	assert_int_equal(n, ARRAY_SIZE(ignored));
}

static void waitpid_waits_for_whom_posix_says(void **state)
{
	(void)state;
	/* want, child, its group, our group */
	assert_true(proc_wait_matches(7, 7, 3, 3));
	assert_false(proc_wait_matches(7, 8, 7, 7));
	assert_true(proc_wait_matches(-1, 8, 9, 10));
	assert_true(proc_wait_matches(0, 8, 3, 3));
	assert_false(proc_wait_matches(0, 8, 4, 3));
	assert_true(proc_wait_matches(-4, 8, 4, 3));
	assert_false(proc_wait_matches(-4, 4, 3, 3));
	assert_false(proc_wait_matches(INT32_MIN, 4, 3, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_signal_has_a_bit_of_its_own),
		cmocka_unit_test(the_lowest_unblocked_is_delivered_first),
		cmocka_unit_test(kill_comes_first_and_cannot_be_blocked),
		cmocka_unit_test(masks_change_as_asked_and_a_wrong_how_changes_nothing),
		cmocka_unit_test(only_harmless_signals_and_stops_are_ignored_by_default),
		cmocka_unit_test(waitpid_waits_for_whom_posix_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
