/* The second gate, bare: `int $0x40` with whatever stack pointer. */
#ifndef XV6_GATE_H
#define XV6_GATE_H

#include "check.h"

#include <abi/xv6.h>

/* Call NUMBER with ESP as it is said to be; the program's own stack is used again afterwards. */
static inline int32_t gate_at(uint32_t number, uint32_t esp)
{
	static uint32_t saved; /* no register is sure to be free, and the stack is elsewhere */
	int32_t result;

	__asm__ volatile("movl %%esp, %1\n\t"
	                 "movl %3, %%esp\n\t"
	                 "int $0x40\n\t"
	                 "movl %1, %%esp"
	                 : "=a"(result), "+m"(saved)
	                 : "0"(number), "r"(esp)
	                 : "memory", "cc");
	return result;
}

/* As a stub of a library: the arguments above a return address. */
static inline int32_t gate(uint32_t number, const uint32_t args[7])
{
	return gate_at(number, (uint32_t)args);
}

#define GATE(number, ...) gate(number, (const uint32_t[7]){0xdeadbeef, ##__VA_ARGS__})
#define P(pointer) ((uint32_t)(pointer))

#endif
