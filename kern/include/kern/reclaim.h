/* Getting memory back that is in use only for speed, when a request for it has failed (docs/page-fault.md). */
#ifndef KERN_RECLAIM_H
#define KERN_RECLAIM_H

#include <arch/types.h>
#include <stdbool.h>

/* Make memory free, or at least free to be taken: empty slabs and spare stacks, then what the cache of files can be made to
   give, then pages of files that programs only read.  Nothing is locked; may sleep, also for a disk.
   => whether there was any: then it is worth while to ask again. */
bool memory_reclaim(void);

/* Filled in by the floor that caches files: write back what is dirty, drop what nobody uses.  May sleep. => about how many
   frames have become available.  NULL: there is no such floor. */
extern uint32_t (*reclaim_file_cache)(void);

#endif
