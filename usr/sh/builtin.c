/* One function per builtin, found in a sorted table.  What they print is put together first and written at once.
   Limit: no trap (programs have no signal handlers), no getopts, no alias.
   Not taken: builtins for what /bin has and no loop needs often. */
#include "builtin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ast.h"
#include "exec.h"
#include "function.h"
#include "history.h"
#include "job.h"
#include "mem.h"
#include "parser.h"
#include "redir.h"
#include "shell.h"
#include "source.h"
#include "var.h"

/* Writes what was gathered and frees it. => the exit status */
static int output(struct strbuf *out)
{
	bool fine = !out->failed && write_all(1, out->data, out->len);

	if (!fine && !out->failed)
		shell_errno("write");
	strbuf_free(out);
	return !fine;
}

static int usage(const char *text)
{
	shell_error("usage: %s", text);
	return STATUS_SYNTAX;
}

/* A number >= 0 as the only argument, else `otherwise`. => -1: it is none, message printed */
static long count_argument(char **argv, int argc, long otherwise)
{
	long n = otherwise;

	if (argc > 1 && (!number_parse(argv[1], &n) || n < 0)) {
		shell_error("%s: %.100s: not a number", argv[0], argv[1]);
		return -1;
	}
	return n;
}

static int run_true(char **argv, int argc)
{
	(void)argv;
	(void)argc;
	return 0;
}

static int run_false(char **argv, int argc)
{
	(void)argv;
	(void)argc;
	return 1;
}

/* The text with its escapes made into bytes. => false: \\c, nothing more is to be printed */
static bool escapes_put(struct strbuf *out, const char *s)
{
	static const char letters[] = "abfnrtv\\", bytes[] = "\a\b\f\n\r\t\v\\";

	for (; *s; s++) {
		const char *letter = *s == '\\' && s[1] ? strchr(letters, s[1]) : NULL;
		int value = 0;

		if (letter) {
			strbuf_putc(out, bytes[letter - letters]);
			s++;
		} else if (s[0] == '\\' && s[1] == 'c') {
			return false;
		} else if (s[0] == '\\' && s[1] == '0') {
			s++;
			for (int digits = 0; digits < 3 && s[1] >= '0' && s[1] <= '7'; digits++)
				value = value * 8 + *++s - '0';
			strbuf_putc(out, (char)value);
		} else {
			strbuf_putc(out, *s);
		}
	}
	return true;
}

/* As /bin/echo: any of -n (no newline), -e (escapes) and -E (none) come first, also together. */
static int run_echo(char **argv, int argc)
{
	bool newline = true, escapes = false, more = true;
	struct strbuf out = {0};
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1] && !argv[i][1 + strspn(argv[i] + 1, "neE")]; i++) {
		newline = newline && !strchr(argv[i], 'n');
		escapes = strchr(argv[i], 'e') || (escapes && !strchr(argv[i], 'E'));
	}
	for (int first = i; i < argc && more; i++) {
		if (i > first)
			strbuf_putc(&out, ' ');
		if (escapes)
			more = escapes_put(&out, argv[i]);
		else
			strbuf_puts(&out, argv[i]);
	}
	if (newline && more)
		strbuf_putc(&out, '\n');
	return output(&out);
}

/* => the current folder in the arena; NULL: errno says why */
static char *folder_get(void)
{
	char *path = arena_alloc(PATH_MAX);

	if (!path)
		errno = ENOMEM;
	return path ? getcwd(path, PATH_MAX) : NULL;
}

static int run_pwd(char **argv, int argc)
{
	struct arena_mark mark = arena_mark();
	struct strbuf out = {0};
	char *path = folder_get();
	int status = 1;

	(void)argc;
	if (path) {
		strbuf_puts(&out, path);
		strbuf_putc(&out, '\n');
		status = output(&out);
	} else {
		shell_errno(argv[0]);
	}
	arena_release(mark);
	return status;
}

static int run_cd(char **argv, int argc)
{
	const char *to = argc > 1 ? argv[1] : var_value("HOME");
	bool back = argc > 1 && strcmp(to, "-") == 0;
	char *old;

	if (argc > 2)
		return usage("cd [DIR | -]");
	if (back)
		to = var_value("OLDPWD");
	if (!to)
		to = "/";
	old = folder_get(); /* released with the command */
	if (chdir(to) != 0) {
		shell_errno(to);
		return 1;
	}
	if (old)
		var_set("OLDPWD", 6, old);
	old = folder_get();
	if (old)
		var_set("PWD", 3, old);
	return back ? run_pwd(argv, 1) : 0;
}

