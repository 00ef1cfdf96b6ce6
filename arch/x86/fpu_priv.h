/* FPU state, for thread.c. */
#ifndef X86_FPU_PRIV_H
#define X86_FPU_PRIV_H

struct arch_thread;

/* FROM is the current thread; if it has an area, so has TO. */
void x86_fpu_fork(struct arch_thread *to, struct arch_thread *from);
/* T is the current thread: a fresh state, the area stays. */
void x86_fpu_reset(struct arch_thread *t);

#endif
