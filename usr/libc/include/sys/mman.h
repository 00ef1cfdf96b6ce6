/* Memory mappings. */
#ifndef _SYS_MMAN_H
#define _SYS_MMAN_H

#include <abi/mman.h>
#include <sys/types.h>

#define MAP_ANON MAP_ANONYMOUS
#define MAP_FAILED ((void *)-1)

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off);
int munmap(void *addr, size_t len);
int mprotect(void *addr, size_t len, int prot);
/* With MREMAP_FIXED, the new place is the fifth argument. */
void *mremap(void *addr, size_t old_len, size_t new_len, int flags, ...);
int msync(void *addr, size_t len, int flags);
/* A byte for each page: whether it is in memory. */
int mincore(void *addr, size_t len, unsigned char *vec);
int madvise(void *addr, size_t len, int advice);

#endif
