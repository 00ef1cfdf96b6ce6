/* What the system is. */
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <dormouse.h>

#include "libc_priv.h"

/* Pages of the machine, of those free or of all. */
static long pages(bool free_only)
{
	struct sysinfo info;

	if (sysinfo(&info) < 0)
		return -1;
	return (long)((unsigned long long)(free_only ? info.freeram : info.totalram) * info.mem_unit / PAGE_SIZE);
}

static long processors(void)
{
	struct abi_kstat stat;

	return kstat(&stat, sizeof stat) < (int)sizeof stat ? 1 : (long)stat.ncpus;
}

long sysconf(int name)
{
	switch (name) {
	case _SC_ARG_MAX: return 131072;
	case _SC_CLK_TCK: return 100;
	case _SC_OPEN_MAX: return OPEN_MAX;
	case _SC_PAGESIZE: return PAGE_SIZE;
	case _SC_NPROCESSORS_ONLN: return processors();
	case _SC_PHYS_PAGES: return pages(false);
	case _SC_AVPHYS_PAGES: return pages(true);
	default: errno = EINVAL; return -1;
	}
}

int getpagesize(void)
{
	return PAGE_SIZE;
}

int gethostname(char *name, size_t len)
{
	struct utsname u;

	if (uname(&u) < 0)
		return -1;
	if (strlcpy(name, u.nodename, len) >= len) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}
