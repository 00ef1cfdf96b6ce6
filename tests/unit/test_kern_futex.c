/* kern/futex_table.h: who is woken and moved, in which order; references to objects; random histories against a
   model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kern/futex_table.h>
#include <mm/object.h>

#include "test_lib_random.h"

enum { MANY = 64, KEYS = 5, STEPS = 20000 };

/* The wait queues of the sleepers are not run here: woken is whose queue was asked to. */
static const struct waitq *woken_queue[MANY];
static unsigned nwoken;

void waitq_init(struct waitq *q)
{
	spinlock_init(&q->lock, RANK_WAITQ, "wait queue");
	list_init(&q->waiters);
}

void waitq_wake_one(struct waitq *q)
{
	assert_true(nwoken < MANY);
	woken_queue[nwoken++] = q;
}

static int refs[2];
static struct mem_object objects[2];

static void object_get(struct mem_object *o)
{
	refs[o - objects]++;
}

static const struct mem_object_ops ops = {.get = object_get};

static struct futex_table table;
static struct futex_sleeper sleeper[MANY];

static int setup(void **state)
{
	(void)state;
	futex_table_init(&table);
	nwoken = 0;
	for (unsigned i = 0; i < 2; i++) {
		mem_object_init(&objects[i], &ops);
		refs[i] = 0;
	}
	return 0;
}

static struct futex_key shared_key(unsigned object, uint32_t page, uint32_t offset)
{
	return (struct futex_key){&objects[object], &objects[object], page, offset};
}

static struct futex_key private_key(const void *space, uint32_t va)
{
	return (struct futex_key){space, NULL, va >> PAGE_SHIFT, va & PAGE_MASK};
}

static void sleep_on(unsigned i, struct futex_key k, uint32_t bits) no_lock_check
{
	struct futex_bucket *b = futex_bucket_of(&table, &k);

	sleeper[i].key = k;
	sleeper[i].bits = bits;
	spin_lock(&b->lock);
	futex_enqueue(b, &sleeper[i]);
	spin_unlock(&b->lock);
}

static uint32_t wake(struct futex_key k, uint32_t max, uint32_t bits) no_lock_check
{
	struct futex_bucket *b = futex_bucket_of(&table, &k);
	uint32_t n;

	spin_lock(&b->lock);
	n = futex_wake_key(b, &k, max, bits);
	spin_unlock(&b->lock);
	return n;
}

static uint32_t move(struct futex_key from, struct futex_key to, uint32_t max) no_lock_check
{
	struct futex_bucket *a = futex_bucket_of(&table, &from), *b = futex_bucket_of(&table, &to);
	uint32_t n;

	futex_lock_both(a, b);
	n = futex_move(a, &from, b, &to, max);
	futex_unlock_both(a, b);
	return n;
}

static void assert_woken(unsigned nth, unsigned who)
{
	assert_true(nth < nwoken);
	assert_ptr_equal(woken_queue[nth], &sleeper[who].wake);
	assert_true(sleeper[who].woken);
}

static void they_are_woken_in_the_order_of_their_coming(void **state)
{
	struct futex_key k = private_key(&table, 0x1004);

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		sleep_on(i, k, UINT32_MAX);
	assert_int_equal(wake(k, 0, UINT32_MAX), 0);
	assert_int_equal(wake(k, 2, UINT32_MAX), 2);
	assert_woken(0, 0);
	assert_woken(1, 1);
	assert_false(sleeper[2].woken);
	assert_int_equal(wake(k, UINT32_MAX, UINT32_MAX), 2);
	assert_woken(3, 3);
	assert_int_equal(wake(k, UINT32_MAX, UINT32_MAX), 0);
}

