// kernels: debug
// suite: kmalloc
// end: panic .*was freed twice, by mistaken_second_free\+0x.*mistaken_alloc\+0x.*, freed by mistaken_free\+0x
// expect: before
/* All three who had to do with an object that was freed twice are named. */
#include "_selftest.h"

int main(void)
{
	printf("before\n");
	fflush(stdout);
	printf("the kernel lived: %d\n", selftest_with(SELFTEST_KMALLOC, 1, 0, 0));
	return 1;
}
