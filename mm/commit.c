/* The sum of what is promised (mm/commit.h): one atomic counter.  The limit is not a constant: what the kernel takes for
   itself goes from it, so the kernel's own requests are refused too when they would break a promise. */
#include <mm/commit.h>

#include <mm/frame.h>
#include <mm/kmalloc.h>

static bool strict;        /* (c) after boot */
static uint32_t committed; /* (!) pages */

void commit_set_rule(enum commit_rule rule)
{
	strict = rule == COMMIT_STRICT;
	frame_set_kernel_check(strict ? commit_leaves_room_for_kernel : NULL);
}

bool commit_is_strict(void)
{
	return strict;
}

uint32_t commit_total(void)
{
	return __atomic_load_n(&committed, __ATOMIC_RELAXED);
}

uint32_t commit_limit(void)
{
	uint32_t kernel = frame_count_kind(FRAME_SLAB) + frame_count_kind(FRAME_KERNEL) + frame_count_reserve();

	return frame_count_total() > kernel ? frame_count_total() - kernel : 0;
}

static bool take_if_it_fits(uint32_t pages)
{
	uint32_t limit = commit_limit(), now = commit_total();

	do
		if (now > limit || pages > limit - now)
			return false;
	while (!__atomic_compare_exchange_n(&committed, &now, now + pages, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}

bool commit_take(uint32_t pages)
{
	if (likely(!strict)) {
		__atomic_add_fetch(&committed, pages, __ATOMIC_RELAXED);
		return true;
	}
	if (take_if_it_fits(pages))
		return true;
	kmalloc_trim(); /* what the kernel only keeps at hand is no reason to refuse */
	return take_if_it_fits(pages);
}

void commit_give(uint32_t pages)
{
	__atomic_sub_fetch(&committed, pages, __ATOMIC_RELAXED);
}

bool commit_leaves_room_for_kernel(void)
{
	return commit_total() < commit_limit();
}
