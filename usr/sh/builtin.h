/* Commands that the shell does itself. */
#ifndef SH_BUILTIN_H
#define SH_BUILTIN_H

#include <stdbool.h>

struct builtin {
	const char *name;
	int (*run)(char **argv, int argc); /* => the exit status */
	bool keeps_redirs;                 /* its redirections stay when it succeeds */
};

const struct builtin *builtin_find(const char *name);
/* => the n-th name in alphabetical order, NULL beyond the last */
const char *builtin_name(unsigned n);

/* test and [ (the file beside this one): STATUS_SYNTAX after a message when the expression is none */
int builtin_test(char **argv, int argc);

#endif
