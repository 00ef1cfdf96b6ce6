/* Frames and pages as arrays of words of 64 bits, one for each, in the encodings of Linux. */
#include "procfs_priv.h"

#include <mm/look.h>

static uint32_t words_left(uint64_t first, uint32_t count, uint32_t limit)
{
	if (first >= limit)
		return 0;
	return count < limit - first ? count : (uint32_t)(limit - first);
}

int32_t kpagecount_words(struct proc_node *n, uint64_t first, uint64_t *to, uint32_t count)
{
	struct frame_look look;

	(void)n;
	count = words_left(first, count, frame_limit());
	for (uint32_t i = 0; i < count; i++) {
		frame_look((pfn_t)first + i, &look);
		to[i] = look.maps;
	}
	return (int32_t)count;
}

int32_t kpageflags_words(struct proc_node *n, uint64_t first, uint64_t *to, uint32_t count)
{
	struct frame_look look;

	(void)n;
	count = words_left(first, count, frame_limit());
	for (uint32_t i = 0; i < count; i++) {
		frame_look((pfn_t)first + i, &look);
		to[i] = page_flags_word(&look);
	}
	return (int32_t)count;
}

int32_t pagemap_words(struct proc_node *n, uint64_t first, uint64_t *to, uint32_t count)
{
	struct page_look look;
	struct uspace *us;
	enum status st = proc_get_uspace(&n->who, &us);

	if (st != OK)
		return st;
	count = us ? words_left(first, count, USER_TOP >> PAGE_SHIFT) : 0;
	if (!us)
		return 0;
	uspace_lock(us);
	for (uint32_t i = 0; i < count; i++) {
		aspace_look(&us->as, ((vaddr_t)first + i) << PAGE_SHIFT, &look);
		to[i] = pagemap_word(&look);
	}
	uspace_unlock(us);
	uspace_put(us);
	return (int32_t)count;
}
