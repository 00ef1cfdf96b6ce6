/* cow.h as a program of x86 xv6. */
#include "types.h"
#include "stat.h"
#include "user.h"
#include "fcntl.h"
#include "fs.h"
#include "mman.h"
#include "param.h"

#include "as_x86.h"
/* What this machine has left; x86 has no word for all it has. */
static unsigned int machine_bytes(void)
{
	return (unsigned int)freemem();
}

#include "cow.h"
