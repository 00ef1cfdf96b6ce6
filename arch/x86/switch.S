/* The switch from one thread to another, and a thread's first steps.
   Saved on the stack: what the C calling convention makes the callee's.  Everything that only some threads have (FPU
   contents, FS and GS, TLS descriptors) is looked at with one compare, and lies out of the way. */
#include "layout_priv.h"

	.text
/* void *arch_switch(struct arch_thread *prev, struct arch_thread *next, paddr_t root), interrupts disabled */
FUNCTION(arch_switch)
	movl 4(%esp), %eax
	movl 8(%esp), %edx
	movl 12(%esp), %ecx
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	cmpl $0, THREAD_FPU_LIVE(%eax)
	jne .Lfpu_save
.Lfpu_saved:
	/* What this CPU is goes from the old stack's top block to the new one's. */
	movl %esp, %ebx
	andl $-KSTACK_BYTES, %ebx
	movl TOP_OFFSET + TOP_PCPU(%ebx), %edi
	movl TOP_OFFSET + TOP_CPU(%ebx), %ebp
	movl TOP_OFFSET + TOP_SELF(%ebx), %ebx
	movl %esp, THREAD_ESP(%eax)
	movl THREAD_ESP(%edx), %esp
	movl %cr3, %esi
	cmpl %ecx, %esi
	je 1f
	movl %ecx, %cr3
1:	movl %esp, %ecx
	andl $-KSTACK_BYTES, %ecx
	addl $TOP_OFFSET, %ecx
	movl %ebp, TOP_CPU(%ecx)
	movl %edi, TOP_PCPU(%ecx)
	movl %ecx, CPU_TSS_ESP0(%edi)
	movl %ecx, (%edx) /* arch_thread.top: the boot thread had none before it first came back */
	movl THREAD_TLS_USED(%eax), %ecx
	orl THREAD_TLS_USED(%edx), %ecx
	jnz .Ltls_load
.Ltls_loaded:
	movl %fs, %ecx
	movl %ecx, THREAD_FS(%eax)
	movl %gs, %esi
	movl %esi, THREAD_GS(%eax)
	orl %esi, %ecx
	orl THREAD_FS(%edx), %ecx
	orl THREAD_GS(%edx), %ecx
	jnz .Lsegments_load
.Lsegments_loaded:
	movl %ebx, %eax
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret

/* FXSAVE, and TS again, so that the next thread's first FPU instruction traps (Intel SDM 3A, 13.4.1). */
.Lfpu_save:
	movl THREAD_FPU_AREA(%eax), %esi
	fxsave (%esi)
	movl $0, THREAD_FPU_LIVE(%eax)
	movl %cr0, %esi
	orl $CR0_TS, %esi
	movl %esi, %cr0
	jmp .Lfpu_saved

.Ltls_load:
	.set i, 0
	.rept 2 * GDT_TLS_COUNT
	movl THREAD_TLS + i(%edx), %ecx
	movl %ecx, CPU_GDT_TLS + i(%edi)
	.set i, i + 4
	.endr
	jmp .Ltls_loaded

/* Behind the descriptors.  A selector whose descriptor is gone becomes 0. */
.Lsegments_load:
1:	movw THREAD_FS(%edx), %fs
2:	movw THREAD_GS(%edx), %gs
	jmp .Lsegments_loaded
.Lx86_fixup_fs:
	movl $0, THREAD_FS(%edx)
	jmp 1b
.Lx86_fixup_gs:
	movl $0, THREAD_GS(%edx)
	jmp 2b
	EXCEPTION_ENTRY(1b, .Lx86_fixup_fs)
	EXCEPTION_ENTRY(2b, .Lx86_fixup_gs)
END_FUNCTION(arch_switch)

/* void x86_user_segments_load(uint32_t fs, uint32_t gs): as above, for the current thread */
FUNCTION(x86_user_segments_load)
1:	movw 4(%esp), %fs
2:	movw 8(%esp), %gs
	ret
3:	movl $0, 4(%esp)
	jmp 1b
4:	movl $0, 8(%esp)
	jmp 2b
	EXCEPTION_ENTRY(1b, 3b)
	EXCEPTION_ENTRY(2b, 4b)
END_FUNCTION(x86_user_segments_load)

/* Where arch_switch returns to in a new thread: its stack holds the function and its argument. */
FUNCTION(x86_thread_start)
	popl %eax
	call *%eax
	ud2
END_FUNCTION(x86_thread_start)

	.section .note.GNU-stack, "", @progbits
