/* Signals: sets, actions, sending. */
#include <signal.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc_priv.h"

_Static_assert(sizeof(sigset_t) == sizeof(((struct abi_sigaction *)0)->mask), "a set is what the kernel takes");

int sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct abi_sigaction new_action = {0}, old_action;

	if (act) {
		new_action.handler = (uint32_t)(uintptr_t)act->sa_handler;
		new_action.flags = act->sa_flags;
		memcpy(new_action.mask, act->sa_mask.bits, sizeof new_action.mask);
	}
	if (__sys_rt_sigaction(sig, act ? &new_action : NULL, old ? &old_action : NULL, sizeof(sigset_t)) < 0)
		return -1;
	if (old) {
		old->sa_handler = (sighandler_t)(uintptr_t)old_action.handler;
		old->sa_flags = old_action.flags;
		memcpy(old->sa_mask.bits, old_action.mask, sizeof old_action.mask);
	}
	return 0;
}

sighandler_t signal(int sig, sighandler_t handler)
{
	struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;

	return sigaction(sig, &act, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return (int)__sys_rt_sigprocmask(how, set, old, sizeof(sigset_t));
}

int killpg(pid_t pgrp, int sig)
{
	if (pgrp <= 1) {
		errno = EINVAL;
		return -1;
	}
	return kill(-pgrp, sig);
}

int raise(int sig)
{
	return kill(getpid(), sig);
}

void abort(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGABRT);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGABRT);
	signal(SIGABRT, SIG_DFL); /* it was ignored or handled */
	raise(SIGABRT);
	_exit(128 + SIGABRT);
}

int sigemptyset(sigset_t *set)
{
	*set = (sigset_t){{0, 0}};
	return 0;
}

int sigfillset(sigset_t *set)
{
	*set = (sigset_t){{~0u, ~0u}};
	return 0;
}

/* The word of SET that holds SIG, or NULL with EINVAL. */
static const unsigned int *set_word(const sigset_t *set, int sig)
{
	if (sig < 1 || sig > ABI_NSIG) {
		errno = EINVAL;
		return NULL;
	}
	return &set->bits[(sig - 1) / 32];
}

static unsigned int set_bit(int sig)
{
	return 1u << ((sig - 1) % 32);
}

int sigaddset(sigset_t *set, int sig)
{
	unsigned int *word = (unsigned int *)set_word(set, sig);

	return word ? (*word |= set_bit(sig), 0) : -1;
}

int sigdelset(sigset_t *set, int sig)
{
	unsigned int *word = (unsigned int *)set_word(set, sig);

	return word ? (*word &= ~set_bit(sig), 0) : -1;
}

int sigismember(const sigset_t *set, int sig)
{
	const unsigned int *word = set_word(set, sig);

	return word ? (*word & set_bit(sig)) != 0 : -1;
}