static int run_exit(char **argv, int argc)
{
	long status = count_argument(argv, argc, sh.status);

	shell_exit(status < 0 ? STATUS_SYNTAX : (int)(status & 255));
}

static bool name_check(const char *command, const char *text, size_t len)
{
	if (len > 0 && (text[len] == '\0' || text[len] == '='))
		return true;
	shell_error("%s: %.100s: not a name", command, text);
	return false;
}

static int run_export(char **argv, int argc)
{
	struct strbuf out = {0};
	int status = 0;

	if (argc == 1 || (argc == 2 && strcmp(argv[1], "-p") == 0)) {
		vars_print(&out, true);
		return output(&out);
	}
	for (int i = 1; i < argc; i++) {
		size_t len = name_length(argv[i]);

		if (!name_check(argv[0], argv[i], len) ||
		    (argv[i][len] == '=' && !var_set(argv[i], len, argv[i] + len + 1)) || !var_export(argv[i], len))
			status = 1;
	}
	return status;
}

static int run_unset(char **argv, int argc)
{
	int first = argc > 1 && (strcmp(argv[1], "-f") == 0 || strcmp(argv[1], "-v") == 0) ? 2 : 1, status = 0;

	for (int i = first; i < argc; i++) {
		size_t len = name_length(argv[i]);

		if (first == 2 && argv[1][1] == 'f')
			function_forget(argv[i]);
		else if (len > 0 && !argv[i][len])
			var_unset(argv[i], len);
		else
			status = !name_check(argv[0], argv[i], argv[i][len] ? 0 : len);
	}
	return status;
}

/* -ex, +e ... => false: unknown letter */
static bool options_set(const char *text)
{
	for (const char *c = text + 1; *c; c++)
		if (*c == 'e')
			sh.errexit = *text == '-';
		else if (*c == 'x')
			sh.xtrace = *text == '-';
		else
			return false;
	return true;
}

static int run_set(char **argv, int argc)
{
	struct strbuf out = {0};
	bool named = false;
	int i = 1;

	if (argc == 1) {
		vars_print(&out, false);
		return output(&out);
	}
	for (; i < argc && (argv[i][0] == '-' || argv[i][0] == '+') && argv[i][1] && !named; i++) {
		named = strcmp(argv[i], "--") == 0;
		if (!named && !options_set(argv[i]))
			return usage("set [-ex] [+ex] [--] [ARGUMENT...]");
	}
	if (i < argc || named)
		return !params_set(argv + i, (size_t)(argc - i));
	return 0;
}

static int run_shift(char **argv, int argc)
{
	long n = count_argument(argv, argc, 1);

	if (n < 0 || (size_t)n > params_count()) {
		if (n >= 0)
			shell_error("shift: nothing to shift");
		return 1;
	}
	params_shift((size_t)n);
	return 0;
}

/* `.` looks for a name without a slash in PATH, then here. => in the arena; NULL: out of memory */
static char *script_find(const char *name)
{
	const char *path = strchr(name, '/') ? "" : var_value("PATH");
	char *found = NULL;

	for (path = path ? path : ""; *path && !found;) {
		size_t len = strcspn(path, ":");
		struct strbuf full = {0};

		strbuf_put(&full, path, len);
		strbuf_putc(&full, '/');
		strbuf_puts(&full, name);
		if (strbuf_cstr(&full) && access(full.data, R_OK) == 0)
			found = arena_strndup(full.data, full.len);
		strbuf_free(&full);
		path += len + (path[len] == ':');
	}
	return found ? found : arena_strndup(name, strlen(name));
}

static bool call_enter(const char *name)
{
	if (sh.call_depth >= CALL_DEPTH_MAX) {
		shell_error("%s: nested too deeply", name);
		return false;
	}
	sh.call_depth++;
	return true;
}

/* Runs the commands of `src` within this one. */
static int source_run(struct source *src)
{
	int loop_depth = sh.loop_depth;

	sh.loop_depth = 0;
	sh.status = 0;
	if (!shell_run(src, false))
		sh.status = STATUS_SYNTAX;
	sh.loop_depth = loop_depth;
	return sh.status;
}

static int run_source(char **argv, int argc)
{
	const char *script = sh.script, *path;
	struct source src;
	int fd, status;

	if (argc < 2)
		return usage(". FILE");
	path = script_find(argv[1]);
	if (!path || !call_enter(argv[0]))
		return 1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		fd = fd_own(fd);
	if (fd < 0) {
		sh.call_depth--;
		shell_errno(path);
		return 1;
	}
	sh.script = path;
	source_from_fd(&src, SOURCE_FILE, fd);
	status = source_run(&src);
	source_end(&src);
	close(fd);
	sh.script = script;
	sh.call_depth--;
	if (sh.unwind == UNWIND_RETURN)
		sh.unwind = UNWIND_NONE;
	return status;
}

