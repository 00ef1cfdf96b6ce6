/* System V shared memory of Linux/i386 (linux/ipc.h, linux/shm.h, asm-generic/ipcbuf.h, shmbuf.h). */
#ifndef ABI_SHM_H
#define ABI_SHM_H

#include <stdint.h>

/* ipc(call, first, second, third, ptr, fifth): which call; bits 16 and up are its version. */
#define ABI_IPC_SHMAT 21
#define ABI_IPC_SHMDT 22
#define ABI_IPC_SHMGET 23
#define ABI_IPC_SHMCTL 24

#define IPC_PRIVATE 0
#define IPC_CREAT 001000
#define IPC_EXCL 002000

#define SHM_HUGETLB 004000 /* refused */
#define SHM_NORESERVE 010000

#define SHM_RDONLY 010000
#define SHM_RND 020000
#define SHM_REMAP 040000
#define SHM_EXEC 0100000
#define SHMLBA 4096

/* Commands.  Those of ipc() have ABI_IPC_64 added when the struct is the one of today. */
#define IPC_RMID 0
#define IPC_SET 1
#define IPC_STAT 2
#define IPC_INFO 3
#define SHM_LOCK 11
#define SHM_UNLOCK 12
#define SHM_STAT 13
#define SHM_INFO 14
#define SHM_STAT_ANY 15
#define ABI_IPC_64 0x100

/* In the mode that is told. */
#define SHM_DEST 01000
#define SHM_LOCKED 02000

struct abi_ipc64_perm {
	int32_t key;
	uint32_t uid, gid, cuid, cgid;
	uint16_t mode, pad1;
	uint16_t seq, pad2;
	uint32_t unused[2];
};
struct abi_shmid64_ds {
	struct abi_ipc64_perm perm;
	uint32_t segsz; /* bytes */
	/* s since 1970 */
	uint32_t atime, atime_high;
	uint32_t dtime, dtime_high;
	uint32_t ctime, ctime_high;
	int32_t cpid, lpid;
	uint32_t nattch;
	uint32_t unused[2];
};
_Static_assert(sizeof(struct abi_ipc64_perm) == 36, "struct ipc64_perm of Linux/i386");
_Static_assert(sizeof(struct abi_shmid64_ds) == 84, "struct shmid64_ds of Linux/i386");

/* Without ABI_IPC_64. */
struct abi_ipc_perm {
	int32_t key;
	uint16_t uid, gid, cuid, cgid;
	uint16_t mode, seq;
};
struct abi_shmid_ds {
	struct abi_ipc_perm perm;
	int32_t segsz;
	int32_t atime, dtime, ctime;
	uint16_t cpid, lpid;
	uint16_t nattch, unused;
	uint32_t unused2, unused3;
};
_Static_assert(sizeof(struct abi_ipc_perm) == 16, "struct ipc_perm of Linux/i386");
_Static_assert(sizeof(struct abi_shmid_ds) == 48, "struct shmid_ds of Linux/i386");

/* IPC_INFO: limits; all in bytes but shmall, in pages.  Without ABI_IPC_64 it ends with shmall. */
struct abi_shminfo64 {
	uint32_t shmmax, shmmin, shmmni, shmseg, shmall;
	uint32_t unused[4];
};
/* SHM_INFO: pages of all segments. */
struct abi_shm_info {
	int32_t used_ids;
	uint32_t shm_tot, shm_rss, shm_swp;
	uint32_t swap_attempts, swap_successes;
};
_Static_assert(sizeof(struct abi_shminfo64) == 36, "struct shminfo64 of Linux/i386");
_Static_assert(sizeof(struct abi_shm_info) == 24, "struct shm_info of Linux/i386");

#endif
