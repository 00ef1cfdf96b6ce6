/* Mutexes.  The state is one of three: who unlocks a mutex on which nobody ever slept knows it, and needs no system
   call. Who had to sleep leaves CONTENDED behind, for it cannot know whether others sleep still; so the last of
   them makes one call in vain.  A count of sleepers was not taken: it would be wrong for ever when one of them is
   killed. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "futex.h"
#include "libc_priv.h"

enum { FREE, LOCKED, CONTENDED };

/* ---- attributes ---- */

int pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
	*attr = (pthread_mutexattr_t){PTHREAD_MUTEX_DEFAULT, PTHREAD_PROCESS_PRIVATE};
	return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type)
{
	if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
		return EINVAL;
	attr->__type = type;
	return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *attr, int *type)
{
	*type = attr->__type;
	return 0;
}

int pthread_mutexattr_setpshared(pthread_mutexattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__shared = shared;
	return 0;
}

int pthread_mutexattr_getpshared(const pthread_mutexattr_t *attr, int *shared)
{
	*shared = attr->__shared;
	return 0;
}

/* ---- the lock ---- */

int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attr)
{
	*m = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	if (attr) {
		m->__type = attr->__type;
		m->__shared = attr->__shared;
	}
	return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *m)
{
	return __atomic_load_n(&m->__state, __ATOMIC_RELAXED) == FREE ? 0 : EBUSY;
}

static bool take(pthread_mutex_t *m)
{
	unsigned int expected = FREE;

	return __atomic_compare_exchange_n(&m->__state, &expected, LOCKED, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static int take_sleeping(pthread_mutex_t *m, const struct timespec *until)
{
	if (!__futex_time_valid(until))
		return EINVAL;
	while (__atomic_exchange_n(&m->__state, CONTENDED, __ATOMIC_ACQUIRE) != FREE)
		if (__futex_wait(&m->__state, CONTENDED, m->__shared, CLOCK_REALTIME, until) == ETIMEDOUT)
			return ETIMEDOUT;
	return 0;
}

/* Only the owner finds itself there. */
static bool is_mine(pthread_mutex_t *m)
{
	return __atomic_load_n(&m->__owner, __ATOMIC_RELAXED) == __self();
}

static int lock_again(pthread_mutex_t *m, int refusal)
{
	if (m->__type != PTHREAD_MUTEX_RECURSIVE)
		return refusal;
	if (m->__depth == UINT_MAX)
		return EAGAIN;
	m->__depth++;
	return 0;
}

/* One that has an owner. */
static int lock_owned(pthread_mutex_t *m, const struct timespec *until)
{
	int error;

	if (is_mine(m))
		return lock_again(m, EDEADLK);
	error = take(m) ? 0 : take_sleeping(m, until);
	if (error == 0)
		__atomic_store_n(&m->__owner, __self(), __ATOMIC_RELAXED);
	return error;
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
	if (m->__type != PTHREAD_MUTEX_NORMAL)
		return lock_owned(m, NULL);
	return take(m) ? 0 : take_sleeping(m, NULL);
}

int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *until)
{
	if (m->__type != PTHREAD_MUTEX_NORMAL)
		return lock_owned(m, until);
	return take(m) ? 0 : take_sleeping(m, until);
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
	bool owned = m->__type != PTHREAD_MUTEX_NORMAL;

	if (owned && is_mine(m))
		return lock_again(m, EBUSY);
	if (!take(m))
		return EBUSY;
	if (owned)
		__atomic_store_n(&m->__owner, __self(), __ATOMIC_RELAXED);
	return 0;
}

static void release(pthread_mutex_t *m)
{
	bool shared = m->__shared; /* once it is free, its memory may be somebody else's */

	if (__atomic_exchange_n(&m->__state, FREE, __ATOMIC_RELEASE) == CONTENDED)
		__futex_wake(&m->__state, 1, shared);
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
	if (m->__type != PTHREAD_MUTEX_NORMAL) {
		if (!is_mine(m))
			return EPERM;
		if (m->__depth > 0) {
			m->__depth--;
			return 0;
		}
		__atomic_store_n(&m->__owner, 0, __ATOMIC_RELAXED);
	}
	release(m);
	return 0;
}
