/* The headers of this dialect say the same as the kernel's (abi/xv6.h).  There is no code here: the compiler is the
   test. */
#include <abi/xv6.h>

#include "fcntl.h"
#include "fs.h"
#include "param.h"
#include "shm.h"
#include "stat.h"
#include "traps.h"

#define OFFSET(type, field) __builtin_offsetof(struct type, field)

_Static_assert(O_RDONLY == XV6_O_RDONLY && O_WRONLY == XV6_O_WRONLY && O_RDWR == XV6_O_RDWR, "fcntl.h");
_Static_assert(O_CREATE == XV6_O_CREATE && O_TRUNC == XV6_O_TRUNC && O_NOFOLLOW == XV6_O_NOFOLLOW, "fcntl.h");
_Static_assert(T_DIR == XV6_T_DIR && T_FILE == XV6_T_FILE && T_DEV == XV6_T_DEV && T_SYMLINK == XV6_T_SYMLINK,
               "stat.h");
_Static_assert(T_SYSCALL == XV6_VECTOR && MAXARG == XV6_MAXARG && DIRSIZ == XV6_DIRSIZ, "traps.h, param.h, fs.h");
_Static_assert(sizeof(struct dirent) == sizeof(struct xv6_dirent), "fs.h");
_Static_assert(sizeof(struct stat) == sizeof(struct xv6_stat), "stat.h");
_Static_assert(OFFSET(stat, dev) == OFFSET(xv6_stat, dev) && OFFSET(stat, ino) == OFFSET(xv6_stat, ino) &&
                       OFFSET(stat, nlink) == OFFSET(xv6_stat, nlink) && OFFSET(stat, size) == OFFSET(xv6_stat, size),
               "stat.h");
_Static_assert(sizeof(struct shmid_ds) == sizeof(struct abi_shmid64_ds), "shm.h");
_Static_assert(OFFSET(shmid_ds, shm_perm.mode) == OFFSET(abi_shmid64_ds, perm.mode) &&
                       OFFSET(shmid_ds, shm_segsz) == OFFSET(abi_shmid64_ds, segsz) &&
                       OFFSET(shmid_ds, shm_cpid) == OFFSET(abi_shmid64_ds, cpid) &&
                       OFFSET(shmid_ds, shm_nattch) == OFFSET(abi_shmid64_ds, nattch),
               "shm.h");
