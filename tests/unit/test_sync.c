// links: lib sync
/* Spinlocks: every order that sync/rank.h forbids panics with both locks named, every other passes, and waiting ends.
   The other CPU is played by changing fake_cpu_id; while somebody waits, by the fake_relax hook. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arch/hooks.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sync/spinlock.h>

#include "test_lib_random.h"

#define HELD_MAX 16u /* more at once are a panic */

static jmp_buf panicked;
static bool panic_expected;
static char text[300];
static unsigned polls, relaxes;

static struct spinlock lock[HELD_MAX + 1]; /* ranks 50, 51 .. unless a test says otherwise */
static struct spinlock *held_elsewhere;    /* by CPU 1 */
static unsigned patience;                  /* rounds that CPU 1 keeps it */

/* In the place of fake.c's. */
void arch_spin_poll(void)
{
	polls++;
	cpu_relax();
}

static noreturn_fn void panic_records(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	vsnprintf(text, sizeof text, fmt, ap);
	if (panic_expected)
		longjmp(panicked, 1);
	fail_msg("panic: %s", text);
	abort(); /* fail_msg does not return, but does not say so */
}

/* STATEMENT panics, and the message has WORD in it. */
#define assert_panics(statement, word) \
	do { \
		text[0] = '\0'; \
		panic_expected = true; \
		if (setjmp(panicked) == 0) { \
			statement; \
			fail_msg("no panic: %s", #statement); \
		} \
		panic_expected = false; \
		if (!strstr(text, word)) \
			fail_msg("'%s' is not in: %s", word, text); \
	} while (0)

/* What every wait calls. */
static void relax_lets_the_other_cpu_run(void) no_lock_check
{
	bool on = fake_irq_on;

	if (++relaxes > 1000)
		fail_msg("waits for ever");
	if (!held_elsewhere || patience-- > 0)
		return;
	fake_cpu_id = 1;
	fake_irq_on = false;
	spin_unlock(held_elsewhere);
	held_elsewhere = NULL;
	fake_cpu_id = 0;
	fake_irq_on = on;
}

static int set_up(void **state)
{
	static char names[HELD_MAX + 1][8];

	(void)state;
	kernel_hooks.panic = panic_records;
	panic_expected = false;
	fake_cpu_id = 0;
	fake_cpu_count = ARCH_MAX_CPUS;
	fake_irq_on = true;
	fake_relax = relax_lets_the_other_cpu_run;
	held_elsewhere = NULL;
	polls = relaxes = 0;
	for (unsigned i = 0; i <= HELD_MAX; i++) {
		snprintf(names[i], sizeof names[i], "lock%u", i);
		spinlock_init(&lock[i], (enum lock_rank)(RANK_PROC + i), names[i]);
	}
	return 0;
}

/* A test that failed may have left locks held: no CPU keeps one into the next test. */
static int tear_down(void **state) no_lock_check
{
	(void)state;
	panic_expected = true;
	for (fake_cpu_id = 0; fake_cpu_id < 2; fake_cpu_id++) {
		if (setjmp(panicked) != 0)
			return -1;
		for (unsigned i = 0; i <= HELD_MAX; i++)
			if (spin_held(&lock[i]))
				spin_unlock(&lock[i]);
		spin_assert_none_held("the end of a test");
	}
	return 0;
}

static void same_rank(enum lock_rank rank) no_lock_check
{
	for (unsigned i = 0; i <= HELD_MAX; i++)
		spinlock_init(&lock[i], rank, lock[i].name);
}

static void locks_are_taken_in_the_order_of_their_ranks(void **state) no_lock_check
{
	(void)state;
	for (unsigned i = 0; i < HELD_MAX; i++) {
		assert_false(spin_held(&lock[i]));
		spin_lock(&lock[i]);
		assert_true(spin_held(&lock[i]));
	}
	for (unsigned i = HELD_MAX; i-- > 0;) {
		spin_unlock(&lock[i]);
		assert_false(spin_held(&lock[i]));
	}
	spin_lock(&lock[0]);
	spin_unlock(&lock[0]);
}

static void a_lower_rank_than_any_held_is_refused(void **state) no_lock_check
{
	(void)state;
	spin_lock(&lock[2]);
	assert_panics(spin_lock(&lock[1]), "lock1");
	assert_non_null(strstr(text, "lock2"));
	assert_non_null(strstr(text, "test_sync.c:"));
	assert_panics(spin_lock_second(&lock[1]), "lock1");
	spinlock_init(&lock[9], RANK_PROC, "far");
	assert_panics(spin_lock_second(&lock[9]), "far"); /* its address does not help */
	spin_lock(&lock[5]);
	spin_unlock(&lock[5]);
	/* The refused one was not taken. */
	fake_cpu_id = 1;
	spin_lock(&lock[1]);
	spin_unlock(&lock[1]);
	fake_cpu_id = 0;
	spin_unlock(&lock[2]);
}

/* After the greatest was released first, the rest still counts. */
static void the_order_holds_whatever_was_released_in_between(void **state) no_lock_check
{
	(void)state;
	spin_lock(&lock[1]);
	spin_lock(&lock[4]);
	spin_lock(&lock[6]);
	spin_unlock(&lock[4]);
	assert_panics(spin_lock(&lock[5]), "lock6");
	spin_unlock(&lock[6]);
	assert_panics(spin_lock(&lock[0]), "lock1");
	spin_lock(&lock[2]);
	spin_unlock(&lock[1]);
	assert_panics(spin_lock(&lock[1]), "lock2");
	spin_unlock(&lock[2]);
	spin_lock(&lock[0]);
	spin_unlock(&lock[0]);
}

static void each_cpu_has_an_order_of_its_own(void **state) no_lock_check
{
	(void)state;
	spin_lock(&lock[3]);
	fake_cpu_id = 1;
	assert_false(spin_held(&lock[3]));
	spin_assert_none_held("CPU 1");
	spin_lock(&lock[1]);
	fake_cpu_id = 0;
	assert_panics(spin_lock(&lock[2]), "lock3");
	fake_cpu_id = 1;
	spin_lock(&lock[2]);
	spin_unlock(&lock[2]);
	spin_unlock(&lock[1]);
	fake_cpu_id = 0;
	spin_unlock(&lock[3]);
}

static void two_of_one_rank_are_taken_as_a_pair_in_address_order(void **state) no_lock_check
{
	(void)state;
	same_rank(RANK_PAGETABLE);
	spin_lock(&lock[3]);
	assert_panics(spin_lock(&lock[4]), "lock4");
	assert_panics(spin_lock(&lock[2]), "lock2");
	assert_panics(spin_lock_second(&lock[2]), "lock2");
	spin_lock_second(&lock[4]);
	assert_true(spin_held(&lock[4]));
	spin_unlock(&lock[3]);
	assert_panics(spin_lock_second(&lock[3]), "lock3");
	spin_unlock(&lock[4]);
}

static void a_lock_taken_twice_is_caught_with_both_places(void **state) no_lock_check
{
	(void)state;
	spin_lock(&lock[3]);
	assert_panics(spin_lock(&lock[3]), "lock3");
	assert_non_null(strstr(text, "twice"));
	assert_non_null(strstr(strstr(text, "test_sync.c:") + 1, "test_sync.c:"));
	assert_panics(spin_lock_second(&lock[3]), "lock3");
	spin_lock(&lock[4]);
	assert_panics(spin_lock(&lock[3]), "lock3");
	spin_unlock(&lock[4]);
	spin_unlock(&lock[3]);
}

static void only_the_cpu_that_holds_a_lock_releases_it(void **state) no_lock_check
{
	(void)state;
	assert_panics(spin_unlock(&lock[0]), "lock0");
	spin_lock(&lock[0]);
	fake_cpu_id = 1;
	assert_panics(spin_unlock(&lock[0]), "lock0");
	spin_lock(&lock[1]);
	assert_panics(spin_unlock(&lock[0]), "lock0");
	spin_unlock(&lock[1]);
	fake_cpu_id = 0;
	assert_true(spin_held(&lock[0]));
	spin_unlock(&lock[0]);
	assert_panics(spin_unlock(&lock[0]), "lock0");
	fake_irq_on = true;
}

static void ranks_of_interrupt_handlers_need_interrupts_off(void **state) no_lock_check
{
	static struct spinlock last = SPINLOCK_INIT(RANK_IRQ_FIRST - 1, "last");
	static struct spinlock first = SPINLOCK_INIT(RANK_IRQ_FIRST, "first");

	(void)state;
	assert_panics(spin_lock(&first), "first");
	assert_true(fake_irq_on);
	spin_lock(&last);
	assert_panics(spin_lock(&first), "first");
	irq_disable();
	spin_lock(&first);
	assert_false(fake_irq_on);
	spin_unlock(&first);
	assert_false(fake_irq_on);
	irq_enable();
	spin_unlock(&last);
	assert_true(fake_irq_on);
}

static void spin_lock_irq_saves_and_restores_what_was(void **state) no_lock_check
{
	static struct spinlock outer = SPINLOCK_INIT(RANK_DRIVER, "outer"), inner = SPINLOCK_INIT(RANK_LOG, "inner");
	uint32_t a, b;

	(void)state;
	a = spin_lock_irq(&outer);
	assert_false(fake_irq_on);
	b = spin_lock_irq(&inner);
	assert_false(fake_irq_on);
	spin_unlock_irq(&inner, b);
	assert_false(fake_irq_on);
	spin_unlock_irq(&outer, a);
	assert_true(fake_irq_on);
	fake_irq_on = false;
	a = spin_lock_irq(&outer);
	spin_unlock_irq(&outer, a);
	assert_false(fake_irq_on);
}

/* The other ranks are taken with interrupts as they are, and leave them so. */
static void other_ranks_leave_interrupts_alone(void **state) no_lock_check
{
	(void)state;
	for (unsigned on = 0; on < 2; on++) {
		fake_irq_on = on;
		spin_lock(&lock[0]);
		assert_int_equal(fake_irq_on, on);
		spin_unlock(&lock[0]);
		assert_int_equal(fake_irq_on, on);
	}
}

static void locks_are_released_in_any_order(void **state) no_lock_check
{
	struct random rng = {42};

	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		unsigned n = 1 + random_below(&rng, HELD_MAX), left = (1u << n) - 1;

		for (unsigned i = 0; i < n; i++)
			spin_lock(&lock[i]);
		while (left) {
			unsigned i = random_below(&rng, n);

			if (!(left >> i & 1))
				continue;
			assert_true(spin_held(&lock[i]));
			spin_unlock(&lock[i]);
			left &= ~(1u << i);
		}
		spin_assert_none_held("between rounds");
	}
}

