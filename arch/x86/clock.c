/* Time: the TSC, read and multiplied.  Its frequency, and that of the local APIC's timer, are measured once against a
   counter of known frequency: the ACPI PM timer, else channel 2 of the PIT.  Both ends of the measurement are the best
   of a few readings, so half a millisecond gives about one part in a thousand or better; waiting longer was not taken,
   for every boot would pay.
   All CPUs are believed to have TSCs that run alike from the same reset (Intel SDM 3B, 17.17); a machine whose TSCs
   stop or drift is beyond this kernel. */
#include <arch/time.h>

#include "acpi_tables_priv.h"
#include "apic_priv.h"
#include "clock_priv.h"
#include "cpu_priv.h"
#include "irq_priv.h"

#include <arch/hooks.h>
#include <arch/io.h>
#include <lib/div64.h>

#define PM_TIMER_HZ 3579545u /* ACPI 4.8.3.3 */
#define PM_TIMER_MASK 0xffffffu
#define PIT_HZ 1193182u
#define CALIBRATE_DIVISOR 2000u /* 1 / 2000 s */
#define READINGS 4
#define PATIENCE 100000u /* readings, should the reference stand still */
#define NS_SHIFT 24

/* Intel 8254 data sheet. */
#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_LATCH_2 0x80
#define PIT_ONESHOT_2 0xb0 /* channel 2, both bytes, mode 0 */
#define PIT_RATE_0 0x34    /* channel 0, both bytes, mode 2 */
#define PIT_GATE 0x61      /* bit 0: gate of channel 2, bit 1: speaker */
#define PIT_LINE 0

/* Constant after clock_calibrate. */
static struct {
	uint64_t base; /* TSC at time 0 */
	uint32_t khz;
	uint32_t ns_factor;   /* nanoseconds per cycle << NS_SHIFT; 0: not calibrated */
	uint32_t apic_period; /* APIC timer cycles a tick */
} clock;

struct reference {
	uint32_t hz, mask;
	ioport_t pm_port; /* 0: the PIT */
};

struct sample {
	uint64_t tsc;
	uint32_t reference, apic;
};

void clock_start(uint64_t entry_cycles)
{
	clock.base = entry_cycles;
}

static struct reference reference_start(void)
{
	if (acpi_facts.has_fadt && acpi_facts.fadt.pm_timer)
		return (struct reference){PM_TIMER_HZ, PM_TIMER_MASK, acpi_facts.fadt.pm_timer};
	io_write8(PIT_GATE, (uint8_t)((io_read8(PIT_GATE) & ~2u) | 1u));
	io_write8(PIT_COMMAND, PIT_ONESHOT_2);
	io_write8(PIT_CHANNEL2, 0xff);
	io_write8(PIT_CHANNEL2, 0xff);
	return (struct reference){PIT_HZ, 0xffff, 0};
}

/* A counter that counts up, modulo mask + 1. */
static uint32_t reference_read(const struct reference *r)
{
	uint32_t low;

	if (r->pm_port)
		return io_read32(r->pm_port) & PM_TIMER_MASK;
	io_write8(PIT_COMMAND, PIT_LATCH_2);
	low = io_read8(PIT_CHANNEL2);
	return ~(low | (uint32_t)io_read8(PIT_CHANNEL2) << 8) & 0xffff;
}

/* The quickest of a few: it was disturbed least. */
static struct sample sample_take(const struct reference *r)
{
	struct sample best = {0};
	uint64_t best_width = UINT64_MAX;

	for (unsigned i = 0; i < READINGS; i++) {
		struct sample s = {.tsc = cpu_cycles()};

		s.reference = reference_read(r);
		s.apic = apic_in_use() ? apic_timer_count() : 0;

		uint64_t width = cpu_cycles() - s.tsc;

		if (width < best_width) {
			best_width = width;
			best = s;
		}
	}
	return best;
}

static uint32_t frequency(uint64_t cycles, const struct reference *r, uint32_t reference_cycles)
{
	return (uint32_t)div64_u32(cycles * (r->hz / 1000), reference_cycles, NULL);
}

#define FALLBACK_KHZ 1000000u /* when no reference moves: time goes on, at some speed */
#define MIN_KHZ 4000u         /* less is no frequency of a processor; ns_factor would not fit */

void clock_calibrate(void)
{
	struct reference r = reference_start();
	struct sample from, to;
	uint32_t passed, i = 0, apic_khz;

	if (apic_in_use())
		apic_timer_free_run();
	from = sample_take(&r);
	while (((reference_read(&r) - from.reference) & r.mask) < r.hz / CALIBRATE_DIVISOR && i < PATIENCE)
		i++;
	to = sample_take(&r);
	passed = (to.reference - from.reference) & r.mask;
	clock.khz = passed ? frequency(to.tsc - from.tsc, &r, passed) : 0;
	apic_khz = passed ? frequency(from.apic - to.apic, &r, passed) : 0;
	if (clock.khz < MIN_KHZ)
		clock.khz = FALLBACK_KHZ;
	if (apic_khz == 0)
		apic_khz = FALLBACK_KHZ / 10;
	clock.apic_period = apic_khz * (1000 / TICK_HZ);
	clock.ns_factor = (uint32_t)div64_u32((uint64_t)1000000 << NS_SHIFT, clock.khz, NULL);
}

uint64_t arch_time_ns(void)
{
	uint64_t cycles = cpu_cycles() - clock.base;

	return ((uint64_t)(uint32_t)cycles * clock.ns_factor >> NS_SHIFT) +
	       ((cycles >> 32) * clock.ns_factor << (32 - NS_SHIFT));
}

uint32_t arch_tsc_khz(void)
{
	return clock.khz;
}

#define DELAY_PORT 0x80 /* a write to the diagnostic port takes about a microsecond */

void arch_delay_us(uint32_t us)
{
	uint64_t end = cpu_cycles() + (uint64_t)us * clock.khz / 1000;

	if (clock.khz == 0)
		for (; us > 0; us--)
			io_write8(DELAY_PORT, 0);
	else
		while ((int64_t)(end - cpu_cycles()) > 0)
			cpu_relax();
}

static void pit_start(void)
{
	uint16_t divisor = (PIT_HZ + TICK_HZ / 2) / TICK_HZ;

	io_write8(PIT_COMMAND, PIT_RATE_0);
	io_write8(PIT_CHANNEL0, (uint8_t)divisor);
	io_write8(PIT_CHANNEL0, (uint8_t)(divisor >> 8));
	irq_attach_tick(PIT_LINE);
}

void arch_timer_start(void)
{
	if (apic_in_use())
		apic_timer_start(clock.apic_period);
	else
		pit_start();
}
