/* An image file as dmfs sees it: mapped into memory, so that a held block is a pointer into the file. */
#ifndef MKFS_IMAGE_H
#define MKFS_IMAGE_H

#include <dmfs/dmfs.h>

struct image {
	uint8_t *map;          /* blocks * DMFS_BLOCK_SIZE bytes */
	struct dmfs_buf *bufs; /* one for each block */
	uint32_t blocks;
	bool fresh;     /* the file was made now: no block was given back yet, so every free one is zero */
	bool fixed_now; /* the time is now.sec; else the host's */
	struct dmfs_time now;
};

extern const struct dmfs_ops image_ops; /* their ctx is a struct image */

/* Make the file PATH, which must not exist, with BLOCKS blocks of zeros.  => false: errno says why. */
bool image_make(struct image *im, const char *path, uint32_t blocks);
/* Map an existing file; nothing is ever written to it.  => false: errno says why. */
bool image_open(struct image *im, const char *path);
/* Write everything to the file and unmap it.  => false: errno says why. */
bool image_close(struct image *im);

#endif