static void who_may_sleep_holds_no_spinlock(void **state) no_lock_check
{
	(void)state;
	spin_assert_none_held("here");
	spin_lock(&lock[0]);
	spin_lock(&lock[1]);
	assert_panics(spin_assert_none_held("the bed"), "the bed");
	spin_unlock(&lock[1]);
	assert_panics(spin_assert_none_held("the bed"), "lock0");
	assert_non_null(strstr(text, "test_sync.c:"));
	fake_cpu_id = 1;
	spin_assert_none_held("here");
	fake_cpu_id = 0;
	spin_unlock(&lock[0]);
	spin_assert_none_held("here");
}

static void too_many_locks_at_once_are_caught(void **state) no_lock_check
{
	(void)state;
	for (unsigned i = 0; i < HELD_MAX; i++)
		spin_lock(&lock[i]);
	assert_panics(spin_lock(&lock[HELD_MAX]), "16");
	for (unsigned i = 0; i < HELD_MAX; i++)
		spin_unlock(&lock[i]);
}

static void a_panic_learns_what_its_cpu_holds_outermost_first(void **state) no_lock_check
{
	struct spin_holding h;

	(void)state;
	assert_false(spin_holding(0, &h));
	spin_lock(&lock[1]);
	spin_lock(&lock[4]);
	assert_true(spin_holding(0, &h));
	assert_string_equal(h.name, "lock1");
	assert_int_equal(h.rank, RANK_PROC + 1);
	assert_non_null(strstr(h.where, "test_sync.c:"));
	assert_true(spin_holding(1, &h));
	assert_string_equal(h.name, "lock4");
	assert_false(spin_holding(2, &h));
	fake_cpu_id = 1;
	assert_false(spin_holding(0, &h));
	fake_cpu_id = 0;
	spin_unlock(&lock[1]);
	assert_true(spin_holding(0, &h));
	assert_string_equal(h.name, "lock4");
	spin_unlock(&lock[4]);
	assert_false(spin_holding(0, &h));
}

