/* What arch/x86 keeps for each CPU, and the instructions that only it uses. */
#ifndef X86_CPU_PRIV_H
#define X86_CPU_PRIV_H

#include "layout_priv.h"

#include <arch/cpu.h>
#include <arch/types.h>

/* Task state segment (Intel SDM 3A, 7.2.1). */
struct x86_tss {
	uint32_t link;
	uint32_t esp0, ss0, esp1, ss1, esp2, ss2;
	uint32_t cr3, eip, eflags;
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs;
	uint32_t ldt;
	uint16_t trap, io_map; /* no I/O map: its offset is beyond the limit, so every port is closed to programs */
};
_Static_assert(sizeof(struct x86_tss) == 104, "Intel SDM 3A, figure 7-2");

/* One TLB shootdown, made by the CPU whose struct x86_cpu it lies in.  Written by that CPU while `waiting` is 0. */
struct x86_shootdown {
	vaddr_t start;
	uint32_t pages;
	uint32_t waiting; /* atomic: bit n: CPU n has not done it yet; cleared by that CPU */
};

enum { CPU_SHOOTDOWN = 1u, CPU_STOP = 2u }; /* x86_cpu.requests */

/* Without another remark, a field is written by its own CPU only, or before that runs. */
struct x86_cpu {
	uint64_t gdt[GDT_ENTRIES];
	struct x86_tss tss;              /* esp0 of the running thread; the failed context after a double fault */
	struct x86_tss double_fault_tss; /* a task of its own: fresh stack, the kernel's directory */
	uint32_t number;                 /* constant; what cpu_id() says */
	uint32_t apic_id;                /* constant after acpi */
	uint32_t requests;               /* atomic: CPU_*; set by others, taken by this CPU */
	uint32_t stopped;                /* atomic: halted for good by the stop request */
	struct x86_shootdown shootdown;
};

/* The CPU's block: the struct below, the double-fault stack on top, with a top block like any kernel stack. */
union x86_cpu_block {
	struct x86_cpu cpu;
	uint8_t bytes[KSTACK_BYTES];
} aligned_to(KSTACK_BYTES);
extern union x86_cpu_block x86_cpu_blocks[ARCH_MAX_CPUS];

extern uint32_t x86_cpus_online; /* atomic: bit n: CPU n runs */

static inline struct x86_cpu *x86_cpu(unsigned cpu)
{
	return &x86_cpu_blocks[cpu].cpu;
}

static inline struct x86_cpu *x86_this_cpu(void)
{
	return x86_cpu(cpu_id());
}

struct trapframe;

/* segments.c */
void x86_segments_init(unsigned cpu); /* GDT, TSS, IDT of the CPU that calls */
void x86_idt_init(void);              /* once, on the boot CPU */

/* start.c: control registers, SYSENTER off, the FPU trapping (CR0.TS) */
void x86_features_init(void);

/* Before, or without, anybody who could print: a line on the first UART, and halt. */
void x86_early_stop(const char *why) noreturn_fn;
/* Panic with the registers of TF. */
void x86_panic(const struct trapframe *tf, const char *fmt, ...) printf_like(2, 3) noreturn_fn;

#define MSR_SYSENTER_CS 0x174 /* Intel SDM 4, table 2-2 */
#define MSR_APIC_BASE 0x1b

static inline uint64_t x86_msr_read(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void x86_msr_write(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "a"((uint32_t)v), "d"((uint32_t)(v >> 32)), "c"(msr));
}

static inline uint32_t x86_cr0_read(void)
{
	uint32_t v;

	__asm__ volatile("mov %%cr0, %0" : "=r"(v));
	return v;
}

static inline void x86_cr0_write(uint32_t v)
{
	__asm__ volatile("mov %0, %%cr0" : : "r"(v) : "memory");
}

static inline uint32_t x86_cr2_read(void)
{
	uint32_t v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

static inline void x86_cr3_write(uint32_t v)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(v) : "memory");
}

static inline uint32_t x86_cr3_read(void)
{
	uint32_t v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
	return v;
}

static inline uint32_t x86_cr4_read(void)
{
	uint32_t v;

	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	return v;
}

static inline void x86_cr4_write(uint32_t v)
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(v) : "memory");
}

#endif
