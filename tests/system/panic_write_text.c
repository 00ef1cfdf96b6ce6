// kernels: debug release
// cpus: 1
// end: panic .*
// expect: before
// expect: sys_selftest
/* Kernel text is read-only for the kernel too. */
#include "_selftest.h"

int main(void)
{
	return crash(SELFTEST_WRITE_TEXT);
}
