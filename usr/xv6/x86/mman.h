/* How mmap() maps.  Flags 0 with protection 0 and no file is memory to read and write; MAP_ANONYMOUS with protection 0
   is memory that can be read. */
#ifndef XV6_MMAN_H
#define XV6_MMAN_H

#include <abi/mman.h>

#define MAP_ANON MAP_ANONYMOUS
#define MAP_FILE 0
#define MAP_FAILED ((void *)-1)

#endif
