/* Sleeping on a word, for the locks.  errno stays what it is. */
#ifndef LIBC_FUTEX_H
#define LIBC_FUTEX_H

#include <stdbool.h>
#include <time.h>

/* Sleep while WORD is VALUE, until woken, at most UNTIL by CLOCK (NULL: no limit).  SHARED: other processes see WORD.
   => 0 or EAGAIN, EINTR: look again; ETIMEDOUT. */
int __futex_wait(unsigned int *word, unsigned int value, bool shared, clockid_t clock, const struct timespec *until);
/* Wake at most N (> 0) who sleep on WORD. */
void __futex_wake(unsigned int *word, int n, bool shared);
/* Is there a time that may be waited for?  NULL: there is no limit. */
bool __futex_time_valid(const struct timespec *until);

#endif
