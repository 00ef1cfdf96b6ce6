/* What the tests of futexes share: the bare call, and how many sleep somewhere, exactly. */
#ifndef FUTEX_TEST_H
#define FUTEX_TEST_H

#include <abi/futex.h>
#include <abi/time.h>
#include <limits.h>
#include <sched.h>

#include "check.h"

#define P(pointer) ((uint32_t)(uintptr_t)(pointer))

enum { SYS_FUTEX = 240, SYS_FUTEX_TIME64 = 422, RW = PROT_READ | PROT_WRITE };

static inline int32_t futex(const volatile uint32_t *word, int op, uint32_t value)
{
	return TRAP(SYS_FUTEX, P(word), (uint32_t)op, value, 0, 0, FUTEX_BITSET_MATCH_ANY);
}

/* With a timeout; the bits are all. */
static inline int32_t futex_until(const volatile uint32_t *word, int op, uint32_t value, int32_t sec, int32_t nsec)
{
	const struct abi_timespec t = {sec, nsec};

	return TRAP(SYS_FUTEX, P(word), (uint32_t)op, value, P(&t), 0, FUTEX_BITSET_MATCH_ANY);
}

static inline int32_t futex_move(const volatile uint32_t *from, uint32_t wake, uint32_t move,
                                 const volatile uint32_t *to)
{
	return TRAP(SYS_FUTEX, P(from), FUTEX_REQUEUE, wake, move, P(to), 0);
}

/* Who sleeps on the shared WORD is moved from there to there, which counts them. */
static inline int32_t sleepers(const volatile uint32_t *word)
{
	return futex_move(word, 0, INT_MAX, word);
}

static inline void sleepers_wait(const volatile uint32_t *word, int32_t n)
{
	for (int tries = 0; sleepers(word) != n; tries++) {
		if (tries == 5000)
			FAILED("%d sleep on %#x, not %d", sleepers(word), P(word), n);
		sleep_ms(1);
	}
}

/* N bytes of shared memory. */
static inline void *shared_new(size_t n)
{
	void *p = mmap(NULL, n, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

#endif
