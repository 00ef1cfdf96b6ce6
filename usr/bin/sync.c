/* Write to the disk what waits in memory. */
#include <unistd.h>

int main(void)
{
	sync();
	return 0;
}
