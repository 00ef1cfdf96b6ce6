/* The kinds of sys_sbrk(): memory at once, or at the first touch. */
#ifndef XV6_KERNEL_VM_H
#define XV6_KERNEL_VM_H

#define SBRK_EAGER 1
#define SBRK_LAZY 2

#endif
