/* Signals.  The kernel takes SIG_DFL and SIG_IGN so far; a handler is refused with EINVAL or ENOSYS. */
#ifndef _SIGNAL_H
#define _SIGNAL_H

#include <abi/signal.h>
#include <sys/types.h>

#define NSIG (ABI_NSIG + 1)
#define SIGIOT SIGABRT
#define SIGPOLL SIGIO

typedef int sig_atomic_t;
typedef void (*sighandler_t)(int);
typedef struct {
	unsigned int bits[2]; /* bit s-1 is signal s */
} sigset_t;
typedef struct siginfo siginfo_t;

#define SIG_DFL ((sighandler_t)ABI_SIG_DFL)
#define SIG_IGN ((sighandler_t)ABI_SIG_IGN)
#define SIG_ERR ((sighandler_t)-1)

struct sigaction {
	union {
		sighandler_t sa_handler;
		void (*sa_sigaction)(int, siginfo_t *, void *);
	};
	sigset_t sa_mask;
	unsigned int sa_flags;
};

sighandler_t signal(int sig, sighandler_t handler);
int sigaction(int sig, const struct sigaction *act, struct sigaction *old);
int sigprocmask(int how, const sigset_t *set, sigset_t *old);
int kill(pid_t pid, int sig);
int killpg(pid_t pgrp, int sig);
int raise(int sig);
int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int sig);
int sigdelset(sigset_t *set, int sig);
int sigismember(const sigset_t *set, int sig);

#endif
