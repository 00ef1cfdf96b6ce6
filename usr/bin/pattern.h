/* Basic regular expressions. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>

struct pattern;

/* NULL when TEXT is malformed, with *WHY saying how, or without memory.  PLAIN: every character means itself. */
struct pattern *pattern_compile(const char *text, bool plain, bool ignore_case, const char **why);
bool pattern_matches(const struct pattern *p, const char *line);
void pattern_free(struct pattern *p);

#endif
