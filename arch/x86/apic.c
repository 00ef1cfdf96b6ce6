/* The local APICs and I/O APICs, in physical destination mode, all device interrupts to the boot CPU.  The registers
   are mapped where the hardware has them (paging.c).  x2APIC was not taken: it is for more than 255 CPUs. */
#include "apic_priv.h"

#include "cpu_priv.h"
#include "mmu_priv.h"

/* Local APIC register offsets (Intel SDM 3A, table 10-1). */
enum {
	APIC_ID = 0x20,
	APIC_TPR = 0x80,
	APIC_EOI = 0xb0,
	APIC_SVR = 0xf0,
	APIC_ICR_LOW = 0x300,
	APIC_ICR_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
};
#define SVR_ENABLE 0x100u
#define LVT_MASKED 0x10000u
#define LVT_NMI 0x400u
#define LVT_PERIODIC 0x20000u
#define DIVIDE_BY_1 0xbu
/* Interrupt command register (10.6.1). */
#define ICR_NMI 0x400u
#define ICR_INIT 0x500u
#define ICR_STARTUP 0x600u
#define ICR_PENDING 0x1000u
#define ICR_ASSERT 0x4000u
#define APIC_BASE_ENABLE 0x800u /* MSR (10.4.4) */
#define CPUID_APIC (1u << 9)

/* I/O APIC (82093AA, 3.0). */
#define IOAPIC_SELECT 0
#define IOAPIC_WINDOW 4 /* words */
#define IOAPIC_VERSION 1
#define IOAPIC_TABLE 0x10
#define REDIRECT_MASKED 0x10000u
#define REDIRECT_LEVEL 0x8000u
#define REDIRECT_ACTIVE_LOW 0x2000u

static volatile uint32_t *local;        /* constant after apic_init; NULL: not in use */
static const struct acpi_madt *tables;  /* constant after apic_init */
static unsigned pins[ACPI_MAX_IOAPICS]; /* constant after apic_init */

static uint32_t apic_read(unsigned reg)
{
	return local[reg / 4];
}

static void apic_write(unsigned reg, uint32_t v)
{
	local[reg / 4] = v;
}

/* Two writes make an access: not to be interrupted.  Used on the boot path of drivers only. */
static uint32_t ioapic_read(unsigned i, unsigned reg)
{
	volatile uint32_t *p = (volatile uint32_t *)tables->ioapic[i].address;

	p[IOAPIC_SELECT] = reg;
	return p[IOAPIC_WINDOW];
}

static void ioapic_write(unsigned i, unsigned reg, uint32_t v)
{
	volatile uint32_t *p = (volatile uint32_t *)tables->ioapic[i].address;

	p[IOAPIC_SELECT] = reg;
	p[IOAPIC_WINDOW] = v;
}

static void ioapic_init(unsigned i)
{
	pins[i] = (ioapic_read(i, IOAPIC_VERSION) >> 16 & 0xff) + 1;
	for (unsigned pin = 0; pin < pins[i]; pin++)
		ioapic_write(i, IOAPIC_TABLE + 2 * pin, REDIRECT_MASKED);
}

/* CPU numbers follow the MADT's order, but that the CPU which runs is number 0. */
static void cpus_number(struct acpi_madt *m, uint8_t boot_id)
{
	unsigned i = 0;

	while (i < m->ncpus && m->apic_id[i] != boot_id)
		i++;
	if (i == m->ncpus && m->ncpus < ARCH_MAX_CPUS)
		m->ncpus++;
	if (i == ARCH_MAX_CPUS)
		i--; /* more CPUs than fit, this one among the others */
	for (; i > 0; i--)
		m->apic_id[i] = m->apic_id[i - 1];
	m->apic_id[0] = boot_id;
	for (i = 0; i < m->ncpus; i++)
		x86_cpu(i)->apic_id = m->apic_id[i];
}

static bool is_mapped(uint32_t address)
{
	return address >= DEVICES_START && page_aligned(address);
}

bool apic_init(struct acpi_madt *madt)
{
	if (!(cpu_features() & CPUID_APIC) || !is_mapped(madt->local_apic) || madt->nioapics == 0)
		return false;
	for (unsigned i = 0; i < madt->nioapics; i++)
		if (!is_mapped(page_floor(madt->ioapic[i].address)) || (madt->ioapic[i].address & 15))
			return false;
	tables = madt;
	local = (volatile uint32_t *)madt->local_apic;
	apic_cpu_init();
	cpus_number(madt, (uint8_t)(apic_read(APIC_ID) >> 24));
	for (unsigned i = 0; i < madt->nioapics; i++)
		ioapic_init(i);
	return true;
}

bool apic_in_use(void)
{
	return local != NULL;
}

void apic_cpu_init(void)
{
	x86_msr_write(MSR_APIC_BASE, x86_msr_read(MSR_APIC_BASE) | APIC_BASE_ENABLE);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_LVT_LINT0, LVT_MASKED); /* the PICs are not listened to */
	apic_write(APIC_LVT_LINT1, LVT_NMI);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* The two halves must not be parted by another sender on this CPU. */
static void icr_send(uint32_t apic_id, uint32_t command)
{
	uint32_t saved = irq_save();

	while (apic_read(APIC_ICR_LOW) & ICR_PENDING)
		cpu_relax();
	apic_write(APIC_ICR_HIGH, apic_id << 24);
	apic_write(APIC_ICR_LOW, command);
	irq_restore(saved);
}

void apic_send(uint32_t apic_id, uint32_t vector)
{
	icr_send(apic_id, ICR_ASSERT | vector);
}

void apic_send_nmi(uint32_t apic_id)
{
	icr_send(apic_id, ICR_ASSERT | ICR_NMI);
}

void apic_send_init(uint32_t apic_id)
{
	icr_send(apic_id, ICR_ASSERT | ICR_INIT);
}

void apic_send_startup(uint32_t apic_id, paddr_t page)
{
	icr_send(apic_id, ICR_ASSERT | ICR_STARTUP | page >> PAGE_SHIFT);
}

bool ioapic_connect(uint32_t interrupt, unsigned vector, bool active_low, bool level, uint32_t apic_id)
{
	for (unsigned i = 0; i < tables->nioapics; i++) {
		uint32_t pin = interrupt - tables->ioapic[i].first;

		if (interrupt < tables->ioapic[i].first || pin >= pins[i])
			continue;
		ioapic_write(i, IOAPIC_TABLE + 2 * pin + 1, apic_id << 24);
		ioapic_write(i, IOAPIC_TABLE + 2 * pin,
		             vector | (active_low ? REDIRECT_ACTIVE_LOW : 0) | (level ? REDIRECT_LEVEL : 0));
		return true;
	}
	return false;
}

void apic_timer_free_run(void)
{
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
}

uint32_t apic_timer_count(void)
{
	return apic_read(APIC_TIMER_CURRENT);
}

void apic_timer_start(uint32_t count)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, LVT_PERIODIC | VECTOR_TIMER);
	apic_write(APIC_TIMER_INITIAL, count);
}
