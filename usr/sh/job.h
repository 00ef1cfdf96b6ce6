/* Jobs: the processes of one pipeline, their terminal and their end. */
#ifndef SH_JOB_H
#define SH_JOB_H

#include <stdbool.h>
#include <sys/types.h>

struct job;
struct strbuf;

/* Takes the terminal for an interactive shell and sets the signals that it ignores. */
void jobs_start(int tty);
/* What the shell ignores of the terminal's signals is ignored, or does what it does by default. */
void jobs_signals(bool ignored);
/* Gives the terminal back to who had it. */
void jobs_end(void);
/* Are there children that are not yet waited for? */
bool jobs_any(void);

/* A job of at most `count` processes; `text` is copied. => NULL: out of memory, message printed */
struct job *job_create(const char *text, unsigned count, bool background);
/* Forks its next process: 0 in the child, which is then no interactive shell and owns no jobs.
   => -1: failed, message printed; then job_abort() is due */
pid_t job_fork(struct job *job);
/* Ends the processes that were started, waits for them and forgets the job. */
void job_abort(struct job *job);
/* Waits for its end (or stop) and forgets it. => the exit status of its last process */
int job_wait(struct job *job);
/* Leaves it running: prints its number when interactive. */
void job_leave(struct job *job);

/* A child of no job, in the shell's own group. => as fork(); -1: message printed */
pid_t job_fork_helper(void);
/* Waits for such a child. => its exit status */
int helper_wait(pid_t pid);

/* Takes note of children that have ended, and says so with `announce`. */
void jobs_reap(bool announce);
void jobs_print(struct strbuf *out);
/* NULL or "": the newest; "%N" or "N": by number. => NULL: there is none */
struct job *job_find(const char *spec);
bool job_is_stopped(const struct job *job);
/* `fg` and `bg`. => the status as job_wait() */
int job_continue(struct job *job, bool foreground);
/* `wait`: for all of them, or the one that has this process. => its status, STATUS_NOT_FOUND if it is not ours */
int jobs_wait_all(void);
int job_wait_pid(pid_t pid);
int job_wait_listed(struct job *job);

#endif
