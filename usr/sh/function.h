/* Functions of the user. */
#ifndef SH_FUNCTION_H
#define SH_FUNCTION_H

#include <stdbool.h>

/* => false: out of memory */
bool function_define(const char *name, const char *body);
/* => the text of its body, valid until it is defined anew or forgotten; NULL: there is none */
const char *function_body(const char *name);
void function_forget(const char *name);
void functions_forget_all(void);
/* Runs it with $1.. from argv[1]..; its status is in sh.status. */
void function_call(char **argv, unsigned long argc);

#endif
