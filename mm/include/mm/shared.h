/* Shared anonymous memory: an object whose pages are zeros at first, and which lives as long as somebody maps it.  What
   one process writes all others see, also in pages that came only after a fork. */
#ifndef MM_SHARED_H
#define MM_SHARED_H

#include <mm/object.h>

struct audit;

void shared_init(void); /* once, at boot */
/* A new one of PAGES (> 0) pages, none of them there yet, with one reference for the caller (object->ops->put).  It
   counts as a whole under the overcommit rule (mm/commit.h), once, however many map it. => E_NOMEM. */
enum status shared_create(uint32_t pages, struct mem_object **out) must_check;
bool object_is_shared(const struct mem_object *o);
/* How many pages of O, which is such a one, are there at the moment. */
uint32_t shared_present(struct mem_object *o);

/* For the audit, while the machine stands still: change the counts of all frames that objects have by BY; => pages that
   all of them together have taken with commit_take. */
void shared_count_references(uint32_t by);
uint32_t shared_committed(void);

#endif
