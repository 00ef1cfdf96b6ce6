/* Processes, the environment, jumps and options.  Starts itself anew with an argument for the second half. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void environment(void)
{
	CHECK(setenv("ALPHA", "1", 1) == 0);
	CHECK_STRING(getenv("ALPHA"), "1");
	CHECK(setenv("ALPHA", "2", 0) == 0);
	CHECK_STRING(getenv("ALPHA"), "1");
	CHECK(setenv("ALPHA", "3", 1) == 0);
	CHECK_STRING(getenv("ALPHA"), "3");
	CHECK(getenv("ALPH") == NULL && getenv("ALPHAB") == NULL);
	CHECK(putenv((char *)"BETA=x=y") == 0);
	CHECK_STRING(getenv("BETA"), "x=y");
	CHECK(unsetenv("ALPHA") == 0 && getenv("ALPHA") == NULL);
	CHECK(setenv("A=B", "x", 1) == -1 && errno == EINVAL);
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof name, "V%d", i);
		CHECK(setenv(name, name, 1) == 0);
	}
	CHECK_STRING(getenv("V99"), "V99");
	CHECK_STRING(getenv("BETA"), "x=y");
}

static int exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* How the child ends that runs DEED. */
static int child_end(void (*deed)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		deed();
		_exit(99);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return exit_status(status);
}

static const char *self;

static void run_execl(void)
{
	execl(self, "name", "child", "two words", (char *)NULL);
}

static void run_execle(void)
{
	char *envp[] = {(char *)"ONLY=1", NULL};

	execle(self, "name", "environment", (char *)NULL, envp);
}

static void run_execvp_missing(void)
{
	char *argv[] = {(char *)"no-such-program", NULL};

	execvp(argv[0], argv);
	_exit(errno == ENOENT ? 7 : 8);
}

static void run_abort(void)
{
	close(STDERR_FILENO);
	signal(SIGABRT, SIG_IGN);
	abort();
}

static void exit_two(void)
{
	_exit(2);
}

static void run_atexit(void)
{
	atexit(exit_two);
	exit(1);
}

static void run_double_free(void)
{
	void *volatile p = malloc(64), *keep = malloc(64);

	free(p);
	free(p);
	free(keep);
}

static void processes(void)
{
	int status;

	CHECK(child_end(run_execl) == 42);
	CHECK(child_end(run_execle) == 43);
	CHECK(child_end(run_execvp_missing) == 7);
	CHECK(child_end(run_abort) == -SIGABRT);
	CHECK(child_end(run_atexit) == 2);
	CHECK(child_end(run_double_free) == -SIGABRT);
	CHECK(wait(&status) == -1 && errno == ECHILD);
	CHECK(waitpid(-1, &status, WNOHANG) == -1 && errno == ECHILD);
	CHECK(getpid() > 0 && getppid() >= 0 && getpgrp() == getpgid(0));
}

static void signals(void)
{
	sigset_t set, old;

	sigemptyset(&set);
	CHECK(sigaddset(&set, SIGUSR1) == 0 && sigismember(&set, SIGUSR1) == 1 && sigismember(&set, SIGUSR2) == 0);
	CHECK(sigaddset(&set, 65) == -1 && errno == EINVAL);
	CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
	CHECK(sigprocmask(SIG_SETMASK, &old, &set) == 0 && sigismember(&set, SIGUSR1) == 1);
	CHECK(signal(SIGUSR1, SIG_IGN) == SIG_DFL);
	CHECK(raise(SIGUSR1) == 0);
	CHECK(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
	CHECK(signal(SIGKILL, SIG_IGN) == SIG_ERR && errno == EINVAL);
}

static void jumps(void)
{
	static jmp_buf env;
	volatile int rounds = 0;
	int value = setjmp(env);

	CHECK(value == (rounds == 0 ? 0 : rounds == 1 ? 1 : 5));
	rounds++;
	if (rounds < 3)
		longjmp(env, rounds == 1 ? 0 : 5);
	CHECK(rounds == 3);
}

static void options(void)
{
	char *argv[] = {(char *)"p",  (char *)"-ab", (char *)"-cX", (char *)"-c", (char *)"Y",
	                (char *)"-z", (char *)"--",  (char *)"-a",  NULL};

	opterr = 0;
	optind = 1;
	CHECK(getopt(8, argv, "abc:") == 'a');
	CHECK(getopt(8, argv, "abc:") == 'b');
	CHECK(getopt(8, argv, "abc:") == 'c');
	CHECK_STRING(optarg, "X");
	CHECK(getopt(8, argv, "abc:") == 'c');
	CHECK_STRING(optarg, "Y");
	CHECK(getopt(8, argv, "abc:") == '?' && optopt == 'z');
	CHECK(getopt(8, argv, "abc:") == -1 && optind == 7);
}

static void memory(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED && p[0] == 0 && p[8191] == 0);
	p[5000] = 1;
	CHECK(munmap(p, 8192) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 5) == MAP_FAILED && errno == EINVAL);
	CHECK(getauxval(AT_PAGESZ) == 4096 && getauxval(AT_PHNUM) > 0 && getauxval(9999) == 0);
}

static void descriptors(void)
{
	int fds[2];
	char c;

	CHECK(pipe(fds) == 0);
	CHECK(fcntl(fds[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(fds[0], F_GETFD) == FD_CLOEXEC);
	CHECK(write(fds[1], "x", 1) == 1 && read(fds[0], &c, 1) == 1 && c == 'x');
	CHECK(dup2(fds[0], 20) == 20 && close(20) == 0);
	CHECK(!isatty(fds[0]));
	CHECK(close(fds[1]) == 0 && read(fds[0], &c, 1) == 0);
	CHECK(lseek(fds[0], 0, SEEK_CUR) == -1 && errno == ESPIPE);
	close(fds[0]);
	CHECK(close(fds[0]) == -1 && errno == EBADF);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "child") == 0)
		return strcmp(argv[0], "name") == 0 && strcmp(argv[2], "two words") == 0 && getenv("V5") ? 42 : 1;
	if (argc == 2 && strcmp(argv[1], "environment") == 0)
		return getenv("ONLY") && !getenv("V5") && !environ[1] ? 43 : 1;
	self = (const char *)getauxval(AT_EXECFN);
	environment();
	processes();
	signals();
	jumps();
	options();
	memory();
	descriptors();
	return check_end();
}
