/* What the kernel tells a program at its start. */
#ifndef _SYS_AUXV_H
#define _SYS_AUXV_H

#include <abi/misc.h>

unsigned long getauxval(unsigned long type);

#endif
