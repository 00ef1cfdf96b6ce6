/* A text file without an ELF head is a script.  `#!PATH ARG` names its interpreter; without it this process, which was
   about to become the program anyway, forgets what is not inherited and reads the file as commands.
   Not taken: starting /bin/sh anew, which would need to know where the shell lies. */
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "redir.h"
#include "shell.h"
#include "source.h"
#include "var.h"

#define HEAD_MAX 1024u /* bytes of a first line that are looked at */

/* => the bytes read; -1: errno says why */
static ssize_t head_read(int fd, char *head)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, head + len, HEAD_MAX - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len < HEAD_MAX - 1) || (n < 0 && errno == EINTR));
	head[len] = '\0';
	return n < 0 ? -1 : (ssize_t)len;
}

/* Becomes `#! INTERPRETER ARGUMENT`. => the errno of the failure */
static int interpreter_exec(char *line, const char *path, char **argv)
{
	char *interpreter, *end, *argument, **all, **to, **environ = vars_environ();
	size_t count = 0;

	line[strcspn(line, "\n")] = '\0';
	for (end = line + strlen(line); end > line && strchr(" \t\r", end[-1]);)
		*--end = '\0';
	interpreter = line + strspn(line, " \t");
	argument = interpreter + strcspn(interpreter, " \t");
	if (*argument) {
		*argument++ = '\0';
		argument += strspn(argument, " \t");
	}
	while (argv[count])
		count++;
	all = arena_alloc((count + 3) * sizeof *all);
	if (!all || !environ)
		return ENOMEM;
	to = all;
	*to++ = interpreter;
	if (*argument)
		*to++ = argument;
	*to++ = (char *)path;
	memcpy(to, argv + 1, count * sizeof *all); /* with the NULL */
	execve(interpreter, all, environ);
	shell_error("%.100s: interpreter of %.100s", interpreter, path);
	return errno;
}

static void script_source(int fd) __attribute__((noreturn));
static void script_source(int fd)
{
	struct source src;

	source_from_fd(&src, SOURCE_FILE, fd);
	shell_exit(shell_run(&src, false) ? sh.status : STATUS_SYNTAX);
}

void script_exec(const char *path, char **argv)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char head[HEAD_MAX], *name;
	ssize_t len;

	if (fd >= 0)
		fd = fd_own(fd);
	if (fd < 0)
		return;
	len = head_read(fd, head);
	if (len >= 2 && head[0] == '#' && head[1] == '!' && head[2 + strspn(head + 2, " \t")] != '\n') {
		errno = interpreter_exec(head + 2, path, argv);
	} else if (len < 0 || memchr(head, '\0', (size_t)len) || lseek(fd, 0, SEEK_SET) != 0) {
		errno = ENOEXEC;
	} else {
		name = mem_strndup(path, strlen(path));
		if (name) {
			argv[0] = name;
			shell_become_script(argv);
			script_source(fd);
		}
		errno = ENOMEM;
	}
	int error = errno;

	close(fd);
	errno = error;
}

void script_run(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		fd = fd_own(fd);
	if (fd < 0) {
		int missing = errno == ENOENT;

		shell_errno(path);
		shell_exit(missing ? STATUS_NOT_FOUND : STATUS_CANNOT_EXECUTE);
	}
	sh.script = path;
	script_source(fd);
}
