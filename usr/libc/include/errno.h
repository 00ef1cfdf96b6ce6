/* The number of the last error.  A plain int: programs have one thread. */
#ifndef _ERRNO_H
#define _ERRNO_H

#include <abi/errno.h>

#define EWOULDBLOCK EAGAIN
#define ENOTSUP EOPNOTSUPP

extern int errno;

#endif
