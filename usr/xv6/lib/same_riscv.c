/* The headers of this dialect say the same as the kernel's (abi/xv6.h).  There is no code here: the compiler is the
   test. */
#include <abi/xv6.h>

#include "kernel/fcntl.h"
#include "kernel/fs.h"
#include "kernel/param.h"
#include "kernel/stat.h"
#include "kernel/sysinfo.h"
#include "kernel/vm.h"

#define OFFSET(type, field) __builtin_offsetof(struct type, field)

_Static_assert(O_RDONLY == XV6_O_RDONLY && O_WRONLY == XV6_O_WRONLY && O_RDWR == XV6_O_RDWR, "fcntl.h");
_Static_assert(O_CREATE == XV6_O_CREATE && O_TRUNC == XV6_O_TRUNC && O_NOFOLLOW == XV6_O_NOFOLLOW, "fcntl.h");
_Static_assert(T_DIR == XV6_T_DIR && T_FILE == XV6_T_FILE && T_DEVICE == XV6_T_DEV && T_SYMLINK == XV6_T_SYMLINK,
               "stat.h");
_Static_assert(MAXARG == XV6_MAXARG && USERSTACK == XV6_STACK_PAGES && DIRSIZ == XV6_DIRSIZ, "param.h, fs.h");
_Static_assert(SBRK_EAGER == XV6_SBRK_EAGER && SBRK_LAZY == XV6_SBRK_LAZY, "vm.h");
_Static_assert(sizeof(struct dirent) == sizeof(struct xv6_dirent), "fs.h");
_Static_assert(sizeof(struct sysinfo) == sizeof(struct xv6_sysinfo), "sysinfo.h");
_Static_assert(sizeof(struct stat) == sizeof(struct xv6_rv_stat), "stat.h");
_Static_assert(OFFSET(stat, dev) == OFFSET(xv6_rv_stat, dev) && OFFSET(stat, ino) == OFFSET(xv6_rv_stat, ino) &&
                       OFFSET(stat, type) == OFFSET(xv6_rv_stat, type) &&
                       OFFSET(stat, nlink) == OFFSET(xv6_rv_stat, nlink) &&
                       OFFSET(stat, size) == OFFSET(xv6_rv_stat, size),
               "stat.h");
