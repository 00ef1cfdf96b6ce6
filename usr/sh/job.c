/* The shell looks at its children at three places only: while it waits for a job, before a prompt, and before it starts
   another one.  It has no signal handlers, so nothing happens behind its back; while it waits it takes note of whatever
   child ends, and goes on waiting for the one it meant.
   With job control each pipeline is a process group and the terminal belongs to one group at a time.  Parent and child
   both set the group and the terminal, since either may run first.
   Limit: in a script, FINISHED_MAX ended background jobs are remembered for `wait`; older ones are forgotten. */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "shell.h"

#define FINISHED_MAX 64

enum process_state { PROCESS_RUNNING, PROCESS_STOPPED, PROCESS_ENDED };

struct process {
	pid_t pid;
	int status; /* as waitpid() gave it */
	enum process_state state;
};

struct job {
	struct job *next; /* newest first */
	int number;       /* 0: in the foreground, never seen in a list */
	pid_t group;      /* of its processes; 0: the shell's own */
	bool background;
	char *text;
	unsigned count, room;
	struct process processes[];
};

static struct job *jobs;
static pid_t group_before; /* who had the terminal before us */

static const int own_signals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

static void signals_set(void (*action)(int))
{
	for (size_t i = 0; i < sizeof own_signals / sizeof own_signals[0]; i++)
		signal(own_signals[i], action);
}

void jobs_signals(bool ignored)
{
	signals_set(ignored ? SIG_IGN : SIG_DFL);
}

static void terminal_give(pid_t group)
{
	ioctl(sh.tty, TIOCSPGRP, &group);
}

void jobs_start(int tty)
{
	sh.tty = tty;
	sh.job_control = true;
	signals_set(SIG_IGN);
	if (ioctl(tty, TIOCGPGRP, &group_before) != 0)
		group_before = 0;
	setpgid(0, 0); /* fails for the leader of a session, who has a group already */
	sh.group = getpgrp();
	terminal_give(sh.group);
}

void jobs_end(void)
{
	if (sh.job_control && group_before > 0)
		terminal_give(group_before);
}

bool jobs_any(void)
{
	return jobs != NULL;
}

static void jobs_forget_all(void)
{
	while (jobs) {
		struct job *gone = jobs;

		jobs = gone->next;
		free(gone);
	}
}

/* What every child does first. */
static void child_start(void)
{
	if (sh.job_control)
		signals_set(SIG_DFL);
	sh.interactive = false;
	sh.job_control = false;
	jobs_forget_all();
}

static void job_free(struct job *job)
{
	struct job **link = &jobs;

	while (*link && *link != job)
		link = &(*link)->next;
	if (*link)
		*link = job->next;
	free(job);
}

struct job *job_create(const char *text, unsigned count, bool background)
{
	size_t procs = sizeof(struct job) + count * sizeof(struct process), len = strlen(text);
	struct job *job;

	if (jobs)
		jobs_reap(false);
	job = mem_alloc(procs + len + 1);
	if (!job)
		return NULL;
	*job = (struct job){.next = jobs, .background = background, .room = count, .text = (char *)job + procs};
	memcpy(job->text, text, len + 1);
	jobs = job;
	return job;
}

/* In the child of a job: its group, its terminal, its signals. */
static void job_child_start(const struct job *job)
{
	bool control = sh.job_control, background = job->background;
	pid_t group = job->group ? job->group : getpid();
	int null;

	if (control) {
		setpgid(0, group);
		if (!background)
			terminal_give(group); /* SIGTTOU is still ignored */
	}
	child_start();
	if (control || !background)
		return;
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	null = open("/dev/null", O_RDONLY);
	if (null > 0) {
		dup2(null, 0);
		close(null);
	}
}

pid_t job_fork(struct job *job)
{
	pid_t pid = fork();

	if (pid < 0) {
		shell_errno("cannot fork");
		return -1;
	}
	if (pid == 0) {
		job_child_start(job);
		return 0;
	}
	if (sh.job_control) {
		if (job->group == 0)
			job->group = pid;
		setpgid(pid, job->group);
		if (!job->background)
			terminal_give(job->group);
	}
	job->processes[job->count++] = (struct process){.pid = pid, .state = PROCESS_RUNNING};
	return pid;
}

static struct job *process_note(pid_t pid, int status)
{
	for (struct job *job = jobs; job; job = job->next)
		for (unsigned i = 0; i < job->count; i++)
			if (job->processes[i].pid == pid && job->processes[i].state != PROCESS_ENDED) {
				job->processes[i].status = status;
				job->processes[i].state = WIFSTOPPED(status) ? PROCESS_STOPPED : PROCESS_ENDED;
				return job;
			}
	return NULL;
}

