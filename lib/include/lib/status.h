/* What a function that can fail returns: OK, or the negated errno of <abi/errno.h>.  One type for all floors, so
   that an error keeps its identity from the disk driver to the program.  Results that also carry a count are
   int32_t: >= 0 the count, < 0 a status. */
#ifndef LIB_STATUS_H
#define LIB_STATUS_H

#include <abi/errno.h>

enum status {
	OK = 0,
	E_PERM = -EPERM,
	E_NOENT = -ENOENT,
	E_SRCH = -ESRCH,
	E_INTR = -EINTR,
	E_IO = -EIO,
	E_NXIO = -ENXIO,
	E_2BIG = -E2BIG,
	E_NOEXEC = -ENOEXEC,
	E_BADF = -EBADF,
	E_CHILD = -ECHILD,
	E_AGAIN = -EAGAIN,
	E_NOMEM = -ENOMEM,
	E_ACCES = -EACCES,
	E_FAULT = -EFAULT,
	E_BUSY = -EBUSY,
	E_EXIST = -EEXIST,
	E_XDEV = -EXDEV,
	E_NODEV = -ENODEV,
	E_NOTDIR = -ENOTDIR,
	E_ISDIR = -EISDIR,
	E_INVAL = -EINVAL,
	E_NFILE = -ENFILE,
	E_MFILE = -EMFILE,
	E_NOTTY = -ENOTTY,
	E_TXTBSY = -ETXTBSY,
	E_FBIG = -EFBIG,
	E_NOSPC = -ENOSPC,
	E_SPIPE = -ESPIPE,
	E_ROFS = -EROFS,
	E_MLINK = -EMLINK,
	E_PIPE = -EPIPE,
	E_RANGE = -ERANGE,
	E_NAMETOOLONG = -ENAMETOOLONG,
	E_NOSYS = -ENOSYS,
	E_NOTEMPTY = -ENOTEMPTY,
	E_LOOP = -ELOOP,
	E_OVERFLOW = -EOVERFLOW,
	E_OPNOTSUPP = -EOPNOTSUPP,
	E_TIMEDOUT = -ETIMEDOUT,
	E_UCLEAN = -EUCLEAN, /* the file system's structures contradict each other */
	/* Inside the kernel only, never seen by a program. */
	E_RESTART = -512, /* the world changed while no lock was held: look again */
	E_SIGBUS = -513,  /* beyond the last page of an object, or its page cannot be read */
};

#endif
