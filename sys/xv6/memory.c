/* Memory, as xv6 programs have it: sbrk with the old break as its result, and what courses add.  A call that the first
   gate has too is made there, with its arguments turned into what POSIX means. */
#include <abi/mman.h>
#include <kern/proc.h>
#include <lib/string.h>
#include <mm/frame.h>

#include "../sys_priv.h"
#include "xv6_priv.h"

/* ---- the heap ---- */

/* Below where the heap began nothing is given back. */
static int32_t move_break(struct aspace *as, int32_t n, struct aspace_dropped *d) requires_lock(*as)
{
	vaddr_t old = as->heap_break, want = old + (uint32_t)n;

	if (n < 0 && 0 - (uint32_t)n > old - as->heap_start)
		return (int32_t)old;
	if (n > 0 && want < old)
		return E_NOMEM;
	return aspace_brk(as, want, d) == want ? (int32_t)old : E_NOMEM;
}

static no_inline int32_t sbrk_lazy(int32_t n)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	struct uspace *us = current_thread()->uspace;
	int32_t result;

	uspace_lock(us);
	result = move_break(&us->as, n, &dropped);
	uspace_unlock_release(us, &dropped);
	return result;
}

int32_t xv6_sbrk(const struct syscall_args *a)
{
	return sbrk_lazy((int32_t)a->v[0]);
}

int32_t xv6_rv_sbrk(const struct syscall_args *a)
{
	int32_t n = (int32_t)a->v[0];

	switch (a->v[1]) {
	case XV6_SBRK_LAZY: return sbrk_lazy(n);
	case XV6_SBRK_EAGER: return n > 0 ? sys_sbrk_eager(a) : sbrk_lazy(n);
	}
	return E_INVAL;
}

/* ---- mappings ---- */

/* Flags and protection of this dialect (<abi/xv6.h>) in those of Linux. */
static void translate(uint32_t *prot, uint32_t *flags, uint32_t fd)
{
	bool bare = *flags == 0 && fd == UINT32_MAX;

	if (bare)
		*flags = MAP_ANONYMOUS;
	if (*prot == PROT_NONE && (*flags & MAP_ANONYMOUS))
		*prot = bare ? PROT_READ | PROT_WRITE : PROT_READ;
	if (!(*flags & MAP_TYPE))
		*flags |= MAP_PRIVATE;
}

int32_t xv6_mmap(const struct syscall_args *a)
{
	uint32_t prot = a->v[2], flags = a->v[3], offset = a->v[5], into;
	int32_t at;

	translate(&prot, &flags, a->v[4]);
	if (flags & MAP_ANONYMOUS)
		offset = 0;
	into = offset & PAGE_MASK;
	if ((int32_t)offset < 0 || a->v[1] == 0 || a->v[1] > USER_TOP)
		return E_INVAL;

	const struct syscall_args posix = {{
		flags & MAP_FIXED ? a->v[0] : page_floor(a->v[0]),
		a->v[1] + into,
		prot,
		flags,
		a->v[4],
		offset >> PAGE_SHIFT,
	}};

	at = sys_mmap2(&posix);
	return at < 0 ? at : at + (int32_t)into;
}

/* The pages that [ADDR, ADDR + LEN) touches, as the first arguments of OUT. => E_INVAL: empty, or not a program's. */
static enum status pages_touched(const struct syscall_args *a, struct syscall_args *out)
{
	vaddr_t addr = a->v[0];
	uint32_t len = a->v[1];

	if (len == 0 || addr > USER_TOP || len > USER_TOP - addr)
		return E_INVAL;
	*out = (struct syscall_args){{page_floor(addr), page_ceil(addr + len) - page_floor(addr)}};
	return OK;
}

static bool is_anything_mapped(vaddr_t start, uint32_t len)
{
	struct uspace *us = current_thread()->uspace;
	const struct vma *v;
	bool is;

	uspace_lock(us);
	v = vma_find_above(&us->as.vmas, start);
	while (v && v->start == v->end) /* kept for what comes next; there are two at most */
		v = vma_next(&us->as.vmas, v);
	is = v && v->start < start + len;
	uspace_unlock(us);
	return is;
}

/* Other than in POSIX, to unmap nothing is a mistake. */
int32_t xv6_munmap(const struct syscall_args *a)
{
	struct syscall_args pages;
	enum status st = pages_touched(a, &pages);

	if (st != OK)
		return st;
	return is_anything_mapped(pages.v[0], pages.v[1]) ? sys_munmap(&pages) : E_INVAL;
}

int32_t xv6_msync(const struct syscall_args *a)
{
	struct syscall_args pages;
	enum status st = pages_touched(a, &pages);

	pages.v[2] = MS_SYNC;
	return st == OK ? sys_msync(&pages) : st;
}

/* The length is in pages. */
static int32_t protect(const struct syscall_args *a, uint32_t prot)
{
	const struct syscall_args posix = {{a->v[0], a->v[1] << PAGE_SHIFT, prot}};

	if (a->v[1] == 0 || a->v[1] > USER_TOP >> PAGE_SHIFT)
		return E_INVAL;
	return sys_mprotect(&posix);
}

int32_t xv6_mprotect(const struct syscall_args *a)
{
	return protect(a, PROT_READ | PROT_EXEC);
}

int32_t xv6_munprotect(const struct syscall_args *a)
{
	return protect(a, PROT_READ | PROT_WRITE | PROT_EXEC);
}

/* That the address can be told is seen to before there is one. */
int32_t xv6_shm_open(const struct syscall_args *a)
{
	user_ptr_t to = user_ptr(a->v[1]);
	int32_t at = user_fault_in_range(to, sizeof at, true);

	if (at == OK)
		at = sys_openshmem(a);
	if (at < 0)
		return at;
	return copy_to_user(to, &at, sizeof at);
}

/* ---- looking on ---- */

int32_t xv6_sysinfo(const struct syscall_args *a)
{
	const struct xv6_sysinfo info = {.freemem = aspace_eager_left() * PAGE_SIZE, .nproc = proc_count()};

	return copy_to_user(user_ptr(a->v[0]), &info, sizeof info);
}
