// kernels: debug release
// suite: kmalloc
// end: panic .*kmalloc\(4097\) by mistaken_alloc\+0x
// expect: before
/* More than kmalloc can give is a bug of the caller, who is named; in every kernel. */
#include "_selftest.h"

int main(void)
{
	printf("before\n");
	fflush(stdout);
	printf("the kernel lived: %d\n", selftest_with(SELFTEST_KMALLOC, 0, 0, 0));
	return 1;
}
