// What a lock costs that nobody else wants: some dozen instructions, and no system call.  The clock counts
// instructions.
// suite: shm
// kernels: release
// icount: yes
// expect: mutex [0-9]+, semaphore [0-9]+, spinning [0-9]+ instructions
#include <pthread.h>
#include <semaphore.h>

#include "check.h"

enum { PAIRS = 100000, DOZENS = 60 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_spinlock_t spin;
static sem_t semaphore;

static void mutex_pair(void)
{
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
}

static void semaphore_pair(void)
{
	sem_wait(&semaphore);
	sem_post(&semaphore);
}

static void spin_pair(void)
{
	pthread_spin_lock(&spin);
	pthread_spin_unlock(&spin);
}

static void no_pair(void)
{
}

static uint64_t now_ns(void)
{
	struct timespec t;

	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Instructions, one a nanosecond, of one PAIR and the loop about it. */
static int cost(void (*volatile pair)(void))
{
	uint64_t start;

	pair();
	start = now_ns();
	for (int i = 0; i < PAIRS; i++)
		pair();
	return (int)((now_ns() - start) / PAIRS);
}

int main(void)
{
	int loop = cost(no_pair), m, s, p;

	CHECK_EQ(sem_init(&semaphore, 1, 1), 0);
	m = cost(mutex_pair) - loop;
	s = cost(semaphore_pair) - loop;
	p = cost(spin_pair) - loop;
	printf("mutex %d, semaphore %d, spinning %d instructions\n", m, s, p);
	CHECK(loop > 0 && m > 0 && m < DOZENS && s > 0 && s < DOZENS && p > 0 && p < DOZENS);
	return 0;
}
