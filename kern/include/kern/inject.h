/* Failure injection, for tests (docs/testing.md): one request for memory of the current thread fails.
   Counted are its requests alone, wherever it makes them: system calls, copies from and to user memory, page faults of
   its own.  Interrupt handlers ask for no memory, kernel threads are never armed. */
#ifndef KERN_INJECT_H
#define KERN_INJECT_H

#include <stdbool.h>
#include <stdint.h>

/* Let the K-th request from now on fail, it alone or with ALL that follow; K 0: none, and the count ends.
   => how many requests were counted since the last call. */
uint32_t inject_failure(uint32_t k, bool all);

/* Has the failure happened?  Then nobody is to make up for it. */
bool inject_has_failed(void);

/* The current thread ends: what was counted until now can be asked for by others. */
void inject_note_end(void);
/* => how many requests the last thread that ended while it was armed had made, all that its end took included. */
uint32_t inject_requests_of_ended(void);

#endif
