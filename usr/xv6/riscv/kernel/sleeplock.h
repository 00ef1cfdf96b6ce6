/* The shape of the kernel's sleeping lock, for programs that include it through other headers. */
#ifndef XV6_KERNEL_SLEEPLOCK_H
#define XV6_KERNEL_SLEEPLOCK_H

#include "kernel/spinlock.h"

struct sleeplock {
	uint locked;
	struct spinlock lk;
	char *name;
	int pid;
};

#endif
