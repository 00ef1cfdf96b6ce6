/* Sets of signals: two words, bit s-1 is signal s.  Pure. */
#ifndef KERN_SIGSET_H
#define KERN_SIGSET_H

#include <abi/signal.h>
#include <stdbool.h>

#define SIGSET_WORDS (ABI_NSIG / 32)

static inline bool signal_valid(int sig)
{
	return sig >= 1 && sig <= ABI_NSIG;
}

static inline uint32_t sigset_bit(int sig)
{
	return (uint32_t)1 << ((unsigned)(sig - 1) % 32);
}

static inline bool sigset_has(const uint32_t *set, int sig)
{
	return (set[(unsigned)(sig - 1) / 32] & sigset_bit(sig)) != 0;
}

static inline void sigset_add(uint32_t *set, int sig)
{
	set[(unsigned)(sig - 1) / 32] |= sigset_bit(sig);
}

static inline void sigset_remove(uint32_t *set, int sig)
{
	set[(unsigned)(sig - 1) / 32] &= ~sigset_bit(sig);
}

/* What a process cannot block or ignore. */
static inline void sigset_remove_unblockable(uint32_t *set)
{
	sigset_remove(set, SIGKILL);
	sigset_remove(set, SIGSTOP);
}

/* The signal to act on now: SIGKILL before all others, then the lowest. => 0: none. */
static inline int sigset_deliverable(const uint32_t *pending, const uint32_t *blocked)
{
	if (sigset_has(pending, SIGKILL))
		return SIGKILL;
	for (unsigned w = 0; w < SIGSET_WORDS; w++) {
		uint32_t ready = pending[w] & ~blocked[w];

		if (ready != 0)
			return (int)(32 * w + (unsigned)__builtin_ctz(ready)) + 1;
	}
	return 0;
}

/* SET as sigprocmask(HOW, ARG) makes it. => false: no such HOW, SET unchanged. */
static inline bool sigset_change(uint32_t *set, int how, const uint32_t *arg)
{
	if (how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK)
		return false;
	for (unsigned w = 0; w < SIGSET_WORDS; w++) {
		if (how == SIG_BLOCK)
			set[w] |= arg[w];
		else if (how == SIG_UNBLOCK)
			set[w] &= ~arg[w];
		else
			set[w] = arg[w];
	}
	sigset_remove_unblockable(set);
	return true;
}

/* Signals that do nothing by default.  The four that stop a process are among them: there is no job control by stopping
   yet, and to end a process instead would be worse. */
static inline bool signal_default_ignores(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU: return true;
	default: return false;
	}
}

#endif
