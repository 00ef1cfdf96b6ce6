/* Resource limits: the call with 64-bit numbers serves all. */
#include <sys/resource.h>

int getrlimit(int resource, struct rlimit *out)
{
	return prlimit(0, resource, NULL, out);
}

int setrlimit(int resource, const struct rlimit *limit)
{
	return prlimit(0, resource, limit, NULL);
}
