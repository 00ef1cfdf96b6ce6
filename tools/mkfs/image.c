/* dmfs on a mapped file.  No cache, no locks, no transactions: one thread, and a program that stops at the first error
   and leaves no file behind.  A sparse file stays sparse, since empty blocks of a fresh image are not written. */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static enum status get(void *ctx, uint32_t n, struct dmfs_buf **buf)
{
	struct image *im = ctx;

	if (n >= im->blocks)
		return E_IO;
	im->bufs[n].data = im->map + (size_t)n * DMFS_BLOCK_SIZE;
	*buf = &im->bufs[n];
	return OK;
}

static enum status get_new(void *ctx, uint32_t n, struct dmfs_buf **buf)
{
	struct image *im = ctx;
	enum status st = get(ctx, n, buf);

	if (st == OK && !im->fresh)
		memset((*buf)->data, 0, DMFS_BLOCK_SIZE);
	return st;
}

static void nothing(void *ctx, struct dmfs_buf *buf)
{
	(void)ctx;
	(void)buf;
}

static void forget(void *ctx, uint32_t n)
{
	struct image *im = ctx;

	(void)n;
	im->fresh = false; /* from now on a free block may hold something */
}

static struct dmfs_time now(void *ctx)
{
	const struct image *im = ctx;

	return im->fixed_now ? im->now : (struct dmfs_time){(uint32_t)time(NULL), 0};
}

static void no_lock(void *ctx)
{
	(void)ctx;
}

const struct dmfs_ops image_ops = {
	.get = get,
	.get_new = get_new,
	.dirty = nothing,
	.put = nothing,
	.forget = forget,
	.now = now,
	.lock_alloc = no_lock,
	.unlock_alloc = no_lock,
};

/* Map BLOCKS blocks of FD, which is closed in any case. */
static bool map_file(struct image *im, int fd, uint32_t blocks, int flags)
{
	size_t bytes = ((size_t)blocks + !blocks) * DMFS_BLOCK_SIZE; /* nothing at all cannot be mapped */
	int saved;

	im->blocks = blocks;
	im->map = MAP_FAILED;
	im->bufs = calloc((size_t)blocks + 1, sizeof *im->bufs);
	if (im->bufs)
		im->map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
	saved = errno;
	close(fd);
	errno = saved;
	return im->map != MAP_FAILED;
}

bool image_make(struct image *im, const char *path, uint32_t blocks)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0644);
	int saved;

	if (fd < 0)
		return false;
	im->fresh = true;
	if (ftruncate(fd, (off_t)blocks * DMFS_BLOCK_SIZE) == 0)
		return map_file(im, fd, blocks, MAP_SHARED);
	saved = errno;
	close(fd);
	errno = saved;
	return false;
}

bool image_open(struct image *im, const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	off_t blocks;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return false;
	}
	blocks = st.st_size / DMFS_BLOCK_SIZE;
	im->fresh = false;
	return map_file(im, fd, blocks < UINT32_MAX ? (uint32_t)blocks : UINT32_MAX, MAP_PRIVATE);
}

bool image_close(struct image *im)
{
	bool ok = munmap(im->map, ((size_t)im->blocks + !im->blocks) * DMFS_BLOCK_SIZE) == 0;

	free(im->bufs);
	return ok;
}
