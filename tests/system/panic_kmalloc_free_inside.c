// kernels: debug
// suite: kmalloc
// end: panic .*which is 16 bytes inside object 0x[0-9a-f]+, by mistaken_free\+0x.*by mistaken_alloc\+0x
// expect: before
/* A free inside an object. */
#include "_selftest.h"

int main(void)
{
	printf("before\n");
	fflush(stdout);
	printf("the kernel lived: %d\n", selftest_with(SELFTEST_KMALLOC, 2, 0, 0));
	return 1;
}
