/* Futexes: programs sleep until somebody says that a word of their memory has changed (docs/futex.md).  The kernel
   knows a futex only while somebody sleeps on it.
   WORD is an address that 4 divides (else E_INVAL).  PRIVATE: only
   sleepers of this address space are meant; else a word in a shared mapping is the same futex for all who map it.
   Nothing is locked; all of these may sleep. */
#ifndef KERN_FUTEX_H
#define KERN_FUTEX_H

#include <arch/compiler.h>
#include <arch/types.h>
#include <lib/status.h>

#define FUTEX_ANY_BIT UINT32_MAX

void futex_init(void); /* once, at boot */

/* Sleep if WORD holds VALUE, until a waker comes whose bits meet BITS, or DEADLINE (arch_time_ns(); NO_DEADLINE)
   passes. Allocates nothing, but that a page of WORD which is promised must come.
   => OK: woken; E_AGAIN: it holds something else; E_TIMEDOUT; E_INTR: a signal; E_INVAL: also BITS 0; E_FAULT;
   E_NOMEM. */
enum status futex_wait(user_ptr_t word, bool private, uint32_t value, uint32_t bits, uint64_t deadline) must_check;
/* Wake those who sleep on WORD and whose bits meet BITS, in the order of their coming, at most MAX, or one if MAX < 1.
   => how many; E_INVAL: also BITS 0; E_FAULT: a shared WORD lies in no region. */
int32_t futex_wake(user_ptr_t word, bool private, int32_t max, uint32_t bits) must_check;

struct futex_requeue {
	user_ptr_t from, to;
	bool private;
	int32_t wake, move;       /* at most so many of FROM are woken, and then so many moved to TO */
	const uint32_t *expected; /* NULL, or what the word FROM must hold */
};
/* => how many were woken or moved; E_AGAIN: FROM does not hold what is expected; E_INVAL: also a negative count;
   E_FAULT; E_NOMEM. */
int32_t futex_requeue(const struct futex_requeue *r) must_check;

#endif
