/* Mutexes, conditions, semaphores, spinning locks: what each call answers, alone and between a parent and its child. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	pthread_spinlock_t spin;
	sem_t sem, done;
	int number;
} * s;

static struct timespec from_now(clockid_t clock, long ms)
{
	struct timespec t;

	CHECK(clock_gettime(clock, &t) == 0);
	t.tv_nsec += ms % 1000 * 1000000;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static void mutex_make(int type)
{
	pthread_mutexattr_t attr;
	int got;

	CHECK(pthread_mutexattr_init(&attr) == 0);
	CHECK(pthread_mutexattr_gettype(&attr, &got) == 0 && got == PTHREAD_MUTEX_DEFAULT);
	CHECK(pthread_mutexattr_getpshared(&attr, &got) == 0 && got == PTHREAD_PROCESS_PRIVATE);
	CHECK(pthread_mutexattr_settype(&attr, 3) == EINVAL && pthread_mutexattr_settype(&attr, -1) == EINVAL);
	CHECK(pthread_mutexattr_setpshared(&attr, 2) == EINVAL);
	CHECK(pthread_mutexattr_settype(&attr, type) == 0);
	CHECK(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0);
	CHECK(pthread_mutexattr_gettype(&attr, &got) == 0 && got == type);
	CHECK(pthread_mutexattr_getpshared(&attr, &got) == 0 && got == PTHREAD_PROCESS_SHARED);
	CHECK(pthread_mutex_init(&s->mutex, &attr) == 0);
	CHECK(pthread_mutexattr_destroy(&attr) == 0);
}

/* In a child: what it finds is its exit status. */
static int in_child(int (*deed)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(deed());
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int try_it(void)
{
	return pthread_mutex_trylock(&s->mutex);
}

static int unlock_it(void)
{
	return pthread_mutex_unlock(&s->mutex);
}

static int wait_for_it(void)
{
	struct timespec t = from_now(CLOCK_REALTIME, 20);

	return pthread_mutex_timedlock(&s->mutex, &t);
}

static int wait_badly(void)
{
	struct timespec t = {0, 1000000000};

	return pthread_mutex_timedlock(&s->mutex, &t);
}

static int wait_until_1970(void)
{
	struct timespec t = {0, 0};

	return pthread_mutex_timedlock(&s->mutex, &t);
}

static void mutex_held_by_parent(void)
{
	CHECK(in_child(try_it) == EBUSY);
	CHECK(in_child(wait_for_it) == ETIMEDOUT);
	CHECK(in_child(wait_until_1970) == ETIMEDOUT);
	CHECK(in_child(wait_badly) == EINVAL);
	CHECK(pthread_mutex_destroy(&s->mutex) == EBUSY);
}

static void normal_mutex(void)
{
	mutex_make(PTHREAD_MUTEX_NORMAL);
	CHECK(pthread_mutex_lock(&s->mutex) == 0);
	CHECK(pthread_mutex_trylock(&s->mutex) == EBUSY);
	CHECK(wait_for_it() == ETIMEDOUT);
	mutex_held_by_parent();
	CHECK(pthread_mutex_unlock(&s->mutex) == 0);
	CHECK(wait_badly() == 0); /* the time is not looked at */
	CHECK(in_child(unlock_it) == 0);
	CHECK(pthread_mutex_destroy(&s->mutex) == 0);
}

static void checking_mutex(void)
{
	mutex_make(PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_mutex_unlock(&s->mutex) == EPERM);
	CHECK(pthread_mutex_lock(&s->mutex) == 0);
	CHECK(pthread_mutex_lock(&s->mutex) == EDEADLK);
	CHECK(wait_for_it() == EDEADLK);
	CHECK(pthread_mutex_trylock(&s->mutex) == EBUSY);
	mutex_held_by_parent();
	CHECK(in_child(unlock_it) == EPERM);
	CHECK(pthread_mutex_unlock(&s->mutex) == 0);
	CHECK(pthread_mutex_unlock(&s->mutex) == EPERM);
	CHECK(pthread_mutex_destroy(&s->mutex) == 0);
}

static void recursive_mutex(void)
{
	mutex_make(PTHREAD_MUTEX_RECURSIVE);
	CHECK(pthread_mutex_lock(&s->mutex) == 0);
	CHECK(pthread_mutex_lock(&s->mutex) == 0 && pthread_mutex_trylock(&s->mutex) == 0 && wait_for_it() == 0);
	for (int i = 0; i < 3; i++) {
		mutex_held_by_parent();
		CHECK(in_child(unlock_it) == EPERM);
		CHECK(pthread_mutex_unlock(&s->mutex) == 0);
	}
	CHECK(in_child(try_it) == EBUSY);
	CHECK(pthread_mutex_unlock(&s->mutex) == 0);
	CHECK(pthread_mutex_unlock(&s->mutex) == EPERM);
	CHECK(in_child(try_it) == 0); /* and ends with it */
	CHECK(pthread_mutex_trylock(&s->mutex) == EBUSY);
}

static int lock_and_unlock(void)
{
	return pthread_mutex_lock(&s->mutex) != 0 || pthread_mutex_unlock(&s->mutex) != 0;
}

/* Two children come while it is taken; each gets it, one from the other. */
static void handed_on(int type)
{
	struct timespec nap = {0, 20000000};
	int status;

	mutex_make(type);
	CHECK(pthread_mutex_lock(&s->mutex) == 0);
	for (int i = 0; i < 2; i++)
		if (fork() == 0)
			_exit(lock_and_unlock());
	nanosleep(&nap, NULL); /* now they sleep, or soon */
	CHECK(pthread_mutex_unlock(&s->mutex) == 0);
	for (int i = 0; i < 2; i++)
		CHECK(wait(&status) > 0 && status == 0);
	CHECK(pthread_mutex_destroy(&s->mutex) == 0);
}

static void static_mutex(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	struct timespec t = from_now(CLOCK_REALTIME, 1);

	errno = 77;
	CHECK(pthread_mutex_lock(&m) == 0 && pthread_mutex_trylock(&m) == EBUSY);
	CHECK(pthread_cond_signal(&c) == 0 && pthread_cond_broadcast(&c) == 0);
	CHECK(pthread_cond_timedwait(&c, &m, &t) == ETIMEDOUT);
	CHECK(pthread_mutex_unlock(&m) == 0 && pthread_mutex_destroy(&m) == 0 && pthread_cond_destroy(&c) == 0);
	CHECK(errno == 77);
}

static void cond_make(clockid_t clock)
{
	pthread_condattr_t attr;
	clockid_t got;
	int shared;

	CHECK(pthread_condattr_init(&attr) == 0);
	CHECK(pthread_condattr_getclock(&attr, &got) == 0 && got == CLOCK_REALTIME);
	CHECK(pthread_condattr_getpshared(&attr, &shared) == 0 && shared == PTHREAD_PROCESS_PRIVATE);
	CHECK(pthread_condattr_setclock(&attr, CLOCK_PROCESS_CPUTIME_ID) == EINVAL);
	CHECK(pthread_condattr_setpshared(&attr, -1) == EINVAL);
	CHECK(pthread_condattr_setclock(&attr, clock) == 0);
	CHECK(pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0);
	CHECK(pthread_cond_init(&s->cond, &attr) == 0);
	CHECK(pthread_condattr_destroy(&attr) == 0);
}

static int wait_for_number(void)
{
	CHECK(pthread_mutex_lock(&s->mutex) == 0);
	CHECK(sem_post(&s->done) == 0); /* nobody has the mutex before this one waits */
	while (s->number == 0)
		CHECK(pthread_cond_wait(&s->cond, &s->mutex) == 0);
	s->number--;
	CHECK(pthread_mutex_unlock(&s->mutex) == 0);
	return check_failures;
}

/* Children wait; NUMBER of them are let go, by CALL. */
static void let_go(int children, int (*call)(pthread_cond_t *), int number)
{
	int status;

	s->number = 0;
	for (int i = 0; i < children; i++)
		if (fork() == 0)
			_exit(wait_for_number());
	for (int i = 0; i < children; i++)
		CHECK(sem_wait(&s->done) == 0);
	for (int left = children; left > 0; left -= number) {
		CHECK(pthread_mutex_lock(&s->mutex) == 0);
		s->number = number;
		CHECK(call(&s->cond) == 0);
		CHECK(pthread_mutex_unlock(&s->mutex) == 0);
		for (int i = 0; i < number; i++)
			CHECK(wait(&status) > 0 && status == 0);
	}
}

static void conditions(void)
{
	struct timespec t, bad = {0, -1};

	mutex_make(PTHREAD_MUTEX_ERRORCHECK);
	for (int round = 0; round < 2; round++) {
		clockid_t clock = round ? CLOCK_MONOTONIC : CLOCK_REALTIME;

		cond_make(clock);
		CHECK(sem_init(&s->done, 1, 0) == 0);
		CHECK(pthread_cond_wait(&s->cond, &s->mutex) == EPERM);
		CHECK(pthread_mutex_lock(&s->mutex) == 0);
		t = from_now(clock, 20);
		CHECK(pthread_cond_timedwait(&s->cond, &s->mutex, &t) == ETIMEDOUT);
		CHECK(pthread_cond_timedwait(&s->cond, &s->mutex, &bad) == EINVAL);
		CHECK(pthread_mutex_unlock(&s->mutex) == 0); /* it is ours still */
		let_go(4, pthread_cond_signal, 1);
		let_go(4, pthread_cond_broadcast, 4);
		let_go(4, pthread_cond_broadcast, 2);
		CHECK(pthread_cond_destroy(&s->cond) == 0);
	}
	CHECK(pthread_mutex_destroy(&s->mutex) == 0);
}

static int take_and_post(void)
{
	CHECK(sem_wait(&s->sem) == 0);
	CHECK(sem_post(&s->done) == 0);
	return check_failures;
}

static void semaphores(void)
{
	struct timespec past = {0, 0}, bad = {0, 1000000000}, soon;
	int value;

	CHECK(sem_init(&s->sem, 1, (unsigned int)SEM_VALUE_MAX + 1) == -1 && errno == EINVAL);
	CHECK(sem_init(&s->sem, 1, SEM_VALUE_MAX) == 0);
	CHECK(sem_post(&s->sem) == -1 && errno == EOVERFLOW);
	CHECK(sem_getvalue(&s->sem, &value) == 0 && value == SEM_VALUE_MAX);
	CHECK(sem_init(&s->sem, 1, 2) == 0 && sem_init(&s->done, 1, 0) == 0);
	CHECK(sem_wait(&s->sem) == 0 && sem_timedwait(&s->sem, &bad) == 0);
	CHECK(sem_trywait(&s->sem) == -1 && errno == EAGAIN);
	CHECK(sem_timedwait(&s->sem, &bad) == -1 && errno == EINVAL);
	CHECK(sem_timedwait(&s->sem, &past) == -1 && errno == ETIMEDOUT);
	soon = from_now(CLOCK_REALTIME, 20);
	CHECK(sem_timedwait(&s->sem, &soon) == -1 && errno == ETIMEDOUT);
	CHECK(sem_getvalue(&s->sem, &value) == 0 && value == 0);
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			_exit(take_and_post());
	for (int i = 0; i < 3; i++)
		CHECK(sem_post(&s->sem) == 0);
	for (int i = 0; i < 3; i++)
		CHECK(sem_wait(&s->done) == 0);
	for (int i = 0; i < 3; i++)
		CHECK(wait(&value) > 0 && value == 0);
	CHECK(sem_trywait(&s->sem) == -1 && sem_trywait(&s->done) == -1);
	CHECK(sem_destroy(&s->sem) == 0 && sem_destroy(&s->done) == 0);
}

static int spin_try(void)
{
	return pthread_spin_trylock(&s->spin);
}

static void spinning(void)
{
	CHECK(pthread_spin_init(&s->spin, PTHREAD_PROCESS_SHARED) == 0);
	CHECK(pthread_spin_lock(&s->spin) == 0 && pthread_spin_trylock(&s->spin) == EBUSY);
	CHECK(in_child(spin_try) == EBUSY);
	CHECK(pthread_spin_unlock(&s->spin) == 0);
	CHECK(in_child(spin_try) == 0 && pthread_spin_trylock(&s->spin) == EBUSY);
	CHECK(pthread_spin_unlock(&s->spin) == 0 && pthread_spin_destroy(&s->spin) == 0);
}

int main(void)
{
	s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(s != MAP_FAILED);
	if (check_failures)
		return check_end();
	normal_mutex();
	checking_mutex();
	recursive_mutex();
	handed_on(PTHREAD_MUTEX_NORMAL);
	handed_on(PTHREAD_MUTEX_RECURSIVE);
	static_mutex();
	conditions();
	semaphores();
	spinning();
	return check_end();
}
