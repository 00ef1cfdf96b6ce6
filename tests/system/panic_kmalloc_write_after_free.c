// kernels: debug
// suite: kmalloc
// end: panic .*after it was freed, byte 7 is 00; .* by mistaken_alloc\+0x.*, freed by mistaken_free\+0x
// expect: before
/* Who allocated and who freed an object that was written to since is named. */
#include "_selftest.h"

int main(void)
{
	printf("before\n");
	fflush(stdout);
	printf("the kernel lived: %d\n", selftest_with(SELFTEST_KMALLOC, 5, 0, 0));
	return 1;
}
