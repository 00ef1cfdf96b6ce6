/* For the compiler, which copies structs with it, and for programs that call it. */
#include "calls.h"

void *memcpy(void *to, const void *from, unsigned int n);

WEAK void *memcpy(void *to, const void *from, unsigned int n)
{
	return memmove(to, from, (int)n);
}
