/* From words as they were written to the fields that a command gets. */
#ifndef SH_EXPAND_H
#define SH_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "pattern.h"

struct word;

/* All results lie in the arena.  On failure a message has been printed. */

/* Every expansion, splitting and file names.  => NULL-terminated fields, *count of them; NULL: failed */
char **expand_words(const struct word *words, size_t *count);
/* No splitting, no file names: assignments, targets of redirections, `case`. => NULL: failed */
char *expand_string(const char *word);
/* The body of a here-document: as within double quotes, in which `"` is itself. */
char *expand_here(const char *body);
bool expand_pattern(const char *word, struct marked *pattern);

#endif
