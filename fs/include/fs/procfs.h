/* /proc: the machine and its processes as text, in the formats of Linux (docs/procfs.md). */
#ifndef FS_PROCFS_H
#define FS_PROCFS_H

#include <arch/compiler.h>
#include <lib/status.h>

/* Mount it on /proc, which is made if need be; once, after fs_mount_root.  CMDLINE: the kernel's, stays valid.  May
   sleep. => the first error. */
enum status procfs_mount(const char *cmdline) must_check;

#endif
