/* System calls about memory. */
#include <abi/mman.h>
#include <fs/fdtable.h>
#include <fs/fs.h>
#include <fs/vnode.h>
#include <kern/lent.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/usercopy.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>
#include <mm/look.h>
#include <mm/object.h>
#include <mm/shared.h>

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

/* ---- mmap ---- */

/* Flags that MAP_SHARED_VALIDATE knows. */
#define FLAGS_KNOWN \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED | \
	 MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_FIXED_NOREPLACE)

static uint32_t pages_of_length(uint32_t len)
{
	return page_ceil(len) >> PAGE_SHIFT;
}

/* Does FLAGS say how changes are shared, and in a way that makes sense here? */
static enum status type_check(uint32_t flags)
{
	bool anonymous = flags & MAP_ANONYMOUS;

	switch (flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (anonymous)
			return E_INVAL;
		if (flags & ~(uint32_t)FLAGS_KNOWN)
			return E_OPNOTSUPP;
		return flags & MAP_GROWSDOWN ? E_INVAL : OK;
	case MAP_SHARED: return flags & MAP_GROWSDOWN ? E_INVAL : OK;
	case MAP_PRIVATE: return (flags & MAP_GROWSDOWN) && !anonymous ? E_INVAL : OK;
	default: return E_INVAL;
	}
}

/* What is wrong in any case; protections and flags that are not known are not, as on Linux. */
static enum status map_check(const struct syscall_args *a)
{
	uint32_t len = a->v[1], flags = a->v[3];

	if (len == 0 || (flags & MAP_HUGETLB))
		return E_INVAL;
	if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) && !page_aligned(a->v[0]))
		return E_INVAL;
	if (len > USER_TOP)
		return E_NOMEM;
	if (a->v[5] + pages_of_length(len) < a->v[5])
		return E_OVERFLOW;
	return type_check(flags);
}

/* R shows the part of F from page FIRST on. */
static enum status map_file(struct file *f, uint32_t first, struct map_request *r)
{
	if (!file_can_read(f) || ((r->flags & VMA_SHARED) && (r->prot & VMA_WRITE) && !file_can_write(f)))
		return E_ACCES;
	if ((r->flags & VMA_SHARED) && !file_can_write(f))
		r->flags |= VMA_NEVER_WRITE;
	r->object_page = first;
	return file_object(f, &r->object);
}

/* The object of R, which is to share, is anonymous memory of its own, with a reference for the caller. */
static enum status map_shared(struct map_request *r)
{
	r->kind = VMA_SHM;
	r->object_page = 0;
	return shared_create(pages_of_length(r->len), &r->object);
}

/* As far as it can be had: a page that cannot will be missed when it is touched. */
static void populate(vaddr_t at, const struct map_request *r)
{
	bool write = (r->prot & VMA_WRITE) && !((r->flags & VMA_SHARED) && r->kind == VMA_FILE);

	for (uint32_t done = 0; done < r->len && r->prot != 0 && !signal_pending(); done += PAGE_SIZE) {
		if (user_fault_in(user_ptr(at + done), write) != OK)
			return;
		sched_point();
	}
}

static int32_t map(const struct map_request *r, bool fill)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	enum status st;
	vaddr_t at = 0;

	uspace_lock(us);
	st = aspace_map(&us->as, r, &at, &dropped);
	uspace_unlock_release(us, &dropped);
	if (st != OK)
		return st;
	if (fill)
		populate(at, r);
	return (int32_t)at;
}

/* Zeros: private, they are nobody's until they are written; shared, they have an object. */
static int32_t map_zeros(struct map_request *r, bool fill)
{
	enum status st = r->flags & VMA_SHARED ? map_shared(r) : OK;
	int32_t result;

	if (st != OK)
		return st;
	result = map(r, fill);
	if (r->object)
		r->object->ops->put(r->object);
	return result;
}

