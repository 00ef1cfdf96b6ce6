/* A RAM disk: the first multiboot module behind the block interface.  Its pages stay where the loader put them. */
#include <arch/boot.h>
#include <arch/mmu.h>
#include <dev/blk.h>
#include <kern/log.h>

#include "drivers_priv.h"

#define RAMDISK_MAJOR 1

static paddr_t ramdisk_start; /* (c) */

static void *ramdisk_block(uint32_t block)
{
	return arch_window(ramdisk_start + block * BLK_SIZE);
}

static enum status ramdisk_read(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n)
{
	(void)d;
	for (unsigned i = 0; i < n; i++)
		arch_page_copy(arch_window(pa[i]), ramdisk_block(block + i));
	return OK;
}

static enum status ramdisk_write(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n)
{
	(void)d;
	for (unsigned i = 0; i < n; i++)
		arch_page_copy(ramdisk_block(block + i), arch_window(pa[i]));
	return OK;
}

void ramdisk_init(const struct boot_info *info)
{
	static const struct blkdev_ops ops = {.read = ramdisk_read, .write = ramdisk_write};
	static struct blkdev ramdisk = {.ops = &ops, .name = "ram0", .major = RAMDISK_MAJOR};

	ramdisk.blocks = info->module_size / BLK_SIZE;
	if (ramdisk.blocks == 0)
		return;
	ramdisk_start = info->module;
	blkdev_register(&ramdisk);
	printk(LOG_INFO, "ram0: %u KiB", info->module_size / 1024);
}
