/* How open() opens, and mmap() maps. */
#ifndef XV6_KERNEL_FCNTL_H
#define XV6_KERNEL_FCNTL_H

#define O_RDONLY 0x000
#define O_WRONLY 0x001
#define O_RDWR 0x002
#define O_CREATE 0x200
#define O_TRUNC 0x400
#define O_NOFOLLOW 0x800

#include <abi/mman.h>

#define MAP_ANON MAP_ANONYMOUS
/* clang-format off: as programs define it again */
#define MAP_FAILED ((char *)-1)
/* clang-format on */

#endif
