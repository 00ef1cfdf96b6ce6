/* What mm's own files share about address spaces. */
#ifndef MM_ASPACE_PRIV_H
#define MM_ASPACE_PRIV_H

#include <mm/aspace.h>

/* V becomes [START, END); counters, generation and the object offset follow. */
void aspace_resize_region(struct aspace *as, struct vma *v, vaddr_t start, vaddr_t end);
/* The guard that mappings keep free below the stack, in bytes. */
#define STACK_GUARD_BYTES (16 * PAGE_SIZE)

#endif