static bool job_has(const struct job *job, enum process_state state)
{
	for (unsigned i = 0; i < job->count; i++)
		if (job->processes[i].state == state)
			return true;
	return false;
}

bool job_is_stopped(const struct job *job)
{
	return !job_has(job, PROCESS_RUNNING) && job_has(job, PROCESS_STOPPED);
}

static bool job_is_ended(const struct job *job)
{
	return !job_has(job, PROCESS_RUNNING) && !job_has(job, PROCESS_STOPPED);
}

/* Waits for any child. => false: there is none (left), or with `hang` false none that has changed */
static bool child_wait(bool hang)
{
	int status;
	pid_t pid;

	do
		pid = waitpid(-1, &status, WUNTRACED | (hang ? 0 : WNOHANG));
	while (pid < 0 && errno == EINTR);
	if (pid > 0)
		process_note(pid, status);
	return pid > 0;
}

/* Until nothing of it runs.  Processes that the kernel does not know have ended, how nobody knows. */
static void job_watch(struct job *job)
{
	while (job_has(job, PROCESS_RUNNING))
		if (!child_wait(true))
			for (unsigned i = 0; i < job->count; i++)
				if (job->processes[i].state == PROCESS_RUNNING) {
					job->processes[i].state = PROCESS_ENDED;
					job->processes[i].status = STATUS_NOT_FOUND << 8;
				}
}

static int status_code(int status)
{
	if (WIFSTOPPED(status))
		return STATUS_SIGNAL + WSTOPSIG(status);
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static const char *signal_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{SIGHUP, "Hangup"},
		{SIGQUIT, "Quit"},
		{SIGILL, "Illegal instruction"},
		{SIGTRAP, "Trace trap"},
		{SIGABRT, "Aborted"},
		{SIGBUS, "Bus error"},
		{SIGKILL, "Killed"},
		{SIGFPE, "Floating point exception"},
		{SIGUSR1, "User signal 1"},
		{SIGSEGV, "Segmentation fault"},
		{SIGUSR2, "User signal 2"},
		{SIGALRM, "Alarm clock"},
		{SIGTERM, "Terminated"},
		{SIGINT, "Interrupt"},
		{SIGPIPE, "Broken pipe"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].number == number)
			return names[i].name;
	return "Killed by a signal";
}

/* Says what a process died of, unless that is what users and pipes do all day. */
static void death_print(int status)
{
	struct strbuf out = {0};

	if (!WIFSIGNALED(status) || WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGPIPE)
		return;
	strbuf_puts(&out, signal_name(WTERMSIG(status)));
	strbuf_putc(&out, '\n');
	write_all(2, out.data, out.len);
	strbuf_free(&out);
}

/* [1] Done  text */
static void job_describe(const struct job *job, struct strbuf *out)
{
	int status = job->count > 0 ? job->processes[job->count - 1].status : 0;

	strbuf_putc(out, '[');
	strbuf_putnum(out, job->number);
	strbuf_puts(out, "] ");
	if (job_has(job, PROCESS_RUNNING)) {
		strbuf_puts(out, "Running");
	} else if (job_is_stopped(job)) {
		strbuf_puts(out, "Stopped");
	} else if (WIFSIGNALED(status)) {
		strbuf_puts(out, signal_name(WTERMSIG(status)));
	} else if (WEXITSTATUS(status) != 0) {
		strbuf_puts(out, "Exit ");
		strbuf_putnum(out, WEXITSTATUS(status));
	} else {
		strbuf_puts(out, "Done");
	}
	strbuf_puts(out, "  ");
	strbuf_puts(out, job->text);
	strbuf_putc(out, '\n');
}

static void job_announce(const struct job *job)
{
	struct strbuf out = {0};

	job_describe(job, &out);
	write_all(2, out.data, out.len);
	strbuf_free(&out);
}

static void job_number_take(struct job *job)
{
	int highest = 0;

	for (const struct job *other = jobs; other; other = other->next)
		if (other->number > highest)
			highest = other->number;
	job->number = highest + 1;
}

/* Ctrl-C that ended a program also ends the line it was part of. */
static void job_interrupted(const struct job *job)
{
	for (unsigned i = 0; i < job->count; i++) {
		int status = job->processes[i].status;

		if (job->processes[i].state == PROCESS_ENDED && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) {
			write_all(2, "\n", 1);
			sh.unwind = UNWIND_INTERRUPT;
			return;
		}
	}
}

