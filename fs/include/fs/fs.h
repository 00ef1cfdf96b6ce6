/* The floor as a whole: start, root, synchronisation, what it keeps. */
#ifndef FS_FS_H
#define FS_FS_H

#include <arch/compiler.h>
#include <arch/types.h>
#include <lib/status.h>

struct blkdev;

/* After kmalloc, the scheduler and the drivers: caches, process hooks (fork and exit), devfs, null and zero.  The
   write-back thread starts with the first mount.  Panics without memory. */
void fs_init(void);
/* Mount device NAME ("hda", "ram0"; NULL or "": the first there is) as / and devfs on /dev.  => E_NODEV, and what
   dmfs_mount_device says; the reason is in the log. */
enum status fs_mount_root(const char *name) must_check;
/* Mount M on the directory PATH, which is made if need be. => the first error. */
struct mount;
enum status fs_attach(struct mount *m, const char *path) must_check;
/* All dirty data and attributes are written and the drives flushed.  May sleep. => the first error. */
enum status fs_sync_all(void) must_check;
/* The end of the machine: no program runs any more.  fs_sync_all, and mounts are marked clean. */
enum status fs_shutdown(void) must_check;
/* Write back, then drop what is only cached: names, and unreferenced vnodes with their pages.  freemem() calls this
   first, then kmalloc_trim(); what is left of the cache is counted by frame_count_reclaimable().  May sleep. */
void fs_trim(void);
struct fs_counters {
	uint32_t cached; /* pages in the cache, dirty ones included */
	uint32_t dirty;  /* pages not yet on disk */
	uint32_t files;  /* open file descriptions */
	uint32_t vnodes; /* in use or cached */
};
void fs_count(struct fs_counters *out);

#endif
