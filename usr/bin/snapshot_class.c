/* What is what in a snapshot: the pure half of it. */
#include "snapshot.h"

static bool has(uint64_t word, enum pageflag bit)
{
	return (word & PAGEFLAG(bit)) != 0;
}

enum frame_class snapshot_frame_class(uint64_t flags, uint64_t count)
{
	if (has(flags, PAGEFLAG_NONE))
		return FRAME_HOLE;
	if (has(flags, PAGEFLAG_FREE))
		return FRAME_FREE;
	if (has(flags, PAGEFLAG_ZERO))
		return FRAME_ZERO;
	if (has(flags, PAGEFLAG_SLAB))
		return FRAME_SLAB;
	if (has(flags, PAGEFLAG_TABLE))
		return FRAME_TABLE;
	if (has(flags, PAGEFLAG_ANON))
		return count > 1 ? FRAME_SHARED : FRAME_OTHER; /* until its owner is found */
	if (has(flags, PAGEFLAG_LRU))
		return FRAME_CACHE;
	return has(flags, PAGEFLAG_KERNEL) ? FRAME_KERNEL : FRAME_OTHER;
}

/* A leaf table that is shared after a fork counts its pages once, and yet they are pages of two.  What was free when the
   frames were looked at was taken since. */
enum frame_class snapshot_owned_class(enum frame_class then, unsigned int owner)
{
	if (then == FRAME_OTHER || then == FRAME_FREE)
		return (enum frame_class)(FRAME_OWNED + owner);
	return then >= FRAME_OWNED && then != FRAME_OWNED + owner ? FRAME_SHARED : then;
}

enum page_class snapshot_page_class(uint64_t entry, enum frame_class frame, const char *mode)
{
	if (!(entry & PAGEMAP_PRESENT))
		return PAGE_ABSENT;
	if (frame == FRAME_ZERO)
		return PAGE_ZERO;
	if (entry & PAGEMAP_FILE)
		return PAGE_FILE;
	if (mode[3] == 's')
		return PAGE_SHARED;
	return entry & PAGEMAP_EXCLUSIVE ? PAGE_PRIVATE : PAGE_COW;
}

static bool listed(int pid, const int *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == pid)
			return true;
	return false;
}

void snapshot_owners(int owner[OWNERS_MAX], const int *pid, size_t n)
{
	size_t place = 0;

	for (size_t i = 0; i < OWNERS_MAX; i++)
		if (!listed(owner[i], pid, n))
			owner[i] = 0;
	for (size_t i = 0; i < n; i++) {
		if (listed(pid[i], owner, OWNERS_MAX))
			continue;
		while (place < OWNERS_MAX && owner[place] != 0)
			place++;
		if (place == OWNERS_MAX)
			return;
		owner[place] = pid[i];
	}
}
