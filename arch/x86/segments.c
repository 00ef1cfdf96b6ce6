/* Segments, tasks and gates of each CPU.
   Protection is by paging; segments are flat, 4 GiB, for the kernel (DPL 0) and programs (DPL 3).  Three descriptors
   belong to the running thread's TLS.  There is one task switch in this kernel: the double fault's, the only way on
   i386 to come out of a kernel stack that is gone (Intel SDM 3A, 7.3); its TSS has its own stack in the CPU's block.
   The IDT is one for all CPUs.  Only the vectors 3, 4, 0x40 and 0x80 are open to `int n` of a program. */
#include "cpu_priv.h"
#include "mmu_priv.h"
#include "trap_priv.h"

#include <arch/mmu.h>

/* Access bytes and flags of descriptors (Intel SDM 3A, 3.4.5, 6.11 and 7.2.2). */
#define FLAT 0x00cf00000000ffffu /* base 0, limit 4 GiB, 32 bits */
#define ACCESS(byte) ((uint64_t)(byte) << 40)
#define ACCESS_CODE 0x9a
#define ACCESS_DATA 0x92
#define ACCESS_DPL3 0x60
#define ACCESS_TSS 0x89
#define GATE_INTERRUPT 0x8e00u
#define GATE_TRAP 0x8f00u
#define GATE_TASK 0x8500u
#define GATE_DPL3 0x6000u
#define IDT_ENTRIES 256

struct descriptor_table {
	uint16_t limit;
	uint32_t base;
} packed_struct;

union x86_cpu_block x86_cpu_blocks[ARCH_MAX_CPUS];
static uint64_t idt[IDT_ENTRIES]; /* constant after x86_idt_init */

extern char x86_stubs[], x86_stubs_local[], x86_entry_syscall[], x86_entry_page_fault[], x86_entry_double_fault[];

static uint64_t tss_descriptor(const struct x86_tss *tss)
{
	uint32_t base = (uint32_t)tss;

	return (sizeof *tss - 1) | (uint64_t)(base & 0xffffff) << 16 | ACCESS(ACCESS_TSS) |
	       (uint64_t)(base >> 24) << 56;
}

static void gate_set(unsigned vector, const char *entry, uint32_t kind)
{
	uint32_t offset = (uint32_t)entry;

	idt[vector] = (uint64_t)((offset & 0xffff0000) | kind) << 32 | SEL_KERNEL_CODE << 16 | (offset & 0xffff);
}

#define STUB_BYTES 16

void x86_idt_init(void)
{
	for (unsigned v = 0; v < VECTOR_GATE40; v++)
		gate_set(v, x86_stubs + v * STUB_BYTES, GATE_INTERRUPT);
	gate_set(3, x86_stubs + 3 * STUB_BYTES, GATE_INTERRUPT | GATE_DPL3); /* int3 */
	gate_set(4, x86_stubs + 4 * STUB_BYTES, GATE_INTERRUPT | GATE_DPL3); /* into */
	gate_set(VECTOR_PAGE_FAULT, x86_entry_page_fault, GATE_INTERRUPT);
	gate_set(VECTOR_GATE40, x86_stubs + VECTOR_GATE40 * STUB_BYTES, GATE_TRAP | GATE_DPL3);
	gate_set(VECTOR_SYSCALL, x86_entry_syscall, GATE_TRAP | GATE_DPL3);
	gate_set(VECTOR_TIMER, x86_stubs_local, GATE_INTERRUPT);
	gate_set(VECTOR_RESCHEDULE, x86_stubs_local + STUB_BYTES, GATE_INTERRUPT);
	gate_set(VECTOR_SHOOTDOWN, x86_stubs_local + 2 * STUB_BYTES, GATE_INTERRUPT);
	gate_set(VECTOR_SPURIOUS, x86_stubs_local + 3 * STUB_BYTES, GATE_INTERRUPT);
	idt[VECTOR_DOUBLE_FAULT] = (uint64_t)GATE_TASK << 32 | SEL_DOUBLE_FAULT << 16;
}

static void tss_init(struct x86_cpu *c)
{
	struct arch_stack_top *top = (struct arch_stack_top *)((char *)c + TOP_OFFSET);

	top->cpu = c->number;
	top->pcpu = c;
	c->tss.ss0 = SEL_KERNEL_DATA;
	c->tss.esp0 = (uint32_t)x86_stack_top();
	c->tss.io_map = sizeof c->tss;
	c->double_fault_tss = (struct x86_tss){
		.cr3 = arch_kernel_root(),
		.eip = (uint32_t)x86_entry_double_fault,
		.eflags = EFLAGS_FIXED,
		.esp = (uint32_t)top,
		.cs = SEL_KERNEL_CODE,
		.ss = SEL_KERNEL_DATA,
		.ds = SEL_KERNEL_DATA,
		.es = SEL_KERNEL_DATA,
		.io_map = sizeof c->double_fault_tss,
	};
}

static void gdt_init(struct x86_cpu *c)
{
	c->gdt[SEL_KERNEL_CODE >> 3] = FLAT | ACCESS(ACCESS_CODE);
	c->gdt[SEL_KERNEL_DATA >> 3] = FLAT | ACCESS(ACCESS_DATA);
	c->gdt[SEL_USER_CODE >> 3] = FLAT | ACCESS(ACCESS_CODE | ACCESS_DPL3);
	c->gdt[SEL_USER_DATA >> 3] = FLAT | ACCESS(ACCESS_DATA | ACCESS_DPL3);
	c->gdt[SEL_TSS >> 3] = tss_descriptor(&c->tss);
	c->gdt[SEL_DOUBLE_FAULT >> 3] = tss_descriptor(&c->double_fault_tss);
}

static void tables_load(struct x86_cpu *c)
{
	struct descriptor_table gdtr = {sizeof c->gdt - 1, (uint32_t)c->gdt};
	struct descriptor_table idtr = {sizeof idt - 1, (uint32_t)idt};

	__asm__ volatile("lgdt %0\n\t"
	                 "ljmp %2, $1f\n"
	                 "1:\tmov %3, %%ds\n\t"
	                 "mov %3, %%es\n\t"
	                 "mov %3, %%ss\n\t"
	                 "mov %4, %%fs\n\t"
	                 "mov %4, %%gs\n\t"
	                 "lldt %w4\n\t"
	                 "ltr %w5\n\t"
	                 "lidt %1"
	                 :
	                 : "m"(gdtr), "m"(idtr), "i"(SEL_KERNEL_CODE), "r"(SEL_KERNEL_DATA), "r"(0), "r"(SEL_TSS)
	                 : "memory");
}

void x86_segments_init(unsigned cpu)
{
	struct x86_cpu *c = x86_cpu(cpu);

	c->number = cpu;
	x86_stack_top()->cpu = cpu;
	x86_stack_top()->pcpu = c;
	tss_init(c);
	gdt_init(c);
	tables_load(c);
}
