/* The kernel's own function names, for backtraces: a table that lib/mksymtab.py makes from `nm -n` of the linked
   kernel, as an assembly file to be linked in a second pass (the first pass links an empty one, --empty).  It stands in
   the section .symtab_embedded, which the linker script places behind all code and data, so that nothing moves.

   Layout, all words little-endian, at the symbol kernel_symtab:
	struct symtab                 magic, count, end, pool_size
	uint32_t address[count]       ascending, no two equal
	uint32_t name[count]          offset of the name in the pool, < pool_size
	char pool[pool_size]          NUL-terminated names; the last byte is a NUL */
#ifndef LIB_SYMTAB_H
#define LIB_SYMTAB_H

#include <stdint.h>

#define SYMTAB_MAGIC 0x544d5953u /* "SYMT" */

/* Constant. */
struct symtab {
	uint32_t magic;
	uint32_t count;
	uint32_t end; /* past the last function; no name is found from here on */
	uint32_t pool_size;
	uint32_t words[]; /* address[count], name[count], then the pool */
};

extern const struct symtab kernel_symtab; /* defined by the generated file */

/* => the name of the function that ADDR lies in, *OFFSET its distance from the function's start; NULL (and *OFFSET
   unchanged) when ADDR is before the first, at or past END, or the table is not one.  Safe in a panic: no lock. */
const char *symtab_find(const struct symtab *t, uint32_t addr, uint32_t *offset);

#endif