static int run_eval(char **argv, int argc)
{
	struct strbuf text = {0};
	struct andor *list;
	int status = sh.status;

	for (int i = 1; i < argc; i++) {
		strbuf_puts(&text, argv[i]);
		strbuf_putc(&text, i + 1 < argc ? ' ' : '\n');
	}
	if (!strbuf_cstr(&text) || !call_enter(argv[0])) {
		strbuf_free(&text);
		return 1;
	}
	sh.status = 0;
	if (!parse_text(text.data, &list)) {
		status = STATUS_SYNTAX;
	} else {
		if (list)
			sh.status = status;
		exec_list(list, false);
		status = sh.status;
	}
	strbuf_free(&text);
	sh.call_depth--;
	return status;
}

static int run_return(char **argv, int argc)
{
	long status = count_argument(argv, argc, sh.status);

	if (sh.call_depth == 0) {
		shell_error("return: not in a function");
		return 1;
	}
	sh.unwind = UNWIND_RETURN;
	return status < 0 ? STATUS_SYNTAX : (int)(status & 255);
}

static int run_break(char **argv, int argc)
{
	long levels = count_argument(argv, argc, 1);

	if (levels <= 0 || sh.loop_depth == 0)
		return levels != 1;
	sh.levels = levels < sh.loop_depth ? (int)levels : sh.loop_depth;
	sh.unwind = argv[0][0] == 'b' ? UNWIND_BREAK : UNWIND_CONTINUE;
	return 0;
}

static int run_exec(char **argv, int argc)
{
	int status;

	if (argc == 1)
		return 0;
	if (sh.job_control)
		jobs_signals(false);
	status = exec_program(argv + 1);
	if (!sh.interactive)
		shell_exit(status);
	if (sh.job_control)
		jobs_signals(true);
	return status;
}

static int run_umask(char **argv, int argc)
{
	struct strbuf out = {0};
	mode_t mask = 0;

	if (argc > 1) {
		for (const char *c = argv[1]; *c; c++) {
			if (*c < '0' || *c > '7' || mask > 0777)
				return usage("umask [OCTAL]");
			mask = mask * 8 + (mode_t)(*c - '0');
		}
		umask(mask & 0777);
		return 0;
	}
	mask = umask(0);
	umask(mask);
	for (int shift = 9; shift >= 0; shift -= 3)
		strbuf_putc(&out, (char)('0' + (mask >> shift & 7)));
	strbuf_putc(&out, '\n');
	return output(&out);
}

/* One line from descriptor 0 with a mark for each byte that a backslash protects. => false: the input ended */
static bool line_read(bool raw, struct strbuf *line, struct strbuf *quoted)
{
	bool escaped = false;

	for (;;) {
		ssize_t n;
		char c;

		do
			n = read(0, &c, 1);
		while (n < 0 && errno == EINTR);
		if (n <= 0 || line->failed || quoted->failed)
			return false;
		if (c == '\\' && !escaped && !raw) {
			escaped = true;
			continue;
		}
		if (c == '\n' && !escaped)
			return true;
		if (c != '\0' && c != '\n') {
			strbuf_putc(line, c);
			strbuf_putc(quoted, escaped);
		}
		escaped = false;
	}
}

static bool is_blank_ifs(const char *ifs, char c)
{
	return (c == ' ' || c == '\t') && strchr(ifs, c);
}

/* Gives the next field of the line to `name`; the last name gets all that is left. => false: out of memory */
static bool field_assign(const char *name, bool last, struct strbuf *line, const char *quoted, size_t *at)
{
	const char *ifs = var_value("IFS");
	size_t start, end;
	char *value;
	bool fine;

	ifs = ifs ? ifs : " \t\n";
	while (*at < line->len && !quoted[*at] && is_blank_ifs(ifs, line->data[*at]))
		++*at;
	start = *at;
	while (*at < line->len && (last || quoted[*at] || !strchr(ifs, line->data[*at])))
		++*at;
	end = *at;
	while (last && end > start && !quoted[end - 1] && is_blank_ifs(ifs, line->data[end - 1]))
		end--;
	while (*at < line->len && !quoted[*at] && is_blank_ifs(ifs, line->data[*at]))
		++*at;
	if (*at < line->len && !quoted[*at] && strchr(ifs, line->data[*at]))
		++*at;
	value = mem_strndup(end > start ? line->data + start : "", end - start);
	fine = value && var_set(name, strlen(name), value);
	mem_free(value);
	return fine;
}

