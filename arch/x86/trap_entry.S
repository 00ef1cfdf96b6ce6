/* The ways into the kernel and out again.
   Every entry makes a struct trapframe (trap_priv.h); FS and GS are not in it, for the kernel never uses them and
   arch_switch keeps them.  A kernel stack holds at most one frame of user mode, right below struct arch_stack_top, so
   on the way out the attention word stands at a fixed distance.
   Of the user's flags only DF needs care: a gate clears TF and NT (Intel SDM 3A, 6.12.1.3), and IOPL and AC mean
   nothing to the kernel.  What may fault because of the user's segments is named in the exception table: a selector
   becomes 0, an IRET ends as a fault of the program (trap.c).
   SYSENTER was not taken as a second entry: the ABI is int $0x80, and one hostile entry is enough to guard. */
#include "layout_priv.h"

.macro SAVE_REGISTERS
	cld
	pushl %es
	pushl %ds
	pushl %eax
	pushl %ebp
	pushl %edi
	pushl %esi
	pushl %edx
	pushl %ecx
	pushl %ebx
	movl %ss, %edx
	movl %edx, %ds
	movl %edx, %es
.endm

/* Interrupts are disabled. */
.macro RESTORE_AND_RETURN
	popl %ebx
	popl %ecx
	popl %edx
	popl %esi
	popl %edi
	popl %ebp
	popl %eax
10:	popl %ds
11:	popl %es
	addl $8, %esp
12:	iret
	EXCEPTION_ENTRY(10b, x86_fixup_pop_ds)
	EXCEPTION_ENTRY(11b, x86_fixup_pop_es)
	EXCEPTION_ENTRY(12b, x86_fixup_iret)
.endm

	.text
/* The system call.  The hottest code of the kernel: each instruction here is paid by every call. */
FUNCTION(x86_entry_syscall)
	pushl $0
	pushl $VECTOR_SYSCALL
	SAVE_REGISTERS
	movl %esp, %edx
	pushl %edx
	pushl %eax
	call *kernel_hooks + HOOK_SYSCALL
	addl $8, %esp
	movl %eax, TF_EAX(%esp)
	cli
	cmpl $0, TF_SIZE + TOP_ATTENTION(%esp)
	jne user_attention
	RESTORE_AND_RETURN
END_FUNCTION(x86_entry_syscall)

/* CR2 is read before anything else can fault (Intel SDM 3A, 4.7). */
FUNCTION(x86_entry_page_fault)
	pushl $VECTOR_PAGE_FAULT
	SAVE_REGISTERS
	movl %cr2, %edx
	movl %esp, %eax
	pushl %edx
	pushl %eax
	call x86_page_fault
	addl $8, %esp
	jmp x86_trap_return
END_FUNCTION(x86_entry_page_fault)

/* Everything else.  x86_trap() answers with the frame to go on with. */
trap_common:
	SAVE_REGISTERS
	pushl %esp
	call x86_trap
	movl %eax, %esp

/* ESP: a frame. */
	.globl x86_trap_return
	.type x86_trap_return, @function
x86_trap_return: /* not aligned: the padding would be executed */
	cli
	testb $3, TF_CS(%esp)
	jz 1f
	cmpl $0, TF_SIZE + TOP_ATTENTION(%esp)
	jne user_attention
1:	RESTORE_AND_RETURN
END_FUNCTION(x86_trap_return)

user_attention:
	sti
	pushl %esp
	call *kernel_hooks + HOOK_RETURN_TO_USER
	addl $4, %esp
	jmp x86_trap_return

/* void x86_frame_resume(struct trapframe *user): leave through the frame at the top of this stack. */
FUNCTION(x86_frame_resume)
	movl 4(%esp), %esp
	jmp x86_trap_return
END_FUNCTION(x86_frame_resume)

/* The program has put a selector into DS or ES whose descriptor is gone: it gets the null selector. */
x86_fixup_pop_ds:
	movl $0, (%esp)
	popl %ds
	jmp 1f
x86_fixup_pop_es:
	movl $0, (%esp)
1:	popl %es
	jmp 2f
	.globl x86_fixup_iret /* never run: x86_trap() knows the address */
x86_fixup_iret:
	ud2
2:	addl $8, %esp
3:	iret
	EXCEPTION_ENTRY(1b, x86_fixup_pop_es)
	EXCEPTION_ENTRY(3b, x86_fixup_iret)

/* The double fault is a task of its own (segments.c): no frame, no register worth saving. */
FUNCTION(x86_entry_double_fault)
	cld
	call x86_double_fault
	ud2
END_FUNCTION(x86_entry_double_fault)

/* The stubs: those exceptions that push no error code get a 0 (Intel SDM 3A, table 6-1).  Each is 16 bytes, so that
   segments.c finds stub N by multiplication. */
FUNCTION(x86_stubs)
	.set i, 0
	.rept VECTOR_IRQ + IRQ_LINES + 1
	.balign 16
	.if !(i == 8 || (i >= 10 && i <= 14) || i == 17 || i == 21 || i == 29 || i == 30)
	pushl $0
	.endif
	pushl $i
	jmp trap_common
	.set i, i + 1
	.endr
END_FUNCTION(x86_stubs)

.macro STUB vector
	.balign 16
	pushl $0
	pushl $\vector
	jmp trap_common
.endm

FUNCTION(x86_stubs_local)
	STUB VECTOR_TIMER
	STUB VECTOR_RESCHEDULE
	STUB VECTOR_SHOOTDOWN
	STUB VECTOR_SPURIOUS
END_FUNCTION(x86_stubs_local)

	.section .note.GNU-stack, "", @progbits
