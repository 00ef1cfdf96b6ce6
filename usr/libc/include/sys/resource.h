/* What a process has used, and what it may use. */
#ifndef _SYS_RESOURCE_H
#define _SYS_RESOURCE_H

#include <abi/resource.h>
#include <sys/time.h>
#include <sys/types.h>

struct rusage {
	struct timeval ru_utime, ru_stime;
	long ru_maxrss, ru_ixrss, ru_idrss, ru_isrss, ru_minflt, ru_majflt, ru_nswap, ru_inblock, ru_oublock;
	long ru_msgsnd, ru_msgrcv, ru_nsignals, ru_nvcsw, ru_nivcsw;
};

typedef unsigned long long rlim_t;
#define RLIM_INFINITY (~0ull)
struct rlimit {
	rlim_t rlim_cur, rlim_max;
};

int getrlimit(int resource, struct rlimit *out);
/* Of the limits only the stack's can be changed; the others are fixed, EPERM. */
int setrlimit(int resource, const struct rlimit *limit);
/* PID is 0 or the caller's.  LIMIT or OLD may be NULL. */
int prlimit(pid_t pid, int resource, const struct rlimit *limit, struct rlimit *old);

#endif
