/* The list of block devices, and the checks in front of their drivers (dev/blk.h).  Written at boot only, so it needs
   no lock. */
#include <dev/blk.h>

#include <lib/assert.h>
#include <lib/string.h>

static struct list devices = LIST_INIT(devices);

void blkdev_register(struct blkdev *d)
{
	list_add_tail(&devices, &d->link);
}

struct blkdev *blkdev_find(const char *name)
{
	struct blkdev *d;

	list_foreach_entry(d, &devices, link)
		if (strcmp(d->name, name) == 0)
			return d;
	return NULL;
}

struct blkdev *blkdev_find_number(unsigned major, unsigned minor)
{
	struct blkdev *d;

	list_foreach_entry(d, &devices, link)
		if (d->major == major && d->minor == minor)
			return d;
	return NULL;
}

struct blkdev *blkdev_at(unsigned i)
{
	struct blkdev *d;

	list_foreach_entry(d, &devices, link)
		if (i-- == 0)
			return d;
	return NULL;
}

/* A block that is not there is the fault of what stands on the disk, not of who asks. */
static bool is_inside(const struct blkdev *d, uint32_t block, unsigned n)
{
	KASSERT(n > 0 && n <= BLK_RUN_MAX);
	return block < d->blocks && n <= d->blocks - block;
}

enum status blkdev_read(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n)
{
	return is_inside(d, block, n) ? d->ops->read(d, block, pa, n) : E_IO;
}

enum status blkdev_write(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n)
{
	if (!is_inside(d, block, n))
		return E_IO;
	return d->readonly ? E_ROFS : d->ops->write(d, block, pa, n);
}

enum status blkdev_flush(struct blkdev *d)
{
	return d->ops->flush ? d->ops->flush(d) : OK;
}
