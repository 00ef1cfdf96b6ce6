// kernels: debug release
// cpus: 1 4
// end: panic selftest
// expect: before
// expect: sys_selftest
/* A panic says what happened, shows registers and a backtrace with names, and stops all CPUs. */
#include "_selftest.h"

int main(void)
{
	return crash(SELFTEST_PANIC);
}
