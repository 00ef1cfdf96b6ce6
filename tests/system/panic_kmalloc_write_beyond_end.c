// kernels: debug
// suite: kmalloc
// end: panic .*of 100 bytes was .* beyond its end, byte 100 is 00; .* by mistaken_alloc\+0x.* mistaken_free\+0x
// expect: before
/* A write to the first byte that was not asked for, though the object has room for it. */
#include "_selftest.h"

int main(void)
{
	printf("before\n");
	fflush(stdout);
	printf("the kernel lived: %d\n", selftest_with(SELFTEST_KMALLOC, 6, 0, 0));
	return 1;
}
