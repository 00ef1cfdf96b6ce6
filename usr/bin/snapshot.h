/* What memory is used for at one moment, as far as /proc tells: the class of each frame, and of each page of each process
   (picture.h).  The moment has a length: what changes while it is taken may show twice or not at all. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "picture.h"
#include "proc_text.h"

struct snapshot_region {
	struct proc_region map;
	uint8_t *page; /* enum page_class of each; memory for it comes, too, only where a page is there */
	size_t npages;
};

struct snapshot_space {
	int pid;
	char name[32];
	uint64_t promised, resident; /* bytes */
	struct snapshot_region *region;
	size_t nregions;
};

struct snapshot {
	uint8_t *frame; /* enum frame_class of each */
	size_t nframes;
	uint32_t count[FRAME_CLASSES];
	struct snapshot_space *space; /* ascending by pid */
	size_t nspaces;
	int owner[OWNERS_MAX]; /* pids; 0: the place is free.  A process keeps its place from snapshot to snapshot. */
};

/* The class of a frame by its flags and count. */
enum frame_class snapshot_frame_class(uint64_t flags, uint64_t count);
/* The class of a frame that was THEN before process number OWNER turned out to map it. */
enum frame_class snapshot_owned_class(enum frame_class then, unsigned int owner);
/* The class of a page by its pagemap entry; FRAME is the class of its frame, MODE that of its region. */
enum page_class snapshot_page_class(uint64_t entry, enum frame_class frame, const char *mode);
/* Keep in OWNER the N processes at PID, each at its place; new ones get the first free places, as long as there are some. */
void snapshot_owners(int owner[OWNERS_MAX], const int *pid, size_t n);

/* S is all zeros, or an older snapshot, whose memory is used again.  => false, errno: it could not be taken, and *WHAT is
   the file that could not be read */
bool snapshot_take(struct snapshot *s, const char **what);
void snapshot_free(struct snapshot *s);

#endif
