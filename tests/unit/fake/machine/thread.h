/* The host twin of arch/x86/include/machine/thread.h: a thread has an attention word and nothing else. */
#ifndef MACHINE_THREAD_H
#define MACHINE_THREAD_H

#include <arch/types.h>

struct arch_thread {
	uint32_t attention;
	void *self;
	void *stack;
};

#endif
