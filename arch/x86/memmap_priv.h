/* Which RAM may be used: sorted, disjoint ranges made from whatever the firmware says.  Pure;
   tests/unit/test_x86_memmap.c. */
#ifndef X86_MEMMAP_PRIV_H
#define X86_MEMMAP_PRIV_H

#include <arch/boot.h>

struct memmap {
	struct boot_range r[BOOT_MAX_RANGES]; /* ascending, disjoint, not touching, none empty */
	unsigned n;
};

/* Bytes [START, END) become usable: whole pages inside.  What lies at or above LIMIT (a page boundary) is left out.
   When there is no place for another range, the smallest is given up. */
void memmap_add(struct memmap *m, uint64_t start, uint64_t end, uint64_t limit);
/* Bytes [START, END) are not usable: every page that they touch. */
void memmap_remove(struct memmap *m, uint64_t start, uint64_t end);
bool memmap_valid(const struct memmap *m);
/* One above the highest frame, 0 when there is none. */
pfn_t memmap_end(const struct memmap *m);

/* Fill M from a Multiboot memory map: SIZE bytes of entries at ENTRIES (Multiboot 0.6.96, 3.3, mmap_*), cut or garbled
   ones included.  A byte is usable when an entry says so and none says otherwise.
   => bytes of RAM at or above LIMIT. */
uint64_t memmap_from_multiboot(struct memmap *m, const void *entries, uint32_t size, uint64_t limit);

#endif
