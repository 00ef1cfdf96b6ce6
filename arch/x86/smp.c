/* The other CPUs: started one after the other with INIT and start-up IPIs (Intel SDM 3A, 8.4.4; MP Specification 1.4,
   B.4), told to reschedule, and stopped when the kernel ends.  The MP specification's warm-reset vector is for
   processors without an integrated APIC and is left out. */
#include <arch/smp.h>

#include "acpi_tables_priv.h"
#include "apic_priv.h"
#include "cpu_priv.h"
#include "mmu_priv.h"
#include "trap_priv.h"

#include <arch/hooks.h>
#include <arch/mmu.h>
#include <arch/power.h>
#include <arch/thread.h>
#include <arch/time.h>

#define INIT_DELAY_US 10000u
#define STARTUP_DELAY_US 200u
#define START_POLL_US 50u
#define START_LIMIT_US 100000u
#define STOP_LIMIT_US 10000u

uint32_t x86_cpus_online = 1;
static unsigned online_count = 1; /* atomic */
static uint32_t stop_requested;   /* atomic: some CPU wants all others halted */

/* For the one CPU that is being started. */
void *x86_ap_stack; /* ap_start.S loads it: the stack's top block */
static unsigned ap_number;
static void (*ap_entry)(void);

extern const char x86_ap_code[], x86_ap_code_end[];
void x86_ap_main(void) noreturn_fn; /* ap_start.S calls it */

unsigned cpu_count(void)
{
	return __atomic_load_n(&online_count, __ATOMIC_RELAXED);
}

unsigned arch_cpus_found(void)
{
	return apic_in_use() ? acpi_facts.madt.ncpus : 1;
}

/* Runs on the CPU that was started, on the stack it was given.  Global pages come last: to switch them on forgets every
   translation (Intel SDM 3A, 4.10.4.1), those too that were changed before others knew that they had to tell. */
void x86_ap_main(void)
{
	unsigned me = ap_number;
	void (*entry)(void) = ap_entry;

	x86_segments_init(me);
	x86_features_init();
	apic_cpu_init();
	__atomic_fetch_or(&x86_cpus_online, 1u << me, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&online_count, 1, __ATOMIC_SEQ_CST);
	x86_paging_enter();
	entry();
	UNREACHABLE();
}

static bool is_online(unsigned cpu)
{
	return __atomic_load_n(&x86_cpus_online, __ATOMIC_SEQ_CST) & (1u << cpu);
}

static bool wait_online(unsigned cpu, uint32_t limit_us)
{
	for (uint32_t us = 0; us < limit_us && !is_online(cpu); us += START_POLL_US) {
		arch_spin_poll();
		arch_delay_us(START_POLL_US);
	}
	return is_online(cpu);
}

static void start_prepare(unsigned cpu, void *stack, void *self, void (*entry)(void))
{
	struct arch_stack_top *top = (struct arch_stack_top *)((char *)stack + TOP_OFFSET);

	__builtin_memcpy(arch_window(AP_START_PAGE), x86_ap_code, (size_t)(x86_ap_code_end - x86_ap_code));
	top->self = self;
	x86_ap_stack = top;
	ap_number = cpu;
	ap_entry = entry;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The second start-up IPI is for those that missed the first. */
bool arch_cpu_start(unsigned cpu, void *stack, void *self, void (*entry)(void))
{
	uint32_t id;

	if (cpu == 0 || cpu >= arch_cpus_found() || is_online(cpu))
		return false;
	id = x86_cpu(cpu)->apic_id;
	start_prepare(cpu, stack, self, entry);
	apic_send_init(id);
	arch_delay_us(INIT_DELAY_US);
	apic_send_startup(id, AP_START_PAGE);
	if (wait_online(cpu, STARTUP_DELAY_US))
		return true;
	apic_send_startup(id, AP_START_PAGE);
	return wait_online(cpu, START_LIMIT_US - INIT_DELAY_US - STARTUP_DELAY_US);
}

void arch_ipi_reschedule(unsigned cpu)
{
	if (is_online(cpu))
		apic_send(x86_cpu(cpu)->apic_id, VECTOR_RESCHEDULE);
}

static bool others_stopped(void)
{
	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++)
		if (i != cpu_id() && is_online(i) && !__atomic_load_n(&x86_cpu(i)->stopped, __ATOMIC_SEQ_CST))
			return false;
	return true;
}

void arch_stop_others(void)
{
	uint64_t limit = cpu_cycles() + (uint64_t)arch_tsc_khz() * (STOP_LIMIT_US / 1000);

	if (!apic_in_use() || cpu_count() == 1)
		return;
	__atomic_store_n(&stop_requested, 1 + cpu_id(), __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++) {
		if (i == cpu_id())
			continue;
		__atomic_fetch_or(&x86_cpu(i)->requests, CPU_STOP, __ATOMIC_SEQ_CST);
		if (is_online(i)) /* one that is late to start has no IDT yet: it would reset the machine */
			apic_send_nmi(x86_cpu(i)->apic_id);
	}
	while (!others_stopped() && cpu_cycles() < limit)
		cpu_relax();
}

void x86_stop_poll(void)
{
	uint32_t by = __atomic_load_n(&stop_requested, __ATOMIC_SEQ_CST);

	if (by == 0 || by == 1 + cpu_id())
		return;
	__atomic_store_n(&x86_this_cpu()->stopped, 1, __ATOMIC_SEQ_CST);
	arch_halt();
}
