/* Errors and signals in words.  Sorted tables of only what the kernel can say; a number without a text is printed. */
#include <string.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct message {
	int number;
	const char *text;
};

static const struct message error_messages[] = {
	{0, "no error"},
	{EPERM, "operation not permitted"},
	{ENOENT, "no such file or directory"},
	{ESRCH, "no such process"},
	{EINTR, "interrupted"},
	{EIO, "input/output error"},
	{ENXIO, "no such device or address"},
	{E2BIG, "argument list too long"},
	{ENOEXEC, "not an executable format"},
	{EBADF, "bad file descriptor"},
	{ECHILD, "no child processes"},
	{EAGAIN, "resource temporarily unavailable"},
	{ENOMEM, "out of memory"},
	{EACCES, "permission denied"},
	{EFAULT, "bad address"},
	{EBUSY, "device or resource busy"},
	{EEXIST, "file exists"},
	{EXDEV, "not on the same file system"},
	{ENODEV, "no such device"},
	{ENOTDIR, "not a directory"},
	{EISDIR, "is a directory"},
	{EINVAL, "invalid argument"},
	{ENFILE, "too many open files in the system"},
	{EMFILE, "too many open files"},
	{ENOTTY, "not a terminal"},
	{ETXTBSY, "file is being executed"},
	{EFBIG, "file too large"},
	{ENOSPC, "no space left on device"},
	{ESPIPE, "cannot seek"},
	{EROFS, "read-only file system"},
	{EMLINK, "too many links"},
	{EPIPE, "broken pipe"},
	{EDOM, "argument outside the domain"},
	{ERANGE, "result out of range"},
	{EDEADLK, "deadlock avoided"},
	{ENAMETOOLONG, "name too long"},
	{ENOSYS, "system call not implemented"},
	{ENOTEMPTY, "directory not empty"},
	{ELOOP, "too many symbolic links"},
	{EOVERFLOW, "value too large"},
	{EILSEQ, "invalid byte sequence"},
	{ENOTSUP, "not supported"},
	{ETIMEDOUT, "timed out"},
	{EUCLEAN, "file system is damaged"},
};

static const struct message signal_messages[] = {
	{SIGHUP, "Hangup"},
	{SIGINT, "Interrupt"},
	{SIGQUIT, "Quit"},
	{SIGILL, "Illegal instruction"},
	{SIGTRAP, "Breakpoint"},
	{SIGABRT, "Aborted"},
	{SIGBUS, "Bus error"},
	{SIGFPE, "Arithmetic exception"},
	{SIGKILL, "Killed"},
	{SIGUSR1, "User signal 1"},
	{SIGSEGV, "Segmentation fault"},
	{SIGUSR2, "User signal 2"},
	{SIGPIPE, "Broken pipe"},
	{SIGALRM, "Alarm"},
	{SIGTERM, "Terminated"},
	{SIGCHLD, "Child ended"},
	{SIGCONT, "Continued"},
	{SIGSTOP, "Stopped"},
	{SIGTSTP, "Stopped from the terminal"},
	{SIGTTIN, "Stopped: reads the terminal"},
	{SIGTTOU, "Stopped: writes the terminal"},
	{SIGSYS, "Bad system call"},
};

static char *message_find(const struct message *m, size_t n, int number, const char *kind)
{
	static char unknown[32];

	for (size_t i = 0; i < n; i++)
		if (m[i].number == number)
			return (char *)m[i].text;
	snprintf(unknown, sizeof unknown, "%s %d", kind, number);
	return unknown;
}

char *strerror(int number)
{
	return message_find(error_messages, sizeof error_messages / sizeof error_messages[0], number, "error");
}

char *strsignal(int sig)
{
	return message_find(signal_messages, sizeof signal_messages / sizeof signal_messages[0], sig, "signal");
}

void perror(const char *what)
{
	int saved = errno;

	if (what && *what)
		fprintf(stderr, "%s: ", what);
	fprintf(stderr, "%s\n", strerror(saved));
	errno = saved;
}

void __assert_fail(const char *claim, const char *file, int line, const char *function);
void __assert_fail(const char *claim, const char *file, int line, const char *function)
{
	fprintf(stderr, "%s:%d: %s: not true: %s\n", file, line, function, claim);
	abort();
}
