/* The host twin of arch/x86/include/machine/io.h: no device anywhere; reads give ones, as from an empty bus. */
#ifndef MACHINE_IO_H
#define MACHINE_IO_H

#include <string.h>

static inline uint8_t io_read8(ioport_t p)
{
	(void)p;
	return UINT8_MAX;
}

static inline uint16_t io_read16(ioport_t p)
{
	(void)p;
	return UINT16_MAX;
}

static inline uint32_t io_read32(ioport_t p)
{
	(void)p;
	return UINT32_MAX;
}

static inline void io_write8(ioport_t p, uint8_t v)
{
	(void)p;
	(void)v;
}

static inline void io_write16(ioport_t p, uint16_t v)
{
	(void)p;
	(void)v;
}

static inline void io_write32(ioport_t p, uint32_t v)
{
	(void)p;
	(void)v;
}

static inline void io_read16_rep(ioport_t p, void *to, size_t words)
{
	(void)p;
	memset(to, UINT8_MAX, 2 * words);
}

static inline void io_write16_rep(ioport_t p, const void *from, size_t words)
{
	(void)p;
	(void)from;
	(void)words;
}

#endif
