/* Memory and load of the machine, as Linux/i386 tells it. */
#ifndef _SYS_SYSINFO_H
#define _SYS_SYSINFO_H

struct sysinfo {
	long uptime; /* s */
	unsigned long loads[3];
	unsigned long totalram, freeram, sharedram, bufferram, totalswap, freeswap; /* units of mem_unit bytes */
	unsigned short procs, pad;
	unsigned long totalhigh, freehigh;
	unsigned int mem_unit;
	char fill[8];
};

int sysinfo(struct sysinfo *out);

#endif
