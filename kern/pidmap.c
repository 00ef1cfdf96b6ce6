/* Process numbers: a bitmap and where the last one was found.  The search begins behind it, so it is short unless most
   numbers are in use, which memory does not allow. */
#include <kern/pidmap.h>

#include <lib/assert.h>

int32_t pidmap_take(struct pidmap *m)
{
	uint32_t pid;

	bitmap_set(m->used, PID_NONE);
	pid = bitmap_find_zero(m->used, PID_MAX, m->last + 1);
	if (pid == BITMAP_NONE)
		return PID_NONE;
	bitmap_set(m->used, pid);
	m->last = pid;
	return (int32_t)pid;
}

void pidmap_release(struct pidmap *m, int32_t pid)
{
	KASSERT(pid > PID_NONE && pid < PID_MAX && bitmap_test(m->used, (uint32_t)pid));
	bitmap_clear(m->used, (uint32_t)pid);
}
