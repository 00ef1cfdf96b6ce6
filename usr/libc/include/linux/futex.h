/* The numbers of the system call futex, for who calls it directly; <pthread.h> and <semaphore.h> are more
   comfortable. */
#ifndef _LINUX_FUTEX_H
#define _LINUX_FUTEX_H

#include <abi/futex.h>

#endif
