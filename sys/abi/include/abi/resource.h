/* Resource limits, as on Linux/i386 (asm-generic/resource.h). */
#ifndef ABI_RESOURCE_H
#define ABI_RESOURCE_H

#include <stdint.h>

enum {
	RLIMIT_CPU,
	RLIMIT_FSIZE,
	RLIMIT_DATA,
	RLIMIT_STACK,
	RLIMIT_CORE,
	RLIMIT_RSS,
	RLIMIT_NPROC,
	RLIMIT_NOFILE,
	RLIMIT_MEMLOCK,
	RLIMIT_AS,
	RLIMIT_LOCKS,
	RLIMIT_SIGPENDING,
	RLIMIT_MSGQUEUE,
	RLIMIT_NICE,
	RLIMIT_RTPRIO,
	RLIMIT_RTTIME,
	RLIM_NLIMITS,
};

/* No limit: in the calls with 32-bit numbers, and in those with 64-bit ones. */
#define ABI_RLIM_INFINITY 0xffffffffu
#define ABI_RLIM64_INFINITY (~(uint64_t)0)
/* The most that old getrlimit says. */
#define ABI_RLIM_OLD_MAX 0x7fffffffu

struct abi_rlimit {
	uint32_t soft, hard;
};
struct abi_rlimit64 {
	uint64_t soft, hard;
};
_Static_assert(sizeof(struct abi_rlimit64) == 16, "struct rlimit64 of Linux/i386");

#endif
