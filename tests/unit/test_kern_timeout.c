/* kern/timeout.h: order, ties, cancelling before, while and after a function runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arch/cpu.h>
#include <kern/timeout.h>
#include <string.h>

#include "test_lib_random.h"

#define MANY 300

static uint64_t now;

uint64_t arch_time_ns(void)
{
	return now;
}

static char fired[64]; /* the letters of the timeouts that fired, in order */

static void note(void *arg)
{
	size_t n = strlen(fired);

	assert_true(n + 1 < sizeof fired);
	fired[n] = *(const char *)arg;
	fired[n + 1] = '\0';
}

static void tick(uint64_t at)
{
	now = at;
	fake_irq_on = false;
	timeout_tick();
	fake_irq_on = true;
}

static int setup(void **state)
{
	(void)state;
	fired[0] = '\0';
	now = 0;
	fake_irq_on = true;
	fake_relax = NULL;
	return 0;
}

static void they_fire_in_the_order_of_their_deadlines(void **state)
{
	struct timeout a, b, c;

	(void)state;
	timeout_init(&a, note, "a");
	timeout_init(&b, note, "b");
	timeout_init(&c, note, "c");
	timeout_start(&b, 20);
	timeout_start(&c, 30);
	timeout_start(&a, 10);
	tick(9);
	assert_string_equal(fired, "");
	tick(20);
	assert_string_equal(fired, "ab");
	tick(1000);
	assert_string_equal(fired, "abc");
	tick(2000);
	assert_string_equal(fired, "abc");
}

static void equal_deadlines_fire_in_the_order_of_their_start(void **state)
{
	static char names[] = "abcdefgh";
	struct timeout t[8];

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		timeout_init(&t[i], note, &names[i]);
		timeout_start(&t[i], 5);
	}
	tick(5);
	assert_string_equal(fired, names);
}

static void a_cancelled_one_never_fires(void **state)
{
	struct timeout a, b;

	(void)state;
	timeout_init(&a, note, "a");
	timeout_init(&b, note, "b");
	timeout_start(&a, 1);
	timeout_start(&b, 2);
	assert_true(timeout_cancel(&a));
	assert_false(timeout_cancel(&a));
	tick(10);
	assert_string_equal(fired, "b");
	assert_false(timeout_cancel(&b));
}

static struct timeout again;

static void start_again(void *arg)
{
	note(arg);
	if (strlen(fired) < 3)
		timeout_start(&again, now + 10);
}

static void a_function_may_start_its_timeout_again(void **state)
{
	(void)state;
	timeout_init(&again, start_again, "x");
	timeout_start(&again, 10);
	tick(10);
	assert_string_equal(fired, "x");
	assert_true(timeout_cancel(&again));
	timeout_start(&again, 15);
	tick(15);
	tick(25);
	assert_string_equal(fired, "xxx");
	assert_false(timeout_cancel(&again));
}

static void a_deadline_in_the_past_fires_at_the_next_tick(void **state)
{
	struct timeout a;

	(void)state;
	now = 100;
	timeout_init(&a, note, "a");
	timeout_start(&a, 3);
	assert_string_equal(fired, "");
	tick(100);
	assert_string_equal(fired, "a");
}

/* The other CPU's part: the function of SLOW runs while this CPU cancels. */
static struct timeout slow;
static bool cancelled_while_running, still_running;
static unsigned relaxed;
static jmp_buf give_up;

static void relax(void)
{
	if (++relaxed == 3)
		longjmp(give_up, 1);
}

static void slow_fn(void *arg)
{
	(void)arg;
	still_running = true;
	fake_relax = relax;
	if (setjmp(give_up) == 0) {
		(void)timeout_cancel(&slow);
		cancelled_while_running = true; /* must not come here: SLOW runs */
	}
	fake_relax = NULL;
	still_running = false;
}

static void cancel_waits_for_a_function_that_runs(void **state)
{
	(void)state;
	timeout_init(&slow, slow_fn, NULL);
	timeout_start(&slow, 1);
	tick(1);
	assert_false(cancelled_while_running);
	assert_int_equal(relaxed, 3);
	assert_false(timeout_cancel(&slow));
}

static uint64_t last_fired;
static unsigned nfired;

static void check_order(void *arg)
{
	const struct timeout *t = arg;

	assert_true(t->deadline >= last_fired);
	assert_true(t->deadline <= now);
	last_fired = t->deadline;
	nfired++;
}

static void random_starts_and_cancels_keep_the_order(void **state)
{
	static struct timeout t[MANY];
	struct random rng = {7};
	unsigned cancelled = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		timeout_init(&t[i], check_order, &t[i]);
		timeout_start(&t[i], random_below(&rng, 1000));
	}
	for (uint64_t at = 0; at <= 1000; at += 50) {
		tick(at);
		cancelled += timeout_cancel(&t[random_below(&rng, MANY)]);
	}
	assert_int_equal(nfired + cancelled, MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(they_fire_in_the_order_of_their_deadlines, setup),
		cmocka_unit_test_setup(equal_deadlines_fire_in_the_order_of_their_start, setup),
		cmocka_unit_test_setup(a_cancelled_one_never_fires, setup),
		cmocka_unit_test_setup(a_function_may_start_its_timeout_again, setup),
		cmocka_unit_test_setup(a_deadline_in_the_past_fires_at_the_next_tick, setup),
		cmocka_unit_test_setup(cancel_waits_for_a_function_that_runs, setup),
		cmocka_unit_test_setup(random_starts_and_cancels_keep_the_order, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
