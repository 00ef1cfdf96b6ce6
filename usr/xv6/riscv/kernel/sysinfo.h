/* What sysinfo() tells. */
#ifndef XV6_KERNEL_SYSINFO_H
#define XV6_KERNEL_SYSINFO_H

#include "kernel/types.h"

struct sysinfo {
	uint64 freemem; /* bytes */
	uint64 nproc;   /* processes that are there */
};

#endif
