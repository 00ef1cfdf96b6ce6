/* The calls of our own, from 0x400 on: what they hand out. */
#ifndef ABI_DORMOUSE_H
#define ABI_DORMOUSE_H

#include <stdint.h>

/* getprocs(buf, len): as many whole records as fit; the result is the number of processes there are. */
struct abi_procinfo {
	int32_t pid, ppid, pgid, sid;
	uint32_t promised;     /* bytes of all regions */
	uint32_t resident;     /* bytes of pages that are there */
	uint32_t utime, stime; /* units of 1/ABI_CLK_TCK s */
	uint32_t start;        /* s since boot */
	char state;            /* R running or ready, S sleeping, D waiting for the disk, Z zombie */
	char name[31];         /* last component of the program's path, NUL-terminated */
};
_Static_assert(sizeof(struct abi_procinfo) == 68, "records of getprocs");

/* klog(buf, len): the newest bytes of the kernel's log that fit; the result is their number. */

/* kstat(buf, len): one record of totals, then one per slab cache; the result is the bytes there are. */
struct abi_kstat {
	uint32_t size;    /* bytes of this record */
	uint32_t ncaches; /* records of struct abi_kstat_cache that follow */
	uint32_t ncpus;
	uint32_t total;  /* bytes of RAM in use by the kernel's frame pool */
	uint32_t free;   /* bytes, as freemem() says */
	uint32_t cached; /* bytes of page-cache pages */
	uint32_t dirty;  /* bytes of page-cache pages not yet on disk */
	uint32_t kernel; /* bytes of image, frame table and boot-time structures */
	uint32_t tables; /* bytes of page tables and directories */
	uint32_t anon;   /* bytes of programs' own pages */
	uint32_t slab;   /* bytes held by kmalloc and its caches */
	uint32_t nprocs, nthreads, nfiles, nvnodes;
	uint64_t uptime_ns, idle_ns; /* idle: the sum over all CPUs */
	uint64_t boot_instructions;  /* TSC at the first instruction of init minus that at the first of boot.S */
};
struct abi_kstat_cache {
	char name[24];
	uint32_t object_size; /* bytes */
	uint32_t live;        /* objects in use */
	uint32_t pages;       /* pages held */
};

#endif
