/* The last resort when memory has run out. */
#ifndef KERN_OOM_H
#define KERN_OOM_H

#include <stdbool.h>
#include <stdint.h>

/* The current process is small and cannot go on without memory: end the largest process instead, unless one is ending
   already.  For init the largest of the others, however small it is.  => whether the caller should wait and try again;
   false: it is itself the largest. */
bool oom_end_another(void);

/* Since boot: faults that ended without memory, and processes that were ended for it. */
uint32_t oom_fault_count(void);
uint32_t oom_kill_count(void);
/* A fault has ended so; the current process ends for it. */
void oom_note_fault(void);
void oom_note_kill(void);

#endif