int job_wait(struct job *job)
{
	int status;

	job_watch(job);
	status = job->count > 0 ? job->processes[job->count - 1].status : 0;
	if (sh.job_control)
		terminal_give(sh.group);
	if (job_is_stopped(job)) {
		if (job->number == 0)
			job_number_take(job);
		job->background = true;
		write_all(2, "\n", 1);
		job_announce(job);
		return status_code(job->processes[job->count - 1].status);
	}
	if (sh.job_control)
		job_interrupted(job);
	death_print(status);
	job_free(job);
	return status_code(status);
}

void job_abort(struct job *job)
{
	for (unsigned i = 0; i < job->count; i++)
		kill(job->processes[i].pid, SIGKILL);
	job_watch(job);
	if (sh.job_control)
		terminal_give(sh.group);
	job_free(job);
}

void job_leave(struct job *job)
{
	struct strbuf out = {0};

	job_number_take(job);
	sh.last_background = job->processes[job->count - 1].pid;
	if (!sh.interactive)
		return;
	strbuf_putc(&out, '[');
	strbuf_putnum(&out, job->number);
	strbuf_puts(&out, "] ");
	strbuf_putnum(&out, sh.last_background);
	strbuf_putc(&out, '\n');
	write_all(2, out.data, out.len);
	strbuf_free(&out);
}

pid_t job_fork_helper(void)
{
	pid_t pid = fork();

	if (pid < 0)
		shell_errno("cannot fork");
	else if (pid == 0)
		child_start();
	return pid;
}

int helper_wait(pid_t pid)
{
	pid_t got;
	int status;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return STATUS_NOT_FOUND;
	if (sh.job_control && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)
		sh.unwind = UNWIND_INTERRUPT;
	return status_code(status);
}

/* Ended jobs that a script never waits for must not pile up. */
static void jobs_trim(void)
{
	int kept = 0;

	for (struct job *job = jobs, *next; job; job = next) {
		next = job->next;
		if (job->number > 0 && job_is_ended(job) && ++kept > FINISHED_MAX)
			job_free(job);
	}
}

void jobs_reap(bool announce)
{
	while (jobs && child_wait(false))
		;
	if (!announce) {
		jobs_trim();
		return;
	}
	for (struct job *job = jobs, *next; job; job = next) {
		next = job->next;
		if (!job_is_ended(job))
			continue;
		job_announce(job);
		job_free(job);
	}
}

/* Lists are short: find the lowest number above the last, again and again. */
void jobs_print(struct strbuf *out)
{
	int last = 0;

	for (;;) {
		const struct job *lowest = NULL;

		for (const struct job *job = jobs; job; job = job->next)
			if (job->number > last && (!lowest || job->number < lowest->number))
				lowest = job;
		if (!lowest)
			return;
		job_describe(lowest, out);
		last = lowest->number;
	}
}

struct job *job_find(const char *spec)
{
	long number;

	if (!spec || !*spec || strcmp(spec, "%%") == 0 || strcmp(spec, "%+") == 0) {
		for (struct job *job = jobs; job; job = job->next)
			if (job->number > 0)
				return job;
		return NULL;
	}
	if (!number_parse(spec + (*spec == '%'), &number))
		return NULL;
	for (struct job *job = jobs; job; job = job->next)
		if (job->number > 0 && job->number == number)
			return job;
	return NULL;
}

int job_continue(struct job *job, bool foreground)
{
	struct strbuf out = {0};

	strbuf_puts(&out, job->text);
	strbuf_puts(&out, foreground ? "\n" : " &\n");
	write_all(2, out.data, out.len);
	strbuf_free(&out);
	for (unsigned i = 0; i < job->count; i++)
		if (job->processes[i].state == PROCESS_STOPPED)
			job->processes[i].state = PROCESS_RUNNING;
	job->background = !foreground;
	if (foreground && sh.job_control && job->group > 0)
		terminal_give(job->group);
	if (job->group > 0)
		kill(-job->group, SIGCONT);
	return foreground ? job_wait(job) : 0;
}

int jobs_wait_all(void)
{
	for (struct job *job = jobs, *next; job; job = next) {
		next = job->next;
		if (job->number == 0 || job_is_stopped(job))
			continue;
		job_watch(job);
		if (sh.interactive)
			job_announce(job);
		job_free(job);
	}
	return 0;
}

int job_wait_listed(struct job *job)
{
	int status;

	job_watch(job);
	status = job->count > 0 ? job->processes[job->count - 1].status : 0;
	if (job_is_ended(job))
		job_free(job);
	return status_code(status);
}

int job_wait_pid(pid_t pid)
{
	for (struct job *job = jobs; job; job = job->next)
		for (unsigned i = 0; i < job->count; i++)
			if (job->processes[i].pid == pid)
				return job_wait_listed(job);
	return STATUS_NOT_FOUND;
}
