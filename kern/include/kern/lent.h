/* Kernel memory lent to programs: what the test calls kmalloc and kfree drive the kernel's allocator with
   (docs/kmalloc.md).  A process has what it got that way until it frees it or ends; fork does not copy it, exec keeps
   it.  Only the process itself changes what it has. */
#ifndef KERN_LENT_H
#define KERN_LENT_H

#include <kern/proc.h>
#include <lib/status.h>

/* SIZE bytes of kmalloc for the current process, their address in *OUT.  => E_INVAL: not 1 .. KMALLOC_MAX; E_NOMEM:
   also when kmalloc has LENT_SHARE of all memory already. */
enum status lent_alloc(uint32_t size, void **out) must_check;
/* => E_INVAL: P is nothing that the current process has. */
enum status lent_free(const void *p) must_check;
/* Free all that P, which is the current process, has.  Needs no memory; lets others run meanwhile. */
void lent_free_all(struct proc *p);

/* While kmalloc has one such part of all pages no more is lent, so that the rest is left for those who must live. */
#define LENT_SHARE 4u

#endif
