// selftest: off
// kernels: debug release
/* Without the word on the command line the crashes do not exist. */
#include "_selftest.h"

#include <errno.h>

int main(void)
{
	for (int kind = -1; kind < 10; kind++)
		if (selftest(kind) != -ENOSYS)
			return 1;
	return 0;
}
