/* The calls that only Dormouse has.  Each gives -1 and errno ENOSYS elsewhere. */
#ifndef _DORMOUSE_H
#define _DORMOUSE_H

#include <abi/dormouse.h>
#include <stddef.h>
#include <stdint.h>

/* Free physical memory in bytes, counting what can be given back on demand. */
long freemem(void);
/* As many records as fit into LEN bytes; the result is the number of processes there are. */
int getprocs(struct abi_procinfo *out, size_t len);
/* The newest bytes of the kernel's log that fit; the result is their number. */
int klog(char *out, size_t len);
/* A struct abi_kstat and its records of slab caches; the result is the bytes there are, which may be more than LEN. */
int kstat(void *out, size_t len);
/* sbrk whose memory is there at once: all of it, zeroed and writable, or none: ENOMEM, nothing has changed.  What DELTA
   < 0 would take below the start of the heap is EINVAL. */
void *sbrk_eager(intptr_t delta);
/* The kernel's own allocator, for tests of it: SIZE bytes of kernel memory, 1 to 4096 (else EINVAL), which the program
   cannot touch, only give back; NULL and ENOMEM when there are none.  What is not given back is freed at exit; a child
   of fork does not have it.  kfree: 0, or -1 and EINVAL for what this process did not get so, NULL too. */
void *kmalloc(size_t size);
int kfree(void *p);
/* The page of shared memory that has the number ID (> 0): all who open it see the same bytes, zeros at first.  Opened
   again, it is where it was, and must be closed as often; a child of fork has it open as its parent had.  It is gone
   when nobody has it open.  (char *)-1 and errno when it cannot be had: EINVAL, ENOMEM. */
char *openshmem(int id);
/* 0, or -1 and EINVAL: this process does not have it open. */
int closeshmem(int id);

#endif
