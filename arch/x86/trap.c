/* Traps, seen from C: tell what happened in the words of arch/hooks.h and call up.  Nothing is decided here, but for
   one thing: an exception in kernel mode that no exception-table entry expects is a panic.

   Two exceptions to "kernel mode" are a program's doing.  A selector or a stack that went bad lets the IRET to user
   mode fault; the frame it was about to leave through is made whole again and the fault is the program's.  And a debug
   exception in kernel mode can only come from a user's trap flag that outlived the gate on an odd processor: it is
   switched off. */
#include "trap_priv.h"

#include "apic_priv.h"
#include "cpu_priv.h"

#include <arch/hooks.h>
#include <arch/power.h>

struct exception_entry {
	uint32_t insn, fixup;
};
extern const struct exception_entry x86_exception_table[], x86_exception_table_end[];
extern const char x86_uaccess_start[], x86_uaccess_end[], x86_fixup_iret[];

/* Error code of a page fault (Intel SDM 3A, 4.7). */
enum { PF_PRESENT = 1, PF_WRITE = 2 };

uint32_t x86_exception_fixup(uint32_t eip)
{
	for (const struct exception_entry *e = x86_exception_table; e < x86_exception_table_end; e++)
		if (e->insn == eip)
			return e->fixup;
	return 0;
}

/* Intel SDM 3A, table 6-1. */
static enum trap_kind trap_kind_of(uint32_t vector)
{
	static const uint8_t kinds[] = {
		[0] = TRAP_DIVIDE,   [1] = TRAP_DEBUG,       [2] = TRAP_OTHER,       [3] = TRAP_BREAKPOINT,
		[4] = TRAP_OVERFLOW, [5] = TRAP_BOUND,       [6] = TRAP_ILLEGAL,     [7] = TRAP_OTHER,
		[8] = TRAP_OTHER,    [9] = TRAP_OTHER,       [10] = TRAP_PROTECTION, [11] = TRAP_PROTECTION,
		[12] = TRAP_STACK,   [13] = TRAP_PROTECTION, [14] = TRAP_OTHER,      [15] = TRAP_OTHER,
		[16] = TRAP_FLOAT,   [17] = TRAP_ALIGNMENT,  [18] = TRAP_OTHER,      [19] = TRAP_FLOAT,
	};

	return vector < sizeof kinds ? (enum trap_kind)kinds[vector] : TRAP_OTHER;
}

static bool is_uaccess(uint32_t eip)
{
	return eip - (uint32_t)x86_uaccess_start < (uint32_t)(x86_uaccess_end - x86_uaccess_start);
}

/* A program's page fault, or one of the kernel in a user copy, is for kern/; VA was read before interrupts go on. */
void x86_page_fault(struct trapframe *tf, vaddr_t va)
{
	struct fault_info f = {
		.va = va,
		.write = tf->error & PF_WRITE,
		.present = tf->error & PF_PRESENT,
		.user = trapframe_is_user(
			tf), /* not the error code's bit: a program's selector load reads the GDT without it */
	};

	if (unlikely(!f.user && !is_uaccess(tf->eip)))
		x86_panic(tf, "page fault in the kernel at %08x: %s address %08x", (unsigned)tf->eip,
		          f.write ? "writes" : "reads", (unsigned)va);
	if (likely(tf->eflags & EFLAGS_IF))
		irq_enable();
	if (likely(kernel_hooks.page_fault(tf, &f)) || f.user)
		return;
	irq_disable();
	tf->eip = x86_exception_fixup(tf->eip);
	if (!tf->eip)
		x86_panic(tf, "page fault in a user copy without a fixup: address %08x", (unsigned)va);
}

/* The IRET to user mode faulted: in NESTED, a frame of kernel mode, are the program's registers as they were popped,
   and right above it what IRET would have taken.  => the program's own frame, whole again. */
static struct trapframe *user_frame_restore(const struct trapframe *nested)
{
	struct trapframe *user = (struct trapframe *)((char *)x86_stack_top() - sizeof *user);
	struct trapframe t = {0};

	/* The frames overlap. */
	__builtin_memcpy(&t, nested, offsetof(struct trapframe, eip));
	__builtin_memcpy(user, &t, offsetof(struct trapframe, eip));
	return user;
}

static const char *exception_name(uint32_t vector)
{
	static const char names[][4] = {
		"DE", "DB", "NMI", "BP", "OF", "BR", "UD", "NM", "DF", "09",
		"TS", "NP", "SS",  "GP", "PF", "0f", "MF", "AC", "MC", "XM",
	};

	return vector < ARRAY_SIZE(names) ? names[vector] : "?";
}