/* ---- waiting ---- */

static void hold_elsewhere(struct spinlock *l, unsigned rounds) no_lock_check
{
	bool on = fake_irq_on;

	fake_cpu_id = 1;
	fake_irq_on = false;
	spin_lock(l);
	fake_cpu_id = 0;
	fake_irq_on = on;
	held_elsewhere = l;
	patience = rounds;
}

static void who_finds_a_lock_held_waits_for_its_release(void **state) no_lock_check
{
	(void)state;
	hold_elsewhere(&lock[0], 5);
	assert_false(spin_held(&lock[0]));
	spin_lock(&lock[0]);
	assert_null(held_elsewhere);
	assert_true(spin_held(&lock[0]));
	assert_true(relaxes >= 5);
	assert_int_equal(polls, 0); /* interrupts are on: shootdowns come in by themselves */
	fake_cpu_id = 1;
	assert_false(spin_held(&lock[0]));
	assert_panics(spin_unlock(&lock[0]), "lock0");
	fake_irq_on = true;
	fake_cpu_id = 0;
	spin_unlock(&lock[0]);
}

static void who_waits_with_interrupts_off_answers_shootdowns(void **state) no_lock_check
{
	static struct spinlock queue = SPINLOCK_INIT(RANK_WAITQ, "queue");
	uint32_t saved;

	(void)state;
	hold_elsewhere(&queue, 7);
	saved = spin_lock_irq(&queue);
	assert_true(polls > 0 && relaxes <= 2 * polls); /* at every round */
	assert_false(fake_irq_on);
	spin_unlock_irq(&queue, saved);
	assert_true(fake_irq_on);
	polls = 0;
	fake_irq_on = false;
	hold_elsewhere(&lock[0], 3);
	spin_lock(&lock[0]);
	assert_true(polls > 0);
	spin_unlock(&lock[0]);
}

