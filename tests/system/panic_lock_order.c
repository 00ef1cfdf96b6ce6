// kernels: debug
// cpus: 1
// end: panic .*outer.*inner
// expect: before
// expect: lock_out_of_order
/* A debug kernel panics with both places named when a lock is taken out of order. */
#include "_selftest.h"

int main(void)
{
	return crash(SELFTEST_LOCK_ORDER);
}
