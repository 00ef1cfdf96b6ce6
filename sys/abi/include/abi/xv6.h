/* The gate of programs written for xv6: `int $0x40`.
   The number is in EAX, the arguments lie on the caller's stack above a return address: [esp + 4] is the first.  The
   result is in EAX; every error is -1.  All other registers are kept.  Both gates are open to every program.

   One gate serves both dialects: sources for RISC-V are compiled for x86 against headers of their own, and where the
   same name does another thing there, it has another number here (XV6_RV_...).  uint64 of that dialect is a 32-bit
   unsigned long, so that no argument takes two words.

   A name is as long as the file system allows when something is looked up; what is not found so is looked up again, and
   what is made is made, with every component cut to XV6_DIRSIZ characters. */
#ifndef ABI_XV6_H
#define ABI_XV6_H

#include <stdint.h>

#define XV6_VECTOR 0x40

/* ---- 1-21: the calls of x86 xv6, with its numbers ---- */

#define XV6_fork 1    /* (): the child's pid, 0 in the child; -1 also beyond XV6_MAX_CHILDREN */
#define XV6_exit 2    /* (): status 0; does not return */
#define XV6_wait 3    /* (): pid of a child that ended */
#define XV6_pipe 4    /* (int fd[2]) */
#define XV6_read 5    /* (int fd, void *, int n); of a directory: struct xv6_dirent */
#define XV6_kill 6    /* (int pid): ends it, whatever it does */
#define XV6_exec 7    /* (char *path, char **argv); strings, vector and start frame fit into XV6_ARG_BYTES */
#define XV6_fstat 8   /* (int fd, struct xv6_stat *) */
#define XV6_chdir 9   /* (char *path) */
#define XV6_dup 10    /* (int fd) */
#define XV6_getpid 11 /* () */
#define XV6_sbrk 12   /* (int n): the old break.  Pages come when touched.  Below the heap's start: nothing happens */
#define XV6_sleep 13  /* (int ticks); n <= 0: at once.  -1: killed */
#define XV6_uptime 14 /* (): ticks since boot, modulo 2^31 */
#define XV6_open 15   /* (char *path, int XV6_O_...) */
#define XV6_write 16  /* (int fd, void *, int n); a pipe without reader: -1, and no signal */
#define XV6_mknod 17  /* (char *path, int major, int minor); 1, 1 is the console, others are Linux's numbers */
#define XV6_unlink 18 /* (char *path); an empty directory too */
#define XV6_link 19   /* (char *old, char *new) */
#define XV6_mkdir 20  /* (char *path) */
#define XV6_close 21  /* (int fd) */

/* ---- 22 and up: what courses add ---- */

/* Where the RISC-V dialect differs. */
#define XV6_RV_exit 22  /* (int status): all 32 bits */
#define XV6_RV_wait 23  /* (int *status): the 32 bits, -1 for a child that was killed; NULL: do not tell */
#define XV6_RV_fstat 24 /* (int fd, struct xv6_rv_stat *) */
#define XV6_RV_sbrk 25  /* (int n, int XV6_SBRK_...): sys_sbrk.  Eager: every page is there at once, or -1 */
#define XV6_pause 26    /* (int ticks): as sleep */
#define XV6_RV_pause XV6_pause

/* Memory. */
#define XV6_mmap 27       /* (void *addr, uint len, int prot, int flags, int fd, int offset), see below */
#define XV6_munmap 28     /* (void *addr, uint len): the pages from that of addr to that of addr + len - 1 */
#define XV6_msync 29      /* (void *addr, uint len): likewise; returns when all is written */
#define XV6_mprotect 30   /* (void *addr, int pages): may be read only; addr is page aligned, pages > 0 */
#define XV6_munprotect 31 /* (void *addr, int pages): may be read and written again */
#define XV6_kmalloc 32    /* (uint n): 1..4096 bytes of the kernel's; the library makes NULL of -1 */
#define XV6_kmfree 33     /* (void *) */
#define XV6_freemem 34    /* (): free bytes */

/* Shared memory. */
#define XV6_openshmem 35  /* (int id): address of the page of this id; the library makes NULL of -1 */
#define XV6_closeshmem 36 /* (int id) */
#define XV6_shm_open 37   /* (int id, char **address): as openshmem, 0 */
#define XV6_shm_close 38  /* (int id): as closeshmem */
#define XV6_shmget 39     /* (int key, uint size, int flags): System V; flags as in Linux */
#define XV6_shmat 40      /* (int id, void *addr, int flags): the address */
#define XV6_shmdt 41      /* (void *addr) */
#define XV6_shmctl 42     /* (int id, int command, void *buf): struct shmid_ds of Linux/i386 (abi/shm.h) */

/* Looking on. */
#define XV6_getprocs 43     /* (): how many processes there are */
#define XV6_sysinfo 44      /* (struct xv6_sysinfo *) */
#define XV6_trace 45        /* (int mask): a line for each call whose bit is set: `3: syscall read -> 1023` */
#define XV6_getreadcount 46 /* (): calls of read through this gate since boot, modulo 2^31 */
#define XV6_symlink 47      /* (char *target, char *path) */

