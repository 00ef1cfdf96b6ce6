/* Locks and conditions between processes.  There are no threads: what POSIX says of threads holds of processes, for
   objects in memory that they share and with the attribute PTHREAD_PROCESS_SHARED.  All return 0 or an error number and
   leave errno alone.  Who ends while it holds a lock leaves it locked.  docs/futex.md says when to take which. */
#ifndef _PTHREAD_H
#define _PTHREAD_H

#include <time.h>

#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED 1

/* Mutexes sleep until they are free. */

#define PTHREAD_MUTEX_NORMAL 0     /* who locks it twice waits for ever */
#define PTHREAD_MUTEX_RECURSIVE 1  /* its owner may lock it again, and unlocks it as often */
#define PTHREAD_MUTEX_ERRORCHECK 2 /* its owner gets EDEADLK; who is not, and unlocks it, EPERM */
#define PTHREAD_MUTEX_DEFAULT PTHREAD_MUTEX_NORMAL

typedef struct {
	int __type, __shared;
} pthread_mutexattr_t;

typedef struct {
	unsigned int __state; /* free, locked, locked and maybe somebody sleeps */
	int __type, __shared;
	int __owner;          /* not of a normal one: the process that holds it, or 0 */
	unsigned int __depth; /* how often its owner has locked it again */
} pthread_mutex_t;

#define PTHREAD_MUTEX_INITIALIZER \
	{ \
		0, PTHREAD_MUTEX_NORMAL, PTHREAD_PROCESS_PRIVATE, 0, 0 \
	}

int pthread_mutexattr_init(pthread_mutexattr_t *attr);
int pthread_mutexattr_destroy(pthread_mutexattr_t *attr);
int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type);
int pthread_mutexattr_gettype(const pthread_mutexattr_t *attr, int *type);
int pthread_mutexattr_setpshared(pthread_mutexattr_t *attr, int shared);
int pthread_mutexattr_getpshared(const pthread_mutexattr_t *attr, int *shared);

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr);
int pthread_mutex_destroy(pthread_mutex_t *mutex); /* EBUSY: it is locked */
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_trylock(pthread_mutex_t *mutex); /* EBUSY */
/* UNTIL: a time of day (CLOCK_REALTIME).  ETIMEDOUT */
int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until);
int pthread_mutex_unlock(pthread_mutex_t *mutex);

/* Conditions: wait lets go of the mutex and sleeps in one step, and has the mutex again when it returns, which may be
   for no reason. */

typedef struct {
	int __shared, __clock;
} pthread_condattr_t;

typedef struct {
	unsigned int __sequence; /* of signals, times 2; bit 0: somebody may sleep */
	int __shared, __clock;
} pthread_cond_t;

#define PTHREAD_COND_INITIALIZER \
	{ \
		0, PTHREAD_PROCESS_PRIVATE, CLOCK_REALTIME \
	}

int pthread_condattr_init(pthread_condattr_t *attr);
int pthread_condattr_destroy(pthread_condattr_t *attr);
int pthread_condattr_setpshared(pthread_condattr_t *attr, int shared);
int pthread_condattr_getpshared(const pthread_condattr_t *attr, int *shared);
int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock); /* CLOCK_REALTIME, CLOCK_MONOTONIC */
int pthread_condattr_getclock(const pthread_condattr_t *attr, clockid_t *clock);

int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr);
int pthread_cond_destroy(pthread_cond_t *cond);
int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until);
int pthread_cond_signal(pthread_cond_t *cond);
int pthread_cond_broadcast(pthread_cond_t *cond);

/* Spinning locks burn the processor until they are free.  Rarely what is wanted: see docs/futex.md. */

typedef volatile int pthread_spinlock_t;

int pthread_spin_init(pthread_spinlock_t *lock, int shared);
int pthread_spin_destroy(pthread_spinlock_t *lock);
int pthread_spin_lock(pthread_spinlock_t *lock);
int pthread_spin_trylock(pthread_spinlock_t *lock); /* EBUSY */
int pthread_spin_unlock(pthread_spinlock_t *lock);

#endif
