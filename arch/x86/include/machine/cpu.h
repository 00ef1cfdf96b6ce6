/* Inline half of <arch/cpu.h>: the stack pointer tells the CPU and the thread, for each kernel stack is aligned to its
   size and ends with struct arch_stack_top. */
#ifndef MACHINE_CPU_H
#define MACHINE_CPU_H

#include <machine/thread.h>

#define X86_STACK_BYTES 8192u /* STACK_SIZE of <arch/thread.h>, which cannot be included here */
#define X86_EFLAGS_IF 0x200u  /* Intel SDM 3A, 2.3 */

static inline struct arch_stack_top *x86_stack_top(void)
{
	uint32_t esp;

	__asm__("mov %%esp, %0" : "=r"(esp));
	return (struct arch_stack_top *)((esp & ~(X86_STACK_BYTES - 1)) + X86_STACK_BYTES -
	                                 sizeof(struct arch_stack_top));
}

/* Volatile: a thread may be on another CPU after each sleep. */
static inline unsigned cpu_id(void)
{
	return *(volatile uint32_t *)&x86_stack_top()->cpu;
}

static inline void *arch_current(void)
{
	return x86_stack_top()->self;
}

static inline bool irq_enabled(void)
{
	uint32_t flags;

	__asm__ volatile("pushf\n\tpop %0" : "=r"(flags));
	return flags & X86_EFLAGS_IF;
}

static inline void irq_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("cli" ::: "memory");
}

static inline uint32_t irq_save(void)
{
	uint32_t flags;

	__asm__ volatile("pushf\n\tpop %0\n\tcli" : "=r"(flags) : : "memory");
	return flags;
}

/* Not popf: it is slow on real processors, and only IF may change here. */
static inline void irq_restore(uint32_t saved)
{
	if (saved & X86_EFLAGS_IF)
		irq_enable();
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* STI holds interrupts off until the end of the next instruction (Intel SDM 2B, STI): none is lost before the HLT. */
static inline void cpu_idle(void)
{
	__asm__ volatile("sti\n\thlt" ::: "memory");
}

static inline uint64_t cpu_cycles(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

static inline void attention_set(struct arch_thread *t, uint32_t bits)
{
	__atomic_fetch_or(&t->top->attention, bits, __ATOMIC_SEQ_CST);
}

static inline void attention_clear(struct arch_thread *t, uint32_t bits)
{
	__atomic_fetch_and(&t->top->attention, ~bits, __ATOMIC_SEQ_CST);
}

static inline uint32_t attention_get(const struct arch_thread *t)
{
	return __atomic_load_n(&t->top->attention, __ATOMIC_RELAXED);
}

#endif
