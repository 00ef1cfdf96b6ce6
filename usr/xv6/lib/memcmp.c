#include "calls.h"

int memcmp(const void *a, const void *b, unsigned int n);

WEAK int memcmp(const void *a, const void *b, unsigned int n)
{
	const unsigned char *x = a, *y = b;

	for (; n > 0; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
