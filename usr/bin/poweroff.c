/* Power the machine off, with everything written to the disk first. */
#include <err.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "tool.h"

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		usage("poweroff");
	sync();
	reboot(RB_POWER_OFF);
	err(1, "reboot");
}
