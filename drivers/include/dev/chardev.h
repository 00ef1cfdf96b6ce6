/* Character devices: what programs read and write byte by byte.  A device is known by name (its name in /dev) and by
   major and minor number (a node made with mknod).  The calls below run in the system call of the program, with no
   lock held, and may sleep, interruptibly where there may be no end (E_INTR when nothing was moved yet); user memory
   is reached by kern/usercopy.h. */
#ifndef DEV_CHARDEV_H
#define DEV_CHARDEV_H

#include <arch/compiler.h>
#include <arch/types.h>
#include <lib/list.h>
#include <lib/status.h>

struct chardev;

struct chardev_ops {
	/* Each open of a node, with open's flags (O_NOCTTY, O_NONBLOCK).  NULL: nothing to do. */
	enum status (*open)(struct chardev *d, uint32_t flags);
	/* The last reference to such an open is gone.  NULL: nothing to do. */
	void (*close)(struct chardev *d);
	/* At most N bytes; FLAGS are the open file's (O_NONBLOCK: E_AGAIN instead of waiting).  => bytes moved, 0:
	   end of file, or a status when none was.  NULL: E_INVAL. */
	int32_t (*read)(struct chardev *d, user_ptr_t to, uint32_t n, uint32_t flags);
	int32_t (*write)(struct chardev *d, user_ptr_t from, uint32_t n, uint32_t flags);
	/* => what the program gets; E_NOTTY: no such request.  NULL: E_NOTTY. */
	int32_t (*ioctl)(struct chardev *d, uint32_t request, uint32_t arg);
	/* A mapping of it is memory of zeros; else there are no mappings. */
	bool maps_zeros;
};

/* Embedded in the driver's own struct, filled in before chardev_register; never goes away. */
struct chardev {
	const struct chardev_ops *ops; /* (c) */
	const char *name;              /* (c) "console", "tty" */
	uint16_t major, minor;         /* (c) Linux's numbers: null 1,3, zero 1,5, tty 5,0, console 5,1 */
	uint16_t mode;                 /* (c) permission bits of the node in /dev */
	struct list link;              /* (c) of all devices; set by chardev_register */
};

/* At boot, one CPU. */
void chardev_register(struct chardev *d);
/* => NULL: there is none. */
struct chardev *chardev_find(const char *name, uint32_t len);
struct chardev *chardev_find_number(unsigned major, unsigned minor);
/* The I-th, from 0. => NULL: there are no more. */
struct chardev *chardev_at(unsigned i);

#endif
