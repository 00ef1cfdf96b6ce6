/* The tree is walked with what is left to do passed down as `tail`: the last command of a subshell, of a pipeline's
   child or of `sh -c` is not forked for but takes the process over.  Whatever leaves several levels at once (break,
   return, Ctrl-C) is noted in sh.unwind, at which every loop looks; there is no longjmp() that could skip an undo.
   Limit: a loop of builtins alone cannot be left by Ctrl-C at a prompt, where the shell ignores the signal. */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ast.h"
#include "builtin.h"
#include "expand.h"
#include "function.h"
#include "job.h"
#include "mem.h"
#include "redir.h"
#include "script.h"
#include "shell.h"
#include "var.h"

static void exec_command(const struct command *c, const char *text, bool tail);

/* Tries one path. => the errno of the failure */
static int path_try(const char *path, char **argv, char **environ)
{
	execve(path, argv, environ);
	if (errno == ENOEXEC)
		script_exec(path, argv);
	return errno;
}

/* Looks for `name` in the folders of PATH. => the errno that tells the user most */
static int path_search(char **argv, char **environ)
{
	const char *path = var_value("PATH");
	int error = ENOENT, tried;

	if (!path)
		path = "/bin";
	for (;;) {
		size_t len = strcspn(path, ":");
		struct strbuf full = {0};

		strbuf_put(&full, path, len);
		if (len > 0 && path[len - 1] != '/')
			strbuf_putc(&full, '/');
		strbuf_puts(&full, argv[0]);
		tried = strbuf_cstr(&full) ? path_try(full.data, argv, environ) : ENOMEM;
		strbuf_free(&full);
		if (tried != ENOENT && tried != ENOTDIR)
			error = tried;
		if (!path[len])
			return error;
		path += len + 1;
	}
}

int exec_program(char **argv)
{
	char **environ = vars_environ();
	int error = ENOMEM;

	if (environ)
		error = strchr(argv[0], '/') ? path_try(argv[0], argv, environ)
		        : argv[0][0]         ? path_search(argv, environ)
		                             : ENOENT;
	if (error == ENOENT && !strchr(argv[0], '/')) {
		shell_error("%.200s: not found", argv[0]);
		return STATUS_NOT_FOUND;
	}
	errno = error;
	shell_errno(argv[0]);
	return error == ENOENT || error == ENOTDIR ? STATUS_NOT_FOUND : STATUS_CANNOT_EXECUTE;
}

/* NAME=word, the value expanded. => false: failed, message printed */
static bool assign(const char *text, bool export)
{
	size_t len = name_length(text);
	const char *value = expand_string(text + len + 1);

	return value && var_set(text, len, value) && (!export || var_export(text, len));
}

static bool assign_all(const struct word *assigns, bool export)
{
	for (; assigns; assigns = assigns->next)
		if (!assign(assigns->text, export))
			return false;
	return true;
}

/* What assignments before a builtin or a function change, to be put back after it. */
struct assign_undo {
	const char *text, *old; /* NAME=..., and the value before (NULL: none), both in the arena */
	bool exported;
};

static struct assign_undo *assigns_note(const struct word *assigns, size_t *count)
{
	struct assign_undo *undo;
	size_t n = 0;

	for (const struct word *w = assigns; w; w = w->next)
		n++;
	undo = arena_alloc((n + 1) * sizeof *undo);
	*count = n;
	for (size_t i = 0; undo && i < n; i++, assigns = assigns->next) {
		size_t len = name_length(assigns->text);
		const char *old = var_get(assigns->text, len);

		undo[i].text = assigns->text;
		undo[i].exported = var_is_exported(assigns->text, len);
		undo[i].old = old ? arena_strndup(old, strlen(old)) : NULL;
		if (old && !undo[i].old)
			return NULL;
	}
	return undo;
}

static void assigns_undo(struct assign_undo *undo, size_t count)
{
	while (count-- > 0) {
		size_t len = name_length(undo[count].text);

		var_unset(undo[count].text, len);
		if (undo[count].old)
			var_set(undo[count].text, len, undo[count].old);
		if (undo[count].exported)
			var_export(undo[count].text, len);
	}
}

