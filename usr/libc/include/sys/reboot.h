/* The end of the machine. */
#ifndef _SYS_REBOOT_H
#define _SYS_REBOOT_H

#include <abi/misc.h>

#define RB_AUTOBOOT ((int)ABI_REBOOT_RESTART)
#define RB_HALT_SYSTEM ((int)ABI_REBOOT_HALT)
#define RB_POWER_OFF ((int)ABI_REBOOT_POWER_OFF)

int reboot(int how);

#endif
