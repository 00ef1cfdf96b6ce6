/* Conditions.  A waiter reads the sequence while it has the mutex and sleeps only as long as it is the same; so a
   signal after that is not missed.  Bit 0 says that somebody may sleep: before anybody does, and after each
   broadcast, signals cost no system call.  Nobody touches the condition after it was woken, so one that was killed
   there leaves no trace, and its memory can be used for something else as soon as all are woken.

   A broadcast wakes all, and they meet again at the mutex.  Moving them there (FUTEX_REQUEUE) was not taken: the mutex
   may have another address in each process, and there are no threads. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "futex.h"

enum { WAITED = 1, STEP = 2 };

int pthread_condattr_init(pthread_condattr_t *attr)
{
	*attr = (pthread_condattr_t){PTHREAD_PROCESS_PRIVATE, CLOCK_REALTIME};
	return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_condattr_setpshared(pthread_condattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__shared = shared;
	return 0;
}

int pthread_condattr_getpshared(const pthread_condattr_t *attr, int *shared)
{
	*shared = attr->__shared;
	return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	attr->__clock = clock;
	return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *attr, clockid_t *clock)
{
	*clock = attr->__clock;
	return 0;
}

int pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *attr)
{
	*c = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	if (attr) {
		c->__shared = attr->__shared;
		c->__clock = attr->__clock;
	}
	return 0;
}

int pthread_cond_destroy(pthread_cond_t *c)
{
	(void)c;
	return 0;
}

int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until)
{
	unsigned int seen;
	int error, locked;

	if (!__futex_time_valid(until))
		return EINVAL;
	seen = __atomic_fetch_or(&c->__sequence, WAITED, __ATOMIC_SEQ_CST) | WAITED;
	error = pthread_mutex_unlock(m);
	if (error)
		return error;
	error = __futex_wait(&c->__sequence, seen, c->__shared, c->__clock, until);
	locked = pthread_mutex_lock(m);
	if (locked)
		return locked;
	return error == ETIMEDOUT ? ETIMEDOUT : 0;
}

int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	return pthread_cond_timedwait(c, m, NULL);
}

int pthread_cond_signal(pthread_cond_t *c)
{
	if (!(__atomic_load_n(&c->__sequence, __ATOMIC_SEQ_CST) & WAITED))
		return 0;
	__atomic_fetch_add(&c->__sequence, STEP, __ATOMIC_SEQ_CST);
	__futex_wake(&c->__sequence, 1, c->__shared);
	return 0;
}

int pthread_cond_broadcast(pthread_cond_t *c)
{
	unsigned int was = __atomic_load_n(&c->__sequence, __ATOMIC_SEQ_CST);

	do
		if (!(was & WAITED))
			return 0;
	while (!__atomic_compare_exchange_n(&c->__sequence, &was, (was & ~(unsigned int)WAITED) + STEP, false,
	                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	__futex_wake(&c->__sequence, INT_MAX, c->__shared);
	return 0;
}
