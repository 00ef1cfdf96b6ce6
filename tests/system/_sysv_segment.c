/* For scripts: make a segment of shared memory, KEY (decimal) and SIZE in bytes. */
#include <err.h>
#include <stdlib.h>
#include <sys/shm.h>

int main(int argc, char **argv)
{
	if (argc != 3 || shmget((key_t)strtol(argv[1], NULL, 10), strtoul(argv[2], NULL, 10), IPC_CREAT | 0640) < 0)
		err(1, "sysv_segment");
	return 0;
}
