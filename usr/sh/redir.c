/* A redirection of a builtin is made in the shell and taken back afterwards, so each descriptor is kept once, above 9,
   before it is changed the first time.  A here-document is a pipe; one that might not fit gets a process that writes.
   Not taken: here-documents in files under /tmp, which want a writable disk and a name. */
#include "redir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ast.h"
#include "expand.h"
#include "job.h"
#include "shell.h"

#define HERE_PIPE_MAX 32768u /* bytes that any pipe takes at once without a reader */

int fd_own(int fd)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, FD_OWN), error = errno;

	close(fd);
	errno = error;
	return own;
}

bool pipe_open(int ends[2])
{
	if (pipe(ends) != 0) {
		shell_errno("pipe");
		return false;
	}
	for (int i = 0; i < 2; i++) {
		if (ends[i] > 2) {
			fcntl(ends[i], F_SETFD, FD_CLOEXEC);
			continue;
		}
		ends[i] = fd_own(ends[i]);
		if (ends[i] < 0) {
			shell_errno("pipe");
			close(ends[1 - i]);
			return false;
		}
	}
	return true;
}

/* => the read end of a pipe that gives `text`; -1: failed, message printed */
static int here_open(const char *text)
{
	size_t len = strlen(text);
	int ends[2];
	pid_t pid;

	if (!pipe_open(ends))
		return -1;
	if (len <= HERE_PIPE_MAX) {
		write_all(ends[1], text, len);
	} else if ((pid = job_fork_helper()) == 0) {
		write_all(ends[1], text, len);
		_exit(0);
	} else if (pid < 0) {
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	return ends[0];
}

static int target_open(const struct redir *r, const char *target)
{
	int flags = 0, fd;

	switch (r->op) {
	case REDIR_READ: flags = O_RDONLY; break;
	case REDIR_WRITE: flags = O_WRONLY | O_CREAT | O_TRUNC; break;
	case REDIR_APPEND: flags = O_WRONLY | O_CREAT | O_APPEND; break;
	case REDIR_READ_WRITE: flags = O_RDWR | O_CREAT; break;
	case REDIR_DUP: return -1;
	case REDIR_HERE:
	case REDIR_HERE_RAW: return here_open(target);
	}
	do
		fd = open(target, flags | O_CLOEXEC, 0666);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		shell_errno(target);
	return fd;
}

/* N>&M and N>&- */
static bool redir_dup(int fd, const char *target)
{
	if (strcmp(target, "-") == 0) {
		close(fd);
		return true;
	}
	if (target[0] < '0' || target[0] > '9' || target[1] != '\0') {
		shell_error("%.40s: bad file descriptor", target);
		return false;
	}
	if (target[0] - '0' == fd) /* nothing to do, but it must be open */
		errno = fcntl(fd, F_GETFD) < 0 ? EBADF : 0;
	else
		errno = dup2(target[0] - '0', fd) < 0 ? errno : 0;
	if (errno != 0)
		shell_errno(target);
	return errno == 0;
}

static bool undo_note(struct redir_undo *undo, int fd)
{
	int copy;

	for (int i = 0; i < undo->count; i++)
		if (undo->saved[i].fd == fd)
			return true;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, FD_OWN);
	if (copy < 0 && errno != EBADF) {
		shell_errno("redirection");
		return false;
	}
	undo->saved[undo->count].fd = fd;
	undo->saved[undo->count++].copy = copy;
	return true;
}

static bool redir_apply(const struct redir *r, struct redir_undo *undo)
{
	const char *target = r->op == REDIR_HERE_RAW ? r->word
	                     : r->op == REDIR_HERE   ? expand_here(r->word)
	                                             : expand_string(r->word);
	int opened;

	if (!target || (undo && !undo_note(undo, r->fd)))
		return false;
	if (r->op == REDIR_DUP)
		return redir_dup(r->fd, target);
	opened = target_open(r, target);
	if (opened < 0)
		return false;
	if (opened == r->fd) {
		fcntl(opened, F_SETFD, 0);
		return true;
	}
	if (dup2(opened, r->fd) < 0) {
		shell_errno(target);
		close(opened);
		return false;
	}
	close(opened);
	return true;
}

bool redirs_apply(const struct redir *r, struct redir_undo *undo)
{
	for (; r; r = r->next)
		if (!redir_apply(r, undo))
			return false;
	return true;
}

void redirs_undo(struct redir_undo *undo)
{
	while (undo->count > 0) {
		int fd = undo->saved[--undo->count].fd, copy = undo->saved[undo->count].copy;

		close(fd);
		if (copy >= 0) {
			dup2(copy, fd);
			close(copy);
		}
	}
}

void redirs_forget(struct redir_undo *undo)
{
	while (undo->count > 0)
		if (undo->saved[--undo->count].copy >= 0)
			close(undo->saved[undo->count].copy);
}
