/* Crashes on demand and the audit (sys/selftest.c, sys/audit.c); the kernel must have been started with the word
   `selftest`, as it is for every test that does not say otherwise. */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <stdio.h>

enum {
	SELFTEST_PANIC = 1,
	SELFTEST_STACK_OVERFLOW,
	SELFTEST_WILD_READ,
	SELFTEST_LOCK_ORDER,
	SELFTEST_WRITE_TEXT,
	SELFTEST_AUDIT,
	SELFTEST_DAMAGE,
	SELFTEST_FAIL_ALLOC = 10,
	SELFTEST_DROP_CACHES,
	SELFTEST_ENDED_ALLOCS,
	SELFTEST_KMALLOC = 20, /* enum kmalloc_mistake of sys/selftest.c */
};

#define SYS_SELFTEST 0x404

/* => 0 or a negated errno. */
static inline int selftest_with(int kind, unsigned a, unsigned b, unsigned c)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result) : "0"(SYS_SELFTEST), "b"(kind), "c"(a), "d"(b), "S"(c) : "memory");
	return result;
}

static inline int selftest(int kind)
{
	return selftest_with(kind, 0, 0, 0);
}

static inline int crash(int kind)
{
	printf("before\n");
	fflush(stdout);
	printf("the kernel lived: %d\n", selftest(kind));
	return 1;
}

#endif
