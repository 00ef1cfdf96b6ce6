/* Is an image consistent?  For fsck, unit tests and crash tests; the kernel does not link it. */
#ifndef DMFS_CHECK_H
#define DMFS_CHECK_H

#include <dmfs/dmfs.h>

/* One contradiction.  Numbers that do not apply are 0. */
struct dmfs_finding {
	const char *text; /* a constant sentence */
	uint32_t ino;
	uint32_t block;
	uint32_t found;    /* what is there */
	uint32_t expected; /* what should be, if that is known */
};

typedef void dmfs_report(void *arg, const struct dmfs_finding *finding);

/* Bytes of memory that dmfs_check wants, zero-filled and aligned for uint32_t. */
size_t dmfs_check_memory(const struct dmfs *fs);
/* Compare bitmaps, inodes, blocks, directories, link counts and counters of a mounted image that nobody changes
   meanwhile and whose inodes are stored.  Changes nothing.  => OK: all was looked at, *FINDINGS contradictions were
   reported.  Else what ops answered; the check is incomplete. */
enum status dmfs_check(struct dmfs *fs, void *memory, dmfs_report *report, void *arg, uint32_t *findings) must_check;

#endif
