// Somebody else's locks on our futexes: musl's mutex, condition and semaphore between processes, with a time and
// without.
// libc: musl
// suite: shm
// cpus: 1 4
// kernels: debug release
// expect: ^musl counts 20000 by mutex, 20000 by semaphore, 400 by turns$
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMES = 10000, TURNS = 200 };

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	sem_t semaphore;
	volatile int counter;
	int turn;
} * s;

static void ensure(int claim, const char *what)
{
	if (claim)
		return;
	fprintf(stderr, "not true: %s\n", what);
	_exit(1);
}
#define ENSURE(claim) ensure(claim, #claim)

static void by_mutex(int me)
{
	(void)me;
	for (int i = 0; i < TIMES; i++) {
		ENSURE(pthread_mutex_lock(&s->mutex) == 0);
		s->counter++;
		ENSURE(pthread_mutex_unlock(&s->mutex) == 0);
	}
}

static void by_semaphore(int me)
{
	(void)me;
	for (int i = 0; i < TIMES; i++) {
		ENSURE(sem_wait(&s->semaphore) == 0);
		s->counter++;
		ENSURE(sem_post(&s->semaphore) == 0);
	}
}

static void by_turns(int me)
{
	for (int i = 0; i < TURNS; i++) {
		ENSURE(pthread_mutex_lock(&s->mutex) == 0);
		while (s->turn != me)
			ENSURE(pthread_cond_wait(&s->changed, &s->mutex) == 0);
		s->counter++;
		s->turn = !me;
		ENSURE(pthread_cond_broadcast(&s->changed) == 0);
		ENSURE(pthread_mutex_unlock(&s->mutex) == 0);
	}
}

static int count(void (*how)(int))
{
	int status;

	s->counter = s->turn = 0;
	for (int me = 0; me < 2; me++)
		if (fork() == 0) {
			how(me);
			_exit(0);
		}
	for (int i = 0; i < 2; i++)
		ENSURE(wait(&status) > 0 && status == 0);
	return s->counter;
}

static void times(void)
{
	struct timespec t = {1, 0};

	ENSURE(sem_init(&s->semaphore, 1, 0) == 0);
	ENSURE(sem_timedwait(&s->semaphore, &t) == -1 && errno == ETIMEDOUT);
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += t.tv_nsec >= 980000000;
	t.tv_nsec = (t.tv_nsec + 20000000) % 1000000000;
	ENSURE(sem_timedwait(&s->semaphore, &t) == -1 && errno == ETIMEDOUT);
	ENSURE(pthread_mutex_lock(&s->mutex) == 0);
	ENSURE(pthread_cond_timedwait(&s->changed, &s->mutex, &t) == ETIMEDOUT);
	ENSURE(pthread_mutex_unlock(&s->mutex) == 0);
	ENSURE(sem_post(&s->semaphore) == 0);
}

int main(void)
{
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;
	int a, b, c;

	s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ENSURE(s != MAP_FAILED);
	pthread_mutexattr_init(&mutex);
	ENSURE(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED) == 0);
	ENSURE(pthread_mutex_init(&s->mutex, &mutex) == 0);
	pthread_condattr_init(&cond);
	ENSURE(pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED) == 0);
	ENSURE(pthread_cond_init(&s->changed, &cond) == 0);
	times();
	a = count(by_mutex);
	b = count(by_semaphore);
	c = count(by_turns);
	printf("musl counts %d by mutex, %d by semaphore, %d by turns\n", a, b, c);
	return 0;
}
