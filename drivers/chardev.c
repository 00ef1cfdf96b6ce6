/* The list of character devices (dev/chardev.h).  Written at boot only, so it needs no lock. */
#include <dev/chardev.h>

#include <lib/string.h>

static struct list devices = LIST_INIT(devices);

void chardev_register(struct chardev *d)
{
	list_add_tail(&devices, &d->link);
}

struct chardev *chardev_find(const char *name, uint32_t len)
{
	struct chardev *d;

	list_foreach_entry(d, &devices, link)
		if (strlen(d->name) == len && memcmp(d->name, name, len) == 0)
			return d;
	return NULL;
}

struct chardev *chardev_find_number(unsigned major, unsigned minor)
{
	struct chardev *d;

	list_foreach_entry(d, &devices, link)
		if (d->major == major && d->minor == minor)
			return d;
	return NULL;
}

struct chardev *chardev_at(unsigned i)
{
	struct chardev *d;

	list_foreach_entry(d, &devices, link)
		if (i-- == 0)
			return d;
	return NULL;
}
