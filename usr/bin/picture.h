/* Pictures of memory in characters: the painter of memview.  Pure functions from classes of frames and pages to lines of
   text, with or without colours (ECMA-48), so that a test can look at every character. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a frame is used for; from FRAME_OWNED on by whom: the process with that number in a list. */
enum frame_class {
	FRAME_HOLE, /* no memory at this address */
	FRAME_FREE,
	FRAME_OTHER, /* in use, by what cannot be seen */
	FRAME_KERNEL,
	FRAME_SLAB,
	FRAME_TABLE,
	FRAME_CACHE,
	FRAME_ZERO,
	FRAME_SHARED, /* a page of several processes */
	FRAME_OWNED,
	OWNERS_MAX = 61, /* a-z A-Z 1-9 */
	FRAME_CLASSES = FRAME_OWNED + OWNERS_MAX,
};

/* What a page of a region is. */
enum page_class {
	PAGE_ABSENT, /* promised */
	PAGE_ZERO,
	PAGE_FILE,   /* of the page cache */
	PAGE_SHARED, /* anonymous, and writes are meant to be seen by others */
	PAGE_COW,    /* shared until somebody writes */
	PAGE_PRIVATE,
	PAGE_CLASSES,
};

enum { PICTURE_COLUMNS = 64, PICTURE_BAR = 38, PICTURE_WIDTH = 78 };

struct picture {
	char *data; /* of free(); length bytes and a NUL */
	size_t length, room;
	unsigned int lines;
	unsigned int column; /* characters of the line so far */
	int style;           /* of the character before; 0: plain */
	bool colours;
	bool failed; /* there was no memory: what was painted since is lost */
};

/* A region as it is painted: its line, and a class for each of its pages. */
struct picture_region {
	uint32_t start;
	const char *mode, *name;
	const uint8_t *page;
	size_t npages;
};

/* The smallest power of two of which ROWS rows of COLUMNS show N things, at least 1. */
size_t picture_group(size_t n, size_t columns, size_t rows);

char frame_mark(unsigned int class);
/* The class that most of the N frames at CLASS have; of several the last in the enum. */
unsigned int frame_class_of_group(const uint8_t *class, size_t n);
/* The mark of N pages: . when none is there, else the letter of what most of those are, in upper case when they are half
   of the N or more. */
char page_mark_of_group(const uint8_t *class, size_t n);
/* What each mark means. */
extern const char picture_page_legend[];

void picture_text(struct picture *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void picture_end_line(struct picture *p);
/* N frames, GROUP a character, each line with the address of its first frame in MiB (in KiB when a line is less). */
void picture_frames(struct picture *p, const uint8_t *class, size_t n, size_t group);
/* How many frames there are of each class; NAME(i) and PID(i) of owner i. */
struct picture_owner {
	int pid;
	const char *name;
};
void picture_legend(struct picture *p, const uint32_t count[FRAME_CLASSES], const struct picture_owner owner[OWNERS_MAX]);
/* A region in lines of PICTURE_BAR characters, GROUP pages each; 0: as many as make it one line. */
void picture_region(struct picture *p, const struct picture_region *r, size_t group);
void picture_free(struct picture *p);

#endif
