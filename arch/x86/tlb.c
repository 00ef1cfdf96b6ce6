/* TLB shootdown.
   The CPU that asks writes what is to be flushed into its own block, marks those it asks in `waiting`, and interrupts
   them; each flushes and takes its mark away.  One block per asking CPU, and none per pair: a CPU asks for one thing at
   a time, and one that is asked looks at all (at most eight) blocks.  There is no lock, so two CPUs with interrupts off
   that ask each other just serve each other while they wait.  Beyond FLUSH_SINGLE pages everything is flushed: a reload
   of CR3 costs less than that many INVLPG and their misses (Intel SDM 3A, 4.10.5). */
#include "apic_priv.h"
#include "cpu_priv.h"
#include "mmu_priv.h"
#include "trap_priv.h"

#include <arch/mmu.h>

#define FLUSH_SINGLE 32u

/* Also of global translations: CR4.PGE off and on (Intel SDM 3A, 4.10.4.1). */
static void flush_all(void)
{
	uint32_t saved = irq_save();
	uint32_t cr4 = x86_cr4_read();

	x86_cr4_write(cr4 & ~(uint32_t)CR4_PGE);
	x86_cr4_write(cr4);
	irq_restore(saved);
}

static void flush_here(vaddr_t start, uint32_t pages)
{
	if (pages <= FLUSH_SINGLE)
		for (uint32_t i = 0; i < pages; i++)
			arch_tlb_flush_page(start + i * PAGE_SIZE);
	else if (start < USER_TOP)
		arch_tlb_flush_user();
	else
		flush_all();
}

/* Interrupts are disabled: served twice at once, the outer service would take away the mark of a later request that it
   has not seen. */
void x86_requests_serve(void)
{
	uint32_t me = 1u << cpu_id();
	uint32_t requests = __atomic_exchange_n(&x86_this_cpu()->requests, 0, __ATOMIC_SEQ_CST);

	if (requests & CPU_STOP)
		x86_stop_poll();
	if (!(requests & CPU_SHOOTDOWN))
		return;
	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++) {
		struct x86_shootdown *s = &x86_cpu(i)->shootdown;

		if (!(__atomic_load_n(&s->waiting, __ATOMIC_SEQ_CST) & me))
			continue;
		flush_here(s->start, s->pages);
		__atomic_fetch_and(&s->waiting, ~me, __ATOMIC_SEQ_CST);
	}
}

void arch_spin_poll(void)
{
	if (unlikely(__atomic_load_n(&x86_this_cpu()->requests, __ATOMIC_RELAXED))) {
		uint32_t saved = irq_save();

		x86_requests_serve();
		irq_restore(saved);
	}
	cpu_relax();
}

/* CPUS: running ones, without this one, at least one. */
static void ask_others(uint32_t cpus, vaddr_t start, uint32_t pages)
{
	struct x86_shootdown *s = &x86_this_cpu()->shootdown;

	s->start = start;
	s->pages = pages;
	__atomic_store_n(&s->waiting, cpus, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++) {
		if (!(cpus & (1u << i)))
			continue;
		__atomic_fetch_or(&x86_cpu(i)->requests, CPU_SHOOTDOWN, __ATOMIC_SEQ_CST);
		apic_send(x86_cpu(i)->apic_id, VECTOR_SHOOTDOWN);
	}
}

static void wait_for_others(void)
{
	const struct x86_shootdown *s = &x86_this_cpu()->shootdown;

	while (__atomic_load_n(&s->waiting, __ATOMIC_SEQ_CST))
		arch_spin_poll();
}

/* Ask, flush here meanwhile, wait. */
static void flush_everywhere(uint32_t cpus, vaddr_t start, uint32_t pages)
{
	uint32_t me = 1u << cpu_id();
	uint32_t others = cpus & __atomic_load_n(&x86_cpus_online, __ATOMIC_SEQ_CST) & ~me;

	if (unlikely(others))
		ask_others(others, start, pages);
	if (cpus & me)
		flush_here(start, pages);
	if (unlikely(others))
		wait_for_others();
}

void arch_tlb_shootdown(uint32_t cpus, vaddr_t start, uint32_t pages)
{
	flush_everywhere(cpus, start, pages);
}

void x86_window_flush(vaddr_t start, uint32_t pages)
{
	flush_everywhere(UINT32_MAX, start, pages);
}
