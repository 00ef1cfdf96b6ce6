/* The data segment and mappings. */
#include <dormouse.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libc_priv.h"

static char *data_end; /* NULL until first asked for */

/* The kernel answers with where the end is now, whether or not it moved. */
int brk(void *end)
{
	data_end = (char *)__sys_brk(end);
	if (data_end == end)
		return 0;
	errno = ENOMEM;
	return -1;
}

void *sbrk(intptr_t delta)
{
	char *old;

	if (!data_end)
		data_end = (char *)__sys_brk(NULL);
	old = data_end;
	return delta == 0 || brk(old + delta) == 0 ? old : (void *)-1;
}

void *sbrk_eager(intptr_t delta)
{
	char *old = (char *)__sys_sbrk_eager((int)delta);

	if (old != (char *)-1)
		data_end = old + delta;
	return old;
}

void *kmalloc(size_t size)
{
	long p = __sys_kmalloc((int)size);

	return p == -1 ? NULL : (void *)p;
}

int kfree(void *p)
{
	return (int)__sys_kfree(p);
}

/* The place is looked at only with MREMAP_FIXED. */
void *mremap(void *addr, size_t old_len, size_t new_len, int flags, ...)
{
	void *to = NULL;
	va_list args;

	if (flags & MREMAP_FIXED) {
		va_start(args, flags);
		to = va_arg(args, void *);
		va_end(args);
	}
	return (void *)__sys_mremap(addr, (int)old_len, (int)new_len, flags, to);
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	if (off < 0 || off & (PAGE_SIZE - 1) || off / PAGE_SIZE > (off_t)0xffffffff) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	return (void *)__sys_mmap2(addr, (int)len, prot, flags, fd, (int)(unsigned int)(off / PAGE_SIZE));
}
