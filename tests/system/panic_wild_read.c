// kernels: debug release
// cpus: 1
// end: panic .*f7000000
// expect: before
// expect: sys_selftest
/* A wild access of the kernel's own is a panic that names the address. */
#include "_selftest.h"

int main(void)
{
	return crash(SELFTEST_WILD_READ);
}
