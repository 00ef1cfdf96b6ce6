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
/* Programs define it once more, with this very blank: another would be a warning. */
/* clang-format off */
#define MAP_FAILED ((char *) -1)
/* clang-format on */

#endif
