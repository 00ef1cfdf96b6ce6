/* What a trap saved of the interrupted program.  Only arch/x86 knows the fields; the floors above use these.
   The frame of an entry from user mode lies at the top of the thread's kernel stack (arch/thread.h). */
#ifndef ARCH_TRAPFRAME_H
#define ARCH_TRAPFRAME_H

#include <arch/types.h>

struct trapframe;

/* The six arguments of a system call, in order: EBX ECX EDX ESI EDI EBP.  Part of the trap frame. */
struct syscall_args {
	uint32_t v[6];
};

/* Make TF the start of a fresh program: all registers 0, flat user segments, interrupts on, at ENTRY with stack
   pointer SP.  FPU and TLS state are not touched (arch_thread_reset_user). */
void trapframe_init_user(struct trapframe *tf, vaddr_t entry, vaddr_t sp);
/* What the program finds in its result register when it goes on. */
void trapframe_set_result(struct trapframe *tf, int32_t result);
vaddr_t trapframe_ip(const struct trapframe *tf);
vaddr_t trapframe_sp(const struct trapframe *tf); /* the user's stack pointer; TF is of user mode */
bool trapframe_is_user(const struct trapframe *tf);
uint32_t trapframe_vector(const struct trapframe *tf);
uint32_t trapframe_error(const struct trapframe *tf);
struct syscall_args *trapframe_syscall_args(struct trapframe *tf);

/* Print all registers, a few lines, through PRINT. */
void trapframe_print(const struct trapframe *tf, void (*print)(const char *fmt, ...));
/* Return addresses of the kernel code that led here (TF NULL: the caller; else the interrupted code, kernel mode
   only), innermost first, at most MAX.  => how many.  Survives a damaged stack. */
unsigned arch_backtrace(const struct trapframe *tf, vaddr_t *pc, unsigned max);

#endif
