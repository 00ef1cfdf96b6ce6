/* Locks in shared memory. */
#include "calls.h"
#include "uspinlock.h"

WEAK void uacquire(struct uspinlock *lock)
{
	while (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&lock->locked, __ATOMIC_RELAXED))
			__asm__ volatile("pause");
}

WEAK void urelease(struct uspinlock *lock)
{
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}
