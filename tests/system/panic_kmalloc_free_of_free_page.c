// kernels: debug
// suite: kmalloc
// end: panic .*in a page of kind free, by mistaken_second_free\+0x.*mistaken_alloc\+0x.*, freed by mistaken_free\+0x
// expect: before
/* A second free when the page of the object is long back in the frame pool. */
#include "_selftest.h"

int main(void)
{
	printf("before\n");
	fflush(stdout);
	printf("the kernel lived: %d\n", selftest_with(SELFTEST_KMALLOC, 4, 0, 0));
	return 1;
}
