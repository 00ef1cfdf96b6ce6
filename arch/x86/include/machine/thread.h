/* The machine's part of a thread on x86, and the block at the top of each kernel stack.
   The assembly files know these layouts by number: arch/x86/layout_priv.h, checked in arch/x86/thread.c. */
#ifndef MACHINE_THREAD_H
#define MACHINE_THREAD_H

#include <arch/types.h>

struct x86_cpu; /* arch/x86/cpu_priv.h */
struct arch_thread;

/* The last 32 bytes of a kernel stack.  The processor's stack pointer at an entry from user mode is the address of this
   block, so the frame of user mode ends right below it. */
struct arch_stack_top {
	void *self;                 /* constant after arch_thread_init */
	uint32_t cpu;               /* written by arch_switch on the CPU that begins to run here; read there only */
	uint32_t attention;         /* atomic: ATTENTION_* */
	struct x86_cpu *pcpu;       /* as cpu */
	struct arch_thread *thread; /* constant after arch_thread_init; NULL on the boot stack */
	uint32_t pad[3];            /* keeps the frame of user mode 16-byte aligned */
};

/* Fields without a lock belong to the CPU that runs the thread, or to its maker before it runs. */
struct arch_thread {
	struct arch_stack_top *top; /* constant after arch_thread_init */
	uint32_t esp;               /* while not running: the saved stack pointer */
	uint32_t fs, gs;            /* while not running: selectors of user mode */
	uint32_t tls_used;          /* any of tls[] is not 0 */
	uint64_t tls[3];            /* segment descriptors, 0: none */
	void *fpu_area;             /* FPU_AREA_SIZE bytes, or NULL before the first use */
	uint32_t fpu_live;          /* the FPU of this CPU holds this thread's state and may be newer than the area */
};

#endif
