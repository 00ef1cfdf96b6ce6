/* sparse.h as a program of x86 xv6. */
#include "types.h"
#include "stat.h"
#include "user.h"
#include "fcntl.h"
#include "fs.h"
#include "mman.h"
#include "param.h"

#include "as_x86.h"
#include "sparse.h"
