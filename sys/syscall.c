/* The system-call table.  Two dense arrays, Linux's numbers and our own from 0x400 on, both filled from
   sys/syscalls.def by way of the generated syscall_table.inc. */
#include <arch/compiler.h>
#include <kern/thread.h>

#include "sys_priv.h"

#define OWN_FIRST 0x400u

#define SYSCALL(nr, name, handler, nargs) [(nr) >= OWN_FIRST ? 0 : (nr)] = (nr) >= OWN_FIRST ? NULL : (handler),
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides" /* own calls all fall on entry 0, which stays NULL */
static const syscall_fn linux_calls[] = {
#include "syscall_table.inc"
	[0] = NULL,
};
#undef SYSCALL
#define SYSCALL(nr, name, handler, nargs) [(nr) >= OWN_FIRST ? (nr)-OWN_FIRST + 1 : 0] = (handler),
static const syscall_fn own_calls[] = {
#include "syscall_table.inc"
};
#undef SYSCALL
#pragma clang diagnostic pop

int32_t syscall_dispatch(uint32_t nr, struct syscall_args *args)
{
	syscall_fn fn = NULL;
	int32_t result;

	if (likely(nr < ARRAY_SIZE(linux_calls)))
		fn = linux_calls[nr];
	else if (nr >= OWN_FIRST && nr - OWN_FIRST + 1 < ARRAY_SIZE(own_calls))
		fn = own_calls[nr - OWN_FIRST + 1];
	if (unlikely(!fn))
		return E_NOSYS;
	result = fn(args);
	thread_assert_leaves_kernel();
	return result;
}
