/* In this dialect plain sbrk() promises only what there is. */
#include "calls.h"

WEAK char *sbrk(int n)
{
	return sys_sbrk(n, XV6_SBRK_EAGER);
}
