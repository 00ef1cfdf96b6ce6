/* Sleeping on a word, for the locks. */
#include "futex.h"

#include <linux/futex.h>

#include "libc_priv.h"

enum { NSEC_PER_SEC = 1000000000 };

int __futex_wait(unsigned int *word, unsigned int value, bool shared, clockid_t clock, const struct timespec *until)
{
	int op = FUTEX_WAIT_BITSET | (shared ? 0 : FUTEX_PRIVATE_FLAG) |
	         (clock == CLOCK_REALTIME ? FUTEX_CLOCK_REALTIME : 0);
	int before = errno, error = 0;

	if (__sys_futex(word, op, (int)value, until, NULL, (int)FUTEX_BITSET_MATCH_ANY) < 0)
		error = errno;
	errno = before;
	return error;
}

/* An error means that the word is gone: who was woken by other means has given its memory back. */
void __futex_wake(unsigned int *word, int n, bool shared)
{
	int before = errno;

	__sys_futex(word, shared ? FUTEX_WAKE : FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
	errno = before;
}

bool __futex_time_valid(const struct timespec *until)
{
	return !until || (until->tv_sec >= 0 && until->tv_nsec >= 0 && until->tv_nsec < NSEC_PER_SEC);
}
