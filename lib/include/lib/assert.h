/* KASSERT states what the kernel guarantees to itself; a program's mistake is a status, never an assertion.
   Always compiled in: a broken invariant is worth more than the two instructions.  DEBUG_ASSERT is for checks on hot
   paths and costs nothing in a release build. */
#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H

#include <arch/compiler.h>
#include <arch/hooks.h>

/* Calls the panic hook of arch/hooks.h. */
void panic(const char *fmt, ...) printf_like(1, 2) noreturn_fn;

#define KASSERT(cond) \
	do { \
		if (unlikely(!(cond))) \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond); \
	} while (0)

#ifdef CONFIG_DEBUG
#define DEBUG_ASSERT(cond) KASSERT(cond)
#else
#define DEBUG_ASSERT(cond) ((void)sizeof(cond))
#endif

#endif
