/* From an object to those who map it (mm/object.h): what a file does to all its mappings, in whatever process. */
#ifndef KERN_MAPPINGS_H
#define KERN_MAPPINGS_H

#include <mm/object.h>

/* Writes to pages [FIRST, FIRST + N) of O through shared mappings will fault.  May sleep, but waits for no device; no
   mutex of rank >= RANK_ASPACE and no spinlock is held. */
void mappings_protect(struct mem_object *o, uint32_t first, uint32_t n);
/* O has no pages from FIRST on any more, and gives none out until this returns: no mapping shows one of them
   afterwards, nor a private copy.  Needs no memory.  As above. */
void mappings_cut(struct mem_object *o, uint32_t first);

#endif