static void only_equal_keys_meet(void **state)
{
	struct futex_key k[] = {private_key(&table, 0x1004), private_key(&table, 0x1008), private_key(&table, 0x2004),
	                        private_key(&ops, 0x1004),   shared_key(0, 1, 4),         shared_key(1, 1, 4),
	                        shared_key(0, 2, 4),         shared_key(0, 1, 8)};
	const unsigned n = sizeof k / sizeof k[0];

	(void)state;
	for (unsigned i = 0; i < n; i++)
		sleep_on(i, k[i], UINT32_MAX);
	for (unsigned i = n; i > 0; i--) {
		assert_int_equal(wake(k[i - 1], UINT32_MAX, UINT32_MAX), 1);
		assert_woken(n - i, i - 1);
	}
}

/* K changed in one field, by multiples of 4, until it falls into the bucket of WITH. */
static struct futex_key collide(const struct futex_key *with, unsigned field)
{
	struct futex_key k = *with;

	do {
		if (field == 0)
			k.where = (const char *)k.where + 4;
		else if (field == 1)
			k.page += 4;
		else
			k.offset += 4;
	} while (futex_bucket_of(&table, &k) != futex_bucket_of(&table, with));
	return k;
}

static void strangers_in_one_bucket_do_not_meet(void **state)
{
	struct futex_key k[4] = {private_key(&table, 0x5000)};

	(void)state;
	for (unsigned i = 1; i < 4; i++)
		k[i] = collide(&k[0], i - 1);
	for (unsigned i = 0; i < 4; i++)
		sleep_on(i, k[i], UINT32_MAX);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(move(k[i], k[i], 9), 1);
		assert_int_equal(wake(k[i], 9, UINT32_MAX), 1);
		assert_woken(i, i);
	}
}

static void bits_choose_the_sleepers(void **state)
{
	struct futex_key k = shared_key(0, 7, 0);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		sleep_on(i, k, 1u << i);
	assert_int_equal(wake(k, 9, 8), 0);
	assert_int_equal(wake(k, 9, 6), 2);
	assert_woken(0, 1);
	assert_woken(1, 2);
	assert_int_equal(wake(k, 9, 9), 1);
}

static void the_moved_come_behind_those_who_are_there(void **state)
{
	struct futex_key a = shared_key(0, 0, 0), b = shared_key(1, 3, 8);

	(void)state;
	sleep_on(0, b, UINT32_MAX);
	for (unsigned i = 1; i < 4; i++)
		sleep_on(i, a, UINT32_MAX);
	assert_int_equal(move(a, b, 2), 2);
	assert_int_equal(refs[0], 0); /* the caller's to drop */
	assert_int_equal(refs[1], 2);
	assert_ptr_equal(sleeper[1].key.object, &objects[1]);
	assert_int_equal(wake(a, 9, UINT32_MAX), 1);
	assert_int_equal(wake(b, 9, UINT32_MAX), 3);
	for (unsigned i = 0; i < 3; i++)
		assert_woken(i + 1, i);
}

static void moving_to_the_same_place_counts(void **state)
{
	struct futex_key k = private_key(&table, 0);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		sleep_on(i, k, UINT32_MAX);
	assert_int_equal(move(k, k, 2), 2);
	assert_int_equal(move(k, k, UINT32_MAX), 3);
	assert_int_equal(move(k, k, 0), 0);
	assert_int_equal(wake(k, 9, UINT32_MAX), 3);
}

/* Two keys of different buckets. */
static void a_sleeper_that_was_moved_follows_to_its_bucket(void **state) no_lock_check
{
	struct futex_key from = private_key(&table, 0), to = from;
	struct futex_bucket *a = futex_bucket_of(&table, &from), *b;

	(void)state;
	do {
		to.offset += 4;
		b = futex_bucket_of(&table, &to);
	} while (b == a);
	sleep_on(0, from, UINT32_MAX);
	assert_int_equal(move(from, to, 1), 1);
	spin_lock(&a->lock);
	assert_ptr_equal(futex_follow(&sleeper[0], a), b);
	assert_true(spin_held(&b->lock));
	spin_unlock(&b->lock);
	spin_lock(&a->lock); /* was let go */
	spin_unlock(&a->lock);
	assert_int_equal(wake(to, 1, UINT32_MAX), 1);
	spin_lock(&a->lock);
	assert_ptr_equal(futex_follow(&sleeper[0], a), b); /* woken: through the lock of its waker all the same */
	spin_unlock(&b->lock);
}

