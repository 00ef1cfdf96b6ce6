/* memcpy, memmove and memset in portable C: the reference.
   A machine with a faster way (arch/x86: rep movsl) brings its own, and then this file is not in the kernel; a new port
   starts with this one.  On the build machine they are lib_memcpy & co. and tests compare them with the C library's.
   Words are moved when both ends allow it, else bytes; unrolling was not taken, for a reference is read first.
   The compiler knows such loops and would turn them into calls of the very functions they define: no_builtin forbids
   it, and so does -ffreestanding. */
#include <lib/string.h>

#include <arch/compiler.h>
#include <stdint.h>

#if defined(__clang__)
#define no_builtin_calls __attribute__((no_builtin))
#else
#define no_builtin_calls __attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif

typedef uint32_t __attribute__((may_alias)) word;
#define WORD sizeof(word)

static inline bool both_aligned(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) & (WORD - 1)) == 0;
}

no_builtin_calls static void copy_up(uint8_t *d, const uint8_t *s, size_t n)
{
	if (both_aligned(d, s))
		for (; n >= WORD; n -= WORD, d += WORD, s += WORD)
			*(word *)(void *)d = *(const word *)(const void *)s;
	while (n-- > 0)
		*d++ = *s++;
}

/* D and S point past the last byte. */
no_builtin_calls static void copy_down(uint8_t *d, const uint8_t *s, size_t n)
{
	if (both_aligned(d, s))
		for (; n >= WORD; n -= WORD) {
			d -= WORD;
			s -= WORD;
			*(word *)(void *)d = *(const word *)(const void *)s;
		}
	while (n-- > 0)
		*--d = *--s;
}

no_builtin_calls void *(LIB_NAME(memcpy))(void *dst, const void *src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

no_builtin_calls void *(LIB_NAME(memmove))(void *dst, const void *src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	/* Downwards only when DST begins inside the source: one unsigned comparison says both. */
	if ((uintptr_t)d - (uintptr_t)s < n)
		copy_down(d + n, s + n, n);
	else
		copy_up(d, s, n);
	return dst;
}

no_builtin_calls void *(LIB_NAME(memset))(void *dst, int byte, size_t n)
{
	uint8_t *d = dst;
	word fill = (uint8_t)byte * 0x01010101u;

	for (; n > 0 && ((uintptr_t)d & (WORD - 1)) != 0; n--)
		*d++ = (uint8_t)byte;
	for (; n >= WORD; n -= WORD, d += WORD)
		*(word *)(void *)d = fill;
	while (n-- > 0)
		*d++ = (uint8_t)byte;
	return dst;
}
