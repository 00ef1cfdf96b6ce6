/* The shell: what the command line asks for, and the loop that reads and runs one command after the other.
   Usage: sh [-eix] [-s] [FILE [ARGUMENT...]]   or   sh [-eix] -c COMMAND [NAME [ARGUMENT...]]
   It is plain POSIX C and is tested on the build machine as it stands.
   A shell at a prompt whose name starts with `-` (or with -l) reads /etc/profile first.
   Limit: no other start-up files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "exec.h"
#include "function.h"
#include "job.h"
#include "mem.h"
#include "parser.h"
#include "redir.h"
#include "script.h"
#include "shell.h"
#include "source.h"
#include "var.h"

extern char **environ;

struct shell sh = {.tty = -1, .name = "sh"};

bool write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return true;
}

void shell_error(const char *fmt, ...)
{
	char text[512];
	int head = snprintf(text, sizeof text, "%.200s: ", sh.script ? sh.script : "sh"), len;
	va_list args;

	va_start(args, fmt);
	len = vsnprintf(text + head, sizeof text - (size_t)head, fmt, args);
	va_end(args);
	len = len < 0 ? head : head + len;
	if (len > (int)sizeof text - 2)
		len = (int)sizeof text - 2;
	text[len] = '\n';
	write_all(2, text, (size_t)len + 1);
}

void shell_errno(const char *what)
{
	shell_error("%.200s: %s", what, strerror(errno));
}

void shell_exit(int status)
{
	jobs_end();
	_exit(status);
}

bool number_parse(const char *s, long *out)
{
	bool negative = *s == '-';
	long n = 0;

	s += negative || *s == '+';
	if (!*s)
		return false;
	for (; *s; s++) {
		int digit = *s - '0';

		if (digit < 0 || digit > 9 || n < (LONG_MIN + digit) / 10)
			return false;
		n = n * 10 - digit; /* downwards: there is one number more below zero */
	}
	if (!negative && n == LONG_MIN)
		return false;
	*out = negative ? n : -n;
	return true;
}

/* An error in a script ends it; at a prompt it ends the line. => is reading to go on? */
static bool goes_on_after(enum parse_result result, struct source *src)
{
	if (result == PARSE_ERROR)
		sh.status = STATUS_SYNTAX;
	else
		sh.status = STATUS_SIGNAL + 2;
	source_drop_line(src);
	return src->kind == SOURCE_PROMPT;
}

/* => is reading to go on? */
static bool unwound(struct source *src)
{
	if (src->kind == SOURCE_PROMPT) {
		if (sh.unwind == UNWIND_INTERRUPT)
			sh.status = STATUS_SIGNAL + 2;
		sh.unwind = UNWIND_NONE;
		source_drop_line(src);
		return true;
	}
	if (sh.call_depth == 0)
		sh.unwind = UNWIND_NONE;
	return false;
}

bool shell_run(struct source *src, bool tail)
{
	for (;;) {
		struct arena_mark mark = arena_mark();
		enum parse_result result;
		struct andor *list;

		if (src->kind == SOURCE_PROMPT)
			jobs_reap(true);
		result = parse_command_line(src, &list);
		if (result == PARSE_OK)
			exec_list(list, tail && source_is_spent(src));
		arena_release(mark);
		if (result == PARSE_END)
			return true;
		if (result != PARSE_OK && !goes_on_after(result, src))
			return false;
		if (sh.unwind != UNWIND_NONE && !unwound(src))
			return true;
	}
}

void shell_become_script(char **argv)
{
	size_t count = 0;

	while (argv[count + 1])
		count++;
	sh.name = sh.script = argv[0];
	params_set(argv + 1, count);
	vars_keep_exported();
	functions_forget_all();
	sh.unwind = UNWIND_NONE;
	sh.errexit = sh.xtrace = false;
	sh.loop_depth = sh.call_depth = sh.guarded = 0;
	sh.status = 0;
	sh.pid = getpid();
	sh.last_background = 0;
}

/* Terminal jobs, if descriptor 0 is a terminal; without one -i only prompts. */
static void interactive_start(void)
{
	struct termios mode;
	int tty;

	sh.interactive = true;
	if (tcgetattr(0, &mode) != 0)
		return;
	tty = fcntl(0, F_DUPFD_CLOEXEC, FD_OWN);
	if (tty >= 0)
		jobs_start(tty);
}

/* What the command line says. */
struct arguments {
	const char *command; /* -c */
	bool take_command, interactive, from_input, login;
	char **rest;
};

static bool option_take(struct arguments *a, const char *letters)
{
	for (; *letters; letters++)
		switch (*letters) {
		case 'c': a->take_command = true; break;
		case 'i': a->interactive = true; break;
		case 's': a->from_input = true; break;
		case 'e': sh.errexit = true; break;
		case 'x': sh.xtrace = true; break;
		case 'l': a->login = true; break;
		default: return false;
		}
	return true;
}

static bool arguments_parse(struct arguments *a, char **argv)
{
	char **at = argv + (argv[0] != NULL);

	for (; *at && at[0][0] == '-' && at[0][1]; at++) {
		if (strcmp(*at, "--") == 0) {
			at++;
			break;
		}
		if (!option_take(a, *at + 1)) {
			shell_error("%.40s: unknown option", *at);
			return false;
		}
	}
	if (a->take_command && !*at) {
		shell_error("-c: a command is missing");
		return false;
	}
	if (a->take_command)
		a->command = *at++;
	a->rest = at;
	return true;
}

/* $0 and $1.. from what follows the options. */
static void params_take(char **rest, bool named)
{
	size_t count = 0;

	if (named && *rest)
		sh.name = *rest++;
	while (rest[count])
		count++;
	params_set(rest, count);
}

/* What the system wants done in the shell of somebody who just came. */
static void profile_run(void)
{
	int fd = open("/etc/profile", O_RDONLY | O_CLOEXEC);
	struct source src;

	if (fd >= 0)
		fd = fd_own(fd);
	if (fd < 0)
		return;
	source_from_fd(&src, SOURCE_FILE, fd);
	sh.script = "/etc/profile";
	sh.call_depth++;
	shell_run(&src, false);
	sh.call_depth--;
	sh.script = NULL;
	sh.unwind = UNWIND_NONE;
	source_end(&src);
	close(fd);
}

static void source_all(struct source *src, bool tail) __attribute__((noreturn));
static void source_all(struct source *src, bool tail)
{
	shell_exit(shell_run(src, tail) ? sh.status : STATUS_SYNTAX);
}

int main(int argc, char **argv)
{
	struct arguments a = {0};
	struct termios mode;
	struct source src;

	if (argc > 0 && argv[0])
		sh.name = argv[0];
	a.login = sh.name[0] == '-';
	sh.pid = getpid();
	vars_import(environ);
	if (!arguments_parse(&a, argv))
		return STATUS_SYNTAX;
	params_take(a.rest, a.command || !a.from_input);
	if (a.command) {
		source_from_string(&src, a.command, strlen(a.command));
		source_all(&src, true);
	}
	if (*a.rest && !a.from_input)
		script_run(*a.rest);
	if (a.interactive || (tcgetattr(0, &mode) == 0 && tcgetattr(2, &mode) == 0))
		interactive_start();
	if (sh.interactive && a.login)
		profile_run();
	source_from_fd(&src, sh.interactive ? SOURCE_PROMPT : SOURCE_SHARED, 0);
	source_all(&src, false);
}
