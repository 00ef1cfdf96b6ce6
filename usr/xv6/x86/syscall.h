/* Numbers of the calls of int $0x40. */
#ifndef XV6_SYSCALL_H
#define XV6_SYSCALL_H

#include <abi/xv6.h>

#define SYS_fork XV6_fork
#define SYS_exit XV6_exit
#define SYS_wait XV6_wait
#define SYS_pipe XV6_pipe
#define SYS_read XV6_read
#define SYS_kill XV6_kill
#define SYS_exec XV6_exec
#define SYS_fstat XV6_fstat
#define SYS_chdir XV6_chdir
#define SYS_dup XV6_dup
#define SYS_getpid XV6_getpid
#define SYS_sbrk XV6_sbrk
#define SYS_sleep XV6_sleep
#define SYS_uptime XV6_uptime
#define SYS_open XV6_open
#define SYS_write XV6_write
#define SYS_mknod XV6_mknod
#define SYS_unlink XV6_unlink
#define SYS_link XV6_link
#define SYS_mkdir XV6_mkdir
#define SYS_close XV6_close

#define SYS_pause XV6_RV_pause
#define SYS_mmap XV6_mmap
#define SYS_munmap XV6_munmap
#define SYS_msync XV6_msync
#define SYS_mprotect XV6_mprotect
#define SYS_munprotect XV6_munprotect
#define SYS_kmalloc XV6_kmalloc
#define SYS_kmfree XV6_kmfree
#define SYS_freemem XV6_freemem
#define SYS_openshmem XV6_openshmem
#define SYS_closeshmem XV6_closeshmem
#define SYS_shm_open XV6_shm_open
#define SYS_shm_close XV6_shm_close
#define SYS_shmget XV6_shmget
#define SYS_shmat XV6_shmat
#define SYS_shmdt XV6_shmdt
#define SYS_shmctl XV6_shmctl
#define SYS_getprocs XV6_getprocs
#define SYS_sysinfo XV6_sysinfo
#define SYS_trace XV6_trace
#define SYS_getreadcount XV6_getreadcount
#define SYS_symlink XV6_symlink

/* Set aside: they answer -1. */
#define SYS_clone XV6_clone
#define SYS_join XV6_join
#define SYS_settickets XV6_settickets
#define SYS_getpinfo XV6_getpinfo
#define SYS_sigalarm XV6_sigalarm
#define SYS_sigreturn XV6_sigreturn
#define SYS_sem_init XV6_sem_init
#define SYS_sem_destroy XV6_sem_destroy
#define SYS_sem_wait XV6_sem_wait
#define SYS_sem_post XV6_sem_post
#define SYS_wait2 XV6_wait2
#define SYS_setpriority XV6_setpriority

#endif
