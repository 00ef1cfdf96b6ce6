/* The system calls of files; sys/syscalls.def says which number each has.  Each fetches its arguments, checks them,
   calls down and returns a count or a negated errno. */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include <arch/compiler.h>
#include <arch/trapframe.h>
#include <lib/status.h>

int32_t sys_read(const struct syscall_args *a);
int32_t sys_write(const struct syscall_args *a);
int32_t sys_readv(const struct syscall_args *a);
int32_t sys_writev(const struct syscall_args *a);
int32_t sys_open(const struct syscall_args *a);
int32_t sys_openat(const struct syscall_args *a);
int32_t sys_close(const struct syscall_args *a);
int32_t sys_link(const struct syscall_args *a);
int32_t sys_symlink(const struct syscall_args *a);
int32_t sys_unlink(const struct syscall_args *a);
int32_t sys_chdir(const struct syscall_args *a);
int32_t sys_mknod(const struct syscall_args *a);
int32_t sys_lseek(const struct syscall_args *a);
int32_t sys_llseek(const struct syscall_args *a);
int32_t sys_access(const struct syscall_args *a);
int32_t sys_sync(const struct syscall_args *a);
int32_t sys_fsync(const struct syscall_args *a);
int32_t sys_rename(const struct syscall_args *a);
int32_t sys_mkdir(const struct syscall_args *a);
int32_t sys_rmdir(const struct syscall_args *a);
int32_t sys_dup(const struct syscall_args *a);
int32_t sys_dup2(const struct syscall_args *a);
int32_t sys_pipe(const struct syscall_args *a);
int32_t sys_ioctl(const struct syscall_args *a);
int32_t sys_fcntl64(const struct syscall_args *a);
int32_t sys_umask(const struct syscall_args *a);
int32_t sys_ftruncate(const struct syscall_args *a);
int32_t sys_ftruncate64(const struct syscall_args *a);
int32_t sys_getcwd(const struct syscall_args *a);
int32_t sys_stat64(const struct syscall_args *a);
int32_t sys_lstat64(const struct syscall_args *a);
int32_t sys_fstat64(const struct syscall_args *a);
int32_t sys_fstatat64(const struct syscall_args *a);
int32_t sys_readlink(const struct syscall_args *a);
int32_t sys_readlinkat(const struct syscall_args *a);
int32_t sys_getdents64(const struct syscall_args *a);

struct vnode;
/* open(2) and chdir(2) with PATH in kernel memory; START as in fs/path.h. => a descriptor; OK. */
int32_t open_at(struct vnode *start, const char *path, uint32_t flags, uint32_t mode) must_check;
enum status link_make(const char *text, const char *path) must_check; /* symlink(2) */
enum status directory_change(struct vnode *start, const char *path) must_check;

#endif
