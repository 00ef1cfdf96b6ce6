/* The lines that were typed. */
#ifndef SH_HISTORY_H
#define SH_HISTORY_H

#include <stddef.h>

struct strbuf;

/* Remembers a line, unless it is blank or that of before. */
void history_add(const char *line);
size_t history_count(void);
/* => the line `back` lines ago, 1 being the newest; NULL: there is none */
const char *history_get(size_t back);
void history_print(struct strbuf *out);

#endif
