// A counter that processes raise under a lock, without any care of their own: two of them 10,000 times each, and it
// ends at 20,000; with a mutex of each type, a semaphore, a condition and a spinning lock, in anonymous memory and
// in a file.
// suite: shm
// cpus: 1 4
// kernels: debug release
// timeout: 120
#include <pthread.h>
#include <semaphore.h>

#include "_futex.h"

enum { TWO = 2, MANY = 8, TIMES = 10000, FEWER = 1000, TURNS = 200 };
#define FILE_PATH "/tmp/lock_counter.file"

static struct {
	volatile int counter;
	int processes, turn;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	pthread_spinlock_t spin;
	sem_t semaphore;
} * shared;

static int number, times; /* of a child */

/* What the other does between the two is lost. */
static void raise_it(void)
{
	int was = shared->counter;

	__asm__ volatile("" ::: "memory");
	shared->counter = was + 1;
}

static void by_mutex(void)
{
	for (int i = 0; i < times; i++) {
		CHECK_EQ(pthread_mutex_lock(&shared->mutex), 0);
		raise_it();
		CHECK_EQ(pthread_mutex_unlock(&shared->mutex), 0);
	}
}

static void by_semaphore(void)
{
	for (int i = 0; i < times; i++) {
		CHECK_EQ(sem_wait(&shared->semaphore), 0);
		raise_it();
		CHECK_EQ(sem_post(&shared->semaphore), 0);
	}
}

static void by_spinning(void)
{
	for (int i = 0; i < times; i++) {
		CHECK_EQ(pthread_spin_lock(&shared->spin), 0);
		raise_it();
		CHECK_EQ(pthread_spin_unlock(&shared->spin), 0);
	}
}

/* One after the other, strictly: each sleeps for the other's turn. */
static void by_turns(void)
{
	for (int i = 0; i < times; i++) {
		CHECK_EQ(pthread_mutex_lock(&shared->mutex), 0);
		while (shared->turn != number)
			CHECK_EQ(pthread_cond_wait(&shared->changed, &shared->mutex), 0);
		raise_it();
		shared->turn = (number + 1) % shared->processes;
		CHECK_EQ(shared->processes == 2 ? pthread_cond_signal(&shared->changed)
		                                : pthread_cond_broadcast(&shared->changed),
		         0);
		CHECK_EQ(pthread_mutex_unlock(&shared->mutex), 0);
	}
}

static void locks_make(int type)
{
	pthread_mutexattr_t attr;
	pthread_condattr_t cond;

	pthread_mutexattr_init(&attr);
	CHECK_EQ(pthread_mutexattr_settype(&attr, type), 0);
	CHECK_EQ(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), 0);
	CHECK_EQ(pthread_mutex_init(&shared->mutex, &attr), 0);
	pthread_condattr_init(&cond);
	CHECK_EQ(pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED), 0);
	CHECK_EQ(pthread_cond_init(&shared->changed, &cond), 0);
	CHECK_EQ(pthread_spin_init(&shared->spin, PTHREAD_PROCESS_SHARED), 0);
	CHECK_EQ(sem_init(&shared->semaphore, 1, 1), 0);
}

static void count(void (*how)(void), int processes, int each)
{
	pid_t pids[MANY];

	times = each;
	shared->counter = shared->turn = 0;
	shared->processes = processes;
	for (number = 0; number < processes; number++)
		pids[number] = child_start(how);
	for (int i = 0; i < processes; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
	CHECK_EQ(shared->counter, processes * each);
}

static void locks_are_free(void)
{
	int value;

	CHECK_EQ(pthread_mutex_destroy(&shared->mutex), 0);
	CHECK_EQ(sem_getvalue(&shared->semaphore, &value), 0);
	CHECK_EQ(value, 1);
	CHECK_EQ(sleepers((uint32_t *)&shared->mutex.__state), 0);
	CHECK_EQ(sleepers((uint32_t *)&shared->changed.__sequence), 0);
	CHECK_EQ(sleepers((uint32_t *)&shared->semaphore.__value), 0);
}

static void all_locks(void)
{
	static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK};

	for (int i = 0; i < COUNT(types); i++) {
		locks_make(types[i]);
		count(by_mutex, TWO, TIMES);
		count(by_turns, TWO, TURNS);
	}
	count(by_turns, 5, TURNS);
	count(by_mutex, MANY, FEWER);
	count(by_semaphore, TWO, TIMES);
	count(by_semaphore, MANY, FEWER);
	count(by_spinning, TWO, TIMES);
	locks_are_free();
}

static void body(void)
{
	int fd = TRY(open(FILE_PATH, O_CREAT | O_TRUNC | O_RDWR, 0644));

	shared = shared_new(sizeof *shared);
	all_locks();
	TRY(ftruncate(fd, PAGE));
	shared = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	CHECK(shared != MAP_FAILED);
	close(fd);
	CHECK_EQ(unlink(FILE_PATH), 0);
	all_locks();
}

int main(void)
{
	return test_run(body);
}
