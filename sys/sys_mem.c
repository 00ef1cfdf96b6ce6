/* System calls about memory. */
#include <abi/mman.h>
#include <fs/fs.h>
#include <kern/lent.h>
#include <kern/proc.h>
#include <kern/signal.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>

#include "sys_priv.h"

int32_t sys_brk(const struct syscall_args *a)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	vaddr_t now;

	uspace_lock(us);
	now = aspace_brk(&us->as, a->v[0], &dropped);
	uspace_unlock_release(us, &dropped);
	return (int32_t)now;
}

static uint8_t vma_prot(uint32_t prot)
{
	return (uint8_t)((prot & PROT_READ ? VMA_READ : 0) | (prot & PROT_WRITE ? VMA_WRITE : 0) |
	                 (prot & PROT_EXEC ? VMA_EXEC : 0));
}

/* Private anonymous memory; files and sharing are refused with E_NODEV, as by a file system that cannot map. */
static enum status map_request_check(const struct syscall_args *a)
{
	uint32_t flags = a->v[3], type = flags & MAP_TYPE;

	if (a->v[1] == 0 || (a->v[2] & ~(uint32_t)(PROT_READ | PROT_WRITE | PROT_EXEC)))
		return E_INVAL;
	if (type != MAP_PRIVATE && type != MAP_SHARED)
		return E_INVAL;
	if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) && !page_aligned(a->v[0]))
		return E_INVAL;
	return type == MAP_PRIVATE && (flags & MAP_ANONYMOUS) ? OK : E_NODEV;
}

int32_t sys_mmap2(const struct syscall_args *a)
{
	const struct map_request r = {
		.addr = a->v[0],
		.len = a->v[1],
		.prot = vma_prot(a->v[2]),
		.kind = VMA_ANON,
		.fixed = a->v[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE),
		.no_replace = a->v[3] & MAP_FIXED_NOREPLACE,
	};
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	enum status st = map_request_check(a);
	vaddr_t at = 0;

	if (st != OK)
		return st;
	uspace_lock(us);
	st = aspace_map(&us->as, &r, &at, &dropped);
	uspace_unlock_release(us, &dropped);
	return st == OK ? (int32_t)at : st;
}

int32_t sys_munmap(const struct syscall_args *a)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	enum status st;

	uspace_lock(us);
	st = aspace_unmap(&us->as, a->v[0], a->v[1], &dropped);
	uspace_unlock_release(us, &dropped);
	return st;
}

int32_t sys_mprotect(const struct syscall_args *a)
{
	const uint32_t known = PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM;
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	enum status st;

	if (a->v[2] & ~known)
		return E_INVAL;
	uspace_lock(us);
	st = aspace_protect(&us->as, a->v[0], a->v[1], vma_prot(a->v[2]), &dropped);
	uspace_unlock_release(us, &dropped);
	return st;
}

/* Advice that changes nothing is good or bad only by its range. */
int32_t sys_madvise(const struct syscall_args *a)
{
	struct uspace *us = current_thread()->uspace;
	enum status st;

	if (a->v[2] > MADV_DONTNEED || a->v[0] + a->v[1] < a->v[0])
		return E_INVAL;
	uspace_lock(us);
	st = a->v[2] == MADV_DONTNEED ? aspace_discard(&us->as, a->v[0], a->v[1])
	                              : aspace_mapped(&us->as, a->v[0], a->v[1]);
	uspace_unlock(us);
	return st;
}

int32_t sys_mremap(const struct syscall_args *a)
{
	const struct remap_request r = {
		.addr = a->v[0],
		.old_len = a->v[1],
		.new_len = a->v[2],
		.may_move = a->v[3] & MREMAP_MAYMOVE,
		.fixed = a->v[3] & MREMAP_FIXED,
		.to = a->v[4],
	};
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	enum status st;
	vaddr_t at;

	if ((a->v[3] & ~(uint32_t)(MREMAP_MAYMOVE | MREMAP_FIXED)) || (r.fixed && !r.may_move))
		return E_INVAL;
	uspace_lock(us);
	st = aspace_remap(&us->as, &r, &at, &dropped);
	uspace_unlock_release(us, &dropped);
	return st == OK ? (int32_t)at : st;
}

/* The page that holds the old break OLD, below those that came, is there too; or all is as before. */
static enum status complete_eager(struct uspace *us, vaddr_t old)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	enum status st = fault_in_modestly(us, old);

	if (st == OK)
		return OK;
	uspace_lock(us);
	(void)aspace_brk(&us->as, old, &dropped); /* needs no memory: what goes was ours alone */
	uspace_unlock_release(us, &dropped);
	return st;
}

int32_t sys_sbrk_eager(const struct syscall_args *a)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	enum status st;
	vaddr_t old;

	uspace_lock(us);
	st = aspace_sbrk_eager(&us->as, (int32_t)a->v[0], signal_pending, &old, &dropped);
	uspace_unlock_release(us, &dropped);
	if (st == OK && (int32_t)a->v[0] > 0 && !page_aligned(old))
		st = complete_eager(us, old);
	return st == OK ? (int32_t)old : st;
}

int32_t sys_kmalloc(const struct syscall_args *a)
{
	void *p = NULL;
	enum status st = lent_alloc(a->v[0], &p);

	return st == OK ? (int32_t)(uintptr_t)p : st;
}

int32_t sys_kfree(const struct syscall_args *a)
{
	return lent_free((const void *)(uintptr_t)a->v[0]);
}

/* Frames that are free or that memory pressure gives back; what is only cached is dropped first, so that the answer
   does not depend on what happened to be looked at before. */
uint32_t memory_available(void)
{
	fs_trim();
	kern_trim();
	kmalloc_trim();
	return frame_count_free() + frame_count_reclaimable() + kmalloc_reclaimable_pages();
}

int32_t sys_freemem(const struct syscall_args *a)
{
	(void)a;
	return (int32_t)(memory_available() * PAGE_SIZE);
}
