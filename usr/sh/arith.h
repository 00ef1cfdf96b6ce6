/* $((...)): integer arithmetic of C on `long`. */
#ifndef SH_ARITH_H
#define SH_ARITH_H

#include <stdbool.h>

/* `text` has its expansions done; names in it are variables.  => false: error, message printed */
bool arith_eval(const char *text, long *result);

#endif
