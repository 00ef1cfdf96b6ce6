/* Redirections, and the descriptors of the shell itself. */
#ifndef SH_REDIR_H
#define SH_REDIR_H

#include <stdbool.h>

struct redir;

/* Descriptors from here on are the shell's own, all of them close-on-exec; scripts name 0 to 9. */
#define FD_OWN 10

/* Opens the targets in order.  With `undo` what was there before is kept for redirs_undo(), which the caller owes
   in any case.  => false: failed, message printed */
struct redir_undo {
	int count;
	struct {
		int fd, copy; /* copy -1: it was not open */
	} saved[FD_OWN];
};
bool redirs_apply(const struct redir *r, struct redir_undo *undo);
void redirs_undo(struct redir_undo *undo);
void redirs_forget(struct redir_undo *undo); /* they stay: only the kept copies go */

/* Moves a descriptor to the shell's own. => -1: failed, errno says why; `fd` is closed in any case */
int fd_own(int fd);
/* A pipe for the shell: both ends are above 2 and close-on-exec. => false: failed, message printed */
bool pipe_open(int ends[2]);

#endif
