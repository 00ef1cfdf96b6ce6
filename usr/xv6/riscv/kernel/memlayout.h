/* Where things lie in memory.  KERNBASE is where a program's half ends, TRAPFRAME where its heap must end, and
   PHYSTOP - KERNBASE the memory of this machine: a question at run time, not a constant. */
#ifndef XV6_KERNEL_MEMLAYOUT_H
#define XV6_KERNEL_MEMLAYOUT_H

#include "kernel/types.h"

uint64 xv6_memory(void); /* bytes of RAM that the kernel uses */

#define KERNBASE 0x80000000L
#define PHYSTOP (KERNBASE + xv6_memory())

#define TRAMPOLINE (MAXVA - PGSIZE)
#define TRAPFRAME (TRAMPOLINE - PGSIZE)

#define UART0 0x10000000L
#define UART0_IRQ 10
#define VIRTIO0 0x10001000L
#define VIRTIO0_IRQ 1
#define PLIC 0x0c000000L

#endif
