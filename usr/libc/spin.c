/* Spinning locks: right only where the holder is known to run on another processor at this moment and to be through
   in a few instructions, which a program never knows.  On one processor every wait lasts until the holder's turn
   comes (docs/futex.md). */
#include <errno.h>
#include <pthread.h>

int pthread_spin_init(pthread_spinlock_t *lock, int shared)
{
	(void)shared; /* a word is a word, whoever maps it */
	*lock = 0;
	return 0;
}

int pthread_spin_destroy(pthread_spinlock_t *lock)
{
	(void)lock;
	return 0;
}

int pthread_spin_trylock(pthread_spinlock_t *lock)
{
	return __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) == 0 ? 0 : EBUSY;
}

/* Reading while it is taken leaves the cache line to its holder. */
int pthread_spin_lock(pthread_spinlock_t *lock)
{
	while (pthread_spin_trylock(lock) != 0)
		while (*lock)
			__asm__ volatile("rep; nop");
	return 0;
}

int pthread_spin_unlock(pthread_spinlock_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
	return 0;
}