int32_t sys_mmap2(const struct syscall_args *a)
{
	struct map_request r = {
		.addr = a->v[0],
		.len = a->v[1],
		.prot = vma_prot(a->v[2]),
		.flags = (a->v[3] & MAP_TYPE) == MAP_PRIVATE ? 0 : VMA_SHARED,
		.kind = VMA_ANON,
		.fixed = a->v[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE),
		.no_replace = a->v[3] & MAP_FIXED_NOREPLACE,
	};
	bool anonymous = a->v[3] & MAP_ANONYMOUS, fill = a->v[3] & MAP_POPULATE;
	struct fd_hold h;
	int32_t result;

	if (!anonymous && !fd_hold(a->v[4], &h))
		return E_BADF;
	result = map_check(a);
	if (result == OK && !anonymous)
		result = map_file(h.file, a->v[5], &r);
	if (result == OK && r.object) {
		r.kind = VMA_FILE;
		result = map(&r, fill);
	} else if (result == OK) {
		result = map_zeros(&r, fill);
	}
	if (!anonymous)
		fd_drop(&h);
	return result;
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

	if ((a->v[2] & ~known) && a->v[1] > 0)
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

	if (a->v[2] > MADV_DONTNEED || page_ceil(a->v[1]) < a->v[1] || a->v[0] + page_ceil(a->v[1]) < a->v[0])
		return E_INVAL;
	uspace_lock(us);
	st = a->v[2] == MADV_DONTNEED ? aspace_discard(&us->as, a->v[0], a->v[1])
	                              : aspace_mapped(&us->as, a->v[0], a->v[1]);
	uspace_unlock(us);
	return st;
}

/* ---- msync, mincore ---- */

/* A region that the next step of msync found. */
struct sync_part {
	vaddr_t end;
	struct vnode *file; /* with a reference; NULL: nothing is to be written */
};

/* The region at or above AT. => false: there is none below END. */
static bool next_part(struct uspace *us, vaddr_t at, vaddr_t end, bool *hole, struct sync_part *p)
{
	const struct vma *v;

	uspace_lock(us);
	v = vma_find_above(&us->as.vmas, at);
	if (v && v->start >= end)
		v = NULL;
	if (!v || v->start > at)
		*hole = true;
	p->file = NULL;
	if (v) {
		p->end = v->end;
		p->file = v->object && (v->flags & VMA_SHARED) ? vnode_of_mapping(v->object) : NULL;
		if (p->file)
			vnode_ref(p->file);
	}
	uspace_unlock(us);
	return v != NULL;
}

/* Files are written as a whole, each region's in turn. */
int32_t sys_msync(const struct syscall_args *a)
{
	const uint32_t known = MS_ASYNC | MS_INVALIDATE | MS_SYNC;
	vaddr_t at = a->v[0], end = at + page_ceil(a->v[1]);
	enum status st = OK;
	struct sync_part p;
	bool hole = false;

	if ((a->v[2] & ~known) || !page_aligned(at) || (a->v[2] & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return E_INVAL;
	if (end < at || page_ceil(a->v[1]) < a->v[1])
		return E_NOMEM;
	while (st == OK && at < end && next_part(current_thread()->uspace, at, end, &hole, &p)) {
		if (p.file && (a->v[2] & MS_SYNC))
			st = vnode_sync(p.file);
		vnode_put(p.file);
		at = p.end;
		sched_point();
	}
	return st == OK && (hole || at < end) ? E_NOMEM : st;
}

#define CORE_AT_ONCE 256u /* pages between two copies to the program */

/* Is page VA, which V holds, in memory? */
static bool is_in_core(struct aspace *as, const struct vma *v, vaddr_t va) requires_lock(*as)
{
	struct mem_object *o = v->object;
	struct page_look look;
	paddr_t pa;

	aspace_look(as, va, &look);
	if (look.present || !o)
		return look.present;
	if (!o->ops->find_page(o, v->object_page + ((va - v->start) >> PAGE_SHIFT), false, &pa))
		return false;
	frame_put(pa);
	return true;
}

/* => E_NOMEM: there is a hole. */
static enum status look_in_core(struct uspace *us, vaddr_t at, uint32_t pages, uint8_t *core)
{
	const struct vma *v = NULL;
	enum status st = OK;

	uspace_lock(us);
	for (uint32_t i = 0; i < pages && st == OK; i++) {
		vaddr_t va = at + (i << PAGE_SHIFT);

		if (!v || va >= v->end)
			v = vma_find(&us->as.vmas, va);
		if (v)
			core[i] = is_in_core(&us->as, v, va);
		else
			st = E_NOMEM;
	}
	uspace_unlock(us);
	return st;
}

int32_t sys_mincore(const struct syscall_args *a)
{
	uint32_t pages = pages_of_length(a->v[1]), done = 0;
	uint8_t core[CORE_AT_ONCE];
	enum status st = OK;

	if (!page_aligned(a->v[0]))
		return E_INVAL;
	if (a->v[0] > USER_TOP || a->v[1] > USER_TOP - a->v[0])
		return E_NOMEM;
	while (done < pages && st == OK) {
		uint32_t n = pages - done < CORE_AT_ONCE ? pages - done : CORE_AT_ONCE;

		st = look_in_core(current_thread()->uspace, a->v[0] + (done << PAGE_SHIFT), n, core);
		if (st == OK)
			st = copy_to_user(user_ptr(a->v[2] + done), core, n);
		done += n;
		sched_point();
	}
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