/* Set aside: -1 for now. */
#define XV6_clone 48
#define XV6_join 49
#define XV6_settickets 50
#define XV6_getpinfo 51
#define XV6_sigalarm 52
#define XV6_sigreturn 53
#define XV6_sem_init 54
#define XV6_sem_destroy 55
#define XV6_sem_wait 56
#define XV6_sem_post 57
#define XV6_wait2 58
#define XV6_setpriority 59

#define XV6_CALLS 60 /* all numbers are below */

/* trace(): bit n of the mask is the call of number n, and XV6_RV_exit counts as XV6_exit and so on, so that the
   well-known masks mean what they say.  0x7fffffff, with or without bit 31, is all calls, those from 32 on too. */

/* ---- constants ---- */

#define XV6_O_RDONLY 0x000
#define XV6_O_WRONLY 0x001 /* goes before RDWR when both are given */
#define XV6_O_RDWR 0x002
#define XV6_O_CREATE 0x200
#define XV6_O_TRUNC 0x400
#define XV6_O_NOFOLLOW 0x800 /* a symbolic link itself, for fstat */

#define XV6_SBRK_EAGER 1
#define XV6_SBRK_LAZY 2

#define XV6_TICK_HZ 100      /* ticks of sleep, pause and uptime in a second */
#define XV6_MAX_CHILDREN 512 /* not yet waited for, of a program and all it forks through this gate */
#define XV6_MAXARG 32        /* words of argv, its NULL included */
#define XV6_ARG_BYTES 4096
#define XV6_NOFILE 1024    /* descriptors of one process */
#define XV6_STACK_PAGES 16 /* of a program in start form; below them nothing is mapped */
#define XV6_CONSOLE_MAJOR 1
#define XV6_CONSOLE_MINOR 1

/* mmap: PROT_* and MAP_* are Linux's (abi/mman.h), and besides:
   - flags 0, prot 0 and fd -1: anonymous, private, readable and writable;
   - MAP_ANONYMOUS and prot 0: anonymous, readable;
   - flags without MAP_SHARED: private;
   - the offset need not be aligned: the result is as far into its page as the offset is, and the byte there is that at
     the offset;
   - an address that is taken, or not aligned, is a hint and no more: the mapping comes to another place; with MAP_FIXED
     it must be aligned and is replaced. */

/* ---- layouts ---- */

#define XV6_DIRSIZ 14

/* What read of a directory yields; offsets are multiples of these 16 bytes, "." and ".." come first.  Longer names are
   cut, a name of 14 has no NUL.  inum is the inode number modulo 2^16, 0xffff in place of 0: there are no free
   records. */
struct xv6_dirent {
	uint16_t inum;
	char name[XV6_DIRSIZ];
};

#define XV6_T_DIR 1
#define XV6_T_FILE 2
#define XV6_T_DEV 3 /* fstat of a pipe: -1 */
#define XV6_T_SYMLINK 4

struct xv6_stat {
	int16_t type; /* XV6_T_... */
	int16_t pad0;
	int32_t dev;
	uint32_t ino;
	int16_t nlink;
	int16_t pad1;
	uint32_t size; /* bytes; of a directory: 16 for each record */
};

struct xv6_rv_stat {
	int32_t dev;
	uint32_t ino;
	int16_t type; /* XV6_T_... */
	int16_t nlink;
	uint32_t size; /* uint64 in the sources: 32 bits here */
};

struct xv6_sysinfo {
	uint32_t freemem; /* bytes that an eager sbrk can still have */
	uint32_t nproc;   /* processes */
};

_Static_assert(sizeof(struct xv6_dirent) == 16, "struct dirent of xv6");
_Static_assert(sizeof(struct xv6_stat) == 20, "struct stat of x86 xv6, as i386 aligns");
_Static_assert(sizeof(struct xv6_rv_stat) == 16, "struct stat of RISC-V xv6, with 32-bit longs");
_Static_assert(sizeof(struct xv6_sysinfo) == 8, "struct sysinfo of the course");

/* ---- the start form ----
   An ELF program of which some loadable segment begins below XV6_IMAGE_BELOW is started as xv6 does: EIP is the entry,
   [esp] the return address 0xffffffff, [esp + 4] argc, [esp + 8] argv, whose vector ends with NULL; ESP is a multiple
   of 16 before that address is pushed (as after a call).  There is no environment and no auxiliary vector.  Foreign
   programs are linked at 0 and enter main itself, which ends by the call exit; our own are linked at XV6_LINK_BASE and
   may bring a start of theirs.  Segments may overlap in a page and be anywhere in the file: such a program is copied
   when it starts, others are mapped.  The stack has XV6_STACK_PAGES and does not grow; the heap begins at the end of
   the image. */
#define XV6_IMAGE_BELOW 0x10000
#define XV6_LINK_BASE 0x1000

#endif
