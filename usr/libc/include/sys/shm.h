/* Shared memory of System V: segments that are found by a key, and stay until they are removed. */
#ifndef _SYS_SHM_H
#define _SYS_SHM_H

#include <stddef.h>
#include <sys/ipc.h>

typedef unsigned long shmatt_t;

struct shmid_ds {
	struct ipc_perm shm_perm;
	size_t shm_segsz; /* bytes */
	time_t shm_atime; /* of the last attach, detach, change: s since 1970; 0: never */
	unsigned long __atime_high;
	time_t shm_dtime;
	unsigned long __dtime_high;
	time_t shm_ctime;
	unsigned long __ctime_high;
	pid_t shm_cpid, shm_lpid; /* who made it; who attached or detached it last */
	shmatt_t shm_nattch;
	unsigned long __unused[2];
};
_Static_assert(sizeof(struct shmid_ds) == sizeof(struct abi_shmid64_ds), "as the kernel has it");

#define shminfo abi_shminfo64
#define shm_info abi_shm_info

/* The id of the segment of KEY, or of a new one (IPC_PRIVATE, IPC_CREAT), with its mode in the lowest nine bits. */
int shmget(key_t key, size_t size, int flags);
/* Where it is now; (void *)-1: failed. */
void *shmat(int id, const void *addr, int flags);
int shmdt(const void *addr);
/* IPC_STAT, IPC_SET, IPC_RMID, SHM_LOCK, SHM_UNLOCK of an id; IPC_INFO (struct shminfo), SHM_INFO (struct shm_info):
   the highest place; SHM_STAT of a place: the id. */
int shmctl(int id, int command, struct shmid_ds *buffer);

#endif
