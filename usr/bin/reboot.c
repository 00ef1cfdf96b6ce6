/* Start the machine anew, with everything written to the disk first. */
#include <err.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "tool.h"

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		usage("reboot");
	sync();
	reboot(RB_AUTOBOOT);
	err(1, "reboot");
}
