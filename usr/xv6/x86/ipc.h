/* Keys and commands of shared memory. */
#ifndef XV6_IPC_H
#define XV6_IPC_H

#include <abi/shm.h>

#endif
