/* The one table through which the machine layer, and lib's assertions, call up.  Floors above fill it in before
   interrupts are enabled; a unit test fills in its own (panic with a longjmp, for one). */
#ifndef ARCH_HOOKS_H
#define ARCH_HOOKS_H

#include <arch/compiler.h>
#include <arch/types.h>
#include <stdarg.h>

struct trapframe;    /* <arch/trapframe.h> */
struct syscall_args; /* <arch/trapframe.h> */

/* A page fault as the processor reports it (Intel SDM 3A, 4.7). */
struct fault_info {
	vaddr_t va;
	bool write;   /* the access was a write */
	bool present; /* the translation was there and forbade the access */
	bool user;    /* the access came from user mode */
};

/* Exceptions other than page faults and the first use of the FPU, by meaning. */
enum trap_kind {
	TRAP_DIVIDE,     /* #DE */
	TRAP_DEBUG,      /* #DB */
	TRAP_BREAKPOINT, /* #BP: int3 */
	TRAP_OVERFLOW,   /* #OF: into */
	TRAP_BOUND,      /* #BR */
	TRAP_ILLEGAL,    /* #UD */
	TRAP_PROTECTION, /* #GP, #TS, #NP, and `int n` of a closed vector */
	TRAP_STACK,      /* #SS */
	TRAP_ALIGNMENT,  /* #AC */
	TRAP_FLOAT,      /* #MF, #XM */
	TRAP_OTHER,
};

struct kernel_hooks {
	/* `int $0x80`: call NR with ARGS, which lie in the trap frame.  Interrupts are enabled; may sleep.
	   => what the program finds in EAX. */
	int32_t (*syscall)(uint32_t nr, struct syscall_args *args);
	/* `int $0x40`, the gate of xv6 programs: call NR, whose arguments lie at ARGS on the user's stack, if the
	   stack pointer tells the truth.  Interrupts are enabled; may sleep.  => what the program finds in EAX. */
	int32_t (*gate40)(uint32_t nr, user_ptr_t args);
	/* A page fault, from user or kernel mode.  Interrupts are enabled if they were at the access.  Returns to
	   retry the access; a fault of the kernel in a user copy that cannot be served must return false, then the
	   copy ends short. */
	bool (*page_fault)(struct trapframe *tf, const struct fault_info *f);
	/* Any other exception in user mode, interrupts enabled.  (One in kernel mode is a panic, raised by arch
	   itself.) */
	void (*user_trap)(struct trapframe *tf, enum trap_kind kind);
	/* First use of the FPU by the current thread, from user mode, interrupts enabled: gives it an area
	   (arch_fpu_attach), or ends the process. */
	void (*fpu_first_use)(struct trapframe *tf);
	/* The tick, on every CPU, interrupts disabled.  USER: it interrupted user mode. */
	void (*timer)(bool user);
	/* Work is asked for on the way to user mode (signal, reschedule); interrupts enabled; may sleep. */
	void (*return_to_user)(struct trapframe *tf);
	/* The reschedule IPI arrived; interrupts disabled. */
	void (*reschedule)(void);
	/* End of the world; every CPU but this one has been told to stop by the callee.  TF may be NULL. */
	void (*panic)(const struct trapframe *tf, const char *fmt, va_list ap) noreturn_fn;
	/* A line of arch's own for the kernel's log. */
	void (*log)(const char *fmt, ...) printf_like(1, 2);
};

extern struct kernel_hooks kernel_hooks;

#endif
