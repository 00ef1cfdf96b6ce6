/* The trap frame, and who handles traps inside arch/x86. */
#ifndef X86_TRAP_PRIV_H
#define X86_TRAP_PRIV_H

#include "layout_priv.h"

#include <arch/compiler.h>
#include <arch/trapframe.h>

/* As trap_entry.S pushes it.  EBX to EBP stand in the order of system-call arguments.  ESP and SS are there only when
   the frame is from user mode.  DS and ES: the upper halves mean nothing. */
struct trapframe {
	uint32_t ebx, ecx, edx, esi, edi, ebp;
	uint32_t eax;
	uint32_t ds, es;
	uint32_t vector, error;
	uint32_t eip, cs, eflags; /* from here on pushed by the processor */
	uint32_t esp, ss;
};

/* EFLAGS (Intel SDM 3A, 2.3) */
#define EFLAGS_FIXED 0x2u
#define EFLAGS_TF 0x100u
#define EFLAGS_IF 0x200u

/* Called by trap_entry.S. */
struct trapframe *x86_trap(struct trapframe *tf);
void x86_page_fault(struct trapframe *tf, vaddr_t va);
void x86_double_fault(void) noreturn_fn;
void x86_frame_resume(struct trapframe *user) noreturn_fn;

/* Where the access at EIP goes on after a fault; 0: no such access. */
uint32_t x86_exception_fixup(uint32_t eip);

/* irq.c: device line, interrupting user mode or not; interrupts disabled */
void x86_irq_dispatch(unsigned line, bool user);
/* fpu.c: #NM in user mode, interrupts disabled */
void x86_fpu_trap(struct trapframe *tf);
/* smp.c: the stop request, if there is one, is obeyed: does not return then */
void x86_stop_poll(void);
/* tlb.c: do what other CPUs asked of this one */
void x86_requests_serve(void);

#endif