static void trace_print(char **argv)
{
	struct strbuf out = {0};

	strbuf_putc(&out, '+');
	for (; *argv; argv++) {
		strbuf_putc(&out, ' ');
		strbuf_puts(&out, *argv);
	}
	strbuf_putc(&out, '\n');
	write_all(2, out.data, out.len);
	strbuf_free(&out);
}

/* A command of assignments and redirections only. */
static void run_nothing(const struct command *c)
{
	struct redir_undo undo = {0};
	bool done =
		redirs_apply(c->redirs, &undo) && assign_all(c->simple.assigns, false); /* $? is the last command's */

	sh.status = done ? sh.subst_status : 1;
	redirs_undo(&undo);
}

/* In the process that becomes the program. */
static void become_program(const struct command *c, char **argv)
{
	int status = 1;

	if (redirs_apply(c->redirs, NULL) && assign_all(c->simple.assigns, true))
		status = exec_program(argv);
	_exit(status);
}

/* JOB is there and its processes were STARTED: waits for them.  Else the command has failed.  Only now $? changes: what
   was expanded on the way, here and in the children, still is about the command before. */
static void job_end(struct job *job, bool started)
{
	sh.status = started ? job_wait(job) : 1;
	if (job && !started)
		job_abort(job);
}

static void run_program(const struct command *c, char **argv, const char *text, bool tail)
{
	struct job *job;
	pid_t pid;

	if (tail && !sh.interactive && !jobs_any())
		become_program(c, argv);
	job = job_create(text, 1, false);
	pid = job ? job_fork(job) : -1;
	if (pid == 0)
		become_program(c, argv);
	job_end(job, pid > 0);
}

/* A builtin or a function, in the shell itself. */
static void run_inside(const struct command *c, const struct builtin *b, char **argv, size_t argc)
{
	struct redir_undo redirs = {0};
	struct assign_undo *assigns;
	size_t count;

	assigns = assigns_note(c->simple.assigns, &count);
	/* exit, return and $? of a function see the status before */
	if (!assigns || !redirs_apply(c->redirs, &redirs) || !assign_all(c->simple.assigns, true))
		sh.status = 1;
	else if (b)
		sh.status = b->run(argv, (int)argc);
	else
		function_call(argv, argc);
	if (b && b->keeps_redirs && sh.status == 0) /* `exec >file` */
		redirs_forget(&redirs);
	redirs_undo(&redirs);
	if (assigns)
		assigns_undo(assigns, count);
}

static void exec_simple(const struct command *c, const char *text, bool tail)
{
	struct arena_mark mark = arena_mark();
	const struct builtin *b;
	char **argv;
	size_t argc;

	sh.subst_status = 0;
	argv = expand_words(c->simple.words, &argc);
	if (!argv || sh.unwind) {
		sh.status = 1;
		goto release;
	}
	if (argc == 0) {
		run_nothing(c);
		goto release;
	}
	if (sh.xtrace)
		trace_print(argv);
	b = function_body(argv[0]) ? NULL : builtin_find(argv[0]);
	if (b || function_body(argv[0]))
		run_inside(c, b, argv, argc);
	else
		run_program(c, argv, text, tail);
release:
	arena_release(mark);
}

/* The inside of a process that was started for a list: it ends with it. */
static void child_list(const struct andor *list)
{
	sh.loop_depth = 0;
	exec_list(list, true);
	_exit(sh.status);
}

static void exec_subshell(const struct command *c, const char *text, bool tail)
{
	struct job *job;
	pid_t pid;

	if (tail && !sh.interactive && !jobs_any())
		child_list(c->list);
	job = job_create(text, 1, false);
	pid = job ? job_fork(job) : -1;
	if (pid == 0)
		child_list(c->list);
	job_end(job, pid > 0);
}

/* Runs a list whose status is looked at. => is it 0? */
static bool exec_condition(const struct andor *list)
{
	sh.guarded++;
	exec_list(list, false);
	sh.guarded--;
	return sh.status == 0;
}

static void exec_if(const struct if_clause *clause, bool tail)
{
	for (; clause; clause = clause->next) {
		bool taken = !clause->condition || exec_condition(clause->condition);

		if (sh.unwind)
			return;
		if (taken) {
			exec_list(clause->body, tail);
			return;
		}
	}
	sh.status = 0;
}

