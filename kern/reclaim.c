/* Getting memory back (kern/reclaim.h).  The steps are in the order of what they cost those who are robbed: slabs and
   stacks cost nothing, dirty pages a write, text of running programs a read when it is touched again.  The last step
   leaves a little in the cache, lest programs that together need more take the same page from each other for ever: when
   the cache is down to that, memory has run out. */
#include <kern/reclaim.h>

#include "proc_priv.h"

#include <kern/thread.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>

/* Cached pages that the last step leaves alone. */
#define CACHE_LEAST 64u

uint32_t (*reclaim_file_cache)(void);

/* The address space of the first process after *PID, pinned, and its pid; NULL: there is none. */
static struct uspace *next_uspace(int32_t *pid)
{
	struct uspace *us = NULL;
	struct proc *p, *next = NULL;

	spin_lock(&proc_lock);
	list_foreach_entry(p, &all_procs, all_link)
		if (p->uspace && p->pid > *pid && (!next || p->pid < next->pid))
			next = p;
	if (next) {
		*pid = next->pid;
		us = next->uspace;
		uspace_ref(us);
	}
	spin_unlock(&proc_lock);
	return us;
}

/* => frames that only the cache refers to now. */
static uint32_t unmap_file_pages(void)
{
	struct uspace *us;
	uint32_t freed = 0;
	int32_t pid = 0;

	while (freed == 0 && frame_count_kind(FRAME_CACHE) > CACHE_LEAST && (us = next_uspace(&pid)) != NULL) {
		uspace_lock(us);
		freed += aspace_drop_cached(&us->as);
		uspace_unlock(us);
		uspace_put(us);
	}
	return freed;
}

bool memory_reclaim(void)
{
	uint32_t before = frame_count_free();

	kern_trim();
	if (kmalloc_trim() > 0 || frame_count_free() > before)
		return true;
	if (reclaim_file_cache && reclaim_file_cache() > 0)
		return true;
	return unmap_file_pages() > 0;
}
