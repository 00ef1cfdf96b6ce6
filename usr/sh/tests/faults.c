/* Linked into the shell under test with -Wl,--wrap=NAME: the calls to fork(), pipe(), malloc() and realloc() whose
   number an environment variable gives fail, so that a test can let each call fail in turn.
   SH_FAIL_fork=3 fails the third one; SH_FAIL_fork=3+ the third and all after it. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>

pid_t __real_fork(void);
int __real_pipe(int ends[2]);
void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
pid_t __wrap_fork(void);
int __wrap_pipe(int ends[2]);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);

struct fault {
	const char *variable;
	long count, at; /* calls so far; the one that fails, -1: not yet looked up */
	bool onwards;
};

static bool fault_now(struct fault *f)
{
	if (f->at < 0) {
		const char *text = getenv(f->variable);
		char *end = NULL;

		f->at = text ? strtol(text, &end, 10) : 0;
		f->onwards = end && *end == '+';
	}
	f->count++;
	return f->at > 0 && (f->count == f->at || (f->onwards && f->count > f->at));
}

pid_t __wrap_fork(void)
{
	static struct fault f = {"SH_FAIL_fork", 0, -1, false};

	if (!fault_now(&f))
		return __real_fork();
	errno = EAGAIN;
	return -1;
}

int __wrap_pipe(int ends[2])
{
	static struct fault f = {"SH_FAIL_pipe", 0, -1, false};

	if (!fault_now(&f))
		return __real_pipe(ends);
	errno = EMFILE;
	return -1;
}

static struct fault memory = {"SH_FAIL_malloc", 0, -1, false};

void *__wrap_malloc(size_t size)
{
	if (!fault_now(&memory))
		return __real_malloc(size);
	errno = ENOMEM;
	return NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	if (!fault_now(&memory))
		return __real_realloc(old, size);
	errno = ENOMEM;
	return NULL;
}
