/* The shape of the kernel's spin lock, for programs that include it through other headers. */
#ifndef XV6_KERNEL_SPINLOCK_H
#define XV6_KERNEL_SPINLOCK_H

#include "kernel/types.h"

struct cpu;

struct spinlock {
	uint locked;
	char *name;
	struct cpu *cpu;
};

#endif
