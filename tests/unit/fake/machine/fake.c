/* The fake machine of the unit tests: the variables that its inline headers show, and those functions of the contract
   (arch/include/arch) that lib, sync and mm call.  All weak: a test that wants to see or change one defines its own. */
#include <arch/cpu.h>
#include <arch/hooks.h>
#include <arch/mmu.h>
#include <lib/symtab.h>

#define weak __attribute__((weak))

weak unsigned fake_cpu_id;
weak unsigned fake_cpu_count = 1;
weak void *fake_current;
weak bool fake_irq_on;
weak uint64_t fake_cycles;
weak void (*fake_relax)(void);
weak uint8_t *fake_ram;
weak unsigned fake_tlb_page_flushes;
weak unsigned fake_tlb_user_flushes;
weak unsigned fake_tlb_shootdowns;

weak const struct symtab kernel_symtab; /* empty: no function has a name */

weak unsigned cpu_count(void)
{
	return fake_cpu_count;
}

weak uint32_t cpu_features(void)
{
	return 0;
}

weak void arch_spin_poll(void)
{
	cpu_relax();
}

weak void arch_tlb_shootdown(uint32_t cpus, vaddr_t start, uint32_t pages)
{
	(void)cpus;
	(void)start;
	(void)pages;
	fake_tlb_shootdowns++;
}

weak void arch_root_init(pte_t *dir)
{
	memset(dir, 0, PAGE_SIZE);
}

weak paddr_t arch_kernel_root(void)
{
	return 0;
}
