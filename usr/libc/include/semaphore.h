/* Semaphores without a name, between processes if they lie in shared memory and were made so.  All return 0, or -1 with
   errno. */
#ifndef _SEMAPHORE_H
#define _SEMAPHORE_H

#include <time.h>

#define SEM_VALUE_MAX 2147483647

typedef struct {
	unsigned int __value;
	unsigned int __waiters; /* about to sleep, or asleep; also those that were killed there */
	int __shared;
} sem_t;

int sem_init(sem_t *sem, int shared, unsigned int value); /* EINVAL: VALUE > SEM_VALUE_MAX */
int sem_destroy(sem_t *sem);
int sem_wait(sem_t *sem);                                    /* EINTR */
int sem_trywait(sem_t *sem);                                 /* EAGAIN */
int sem_timedwait(sem_t *sem, const struct timespec *until); /* by CLOCK_REALTIME.  ETIMEDOUT, EINTR, EINVAL */
int sem_post(sem_t *sem);                                    /* EOVERFLOW */
int sem_getvalue(sem_t *sem, int *value);

#endif
