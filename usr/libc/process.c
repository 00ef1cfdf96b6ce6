/* Starting programs and waiting for them. */
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc_priv.h"

static int self; /* 0: not asked yet */

int __self(void)
{
	if (self == 0)
		self = getpid();
	return self;
}

/* The child is somebody else.  It writes only if it must, lest it pay for a page of its own. */
pid_t fork(void)
{
	pid_t pid = (pid_t)__sys_fork();

	if (pid == 0 && self != 0)
		self = 0;
	return pid;
}

/* vfork of an i386 program shares its parent's memory; fork of this kernel copies none, so it serves as well. */
pid_t vfork(void)
{
	return fork();
}

pid_t wait(int *status)
{
	return waitpid(-1, status, 0);
}

pid_t wait3(int *status, int options, struct rusage *usage)
{
	return wait4(-1, status, options, usage);
}

int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

/* A file without a magic number is a script for the shell. */
static void exec_script(const char *path, char *const argv[], char *const envp[])
{
	size_t n = 0;

	while (argv[n])
		n++;
	char **args = malloc((n + 3) * sizeof *args);

	if (!args)
		return;
	args[0] = (char *)"sh";
	args[1] = (char *)path;
	memcpy(args + 2, argv + (n > 0), (n + (n == 0)) * sizeof *args);
	execve("/bin/sh", args, envp);
	free(args);
	errno = ENOEXEC;
}

static void exec_file(const char *path, char *const argv[], char *const envp[])
{
	execve(path, argv, envp);
	if (errno == ENOEXEC)
		exec_script(path, argv, envp);
}

int execvpe(const char *file, char *const argv[], char *const envp[])
{
	const char *dir = getenv("PATH"), *end;
	char path[PATH_MAX];
	int worst = ENOENT;

	if (strchr(file, '/') || !*file) {
		exec_file(file, argv, envp);
		return -1;
	}
	for (dir = dir ? dir : "/bin"; dir; dir = *end ? end + 1 : NULL) {
		size_t n, m = strlen(file);

		end = strchrnul(dir, ':');
		n = (size_t)(end - dir);
		if (n + m + 2 > sizeof path)
			continue;
		memcpy(path, dir, n);
		path[n] = '/';
		memcpy(path + n + (n > 0), file, m + 1); /* an empty entry is the current directory */
		exec_file(path, argv, envp);
		if (errno == EACCES)
			worst = EACCES;
		else if (errno != ENOENT && errno != ENOTDIR)
			return -1;
	}
	errno = worst;
	return -1;
}

int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

/* ARG0 and the arguments behind it, NULL included, into V if it is not NULL; the result is their number. */
static size_t arguments_collect(const char *arg0, va_list *ap, char **v)
{
	size_t n = 0;

	for (char *arg = (char *)arg0;; arg = va_arg(*ap, char *)) {
		if (v)
			v[n] = arg;
		n++;
		if (!arg)
			return n;
	}
}

/* The argument vector of the variadic calls, as a local array. */
#define COLLECT(argv, arg0, ap) \
	va_start(ap, arg0); \
	char *argv[arguments_collect(arg0, &ap, NULL)]; \
	va_end(ap); \
	va_start(ap, arg0); \
	arguments_collect(arg0, &ap, argv)

int execl(const char *path, const char *arg0, ...)
{
	va_list ap;

	COLLECT(argv, arg0, ap);
	va_end(ap);
	return execve(path, argv, environ);
}

int execlp(const char *file, const char *arg0, ...)
{
	va_list ap;

	COLLECT(argv, arg0, ap);
	va_end(ap);
	return execvpe(file, argv, environ);
}

int execle(const char *path, const char *arg0, ...)
{
	va_list ap;
	char *const *envp;

	COLLECT(argv, arg0, ap);
	envp = va_arg(ap, char *const *);
	va_end(ap);
	return execve(path, argv, envp);
}

int system(const char *command)
{
	int status;
	pid_t pid;

	if (!command)
		return access("/bin/sh", X_OK) == 0;
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return pid < 0 || waitpid(pid, &status, 0) < 0 ? -1 : status;
}
