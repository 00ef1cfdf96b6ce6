/* The audit: a slow second opinion that trusts no counter (docs/audit.md).  It walks every page table and every list of
   mm and compares what it finds with what is counted.  It allocates nothing.  For tests and for debugging. */
#ifndef MM_AUDIT_H
#define MM_AUDIT_H

#include <arch/compiler.h>
#include <arch/types.h>
#include <lib/status.h>

struct aspace;

/* What an audit has found: the first thing that is wrong, one line; empty: nothing. */
struct audit {
	char text[200];
};
#define AUDIT_INIT \
	{ \
		{ \
			0 \
		} \
	}

/* Note what is wrong, unless something was noted before. */
void audit_say(struct audit *r, const char *fmt, ...) printf_like(2, 3);
static inline bool audit_is_clean(const struct audit *r)
{
	return r->text[0] == '\0';
}

/* All address spaces there are: the floor above has the list. */
struct audit_spaces {
	/* The space after AFTER (NULL: the first), or NULL.  *SETTLED: no operation is under way in it; else its
	   regions need not agree with its tables. */
	struct aspace *(*next)(struct aspace *after, bool *settled);
	/* Whose it is: a pid; 0: nobody's yet, or no more. */
	int32_t (*owner)(const struct aspace *as);
};

/* All of mm: the frame pool, the caches of kmalloc, every reference to every frame, every address space.  Nobody else
   runs anywhere in the kernel, and whoever sleeps or has been stopped there does so where it may sleep or pause: so no
   lock is taken.  => whether nothing is wrong. */
bool mm_audit(const struct audit_spaces *spaces, struct audit *r) must_check;

/* One address space: regions, tables, bounds and counters agree with each other and with the frames. */
bool aspace_audit(struct aspace *as, bool settled, struct audit *r) must_check;
/* The free frames are on one list each, all others on none, and the counters agree with the frame table. */
bool frame_audit(struct audit *r) must_check;
/* Slabs, their free lists, the stocks and the counters agree. */
bool kmalloc_audit(struct audit *r) must_check;

/* For tests of the audit: what mm_damage breaks. */
enum damage {
	DAMAGE_PAGE_REFS,  /* the count of the page at VA */
	DAMAGE_PAGE_KIND,  /* its kind */
	DAMAGE_PAGE_WRITE, /* BY > 0: its entry gets W; else it loses it */
	DAMAGE_TABLE_REFS, /* the count of the table of VA */
	DAMAGE_TABLE_LIVE,
	DAMAGE_TABLE_LOW, /* the lower bound of its entries */
	DAMAGE_RESIDENT,  /* counters of the space */
	DAMAGE_PROMISED,
	DAMAGE_TABLES,
	DAMAGE_COMMITTED,
	DAMAGE_CHARGED,
	DAMAGE_BITMAP, /* the bit of the table of VA, toggled */
	DAMAGE_GAP,    /* the largest gap that the region of VA knows of, by pages */
	DAMAGE_CPUS,   /* the CPUs that have the space loaded: the last one, toggled */
	DAMAGE_KINDS,
};
/* Change by BY what WHAT names; the opposite repairs it. => E_INVAL: no such damage; E_FAULT: no page at VA. */
enum status mm_damage(struct aspace *as, enum damage what, vaddr_t va, int32_t by) must_check;

#endif
