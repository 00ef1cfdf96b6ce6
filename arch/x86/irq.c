/* Device interrupts.  A line is a number as ISA and PCI configuration space have it; which pin of which controller it
   is connected to is the firmware's to say (MADT overrides).  With an I/O APIC the two 8259 PICs are only silenced;
   without one (or without tables) they do the work.  A line's handlers are called in turn: they find out themselves
   whether it was their device. */
#include <arch/irq.h>

#include "acpi_tables_priv.h"
#include "apic_priv.h"
#include "cpu_priv.h"
#include "irq_priv.h"
#include "trap_priv.h"

#include <arch/hooks.h>
#include <arch/io.h>

#define HANDLERS_PER_LINE 4
#define PIC_LINES 16
#define CASCADE_LINE 2

/* Intel 8259A data sheet: initialization and operation command words. */
#define PIC1 0x20
#define PIC2 0xa0
#define PIC_DATA 1
#define ICW1_INIT 0x11
#define ICW4_8086 0x01
#define OCW2_EOI 0x20
#define OCW3_READ_ISR 0x0b
#define SPURIOUS_BIT 0x80 /* lines 7 and 15 */
#define ELCR 0x4d0        /* edge/level control, two ports (82371AB PIIX4 data sheet, 4.2.3) */

struct line {
	unsigned n; /* atomic: written after the handler's place is filled */
	struct {
		void (*call)(void *);
		void *ctx;
	} handlers[HANDLERS_PER_LINE];
	bool is_tick;
};

static struct line lines[IRQ_LINES]; /* changed by who attaches: drivers, one after the other, at boot */
static uint16_t pic_mask = 0xffff;   /* as above */

static void pic_mask_write(void)
{
	io_write8(PIC1 + PIC_DATA, (uint8_t)pic_mask);
	io_write8(PIC2 + PIC_DATA, (uint8_t)(pic_mask >> 8));
}

static void pic_init(void)
{
	io_write8(PIC1, ICW1_INIT);
	io_write8(PIC2, ICW1_INIT);
	io_write8(PIC1 + PIC_DATA, VECTOR_IRQ);
	io_write8(PIC2 + PIC_DATA, VECTOR_IRQ + 8);
	io_write8(PIC1 + PIC_DATA, 1 << CASCADE_LINE);
	io_write8(PIC2 + PIC_DATA, CASCADE_LINE);
	io_write8(PIC1 + PIC_DATA, ICW4_8086);
	io_write8(PIC2 + PIC_DATA, ICW4_8086);
	pic_mask_write();
}

void irq_init(void)
{
	pic_init();
	if (acpi_facts.has_madt && apic_init(&acpi_facts.madt))
		return;
	pic_mask &= (uint16_t) ~(1u << CASCADE_LINE);
	pic_mask_write();
}

static bool pic_connect(unsigned line, bool level)
{
	uint16_t port = ELCR + line / 8;

	if (line >= PIC_LINES)
		return false;
	if (level)
		io_write8(port, (uint8_t)(io_read8(port) | 1u << (line & 7)));
	pic_mask &= (uint16_t) ~(1u << line);
	pic_mask_write();
	return true;
}

/* An override says more than the driver knows. */
static bool apic_connect(unsigned line, bool level)
{
	struct acpi_override o = {line, level, level};

	if (line < ACPI_ISA_LINES) {
		const struct acpi_override *known = &acpi_facts.madt.isa[line];

		o.interrupt = known->interrupt;
		if (known->level || known->active_low || known->interrupt != line) {
			o.active_low = known->active_low;
			o.level = known->level;
		}
	}
	return ioapic_connect(o.interrupt, VECTOR_IRQ + line, o.active_low, o.level, x86_cpu(0)->apic_id);
}

static bool connect(unsigned line, bool level)
{
	uint32_t saved = irq_save();
	bool done = apic_in_use() ? apic_connect(line, level) : pic_connect(line, level);

	irq_restore(saved);
	return done;
}

bool arch_irq_attach(unsigned line, bool level, void (*handler)(void *), void *ctx)
{
	struct line *l;

	if (line >= IRQ_LINES || lines[line].n == HANDLERS_PER_LINE)
		return false;
	l = &lines[line];
	l->handlers[l->n].call = handler;
	l->handlers[l->n].ctx = ctx;
	__atomic_store_n(&l->n, l->n + 1, __ATOMIC_RELEASE);
	if (l->n > 1 || connect(line, level))
		return true;
	l->n = 0;
	return false;
}

void irq_attach_tick(unsigned line)
{
	lines[line].is_tick = true;
	(void)connect(line, false);
}

/* A line that was withdrawn before the PIC was asked comes in as 7 or 15, and is not in service (8259A, "spurious"). */
static bool pic_is_spurious(unsigned line)
{
	uint16_t pic = line < 8 ? PIC1 : PIC2;

	if ((line & 7) != 7)
		return false;
	io_write8(pic, OCW3_READ_ISR);
	if (io_read8(pic) & SPURIOUS_BIT)
		return false;
	if (line >= 8)
		io_write8(PIC1, OCW2_EOI); /* the first one took the cascade for real */
	return true;
}

static void end_of_interrupt(unsigned line)
{
	if (apic_in_use()) {
		apic_eoi();
		return;
	}
	if (line >= 8)
		io_write8(PIC2, OCW2_EOI);
	io_write8(PIC1, OCW2_EOI);
}

void x86_irq_dispatch(unsigned line, bool user)
{
	struct line *l = &lines[line];
	unsigned n = __atomic_load_n(&l->n, __ATOMIC_ACQUIRE);

	if (!apic_in_use() && pic_is_spurious(line))
		return;
	for (unsigned i = 0; i < n; i++)
		l->handlers[i].call(l->handlers[i].ctx);
	end_of_interrupt(line);
	if (l->is_tick && kernel_hooks.timer)
		kernel_hooks.timer(user);
}