static struct trapframe *kernel_exception(struct trapframe *tf)
{
	uint32_t fixup = x86_exception_fixup(tf->eip);

	if (tf->vector == VECTOR_DEBUG) {
		tf->eflags &= ~EFLAGS_TF;
		return tf;
	}
	if (!fixup)
		x86_panic(tf, "exception #%.3s in the kernel at %08x, error %x", exception_name(tf->vector),
		          (unsigned)tf->eip, (unsigned)tf->error);
	if (fixup != (uint32_t)x86_fixup_iret) {
		tf->eip = fixup;
		return tf;
	}
	tf = user_frame_restore(tf);
	irq_enable();
	kernel_hooks.user_trap(tf, trap_kind_of(tf->vector));
	return tf;
}

#define VECTOR_NO_FPU 7

static struct trapframe *exception(struct trapframe *tf)
{
	if (unlikely(tf->vector == VECTOR_NMI)) {
		x86_stop_poll();
		return tf; /* nobody here asks for one: a hardware error that the firmware knows more of */
	}
	if (!trapframe_is_user(tf))
		return kernel_exception(tf);
	if (tf->vector == VECTOR_NO_FPU) {
		x86_fpu_trap(tf);
		return tf;
	}
	irq_enable();
	kernel_hooks.user_trap(tf, trap_kind_of(tf->vector));
	return tf;
}

/* The caller's stub has pushed a return address on top of the arguments.  The sum may wrap: any address will do. */
static void gate40(struct trapframe *tf)
{
	trapframe_set_result(tf, kernel_hooks.gate40(tf->eax, (user_ptr_t){tf->esp + sizeof(uint32_t)}));
}

static void local_interrupt(struct trapframe *tf)
{
	switch (tf->vector) {
	case VECTOR_TIMER:
		apic_eoi();
		if (kernel_hooks.timer)
			kernel_hooks.timer(trapframe_is_user(tf));
		break;
	case VECTOR_RESCHEDULE:
		apic_eoi();
		if (kernel_hooks.reschedule)
			kernel_hooks.reschedule();
		break;
	case VECTOR_SHOOTDOWN:
		apic_eoi();
		x86_requests_serve();
		break;
	default: /* VECTOR_SPURIOUS wants no end-of-interrupt (Intel SDM 3A, 10.9) */ break;
	}
}

struct trapframe *x86_trap(struct trapframe *tf)
{
	if (tf->vector < VECTOR_IRQ)
		return exception(tf);
	if (tf->vector < VECTOR_IRQ + IRQ_LINES)
		x86_irq_dispatch(tf->vector - VECTOR_IRQ, trapframe_is_user(tf));
	else if (tf->vector == VECTOR_GATE40)
		gate40(tf);
	else
		local_interrupt(tf);
	return tf;
}

static bool is_in_guard(vaddr_t va)
{
	return va >= KERNBASE && (va & (2 * KSTACK_BYTES - 1)) < KSTACK_BYTES;
}

/* The stack pointer left its stack, or the access that faulted first was just below it. */
static bool is_stack_overflow(uint32_t esp, vaddr_t fault_va)
{
	return is_in_guard(esp) || (is_in_guard(fault_va) && esp - fault_va <= PAGE_SIZE);
}

/* On the CPU's double-fault task: the TSS it came from holds the failed context (Intel SDM 3A, 7.3). */
void x86_double_fault(void)
{
	const struct x86_tss *s = &x86_this_cpu()->tss;
	struct trapframe tf = {
		.ebx = s->ebx,
		.ecx = s->ecx,
		.edx = s->edx,
		.esi = s->esi,
		.edi = s->edi,
		.ebp = s->ebp,
		.eax = s->eax,
		.ds = s->ds,
		.es = s->es,
		.vector = VECTOR_DOUBLE_FAULT,
		.eip = s->eip,
		.cs = s->cs,
		.eflags = s->eflags,
		.esp = s->esp,
		.ss = s->ss,
	};

	if (is_stack_overflow(s->esp, x86_cr2_read()))
		x86_panic(&tf, "kernel stack overflow (double fault at %08x, esp %08x)", (unsigned)s->eip,
		          (unsigned)s->esp);
	x86_panic(&tf, "double fault at %08x, esp %08x", (unsigned)s->eip, (unsigned)s->esp);
}
