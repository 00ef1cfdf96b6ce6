/* lib/ring.h beside a queue in an array, with counters that start just before they wrap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/assert.h>
#include <lib/ring.h>
#include <string.h>

#include "test_lib_random.h"

#define CAPACITY 16

struct model {
	uint8_t bytes[CAPACITY];
	uint32_t n;
};

static void model_take(struct model *m, uint32_t n)
{
	memmove(m->bytes, m->bytes + n, m->n - n);
	m->n -= n;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void check(const struct ring *r, const struct model *m)
{
	struct span used[2], unused[2];
	uint8_t all[CAPACITY];

	assert_int_equal(ring_used(r), m->n);
	assert_int_equal(ring_free(r), CAPACITY - m->n);
	assert_int_equal(ring_is_empty(r), m->n == 0);
	assert_int_equal(ring_is_full(r), m->n == CAPACITY);
	ring_used_spans(r, used);
	ring_free_spans(r, unused);
	assert_int_equal(used[0].len + used[1].len, m->n);
	assert_int_equal(unused[0].len + unused[1].len, CAPACITY - m->n);
	assert_true(used[0].len > 0 || used[1].len == 0);
	assert_true(unused[0].len > 0 || unused[1].len == 0);
	memcpy(all, used[0].data, used[0].len);
	memcpy(all + used[0].len, used[1].data, used[1].len);
	assert_memory_equal(all, m->bytes, m->n);
	for (uint32_t i = 0; i < m->n; i++)
		assert_int_equal(ring_at(r, i), m->bytes[i]);
}

static void put_bulk(struct random *rnd, struct ring *r, struct model *m)
{
	uint8_t src[2 * CAPACITY];
	uint32_t want = random_below(rnd, 2 * CAPACITY), fit = smaller(want, CAPACITY - m->n);

	for (uint32_t i = 0; i < want; i++)
		src[i] = (uint8_t)random_u64(rnd);
	assert_int_equal(ring_put(r, src, want), fit);
	memcpy(m->bytes + m->n, src, fit);
	m->n += fit;
}

static void get_bulk(struct random *rnd, struct ring *r, struct model *m)
{
	uint8_t dst[2 * CAPACITY + 1];
	uint32_t want = random_below(rnd, 2 * CAPACITY), there = smaller(want, m->n);

	dst[there] = 0x5a;
	assert_int_equal(ring_get(r, dst, want), there);
	assert_memory_equal(dst, m->bytes, there);
	assert_int_equal(dst[there], 0x5a);
	model_take(m, there);
}

static void peek(struct random *rnd, struct ring *r, const struct model *m)
{
	uint8_t dst[2 * CAPACITY];
	uint32_t offset = random_below(rnd, CAPACITY + 2), want = random_below(rnd, 2 * CAPACITY);
	uint32_t there = offset < m->n ? smaller(want, m->n - offset) : 0;

	assert_int_equal(ring_peek(r, offset, dst, want), there);
	assert_memory_equal(dst, m->bytes + (offset < CAPACITY ? offset : 0), there);
}

static void single_bytes(struct random *rnd, struct ring *r, struct model *m)
{
	uint8_t byte = (uint8_t)random_u64(rnd), got = 0;

	if (random_below(rnd, 2) == 0) {
		assert_int_equal(ring_put_byte(r, byte), m->n < CAPACITY);
		if (m->n < CAPACITY)
			m->bytes[m->n++] = byte;
	} else {
		assert_int_equal(ring_get_byte(r, &got), m->n > 0);
		if (m->n == 0)
			return;
		assert_int_equal(got, m->bytes[0]);
		model_take(m, 1);
	}
}

/* Through the spans, as one who copies from user memory does it. */
static void by_spans(struct random *rnd, struct ring *r, struct model *m)
{
	struct span s[2];
	uint32_t n;

	ring_free_spans(r, s);
	n = random_below(rnd, CAPACITY - m->n + 1);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *at = i < s[0].len ? s[0].data + i : s[1].data + (i - s[0].len);

		*at = m->bytes[m->n + i] = (uint8_t)random_u64(rnd);
	}
	ring_produce(r, n);
	m->n += n;
	n = random_below(rnd, m->n + 1);
	ring_consume(r, n);
	model_take(m, n);
	n = random_below(rnd, smaller(m->n, 3) + 1);
	ring_retract(r, n);
	m->n -= n;
}

static void random_operations_match_a_queue(void **state)
{
	static void (*const steps[])(struct random *, struct ring *, struct model *) = {put_bulk, get_bulk,
	                                                                                single_bytes, by_spans};
	struct random rnd = {15};
	struct model m = {.n = 0};
	uint8_t data[CAPACITY];
	struct ring r;

	(void)state;
	ring_init(&r, data, CAPACITY);
	for (unsigned round = 0; round < 100000; round++) {
		steps[random_below(&rnd, 4)](&rnd, &r, &m);
		peek(&rnd, &r, &m);
		check(&r, &m);
		if (random_below(&rnd, 100) == 0) {
			ring_clear(&r);
			m.n = 0;
			r.head = r.tail = UINT32_MAX - random_below(&rnd, 64); /* soon to wrap */
			check(&r, &m);
		}
	}
}

static void a_ring_of_one_byte_holds_one_byte(void **state)
{
	uint8_t data, got = 0;
	struct ring r;

	(void)state;
	ring_init(&r, &data, 1);
	assert_true(ring_put_byte(&r, 7));
	assert_false(ring_put_byte(&r, 8));
	assert_true(ring_get_byte(&r, &got));
	assert_int_equal(got, 7);
	assert_false(ring_get_byte(&r, &got));
	assert_int_equal(ring_put(&r, NULL, 0), 0);
	assert_int_equal(ring_get(&r, NULL, 5), 0);
}

static jmp_buf panicked;

static void noreturn_fn panic_jumps(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	(void)fmt;
	(void)ap;
	longjmp(panicked, 1);
}

static void more_than_there_is_is_a_broken_invariant(void **state)
{
	static uint8_t data[8];
	static struct ring r;
	volatile unsigned panics = 0;

	(void)state;
	kernel_hooks.panic = panic_jumps;
	ring_init(&r, data, 8);
	ring_produce(&r, 3);
	for (volatile unsigned i = 0; i < 5; i++) {
		if (setjmp(panicked) != 0) {
			panics++;
			continue;
		}
		switch (i) {
		case 0: ring_produce(&r, 6); break;
		case 1: ring_consume(&r, 4); break;
		case 2: ring_retract(&r, 4); break;
		case 3: ring_init(&r, data, 6); break;
		default: ring_init(&r, data, 0); break;
		}
	}
	kernel_hooks.panic = NULL;
	assert_int_equal(panics, 5);
	assert_int_equal(ring_used(&r), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_match_a_queue),
		cmocka_unit_test(a_ring_of_one_byte_holds_one_byte),
		cmocka_unit_test(more_than_there_is_is_a_broken_invariant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
