/* The start of a program, its environment and its end.
   Nothing is set up before main: streams and the heap begin at their first use, so that a program which needs neither
   makes no system call of ours.  exit() reaches stdio through a weak symbol: a program without streams does not link
   them. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "libc_priv.h"

enum { ATEXIT_MAX = 32 }; /* what POSIX promises at least */

int errno; /* of the last call that failed */
char **environ;
const char *__program_path = "?";  /* argv[0] */
static const uint32_t *aux_vector; /* pairs of type and value, ended by AT_NULL */
static void (*exit_functions[ATEXIT_MAX])(void);
static int exit_count;

int main(int argc, char **argv, char **envp);
void __stdio_exit(void) __attribute__((weak));

/* STACK is the stack pointer at the first instruction. */
__attribute__((noreturn)) void __libc_start(uintptr_t *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	char **end;

	if (argc > 0)
		__program_path = argv[0];
	environ = argv + argc + 1;
	for (end = environ; *end;)
		end++;
	aux_vector = (const uint32_t *)(end + 1);
	exit(main(argc, argv, environ));
}

unsigned long getauxval(unsigned long type)
{
	for (const uint32_t *a = aux_vector; a[0] != AT_NULL; a += 2)
		if (a[0] == type)
			return a[1];
	return 0;
}

int atexit(void (*fn)(void))
{
	if (exit_count == ATEXIT_MAX)
		return -1;
	exit_functions[exit_count++] = fn;
	return 0;
}

void exit(int status)
{
	while (exit_count > 0)
		exit_functions[--exit_count]();
	if (__stdio_exit)
		__stdio_exit();
	_exit(status);
}

void _Exit(int status)
{
	_exit(status);
}
