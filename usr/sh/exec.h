/* Runs syntax trees. */
#ifndef SH_EXEC_H
#define SH_EXEC_H

#include <stdbool.h>
#include <stddef.h>

struct andor;
struct strbuf;

/* Runs the list; its status is in sh.status.  With `tail` nothing comes after it: its last command may take the place
   of the shell, and then this does not return. */
void exec_list(const struct andor *list, bool tail);

/* Runs it in a child and adds what it writes to `out`; its status is in sh.subst_status.
   => false: failed, message printed */
bool exec_capture(const struct andor *list, struct strbuf *out);

/* Becomes the program, looked up in PATH.  Returns only on failure, with the message printed.
   => STATUS_NOT_FOUND or STATUS_CANNOT_EXECUTE */
int exec_program(char **argv);

#endif