/* After the body of a loop. => is it to be left? */
static bool loop_leaves(void)
{
	bool leaves = sh.unwind != UNWIND_CONTINUE || sh.levels > 1;

	if (sh.unwind == UNWIND_NONE)
		return false;
	if ((sh.unwind == UNWIND_BREAK || sh.unwind == UNWIND_CONTINUE) && --sh.levels <= 0)
		sh.unwind = UNWIND_NONE;
	return leaves;
}

static void exec_loop(const struct command *c)
{
	int status = 0;

	sh.loop_depth++;
	for (;;) {
		bool goes_on = exec_condition(c->loop.condition) != c->loop.until;

		if (sh.unwind ? loop_leaves() : !goes_on)
			break;
		exec_list(c->loop.body, false);
		status = sh.status;
		if (loop_leaves())
			break;
	}
	sh.loop_depth--;
	if (sh.unwind == UNWIND_NONE)
		sh.status = status;
}

/* => the values that a `for` goes over, in the arena; NULL: failed */
static char **for_values(const struct command *c, size_t *count)
{
	static const struct word all_params = {NULL, "\"$@\""};

	return expand_words(c->each.has_words ? c->each.words : &all_params, count);
}

static void exec_for(const struct command *c)
{
	size_t count;
	char **values = for_values(c, &count);

	sh.status = values ? 0 : 1;
	sh.loop_depth++;
	for (size_t i = 0; values && i < count; i++) {
		if (!var_set(c->each.name, strlen(c->each.name), values[i])) {
			sh.status = 1;
			break;
		}
		exec_list(c->each.body, false);
		if (loop_leaves())
			break;
	}
	sh.loop_depth--;
}

/* => 1: it matches, 0: not, -1: failed */
static int arm_matches(const struct case_arm *arm, const char *word)
{
	for (const struct word *w = arm->patterns; w; w = w->next) {
		struct marked pattern;

		if (!expand_pattern(w->text, &pattern))
			return -1;
		if (pattern_match(pattern, word, strlen(word)))
			return 1;
	}
	return 0;
}

static void exec_case(const struct command *c, bool tail)
{
	const char *word = expand_string(c->choice.word);
	int matches = word ? 0 : -1;

	for (const struct case_arm *arm = c->choice.arms; arm && matches == 0; arm = arm->next) {
		matches = arm_matches(arm, word);
		sh.status = 0;
		if (matches > 0)
			exec_list(arm->body, tail);
	}
	if (matches < 0)
		sh.status = 1;
	else if (!c->choice.arms)
		sh.status = 0;
}

static void exec_function(const struct command *c)
{
	sh.status = !function_define(c->function.name, c->function.body);
}

static void exec_kind(const struct command *c, const char *text, bool tail)
{
	switch (c->kind) {
	case COMMAND_SIMPLE: exec_simple(c, text, tail); break;
	case COMMAND_SUBSHELL: exec_subshell(c, text, tail); break;
	case COMMAND_GROUP: exec_list(c->list, tail); break;
	case COMMAND_IF: exec_if(c->clauses, tail); break;
	case COMMAND_LOOP: exec_loop(c); break;
	case COMMAND_FOR: exec_for(c); break;
	case COMMAND_CASE: exec_case(c, tail); break;
	case COMMAND_FUNCTION: exec_function(c); break;
	}
}

static void exec_command(const struct command *c, const char *text, bool tail)
{
	struct arena_mark mark = arena_mark();
	struct redir_undo undo = {0};

	if (c->kind == COMMAND_SIMPLE || !c->redirs) {
		exec_kind(c, text, tail);
	} else if (redirs_apply(c->redirs, &undo)) {
		exec_kind(c, text, tail); /* a tail never comes back to miss the undo */
		redirs_undo(&undo);
	} else {
		sh.status = 1;
		redirs_undo(&undo);
	}
	arena_release(mark);
}

/* In the child: reads from `in`, writes to `out`, runs its command and ends. */
static void pipeline_child(const struct command *c, int in, const int out[2], const char *text)
{
	if (in >= 0) {
		dup2(in, 0);
		close(in);
	}
	if (out[1] >= 0) {
		close(out[0]);
		dup2(out[1], 1);
		close(out[1]);
	}
	sh.loop_depth = 0;
	exec_command(c, text, true);
	_exit(sh.status);
}

