/* Keys of System V. */
#include <sys/ipc.h>
#include <sys/stat.h>

/* As elsewhere: bits of the file's number, of its device, and of the project. */
key_t ftok(const char *path, int proj)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	return (key_t)(((unsigned)proj & 0xff) << 24 | ((unsigned)st.st_dev & 0xff) << 16 |
	               ((unsigned)st.st_ino & 0xffff));
}
