/* What there is one of: the state of this shell, its messages, and the loop that reads and runs commands. */
#ifndef SH_SHELL_H
#define SH_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct source;

/* Why the commands that are being run are to be left, from the innermost outwards. */
enum unwind {
	UNWIND_NONE,
	UNWIND_BREAK,     /* leave `levels` loops */
	UNWIND_CONTINUE,  /* leave `levels` - 1 loops, then go on with the next round */
	UNWIND_RETURN,    /* leave the function or the sourced file */
	UNWIND_INTERRUPT, /* Ctrl-C: back to the prompt */
};

enum shell_status {
	STATUS_SYNTAX = 2,
	STATUS_CANNOT_EXECUTE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_SIGNAL = 128, /* + number of the signal */
};

/* A process runs one thread: no field needs a lock. */
struct shell {
	int status;            /* $? */
	int subst_status;      /* of the last command substitution: what a lone assignment answers */
	pid_t pid;             /* $$: that of the first shell, also in its subshells */
	pid_t last_background; /* $!, 0 when there was none */
	const char *name;      /* $0 */
	const char *script;    /* shown before the line number of a syntax error; NULL at a prompt */
	enum unwind unwind;
	int levels;           /* of UNWIND_BREAK and UNWIND_CONTINUE */
	int loop_depth;       /* loops around the running command */
	int call_depth;       /* functions, sourced files and evals around it */
	int guarded;          /* > 0: -e does not end the shell, the status is looked at */
	bool interactive;     /* prompts; false in every child */
	bool job_control;     /* each pipeline gets a process group and the terminal */
	bool errexit, xtrace; /* set -e, set -x */
	int tty;              /* the terminal when job_control, else -1 */
	pid_t group;          /* our process group when job_control */
};

extern struct shell sh;

#define CALL_DEPTH_MAX 100

/* "sh: TEXT" on stderr; a text beyond some hundred bytes is cut. */
void shell_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same, followed by what errno says. */
void shell_errno(const char *what);
void shell_exit(int status) __attribute__((noreturn));
/* All of `len` bytes, whatever signals come. => false on an error, errno says which */
bool write_all(int fd, const char *data, size_t len);

/* Reads commands from `src` and runs them, until its end, `exit` or an unwinding.  With `tail` nothing comes after it:
   the last command may take the place of the shell. => true: all of it was run; false: syntax error */
bool shell_run(struct source *src, bool tail);
/* Starts afresh as a script of this name: exported variables only, no functions, no options. */
void shell_become_script(char **argv);

/* A decimal number and nothing else. => false if it is none or does not fit */
bool number_parse(const char *s, long *out);

#endif
