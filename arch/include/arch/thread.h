/* The machine's part of a thread: kernel stack, saved context, FPU and TLS state.

   A kernel stack is STACK_SIZE bytes, aligned to twice that, with nothing mapped in the half below it (kern/ maps it
   into the kernel window).  Its last bytes hold struct arch_stack_top, which makes the current thread and CPU known
   (arch/cpu.h); below that lies the trap frame of user mode. */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

#include <abi/misc.h>
#include <arch/compiler.h>
#include <arch/types.h>

#define STACK_SIZE 8192u
/* Bytes of the kernel window from one stack to the next; the stack is the upper half. */
#define STACK_SLOT (2 * STACK_SIZE)

struct trapframe;

#include <machine/thread.h> /* struct arch_thread: embedded in the kernel's thread */

/* Make T a thread that has not run yet.  STACK is the lowest byte of its mapped stack (not the guard), SELF the word
   that arch_current() will give.  When first switched to, it runs ENTRY(ARG) with interrupts disabled; ENTRY never
   returns. */
void arch_thread_init(struct arch_thread *t, void *stack, void *self, void (*entry)(void *), void *arg);
/* Make T, all zero, the thread that is running: the boot CPU, on its first stack.  SELF as above. */
void arch_thread_adopt(struct arch_thread *t, void *self);
/* The frame of user mode on T's stack; its content is undefined before trapframe_init_user or a copy. */
struct trapframe *arch_user_frame(const struct arch_thread *t);
/* Leave the kernel for the first time through the current thread's user frame.  Interrupts disabled or enabled. */
void arch_enter_user(void) noreturn_fn;
/* Copy FROM's user frame, TLS and (if it has one) FPU state to TO, whose FPU area, if FROM has one, was attached
   already. FROM is the current thread. */
void arch_thread_fork(struct arch_thread *to, struct arch_thread *from);
/* The current thread starts a new program: TLS gone, segments flat, FPU fresh (the area stays attached). */
void arch_thread_reset_user(struct arch_thread *t);

/* Run NEXT instead of PREV (the current thread) on this CPU, with interrupts disabled before and after; loads ROOT
   when it is not loaded already.  Saves the FPU if PREV used it since it was switched to.  Returns when PREV is
   switched to again, maybe on another CPU.  => the thread that ran before this one went on (its arch_current word). */
void *arch_switch(struct arch_thread *prev, struct arch_thread *next, paddr_t root);

/* FPU (Intel SDM 3A, 13).  A thread has no area until its first FPU instruction raises hooks.fpu_first_use. */
#define FPU_AREA_SIZE 512u                               /* bytes, 16-byte aligned */
void arch_fpu_attach(struct arch_thread *t, void *area); /* AREA becomes a fresh FPU state */
void *arch_fpu_detach(struct arch_thread *t);            /* the area or NULL; T will not use the FPU again */

/* set_thread_area for the current thread: D as Linux defines it; fills in D->entry_number when it was -1.
   => 0; -EINVAL: bad entry or flags; -ESRCH: no free entry. */
int32_t arch_tls_set(struct arch_thread *t, struct abi_user_desc *d) must_check;

#endif
