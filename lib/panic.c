/* Where assertions end, and the one table through which the floors below kern call up (arch/hooks.h): it is defined
   here, in the lowest floor that has code, so that a test which links a single floor has it too. */
#include <lib/assert.h>

#include <stdarg.h>

struct kernel_hooks kernel_hooks;

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!kernel_hooks.panic)
		__builtin_trap(); /* before anybody can report: stop where it happened */
	kernel_hooks.panic(NULL, fmt, ap);
}
