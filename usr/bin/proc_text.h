/* The texts of /proc, as numbers.  Pure functions: unknown lines and further fields are passed over, so that a newer
   kernel does not break an older program. */
#ifndef PROC_TEXT_H
#define PROC_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* /proc/PID/stat, what we use of it. */
struct proc_stat {
	int pid, ppid, pgid;
	char state;
	char name[32];
	uint64_t utime, stime;    /* clock ticks */
	uint64_t promised;        /* bytes */
	uint64_t resident;        /* pages */
};
/* => false: TEXT is not of this format; *OUT is undefined. */
bool proc_stat_parse(const char *text, struct proc_stat *out);

/* A line of /proc/PID/maps. */
struct proc_region {
	uint32_t start, end;
	char mode[5];  /* "rw-p" */
	char name[64]; /* path or [heap]; empty: anonymous; cut at its front if it is longer */
};
bool proc_region_parse(const char *line, struct proc_region *out);
/* The last component of its name; "[ anon ]" when it has none. */
const char *proc_region_name(const struct proc_region *r);

/* The N-th number (from 0) behind NAME, which stands at the start of a line, followed by `:` or a blank. */
bool proc_number(const char *text, const char *name, unsigned int n, uint64_t *out);
/* The same for the first number; 0 when there is none. */
uint64_t proc_value(const char *text, const char *name);

/* The line behind the one at AT, NULL if AT is the last. */
const char *proc_next_line(const char *at);

/* Entries of /proc/PID/pagemap and /proc/kpageflags. */
#define PAGEMAP_FRAME (((uint64_t)1 << 55) - 1)
#define PAGEMAP_EXCLUSIVE ((uint64_t)1 << 56)
#define PAGEMAP_FILE ((uint64_t)1 << 61)
#define PAGEMAP_PRESENT ((uint64_t)1 << 63)
#define PAGEFLAG(bit) ((uint64_t)1 << (bit))
enum pageflag {
	PAGEFLAG_LRU = 5,
	PAGEFLAG_SLAB = 7,
	PAGEFLAG_FREE = 10,
	PAGEFLAG_MAPPED = 11,
	PAGEFLAG_ANON = 12,
	PAGEFLAG_NONE = 20,
	PAGEFLAG_ZERO = 24,
	PAGEFLAG_TABLE = 26,
	PAGEFLAG_KERNEL = 32,
};

#endif
