/* CALL(name, number): the function NAME is the call XV6_number and nothing else: it finds its arguments above the
   return address, where a C function's are.  All names of this library are weak, so that a program may have its own. */
#ifndef XV6_LIB_CALLS_H
#define XV6_LIB_CALLS_H

#include <abi/xv6.h>

#define CALL(name, number) \
	__attribute__((naked, used)) static void call_##name(void) \
	{ \
		__asm__(".weak " #name "\n" #name ":\n\tmovl %0, %%eax\n\tint %1\n\tret" \
		        : \
		        : "i"(XV6_##number), "i"(XV6_VECTOR)); \
	}

#define WEAK __attribute__((weak))

#endif