/* Starts one process for each command. => false: not all could be started, message printed */
static bool pipeline_start(const struct pipeline *p, struct job *job)
{
	int in = -1, out[2];
	pid_t pid = -1;

	for (const struct command *c = p->commands; c; c = c->next) {
		out[0] = out[1] = -1;
		if (c->next && !pipe_open(out)) {
			pid = -1;
			break;
		}
		pid = job_fork(job);
		if (pid == 0)
			pipeline_child(c, in, out, p->text);
		if (in >= 0)
			close(in);
		if (out[1] >= 0)
			close(out[1]);
		in = out[0];
		if (pid < 0)
			break;
	}
	if (in >= 0)
		close(in);
	return pid > 0;
}

static void exec_pipes(const struct pipeline *p)
{
	struct job *job = job_create(p->text, p->count, false);

	job_end(job, job && pipeline_start(p, job));
}

static void exec_pipeline(const struct pipeline *p, bool tail)
{
	sh.guarded += p->negated;
	if (p->count > 1)
		exec_pipes(p);
	else
		exec_command(p->commands, p->text, tail && !p->negated);
	sh.guarded -= p->negated;
	if (p->negated && sh.unwind == UNWIND_NONE)
		sh.status = !sh.status;
	if (sh.errexit && sh.guarded == 0 && !p->negated && sh.status != 0 && sh.unwind == UNWIND_NONE)
		shell_exit(sh.status);
}

static void exec_andor(const struct andor *a, bool tail)
{
	for (const struct pipeline *p = a->pipelines; p && !sh.unwind; p = p->next) {
		bool guards = p->next != NULL;

		if (p != a->pipelines && p->after_success != (sh.status == 0))
			continue;
		sh.guarded += guards;
		exec_pipeline(p, tail && !guards);
		sh.guarded -= guards;
	}
}

/* Processes of one pipeline are a job of their own; an && chain gets one process that runs it. */
static void exec_background(const struct andor *a)
{
	const struct pipeline *p = a->pipelines;
	bool plain = !p->next && !p->negated;
	struct job *job = job_create(a->text, plain ? p->count : 1, true);
	bool started;

	if (!job) {
		sh.status = 1;
		return;
	}
	if (plain) {
		started = pipeline_start(p, job);
	} else {
		pid_t pid = job_fork(job);

		if (pid == 0) {
			sh.loop_depth = 0;
			exec_andor(a, true);
			_exit(sh.status);
		}
		started = pid > 0;
	}
	if (started)
		job_leave(job);
	else
		job_abort(job);
	sh.status = !started;
}

void exec_list(const struct andor *list, bool tail)
{
	for (; list && !sh.unwind; list = list->next)
		if (list->background)
			exec_background(list);
		else
			exec_andor(list, tail && !list->next);
}

/* Everything up to the end of the pipe. => false: an error or out of memory, message printed */
static bool read_rest(int fd, struct strbuf *out)
{
	for (;;) {
		size_t start = out->len;
		ssize_t n;

		if (!strbuf_reserve(out, 512))
			return false;
		n = read(fd, out->data + start, out->cap - start - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			shell_errno("command substitution");
		if (n <= 0)
			return n == 0;
		for (ssize_t i = 0; i < n; i++)
			if (out->data[start + (size_t)i] != '\0')
				out->data[out->len++] = out->data[start + (size_t)i];
	}
}

bool exec_capture(const struct andor *list, struct strbuf *out)
{
	int ends[2];
	pid_t pid;
	bool fine;

	if (!pipe_open(ends))
		return false;
	pid = job_fork_helper();
	if (pid == 0) {
		close(ends[0]);
		dup2(ends[1], 1);
		close(ends[1]);
		sh.subst_status = 0;
		child_list(list);
	}
	close(ends[1]);
	fine = pid > 0 && read_rest(ends[0], out);
	close(ends[0]);
	if (pid > 0)
		sh.subst_status = helper_wait(pid);
	return fine && sh.unwind == UNWIND_NONE;
}
