/* The one call that connects kern to the machine. */
#ifndef KERN_INIT_H
#define KERN_INIT_H

/* Fill in what kern serves of kernel_hooks (arch/hooks.h): everything but system calls and the second gate.  The first
   thing kernel_main does: from here on assertions and exceptions end in a readable panic. */
void kern_init(void);

#endif
