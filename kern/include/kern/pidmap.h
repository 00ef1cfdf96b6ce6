/* Which numbers are in use for processes, groups and sessions.  Next fit: a number is not used again before all others
   have been, so that a stale pid in a script hits nobody by accident. */
#ifndef KERN_PIDMAP_H
#define KERN_PIDMAP_H

#include <arch/compiler.h>
#include <lib/bitmap.h>

#define PID_MAX 32768 /* the largest pid is one less, as old programs with 16-bit pids expect */
#define PID_NONE 0

/* Guarded by its owner's lock.  Zeroed: only number 0, which nobody has, is not free. */
struct pidmap {
	uint32_t used[BITMAP_WORDS(PID_MAX)];
	uint32_t last; /* taken last */
};

/* => a number of 1 .. PID_MAX-1 that is now in use, or PID_NONE. */
int32_t pidmap_take(struct pidmap *m) must_check;
void pidmap_release(struct pidmap *m, int32_t pid);

#endif
