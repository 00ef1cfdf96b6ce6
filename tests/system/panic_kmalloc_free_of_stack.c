// kernels: debug
// suite: kmalloc
// end: panic .*free of 0x[0-9a-f]+, which is no .*, by mistaken_free\+0x
// expect: before
/* A free of what lies on the stack. */
#include "_selftest.h"

int main(void)
{
	printf("before\n");
	fflush(stdout);
	printf("the kernel lived: %d\n", selftest_with(SELFTEST_KMALLOC, 3, 0, 0));
	return 1;
}
