/* Shared memory: flags of shmat(), what shmctl() tells. */
#ifndef XV6_SHM_H
#define XV6_SHM_H

#include "ipc.h"
#include "types.h"

#define SHM_RDONLY 010000
#define SHM_RND 020000 /* round the address down to a multiple of SHMLBA */
#define SHM_REMAP 040000
#define SHM_EXEC 0100000
#define SHMLBA 4096

#define SHM_LOCK 11
#define SHM_UNLOCK 12
#define SHM_STAT 13
#define SHM_INFO 14

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
