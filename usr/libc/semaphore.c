/* Semaphores.  A post makes a system call only if somebody may sleep.  Poster and waiter cannot miss one another: the
   waiter says that it waits and then the kernel reads the value; the poster raises the value and then reads who waits;
   whoever is second sees the other.  A waiter that is killed stays counted, which costs calls in vain and no more. */
#include <errno.h>
#include <semaphore.h>
#include <stdbool.h>

#include "futex.h"

static int fail(int error)
{
	errno = error;
	return -1;
}

int sem_init(sem_t *s, int shared, unsigned int value)
{
	if (value > SEM_VALUE_MAX)
		return fail(EINVAL);
	*s = (sem_t){value, 0, shared != 0};
	return 0;
}

int sem_destroy(sem_t *s)
{
	(void)s;
	return 0;
}

int sem_getvalue(sem_t *s, int *value)
{
	*value = (int)__atomic_load_n(&s->__value, __ATOMIC_RELAXED);
	return 0;
}

static bool take(sem_t *s)
{
	unsigned int value = __atomic_load_n(&s->__value, __ATOMIC_RELAXED);

	do
		if (value == 0)
			return false;
	while (!__atomic_compare_exchange_n(&s->__value, &value, value - 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}

int sem_trywait(sem_t *s)
{
	return take(s) ? 0 : fail(EAGAIN);
}

static int sleep_once(sem_t *s, const struct timespec *until)
{
	int error;

	__atomic_fetch_add(&s->__waiters, 1, __ATOMIC_SEQ_CST);
	error = __futex_wait(&s->__value, 0, s->__shared, CLOCK_REALTIME, until);
	__atomic_fetch_sub(&s->__waiters, 1, __ATOMIC_SEQ_CST);
	return error;
}

int sem_timedwait(sem_t *s, const struct timespec *until)
{
	while (!take(s)) {
		int error = __futex_time_valid(until) ? sleep_once(s, until) : EINVAL;

		if (error != 0 && error != EAGAIN)
			return fail(error);
	}
	return 0;
}

int sem_wait(sem_t *s)
{
	return sem_timedwait(s, NULL);
}

int sem_post(sem_t *s)
{
	unsigned int value = __atomic_load_n(&s->__value, __ATOMIC_RELAXED);
	bool shared = s->__shared;

	do
		if (value == SEM_VALUE_MAX)
			return fail(EOVERFLOW);
	while (!__atomic_compare_exchange_n(&s->__value, &value, value + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	if (__atomic_load_n(&s->__waiters, __ATOMIC_SEQ_CST) > 0)
		__futex_wake(&s->__value, 1, shared);
	return 0;
}
