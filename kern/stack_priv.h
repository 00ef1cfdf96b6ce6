/* Kernel stacks: slots of the kernel window, the upper half of each mapped. */
#ifndef KERN_STACK_PRIV_H
#define KERN_STACK_PRIV_H

#include <arch/thread.h>
#include <kern/thread.h>
#include <lib/status.h>

void stack_init(void);
/* A stack with undefined content: *STACK its lowest byte, FRAMES what is mapped there.
   => E_NOMEM: no frames, or no slot. */
enum status stack_get(void **stack, paddr_t frames[STACK_PAGES]) must_check;
/* Nobody runs on it. */
void stack_put(void *stack, const paddr_t frames[STACK_PAGES]);
/* Unmap and free the stacks that are kept ready. */
void stack_trim(void);

#endif
