/* Block devices: disks and RAM disks, in blocks of one page.  The page cache (fs/pagecache.h) stands above them and
   is their only user, so a transfer is a run of blocks from or to whole page frames: what a DMA table wants, and what
   a RAM disk copies page by page.  Sectors of 512 bytes are the driver's own affair; a disk's last, incomplete block
   is not reachable. */
#ifndef DEV_BLK_H
#define DEV_BLK_H

#include <arch/compiler.h>
#include <arch/types.h>
#include <lib/list.h>
#include <lib/status.h>

#define BLK_SHIFT PAGE_SHIFT
#define BLK_SIZE PAGE_SIZE
#define BLK_RUN_MAX 16u /* blocks of one request: 64 KiB */

struct blkdev;

/* All may sleep, hold at most mutexes of rank < RANK_DEVICE and no spinlock, and end in bounded time: a device that
   does not answer is E_IO after the driver's own timeout and retries.  The driver serialises requests (RANK_DEVICE). */
struct blkdev_ops {
	/* Blocks BLOCK .. BLOCK + N - 1 into, or from, the frames PA[0] .. PA[N - 1].  1 <= N <= BLK_RUN_MAX, inside
	   the device; the caller keeps the frames. => E_IO: any part of it may have happened. */
	enum status (*read)(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n);
	enum status (*write)(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n);
	/* What was written is on the medium.  NULL: it always is. */
	enum status (*flush)(struct blkdev *d);
};

/* Embedded in the driver's own struct, filled in by it before blkdev_register; never goes away. */
struct blkdev {
	const struct blkdev_ops *ops; /* (c) */
	const char *name;             /* (c) "hda", "ram0": also its name in /dev */
	uint32_t blocks;              /* (c) whole blocks of BLK_SIZE */
	uint16_t major, minor;        /* (c) Linux's numbers: hda 3,0, hdb 3,64, hdc 22,0, ram0 1,0 */
	bool readonly;                /* (c) write gives E_ROFS */
	struct list link;             /* (c) of all devices, in order of registration; set by blkdev_register */
};

/* At boot, one CPU. */
void blkdev_register(struct blkdev *d);
/* => NULL: there is none. */
struct blkdev *blkdev_find(const char *name);
struct blkdev *blkdev_find_number(unsigned major, unsigned minor);
/* The I-th, from 0. => NULL: there are no more. */
struct blkdev *blkdev_at(unsigned i);

/* Checked calls: beyond the end is E_IO, RUN_MAX is asserted, a missing flush is OK. */
enum status blkdev_read(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n) must_check;
enum status blkdev_write(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n) must_check;
enum status blkdev_flush(struct blkdev *d) must_check;

#endif
