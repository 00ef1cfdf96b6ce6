/* The first instructions: from the loader's flat 32-bit mode without paging to C above KERNBASE.
   The loader is any that speaks Multiboot 1 (Multiboot Specification 0.6.96): QEMU -kernel, GRUB.
   The page directory made here maps the low 2 GiB to themselves and RAM at KERNBASE, all by 4 MiB pages, writable:
   enough to read what the loader left.  paging.c makes the real one; this stays for the CPUs that start later
   (ap_start.S). */
#include "layout_priv.h"

#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_FLAGS 0x3 /* modules page aligned, memory information wanted (3.1.1) */
#define CPUID_NEEDED 0x01002038 /* PSE, TSC, MSR, PGE, FXSR: bits 3 4 5 13 24 of EDX (Intel SDM 2A, CPUID) */
#define PDE_4M 0x83 /* present, writable, page size (Intel SDM 3A, table 4-4) */
#define DIRECT_ENTRIES 448 /* DIRECT_MAX in units of 4 MiB */

	.section .boot, "awx", @progbits
	.balign 4
	.long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

/* Machine state: Multiboot 0.6.96, 3.2.  EAX magic, EBX physical address of the information. */
	.globl boot_entry
boot_entry:
	movl %eax, %ebp
	rdtsc
	movl $(boot_stack + TOP_OFFSET - KERNBASE), %esp
	movl %eax, %esi
	movl %edx, %edi
	pushl $0
	popf
	movl $1, %eax
	pushl %ebx
	cpuid
	popl %ebx
	andl $CPUID_NEEDED, %edx
	cmpl $CPUID_NEEDED, %edx
	jne too_old

	movl %edi, %edx
	movl $(kernel_bss_start - KERNBASE), %edi
	movl $kernel_bss_words, %ecx
	xorl %eax, %eax
	cld
	rep stosl

	movl $(boot_dir - KERNBASE), %edi
	movl $PDE_4M, %eax
	movl $512, %ecx
1:	movl %eax, (%edi)
	movl %eax, 2048(%edi)
	addl $4, %edi
	addl $0x400000, %eax
	loop 1b
	/* The last 64 entries of the upper half are above the direct map: nothing there. */
	movl $(boot_dir + 4 * (512 + DIRECT_ENTRIES) - KERNBASE), %edi
	movl $(512 - DIRECT_ENTRIES), %ecx
	xorl %eax, %eax
	rep stosl

	movl %cr4, %eax
	orl $CR4_PSE, %eax
	movl %eax, %cr4
	movl $(boot_dir - KERNBASE), %eax
	movl %eax, %cr3
	movl %cr0, %eax
	orl $(CR0_PG | CR0_WP), %eax
	movl %eax, %cr0
	movl $boot_high, %eax
	jmp *%eax

/* A processor from before the Pentium III: say so where there is a screen, or a first UART, and stop. */
too_old:
	movl $too_old_text, %esi
	movl $0xb8000, %edi
	movl $0x3f8, %edx
	movb $0x4f, %ah
1:	lodsb
	testb %al, %al
	jz 2f
	stosw
	outb %al, %dx
	jmp 1b
2:	cli
	hlt
	jmp 2b
too_old_text:
	.asciz "This kernel needs a processor with PSE, TSC, MSR, PGE and FXSR."

	.text
boot_high:
	addl $KERNBASE, %esp
	pushl %edx
	pushl %esi /* x86_start(magic, info, entry_cycles) */
	pushl %ebx
	pushl %ebp
	xorl %ebp, %ebp /* backtraces end here */
	call x86_start
	ud2

/* The boot stack with its guard page below it, placed as <arch/thread.h> wants it, and the boot directory to fill the
   place before.  paging.c unmaps the guard. */
	.section .bss.boot_stack, "aw", @nobits
	.balign 2 * KSTACK_BYTES
	.globl boot_dir, boot_guard, boot_stack
boot_dir:
	.skip 4096
boot_guard:
	.skip 4096
boot_stack:
	.skip KSTACK_BYTES

	.section .note.GNU-stack, "", @progbits