static int run_read(char **argv, int argc)
{
	struct strbuf line = {0}, quoted = {0};
	int first = argc > 1 && strcmp(argv[1], "-r") == 0 ? 2 : 1, status;
	size_t at = 0;

	for (int i = first; i < argc; i++)
		if (argv[i][name_length(argv[i])] || !name_check(argv[0], argv[i], name_length(argv[i])))
			return STATUS_SYNTAX;
	status = !line_read(first == 2, &line, &quoted);
	if (line.failed || quoted.failed)
		status = 1;
	else if (first == argc)
		field_assign("REPLY", true, &line, quoted.data, &at);
	for (int i = first; i < argc && !line.failed && !quoted.failed; i++)
		if (!field_assign(argv[i], i + 1 == argc, &line, quoted.data, &at))
			status = 1;
	strbuf_free(&line);
	strbuf_free(&quoted);
	return status;
}

static int run_wait(char **argv, int argc)
{
	int status = 0;

	if (argc == 1)
		return jobs_wait_all();
	for (int i = 1; i < argc; i++) {
		struct job *job = argv[i][0] == '%' ? job_find(argv[i]) : NULL;
		long pid = 0;

		if (argv[i][0] == '%' ? !job : !number_parse(argv[i], &pid)) {
			shell_error("wait: %.100s: no such job", argv[i]);
			status = STATUS_NOT_FOUND;
		} else {
			status = job ? job_wait_listed(job) : job_wait_pid((pid_t)pid);
		}
	}
	return status;
}

static int run_jobs(char **argv, int argc)
{
	struct strbuf out = {0};

	(void)argv;
	(void)argc;
	jobs_reap(false);
	jobs_print(&out);
	return output(&out);
}

static int run_fg(char **argv, int argc)
{
	struct job *job = job_find(argc > 1 ? argv[1] : NULL);
	bool foreground = argv[0][0] == 'f';

	if (job && (foreground || job_is_stopped(job)))
		return job_continue(job, foreground);
	shell_error("%s: %s", argv[0], foreground || argc > 1 ? "no such job" : "no stopped jobs");
	return 1;
}

static int run_history(char **argv, int argc)
{
	struct strbuf out = {0};

	(void)argv;
	(void)argc;
	history_print(&out);
	return output(&out);
}

/* => where PATH has a program of this name, in the arena; NULL: nowhere */
static const char *program_find(const char *name)
{
	char *found = script_find(name);

	return found && strchr(found, '/') && access(found, X_OK) == 0 ? found : NULL;
}

static int run_type(char **argv, int argc)
{
	struct strbuf out = {0};
	int status = 0;

	for (int i = 1; i < argc; i++) {
		const char *path = NULL;

		if (function_body(argv[i])) {
			strbuf_puts(&out, argv[i]);
			strbuf_puts(&out, " is a function\n");
		} else if (builtin_find(argv[i])) {
			strbuf_puts(&out, argv[i]);
			strbuf_puts(&out, " is a shell builtin\n");
		} else if ((path = program_find(argv[i]))) {
			strbuf_puts(&out, argv[i]);
			strbuf_puts(&out, " is ");
			strbuf_puts(&out, path);
			strbuf_putc(&out, '\n');
		} else {
			shell_error("type: %.100s: not found", argv[i]);
			status = 1;
		}
	}
	return output(&out) | status;
}

static const struct builtin builtins[] = {
	{".", run_source, false},       {":", run_true, false},        {"[", builtin_test, false},
	{"bg", run_fg, false},          {"break", run_break, false},   {"cd", run_cd, false},
	{"continue", run_break, false}, {"echo", run_echo, false},     {"eval", run_eval, false},
	{"exec", run_exec, true},       {"exit", run_exit, false},     {"export", run_export, false},
	{"false", run_false, false},    {"fg", run_fg, false},         {"history", run_history, false},
	{"jobs", run_jobs, false},      {"pwd", run_pwd, false},       {"read", run_read, false},
	{"return", run_return, false},  {"set", run_set, false},       {"shift", run_shift, false},
	{"source", run_source, false},  {"test", builtin_test, false}, {"true", run_true, false},
	{"type", run_type, false},      {"umask", run_umask, false},   {"unset", run_unset, false},
	{"wait", run_wait, false},
};

#define BUILTINS (sizeof builtins / sizeof builtins[0])

const struct builtin *builtin_find(const char *name)
{
	for (size_t i = 0; i < BUILTINS; i++)
		if (builtins[i].name[0] == name[0] && strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	return NULL;
}

const char *builtin_name(unsigned n)
{
	return n < BUILTINS ? builtins[n].name : NULL;
}
