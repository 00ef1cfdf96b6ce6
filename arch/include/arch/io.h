/* Ports and device memory, for dev/.  Which port a device has comes from arch/platform.h or from PCI configuration,
   never from a number in a driver. */
#ifndef ARCH_IO_H
#define ARCH_IO_H

#include <arch/types.h>

typedef uint16_t ioport_t;

/* Inline, in <machine/io.h>:
   uint8_t io_read8(ioport_t p);
   uint16_t io_read16(ioport_t p);
   uint32_t io_read32(ioport_t p);
   void io_write8(ioport_t p, uint8_t v);
   void io_write16(ioport_t p, uint16_t v);
   void io_write32(ioport_t p, uint32_t v);
   void io_read16_rep(ioport_t p, void *to, size_t words);
   void io_write16_rep(ioport_t p, const void *from, size_t words); */
#include <machine/io.h>

#endif
