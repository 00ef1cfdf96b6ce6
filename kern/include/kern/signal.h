/* Signals: default actions and SIG_IGN; handlers come with a later issue.  A signal sets a bit, wakes an interruptible
   sleep and interrupts a CPU that runs the process in user mode; the process itself looks at it on its way to user
   mode. */
#ifndef KERN_SIGNAL_H
#define KERN_SIGNAL_H

#include <kern/proc.h>

/* Send SIG (0: only check) as kill(2) reads PID: > 0 one process, 0 the caller's group, -1 all but init and the caller,
   < -1 a group.  => E_SRCH, E_INVAL.  Any signal to init is ignored, SIGKILL too, until the machine ends. */
enum status signal_kill(int32_t pid, int sig) must_check;
/* To every process of a group; from any context but interrupt handlers. => how many there are. */
unsigned signal_group(int32_t pgid, int sig);
/* To the current process, now: a fault it made itself.  Blocking and ignoring do not help. */
void signal_force(int sig);
void signal_send(struct proc *p, int sig);
/* The current process is spared SIG, which is pending. */
void signal_forget(int sig);
/* A signal that is not blocked and not ignored is pending for the current process. */
bool signal_pending(void);
/* hooks.return_to_user: end the process if a signal says so, then reschedule if asked. */
void signal_return_to_user(struct trapframe *tf);
/* SIG_DFL or SIG_IGN (a handler: E_INVAL); SIGKILL and SIGSTOP: E_INVAL.  OLD, NEW may be NULL. */
enum status signal_action(int sig, const struct abi_sigaction *new, struct abi_sigaction *old) must_check;
enum status signal_mask(int how, const uint32_t *new, uint32_t *old) must_check; /* sets of two words */
/* hooks.user_trap, hooks.fpu_first_use. */
void signal_user_trap(struct trapframe *tf, enum trap_kind kind);
void signal_fpu_first_use(struct trapframe *tf);
/* The line on the console: `pid 3 sh: trap 14 err 6 on cpu 0 eip 0x12f1 addr 0x4004--kill proc`. */
void signal_report_fault(const struct trapframe *tf, vaddr_t addr);
/* Likewise: `pid 7 hog: out of memory, addr 0x4f31000--kill proc`. */
void signal_report_no_memory(vaddr_t addr);

#endif
