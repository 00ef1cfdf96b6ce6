/* File names that match a pattern, and the list of fields they are put into. */
#ifndef SH_GLOB_H
#define SH_GLOB_H

#include <stdbool.h>
#include <stddef.h>

#include "pattern.h"

/* A growing array in the arena: what it outgrows is left behind until the arena is released. */
struct fields {
	char **all;
	size_t count, cap;
};

bool fields_add(struct fields *f, char *text);
/* => the array with a NULL behind its last */
char **fields_end(struct fields *f);

/* Adds the paths that match, sorted; none if none does. => false: out of memory */
bool glob_expand(struct fields *f, struct marked pattern);

#endif
