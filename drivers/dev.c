/* The devices, in the order in which they are looked for: the first block device is the default root (a module that
   the loader brought was brought for that). */
#include <dev/dev.h>

#include <dev/tty.h>

#include "drivers_priv.h"

void dev_init(const struct boot_info *info)
{
	tty_init();
	keyboard_init();
	uart_start_input();
	ramdisk_init(info);
	ide_init();
}
