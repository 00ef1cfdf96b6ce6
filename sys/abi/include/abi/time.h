/* Time structures and clocks of Linux/i386. */
#ifndef ABI_TIME_H
#define ABI_TIME_H

#include <stdint.h>

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7

#define ABI_CLK_TCK 100 /* units of times(), per second */

struct abi_timespec {
	int32_t sec;
	int32_t nsec;
};
struct abi_timespec64 {
	int64_t sec;
	int32_t nsec;
	uint32_t pad;
};
struct abi_timeval {
	int32_t sec;
	int32_t usec;
};
/* times(): units of 1/ABI_CLK_TCK s */
struct abi_tms {
	uint32_t utime, stime, cutime, cstime;
};
struct abi_rusage {
	struct abi_timeval utime, stime;
	int32_t maxrss, ixrss, idrss, isrss, minflt, majflt, nswap, inblock, oublock, msgsnd, msgrcv, nsignals, nvcsw,
		nivcsw;
};
_Static_assert(sizeof(struct abi_rusage) == 72, "struct rusage of Linux/i386");

#endif