static void words_of_a_page_are_spread(void **state)
{
	unsigned used = 0, count[FUTEX_BUCKETS] = {0}, most = 0;

	(void)state;
	for (uint32_t va = 0; va < PAGE_SIZE; va += 4) {
		struct futex_key k = private_key(&table, 0x8000000 + va);
		size_t i = (size_t)(futex_bucket_of(&table, &k) - table.bucket);

		assert_true(i < FUTEX_BUCKETS);
		used += count[i]++ == 0;
		most = count[i] > most ? count[i] : most;
	}
	assert_true(used > FUTEX_BUCKETS * 9 / 10);
	assert_true(most < 4 * PAGE_SIZE / 4 / FUTEX_BUCKETS);
}

/* ---- random histories ---- */

/* What the table must be: the sleepers of each key, in order. */
static struct {
	unsigned who[MANY], n;
} model[KEYS];

static struct futex_key key_of(unsigned i)
{
	return i < 3 ? shared_key(i % 2, i, 12) : private_key(&table, i * 4);
}

static void model_remove(unsigned key, unsigned at)
{
	for (model[key].n--; at < model[key].n; at++)
		model[key].who[at] = model[key].who[at + 1];
}

static void step_sleep(struct random *rng, unsigned key)
{
	for (unsigned i = 0; i < MANY; i++)
		if (!sleeper[i].bucket) {
			sleep_on(i, key_of(key), 1u << random_below(rng, 3));
			model[key].who[model[key].n++] = i;
			return;
		}
}

static void step_wake(struct random *rng, unsigned key)
{
	uint32_t max = random_below(rng, 4), bits = 1 + random_below(rng, 7), n;

	nwoken = 0;
	n = wake(key_of(key), max, bits);
	assert_int_equal(n, nwoken);
	for (unsigned i = 0, at = 0; i < n; i++) {
		while (!(sleeper[model[key].who[at]].bits & bits))
			at++;
		assert_woken(i, model[key].who[at]);
		sleeper[model[key].who[at]].bucket = NULL;
		model_remove(key, at);
	}
	for (unsigned at = 0; n < max && at < model[key].n; at++)
		assert_false(sleeper[model[key].who[at]].bits & bits);
}

static void step_move(struct random *rng, unsigned key)
{
	unsigned to = random_below(rng, KEYS), max = random_below(rng, 4);
	uint32_t n = move(key_of(key), key_of(to), max);

	assert_int_equal(n, max < model[key].n ? max : model[key].n);
	for (; n > 0; n--) {
		unsigned who = model[key].who[0];

		model_remove(key, 0);
		model[to].who[model[to].n++] = who;
	}
}

static void random_histories_agree_with_a_model(void **state)
{
	struct random rng = {11};

	(void)state;
	for (unsigned i = 0; i < STEPS; i++) {
		unsigned key = random_below(&rng, KEYS), what = random_below(&rng, 5);

		if (what < 2)
			step_sleep(&rng, key);
		else if (what < 4)
			step_wake(&rng, key);
		else
			step_move(&rng, key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(they_are_woken_in_the_order_of_their_coming, setup),
		cmocka_unit_test_setup(only_equal_keys_meet, setup),
		cmocka_unit_test_setup(strangers_in_one_bucket_do_not_meet, setup),
		cmocka_unit_test_setup(bits_choose_the_sleepers, setup),
		cmocka_unit_test_setup(the_moved_come_behind_those_who_are_there, setup),
		cmocka_unit_test_setup(moving_to_the_same_place_counts, setup),
		cmocka_unit_test_setup(a_sleeper_that_was_moved_follows_to_its_bucket, setup),
		cmocka_unit_test_setup(words_of_a_page_are_spread, setup),
		cmocka_unit_test_setup(random_histories_agree_with_a_model, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
