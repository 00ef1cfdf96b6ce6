/* Variables, the environment made of the exported ones, and the positional parameters. */
#ifndef SH_VAR_H
#define SH_VAR_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf;

/* Length of the name at the start of `s`; 0: there is none. */
size_t name_length(const char *s);

void vars_import(char **environ);
/* => the value, valid until the variable changes; NULL: not set */
const char *var_get(const char *name, size_t len);
const char *var_value(const char *name);
bool var_is_exported(const char *name, size_t len);
/* => false: out of memory, nothing changed */
bool var_set(const char *name, size_t len, const char *value);
bool var_export(const char *name, size_t len);
void var_unset(const char *name, size_t len);
/* Forgets the variables that are not exported. */
void vars_keep_exported(void);
/* => NULL-terminated NAME=value strings in the arena, valid until a variable changes; NULL: out of memory */
char **vars_environ(void);
/* Adds NAME='value' lines in the order of names (only the exported ones, with `export ` before them). */
void vars_print(struct strbuf *out, bool exported_only);

/* $1.. are copied.  => false: out of memory, nothing changed */
bool params_set(char *const *argv, size_t count);
size_t params_count(void);
const char *params_get(size_t n); /* from 1 on; NULL beyond the last */
void params_shift(size_t n);      /* n <= params_count() */

/* For the time of a function call the parameters are others. */
struct params {
	char **all; /* one piece of memory: the pointers, then the strings */
	size_t first, count;
};
bool params_push(char *const *argv, size_t count, struct params *saved);
void params_pop(struct params saved);

#endif
