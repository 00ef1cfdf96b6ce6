/* Shared memory: flags of shmat(), what shmctl() tells. */
#ifndef XV6_SHM_H
#define XV6_SHM_H

#include "ipc.h"
#include "types.h"

#define READ_SHM 04 /* access modes, as in the permissions of a file */
#define RW_SHM 06

struct ipc_perm {
	uint __key;
	uint uid, gid, cuid, cgid;
	ushort mode;
	ushort __pad1;
	ushort __seq;
	ushort __pad2;
	uint __unused1, __unused2;
};

struct shmid_ds {
	struct ipc_perm shm_perm;
	uint shm_segsz; /* bytes */
	uint shm_atime, __atime_high;
	uint shm_dtime, __dtime_high;
	uint shm_ctime, __ctime_high;
	int shm_cpid;    /* who made it */
	int shm_lpid;    /* who attached or detached it last */
	uint shm_nattch; /* how often it is attached */
	uint __unused4, __unused5;
};

#endif
