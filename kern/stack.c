/* Kernel stacks.  Each has a slot of STACK_SLOT bytes in the kernel window; the upper half is mapped, the lower one
   never: a stack that runs over faults there, and the double fault's own stack tells of it.
   Mapping and unmapping costs two frames and a shootdown, so a few stacks stay mapped after use; what there is to know
   about such a stack lies in the stack itself.  They are few because they are memory that only kern_trim gives back;
   one list for all CPUs, not one each: fork and exit often happen on different ones.  Nothing is ever cleared: a stack
   is written before it is read.
   The lock has RANK_SLAB: this is one more cache in front of the frame pool, and as there no frame is asked for under
   it. */
#include "stack_priv.h"

#include <arch/mmu.h>
#include <lib/assert.h>
#include <lib/bitmap.h>
#include <mm/frame.h>
#include <sync/spinlock.h>

#define STACK_SLOTS_MAX ((WINDOW_END - WINDOW_START) / STACK_SLOT)
#define STACKS_KEPT 8

struct kept_stack {
	struct kept_stack *next; /* guarded by stacks.lock */
	paddr_t frames[STACK_PAGES];
};

static struct {
	struct spinlock lock;
	vaddr_t base;                                 /* (c) first slot */
	uint32_t nslots;                              /* (c) */
	uint32_t used[BITMAP_WORDS(STACK_SLOTS_MAX)]; /* guarded by lock: the slot has a stack, or is about to */
	uint32_t hint;                                /* guarded by lock: where to look for a free slot */
	struct kept_stack *kept;                      /* guarded by lock */
	unsigned nkept;                               /* guarded by lock */
} stacks = {.lock = SPINLOCK_INIT(RANK_SLAB, "kernel stacks")};

void stack_init(void)
{
	stacks.base = (arch_window_free_start() + STACK_SLOT - 1) & ~(STACK_SLOT - 1);
	stacks.nslots = (WINDOW_END - stacks.base) / STACK_SLOT;
	KASSERT(stacks.nslots > 0 && stacks.nslots <= STACK_SLOTS_MAX);
}

static struct kept_stack *kept_pop(void)
{
	struct kept_stack *k;

	spin_lock(&stacks.lock);
	k = stacks.kept;
	if (k) {
		stacks.kept = k->next;
		stacks.nkept--;
	}
	spin_unlock(&stacks.lock);
	return k;
}

/* => whether there was room for K. */
static bool kept_push(struct kept_stack *k)
{
	bool room;

	spin_lock(&stacks.lock);
	room = stacks.nkept < STACKS_KEPT;
	if (room) {
		k->next = stacks.kept;
		stacks.kept = k;
		stacks.nkept++;
	}
	spin_unlock(&stacks.lock);
	return room;
}

static uint32_t slot_take(void)
{
	uint32_t slot;

	spin_lock(&stacks.lock);
	slot = bitmap_find_zero(stacks.used, stacks.nslots, stacks.hint);
	if (slot != BITMAP_NONE) {
		bitmap_set(stacks.used, slot);
		stacks.hint = slot + 1;
	}
	spin_unlock(&stacks.lock);
	return slot;
}

static void slot_release(uint32_t slot)
{
	spin_lock(&stacks.lock);
	bitmap_clear(stacks.used, slot);
	stacks.hint = slot;
	spin_unlock(&stacks.lock);
}

/* => how many of FRAMES were had, from the first on. */
static unsigned frames_take(paddr_t frames[STACK_PAGES])
{
	unsigned n = 0;

	while (n < STACK_PAGES && frame_get(FRAME_KERNEL, &frames[n]) == OK)
		n++;
	return n;
}

static void frames_release(const paddr_t *frames, unsigned n)
{
	while (n > 0)
		frame_put(frames[--n]);
}

static enum status stack_make(void **stack, paddr_t frames[STACK_PAGES])
{
	enum status st = E_NOMEM;
	uint32_t slot = slot_take();
	vaddr_t va;
	unsigned n;

	if (slot == BITMAP_NONE)
		goto out;
	n = frames_take(frames);
	if (n < STACK_PAGES)
		goto release;
	va = stacks.base + slot * STACK_SLOT + STACK_SIZE;
	for (unsigned i = 0; i < STACK_PAGES; i++)
		arch_window_map(va + i * PAGE_SIZE, frames[i]);
	*stack = (void *)(uintptr_t)va;
	return OK;
release:
	frames_release(frames, n);
	slot_release(slot);
out:
	return st;
}

enum status stack_get(void **stack, paddr_t frames[STACK_PAGES])
{
	struct kept_stack *k = kept_pop();

	if (!k)
		return stack_make(stack, frames);
	for (unsigned i = 0; i < STACK_PAGES; i++)
		frames[i] = k->frames[i];
	*stack = k;
	return OK;
}

/* The slot is free again only after every CPU has forgotten the translation, and so are the frames. */
static void stack_unmake(void *stack, const paddr_t frames[STACK_PAGES])
{
	vaddr_t va = (vaddr_t)(uintptr_t)stack;

	arch_window_unmap(va, STACK_PAGES);
	frames_release(frames, STACK_PAGES);
	slot_release((va - stacks.base) / STACK_SLOT);
}

void stack_put(void *stack, const paddr_t frames[STACK_PAGES])
{
	struct kept_stack *k = stack;

	for (unsigned i = 0; i < STACK_PAGES; i++)
		k->frames[i] = frames[i];
	if (!kept_push(k))
		stack_unmake(stack, frames);
}

void stack_trim(void)
{
	struct kept_stack *k;

	while ((k = kept_pop()) != NULL) {
		paddr_t frames[STACK_PAGES];

		for (unsigned i = 0; i < STACK_PAGES; i++) /* they lie in what is unmapped next */
			frames[i] = k->frames[i];
		stack_unmake(k, frames);
	}
}
