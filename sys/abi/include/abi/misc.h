/* uname, sysinfo, reboot, wait, iovec, set_thread_area and the auxiliary vector, as on Linux/i386. */
#ifndef ABI_MISC_H
#define ABI_MISC_H

#include <stdint.h>

struct abi_utsname {
	char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};

struct abi_sysinfo {
	int32_t uptime; /* s */
	uint32_t loads[3];
	uint32_t totalram, freeram, sharedram, bufferram, totalswap, freeswap; /* units of mem_unit bytes */
	uint16_t procs, pad;
	uint32_t totalhigh, freehigh;
	uint32_t mem_unit;
	uint8_t fill[8];
};
_Static_assert(sizeof(struct abi_sysinfo) == 64, "struct sysinfo of Linux/i386");

#define ABI_REBOOT_MAGIC1 0xfee1deadu
#define ABI_REBOOT_MAGIC2 672274793u
#define ABI_REBOOT_RESTART 0x01234567u
#define ABI_REBOOT_HALT 0xCDEF0123u
#define ABI_REBOOT_POWER_OFF 0x4321FEDCu

#define WNOHANG 1
#define WUNTRACED 2
#define __WALL 0x40000000

struct abi_iovec {
	uint32_t base;
	uint32_t len; /* bytes */
};
#define ABI_IOV_MAX 1024

/* set_thread_area (asm/ldt.h); entry_number -1 asks the kernel to choose one of the three */
struct abi_user_desc {
	uint32_t entry_number;
	uint32_t base_addr;
	uint32_t limit;
	/* Bit 0 seg_32bit, 1-2 contents, 3 read_exec_only, 4 limit_in_pages, 5 seg_not_present, 6 useable. */
	uint32_t flags;
};

#define AT_NULL 0
#define AT_PHDR 3
#define AT_PHENT 4
#define AT_PHNUM 5
#define AT_PAGESZ 6
#define AT_BASE 7
#define AT_FLAGS 8
#define AT_ENTRY 9
#define AT_UID 11
#define AT_EUID 12
#define AT_GID 13
#define AT_EGID 14
#define AT_PLATFORM 15
#define AT_HWCAP 16
#define AT_CLKTCK 17
#define AT_SECURE 23
#define AT_RANDOM 25
#define AT_EXECFN 31

#endif
