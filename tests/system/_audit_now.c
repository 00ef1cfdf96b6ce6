/* The audit as a program, for the end of scripts and sessions. */
#include "_selftest.h"

int main(void)
{
	int result = selftest(SELFTEST_AUDIT);

	if (result != 0)
		printf("the audit ends with %d: see the kernel's log\n", result);
	return result != 0;
}
