/* The first steps of the other CPUs: copied to AP_START_PAGE, where a start-up IPI lets them begin in real mode (Intel
   SDM 3A, 8.4.4.1).  They go to protected mode, to the boot page directory (which maps this page to itself), up to
   KERNBASE, to the kernel's directory, and to the stack that arch_cpu_start() put into x86_ap_stack.  The identity map
   exists in the boot directory only; no thread ever runs on it. */
#include "layout_priv.h"

#define AT(label) (label - x86_ap_code + AP_START_PAGE)

	.section .rodata
	.globl x86_ap_code, x86_ap_code_end
	.balign 16
x86_ap_code:
	.code16
	cli
	cld
	xorw %ax, %ax
	movw %ax, %ds
	lgdtl AT(ap_gdt_pointer)
	movl %cr0, %eax
	orl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl $SEL_KERNEL_CODE, $AT(ap_protected)
	.code32
ap_protected:
	movw $SEL_KERNEL_DATA, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	xorw %ax, %ax
	movw %ax, %fs
	movw %ax, %gs
	movl %cr4, %eax
	orl $CR4_PSE, %eax
	movl %eax, %cr4
	movl $(boot_dir - KERNBASE), %eax
	movl %eax, %cr3
	movl %cr0, %eax
	andl $~(CR0_CD | CR0_NW), %eax
	orl $(CR0_PG | CR0_WP), %eax
	movl %eax, %cr0
	movl $ap_high, %eax
	jmp *%eax
	.balign 8
ap_gdt:
	.quad 0
	.quad 0x00cf9a000000ffff /* flat code, DPL 0 */
	.quad 0x00cf92000000ffff /* flat data, DPL 0 */
ap_gdt_pointer:
	.word 23
	.long AT(ap_gdt)
x86_ap_code_end:

	.text
ap_high:
	movl x86_kernel_root_pa, %eax
	movl %eax, %cr3
	movl x86_ap_stack, %esp
	xorl %ebp, %ebp
	call x86_ap_main
	ud2

	.section .note.GNU-stack, "", @progbits
