/* The last resort when memory has run out. */
#ifndef KERN_OOM_H
#define KERN_OOM_H

#include <stdbool.h>

/* The current process is small and cannot go on without memory: end the largest process instead, unless one is ending
   already.  => whether the caller should wait and try again; false: it is itself the largest. */
bool oom_end_another(void);

#endif
