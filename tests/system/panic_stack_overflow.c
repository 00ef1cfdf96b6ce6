// kernels: debug release
// cpus: 1 4
// end: panic .*(double fault|stack)
// expect: before
// expect: overflow_stack
/* A kernel stack that runs into its guard ends in a message (a double fault through its task gate), not in a reset. */
#include "_selftest.h"

int main(void)
{
	return crash(SELFTEST_STACK_OVERFLOW);
}
