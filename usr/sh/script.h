/* Text files as programs. */
#ifndef SH_SCRIPT_H
#define SH_SCRIPT_H

/* The kernel said ENOEXEC of this file: becomes the interpreter that its first line names, or runs it in this very
   process.  Returns only if it is no script, errno says why. */
void script_exec(const char *path, char **argv);

/* Runs a file as the shell's script and exits; `name` is $0. */
void script_run(const char *path) __attribute__((noreturn));

#endif
