/* Inline half of <arch/io.h>: port instructions. */
#ifndef MACHINE_IO_H
#define MACHINE_IO_H

static inline uint8_t io_read8(ioport_t p)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(p));
	return v;
}

static inline uint16_t io_read16(ioport_t p)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(p));
	return v;
}

static inline uint32_t io_read32(ioport_t p)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(p));
	return v;
}

static inline void io_write8(ioport_t p, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(p));
}

static inline void io_write16(ioport_t p, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(p));
}

static inline void io_write32(ioport_t p, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(p));
}

static inline void io_read16_rep(ioport_t p, void *to, size_t words)
{
	__asm__ volatile("rep insw" : "+D"(to), "+c"(words) : "d"(p) : "memory");
}

static inline void io_write16_rep(ioport_t p, const void *from, size_t words)
{
	__asm__ volatile("rep outsw" : "+S"(from), "+c"(words) : "d"(p) : "memory");
}

#endif