static void spin_wait_returns_without_the_lock(void **state) no_lock_check
{
	(void)state;
	spin_wait(&lock[0]);
	hold_elsewhere(&lock[0], 2);
	spin_wait(&lock[0]);
	assert_null(held_elsewhere);
	assert_false(spin_held(&lock[0]));
	spin_lock(&lock[0]);
	spin_unlock(&lock[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(locks_are_taken_in_the_order_of_their_ranks),
		TEST(a_lower_rank_than_any_held_is_refused),
		TEST(the_order_holds_whatever_was_released_in_between),
		TEST(each_cpu_has_an_order_of_its_own),
		TEST(two_of_one_rank_are_taken_as_a_pair_in_address_order),
		TEST(a_lock_taken_twice_is_caught_with_both_places),
		TEST(only_the_cpu_that_holds_a_lock_releases_it),
		TEST(ranks_of_interrupt_handlers_need_interrupts_off),
		TEST(spin_lock_irq_saves_and_restores_what_was),
		TEST(other_ranks_leave_interrupts_alone),
		TEST(locks_are_released_in_any_order),
		TEST(who_may_sleep_holds_no_spinlock),
		TEST(too_many_locks_at_once_are_caught),
		TEST(a_panic_learns_what_its_cpu_holds_outermost_first),
		TEST(who_finds_a_lock_held_waits_for_its_release),
		TEST(who_waits_with_interrupts_off_answers_shootdowns),
		TEST(spin_wait_returns_without_the_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
