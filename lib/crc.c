/* CRC-32C, a byte per step through a table of 1 KiB.
   The remainder of a byte is the XOR of the remainders of its bits (the code is linear), so the compiler builds the
   table out of eight numbers.  Tables of 4 or 8 KiB, which take four or eight bytes a step, were not taken: checksums
   cover blocks of 4 KiB next to a disk access.  The processor's own crc32 instruction is not in every i686. */
#include <lib/crc.h>

/* The polynomial 0x1EDC6F41 with its bits reversed, and what it leaves of each bit of a byte: BIT_n is that of 1 << n,
   each the one above it shifted right and reduced. */
#define BIT_7 0x82f63b78u
#define BIT_6 0x417b1dbcu
#define BIT_5 0x20bd8edeu
#define BIT_4 0x105ec76fu
#define BIT_3 0x8ad958cfu
#define BIT_2 0xc79a971fu
#define BIT_1 0xe13b70f7u
#define BIT_0 0xf26b8303u

#define PART(byte, n) ((byte) >> (n)&1 ? BIT_##n : 0)
#define ONE(b) (PART(b, 0) ^ PART(b, 1) ^ PART(b, 2) ^ PART(b, 3) ^ PART(b, 4) ^ PART(b, 5) ^ PART(b, 6) ^ PART(b, 7))
#define FOUR(b) ONE(b), ONE((b) + 1), ONE((b) + 2), ONE((b) + 3)
#define SIXTEEN(b) FOUR(b), FOUR((b) + 4), FOUR((b) + 8), FOUR((b) + 12)
#define SIXTY_FOUR(b) SIXTEEN(b), SIXTEEN((b) + 16), SIXTEEN((b) + 32), SIXTEEN((b) + 48)

static const uint32_t table[256] = {SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	crc = ~crc;
	for (; len > 0; len--, p++)
		crc = table[(crc ^ *p) & 0xff] ^ crc >> 8;
	return ~crc;
}
