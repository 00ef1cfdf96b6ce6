/* Memory that comes when it is touched. */
#include "calls.h"

WEAK char *sbrklazy(int n)
{
	return sys_sbrk(n, XV6_SBRK_LAZY);
}
