/* An empty image.  For mkfs and tests; the kernel does not link it. */
#ifndef DMFS_MAKE_H
#define DMFS_MAKE_H

#include <dmfs/dmfs.h>

struct dmfs_geometry {
	uint32_t blocks; /* of the whole image */
	uint32_t inodes; /* 0: one for four blocks; else rounded up to a multiple of 32 */
	uint8_t uuid[16];
};

/* Write superblock, bitmaps, inode table, an empty journal and the root directory (mode 0755) through OPS; times are
   what ops->now says.  E_INVAL: *WHY says why there is no such image. */
enum status dmfs_make(const struct dmfs_ops *ops, void *ctx, const struct dmfs_geometry *g, const char **why)
	must_check;

#endif
