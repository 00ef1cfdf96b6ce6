/* The host twin of arch/x86/include/machine/cpu.h: this CPU is what the test says.  The variables are defined, weak,
   in tests/unit/fake/machine/fake.c, with the functions that are not inline. */
#ifndef MACHINE_CPU_H
#define MACHINE_CPU_H

#include <machine/thread.h>

extern unsigned fake_cpu_id;    /* what cpu_id() says */
extern unsigned fake_cpu_count; /* what cpu_count() says */
extern void *fake_current;      /* what arch_current() says */
extern bool fake_irq_on;        /* interrupts are enabled */
extern uint64_t fake_cycles;    /* one more at each cpu_cycles() */
/* Called by cpu_relax, cpu_idle and arch_spin_poll when not NULL: lets a test play the other CPU. */
extern void (*fake_relax)(void);

static inline unsigned cpu_id(void)
{
	return fake_cpu_id;
}

static inline void *arch_current(void)
{
	return fake_current;
}

static inline bool irq_enabled(void)
{
	return fake_irq_on;
}

static inline void irq_enable(void)
{
	fake_irq_on = true;
}

static inline void irq_disable(void)
{
	fake_irq_on = false;
}

static inline uint32_t irq_save(void)
{
	uint32_t saved = fake_irq_on;

	fake_irq_on = false;
	return saved;
}

static inline void irq_restore(uint32_t saved)
{
	if (saved)
		fake_irq_on = true;
}

static inline void cpu_relax(void)
{
	if (fake_relax)
		fake_relax();
}

static inline void cpu_idle(void)
{
	fake_irq_on = true;
	cpu_relax();
}

static inline uint64_t cpu_cycles(void)
{
	return fake_cycles++;
}

static inline void attention_set(struct arch_thread *t, uint32_t bits)
{
	__atomic_fetch_or(&t->attention, bits, __ATOMIC_SEQ_CST);
}

static inline void attention_clear(struct arch_thread *t, uint32_t bits)
{
	__atomic_fetch_and(&t->attention, ~bits, __ATOMIC_SEQ_CST);
}

static inline uint32_t attention_get(const struct arch_thread *t)
{
	return t->attention;
}

#endif
