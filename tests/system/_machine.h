/* What a machine has, whatever its size: for machine_small.c and machine_large.c. */
#ifndef MACHINE_H
#define MACHINE_H

#include <sys/sysinfo.h>

#include "check.h"

enum { USED_MOST = 1792 * MIB, TOUCHED = 2 * MIB };

static void touch(void)
{
	char *p = mmap(NULL, TOUCHED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < TOUCHED; i += PAGE)
		p[i] = (char)(i >> 12);
	for (int i = 0; i < TOUCHED; i += PAGE)
		CHECK(p[i] == (char)(i >> 12));
}

static void body(void)
{
	struct abi_kstat now;
	struct sysinfo info;
	pid_t pids[8];

	CHECK(kstat(&now, sizeof now) > 0);
	CHECK(now.ncpus == 1 || now.ncpus == 2 || now.ncpus == 8);
	CHECK(now.total > 4 * MIB && now.total <= USED_MOST && now.free <= now.total && now.free > now.total / 2);
	CHECK(now.total < 8 * MIB || now.total > 1700 * MIB);
	CHECK_EQ(sysinfo(&info), 0);
	CHECK(info.mem_unit == 1 && info.totalram >= now.total && info.totalram <= USED_MOST &&
	      info.freeram <= info.totalram);
	CHECK(info.procs >= 3 && info.uptime < 100);
	CHECK_EQ(freemem() / MIB, now.free / MIB);
	for (int i = 0; i < 8; i++) {
		pids[i] = child_start(touch);
		if (now.total < 32 * MIB || i == 7)
			for (int j = now.total < 32 * MIB ? i : 0; j <= i; j++)
				CHECK_EQ(child_wait(pids[j]), 0);
	}
}

#endif
