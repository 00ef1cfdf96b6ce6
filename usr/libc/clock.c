/* Clocks and sleeping. */
#include <sys/reboot.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "libc_priv.h"

enum { NSEC_PER_USEC = 1000, USEC_PER_SEC = 1000000 };

int gettimeofday(struct timeval *out, void *zone)
{
	struct timespec now;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	out->tv_sec = now.tv_sec;
	out->tv_usec = now.tv_nsec / NSEC_PER_USEC;
	return 0;
}

unsigned int sleep(unsigned int seconds)
{
	struct timespec t = {(time_t)seconds, 0};

	return nanosleep(&t, &t) < 0 ? (unsigned int)t.tv_sec + (t.tv_nsec > 0) : 0;
}

int usleep(useconds_t usec)
{
	struct timespec t = {(time_t)(usec / USEC_PER_SEC), (long)(usec % USEC_PER_SEC) * NSEC_PER_USEC};

	return nanosleep(&t, NULL);
}

clock_t clock(void)
{
	struct timespec used;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) < 0)
		return -1;
	return used.tv_sec * USEC_PER_SEC + used.tv_nsec / NSEC_PER_USEC;
}

double difftime(time_t a, time_t b)
{
	return (double)a - (double)b;
}

int reboot(int how)
{
	return (int)__sys_reboot((int)ABI_REBOOT_MAGIC1, (int)ABI_REBOOT_MAGIC2, how);
}
