/* What Tab makes of the word before the cursor. */
#ifndef SH_COMPLETE_H
#define SH_COMPLETE_H

#include <stddef.h>

struct completion {
	char **names; /* all that fit, sorted, in the arena */
	size_t count;
	const char *added; /* what they share beyond what is typed, quoted, in the arena; "" if nothing */
};

/* => nothing found (count 0) also when there is no memory */
struct completion complete(const char *line, size_t cursor);

#endif
