/* PCI configuration (dev/pci.h).  Nothing is remembered: functions are looked for at boot, a handful of times, and a
   walk costs some hundred port reads. */
#include <dev/pci.h>

#include <arch/platform.h>

enum { ID = 0x00, COMMAND = 0x04, CLASS = 0x08, HEADER = 0x0c, BAR0 = 0x10, BUSES = 0x18, INTERRUPT = 0x3c };
enum { COMMAND_IO = 1, COMMAND_MASTER = 4, HEADER_MULTI = 0x80, HEADER_BRIDGE = 1, BAR_IO = 1 };
enum { DEVICES = 32, FUNCTIONS = 8, BUS_DEPTH = 8 };
#define NO_FUNCTION 0xffffffffu

struct search {
	uint8_t class_code, subclass;
	unsigned skip; /* matches to pass over */
	struct pci_function *out;
};

static void read_function(uint16_t bdf, struct pci_function *f)
{
	uint32_t id = arch_pci_read(bdf, ID), class_word = arch_pci_read(bdf, CLASS);

	*f = (struct pci_function){
		.bdf = bdf,
		.vendor = (uint16_t)id,
		.device = (uint16_t)(id >> 16),
		.class_code = (uint8_t)(class_word >> 24),
		.subclass = (uint8_t)(class_word >> 16),
		.interface = (uint8_t)(class_word >> 8),
		.irq_line = (uint8_t)arch_pci_read(bdf, INTERRUPT),
	};
}

static uint8_t header_type(uint16_t bdf)
{
	return (uint8_t)(arch_pci_read(bdf, HEADER) >> 16);
}

static bool search_bus(struct search *s, unsigned bus, unsigned depth);

/* => found: the function itself, or one behind it if it is a bridge. */
static bool search_function(struct search *s, uint16_t bdf, unsigned depth)
{
	struct pci_function f;
	unsigned behind;

	read_function(bdf, &f);
	if (f.class_code == s->class_code && f.subclass == s->subclass && s->skip-- == 0) {
		*s->out = f;
		return true;
	}
	if ((header_type(bdf) & ~HEADER_MULTI) != HEADER_BRIDGE || depth == BUS_DEPTH)
		return false;
	/* Buses are numbered away from the processor: a bridge that leads back was not set up, and would be a loop. */
	behind = arch_pci_read(bdf, BUSES) >> 8 & 0xff;
	return behind > bdf >> 8 && search_bus(s, behind, depth + 1);
}

static bool search_bus(struct search *s, unsigned bus, unsigned depth)
{
	for (unsigned device = 0; device < DEVICES; device++) {
		uint16_t bdf = (uint16_t)(bus << 8 | device << 3);
		unsigned functions = 1;

		if (arch_pci_read(bdf, ID) == NO_FUNCTION)
			continue;
		if (header_type(bdf) & HEADER_MULTI)
			functions = FUNCTIONS;
		for (unsigned i = 0; i < functions; i++, bdf++)
			if (arch_pci_read(bdf, ID) != NO_FUNCTION && search_function(s, bdf, depth))
				return true;
	}
	return false;
}

bool pci_find_class(uint8_t class_code, uint8_t subclass, unsigned n, struct pci_function *out)
{
	struct search s = {class_code, subclass, n, out};

	return search_bus(&s, 0, 0);
}

ioport_t pci_io_base(const struct pci_function *f, unsigned bar)
{
	uint32_t value = arch_pci_read(f->bdf, BAR0 + bar * 4);

	return value & BAR_IO ? (ioport_t)(value & 0xfffc) : 0;
}

void pci_enable_master(const struct pci_function *f)
{
	/* The upper half is the status register, where ones clear: write zeros. */
	uint32_t command = arch_pci_read(f->bdf, COMMAND) & 0xffff;

	arch_pci_write(f->bdf, COMMAND, command | COMMAND_IO | COMMAND_MASTER);
}
