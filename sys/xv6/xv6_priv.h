/* What the files of sys/xv6/ share. */
#ifndef SYS_XV6_PRIV_H
#define SYS_XV6_PRIV_H

#include <arch/trapframe.h>
#include <abi/xv6.h>

struct file;

/* Handlers of sys/xv6/calls.def: as those of sys/syscalls.def; a negated errno is -1 to the program. */
#define CALL(name, handler, nargs) int32_t handler(const struct syscall_args *a);
#define CALL_RV CALL
#define SET_ASIDE(name)
#include "calls.def"
#undef CALL
#undef CALL_RV
#undef SET_ASIDE

/* Directories as files of struct xv6_dirent (sys/xv6/directory.c).  => bytes; E_FAULT, E_IO, E_NOMEM */
int32_t xv6_read_directory(struct file *f, user_ptr_t to, uint32_t n);
/* Bytes of the whole. */
int32_t xv6_directory_size(struct file *f, uint32_t *size);

#endif
