/* Numbers that assembly and C share.  thread.c asserts that each equals what the compiler makes of the structs. */
#ifndef X86_LAYOUT_PRIV_H
#define X86_LAYOUT_PRIV_H

/* Segment selectors (GDT index * 8 | RPL).  6, 7 and 8 are the entries that set_thread_area numbers. */
#define SEL_KERNEL_CODE 0x08
#define SEL_KERNEL_DATA 0x10
#define SEL_USER_CODE 0x1b
#define SEL_USER_DATA 0x23
#define SEL_TSS 0x28
#define SEL_DOUBLE_FAULT 0x48
#define GDT_TLS_FIRST 6
#define GDT_TLS_COUNT 3
#define GDT_ENTRIES 10

/* Vectors. */
#define VECTOR_DEBUG 1
#define VECTOR_NMI 2
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_PAGE_FAULT 14
#define VECTOR_IRQ 0x20 /* .. 0x3f: device lines */
#define IRQ_LINES 32
#define VECTOR_GATE40 0x40
#define VECTOR_SYSCALL 0x80
#define VECTOR_TIMER 0xf0
#define VECTOR_RESCHEDULE 0xf1
#define VECTOR_SHOOTDOWN 0xf2
#define VECTOR_SPURIOUS 0xff

/* struct trapframe */
#define TF_EAX 24
#define TF_CS 48
#define TF_SIZE 64 /* of a frame from user mode */

/* struct arch_stack_top, at the end of each kernel stack; right behind a frame from user mode */
#define KSTACK_BYTES 8192
#define TOP_BYTES 32
#define TOP_OFFSET (KSTACK_BYTES - TOP_BYTES)
#define TOP_SELF 0
#define TOP_CPU 4
#define TOP_ATTENTION 8
#define TOP_PCPU 12

/* struct arch_thread */
#define THREAD_ESP 4
#define THREAD_FS 8
#define THREAD_GS 12
#define THREAD_TLS_USED 16
#define THREAD_TLS 20
#define THREAD_FPU_AREA 44
#define THREAD_FPU_LIVE 48

/* struct x86_cpu */
#define CPU_GDT_TLS (8 * GDT_TLS_FIRST)
#define CPU_TSS_ESP0 84

/* struct kernel_hooks */
#define HOOK_SYSCALL 0
#define HOOK_RETURN_TO_USER 24

/* Control registers (Intel SDM 3A, 2.5). */
#define CR0_PE 0x1
#define CR0_MP 0x2
#define CR0_EM 0x4
#define CR0_TS 0x8
#define CR0_NE 0x20
#define CR0_WP 0x10000
#define CR0_AM 0x40000
#define CR0_NW 0x20000000
#define CR0_CD 0x40000000
#define CR0_PG 0x80000000
#define CR4_PSE 0x10
#define CR4_PGE 0x80
#define CR4_OSFXSR 0x200
#define CR4_OSXMMEXCPT 0x400

/* The page of low memory that other CPUs start in: below 1 MiB, a multiple of 4096 (Intel SDM 3A, 9.4.4). */
#define AP_START_PAGE 0x8000
#define LOW_RESERVED 0x10000 /* bytes of low memory that stay the firmware's and the start page's */

#ifdef __ASSEMBLER__
/* clang-format off */
#define KERNBASE 0x80000000
/* An access at INSN that faults goes on at FIXUP. */
#define EXCEPTION_ENTRY(insn, fixup) .pushsection .exception_table, "a", @progbits; .long insn, fixup; .popsection
#define FUNCTION(name) .globl name; .type name, @function; .balign 16; name:
#define END_FUNCTION(name) .size name, . - name
/* clang-format on */
#endif

#endif
