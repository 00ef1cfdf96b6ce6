/* Address to function name, by bisection of the embedded table.
   It runs while the kernel dies, so it trusts the table no further than the header says: a damaged one yields no name
   instead of a second fault. */
#include <lib/symtab.h>

#include <stddef.h>

/* The index of the last address <= ADDR; words[0] <= ADDR. */
static uint32_t find_last(const struct symtab *t, uint32_t addr)
{
	uint32_t low = 0, high = t->count; /* words[low] <= ADDR < words[high] */

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (t->words[mid] <= addr)
			low = mid;
		else
			high = mid;
	}
	return low;
}

const char *symtab_find(const struct symtab *t, uint32_t addr, uint32_t *offset)
{
	const char *pool = (const char *)(t->words + 2 * (size_t)t->count);
	uint32_t i;

	if (t->magic != SYMTAB_MAGIC || t->count == 0 || addr < t->words[0] || addr >= t->end)
		return NULL;
	i = find_last(t, addr);
	if (t->words[t->count + i] >= t->pool_size || pool[t->pool_size - 1] != '\0')
		return NULL;
	*offset = addr - t->words[i];
	return pool + t->words[t->count + i];
}
