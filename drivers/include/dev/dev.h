/* The floor as a whole. */
#ifndef DEV_DEV_H
#define DEV_DEV_H

struct boot_info;

/* Terminal, RAM disk (the multiboot module of INFO, if any) and disks.  In the context of process 1; may sleep.
   Afterwards the block and character devices are registered. */
void dev_init(const struct boot_info *info);

#endif
