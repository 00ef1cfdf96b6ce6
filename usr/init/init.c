/* The first process: it gives the console to a shell and buries every process that has no other parent.

   init             starts the shell, and again whenever it ends
   init -c COMMAND  runs COMMAND in the shell once, ends what it left behind, and exits with its status (128 + N after
                    signal N).  The kernel takes the end of process 1 as the end of the machine; this is how a boot with
                    run="COMMAND" tells how it went.

   The shell gets a session of its own with the console as its terminal, so that Ctrl-C there never reaches init. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	STATUS_NO_SHELL = 127,
	STATUS_SIGNAL = 128, /* plus the signal's number */
	STATUS_INIT = 125,   /* init itself could not go on */
	RESTART_DELAY = 1,   /* s, before a shell that ended at once is tried again: it may do so for ever */
};

/* The console as descriptors 0, 1 and 2; without one the process goes on mute. */
static void console_open(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		return;
	for (int i = 0; i <= STDERR_FILENO; i++)
		if (fd != i)
			dup2(fd, i);
	if (fd > STDERR_FILENO)
		close(fd);
}

static void environment_prepare(void)
{
	setenv("PATH", "/bin", 0);
	setenv("HOME", "/", 0);
	setenv("TERM", "vt100", 0);
}

/* In the child: become the leader of a session in the foreground of the console, and the shell. */
static __attribute__((noreturn)) void shell_become(const char *command)
{
	setsid();
	ioctl(STDIN_FILENO, TIOCSCTTY, 1);
	tcsetpgrp(STDIN_FILENO, getpid());
	if (command)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	else
		execl("/bin/sh", "-sh", (char *)NULL);
	dprintf(STDERR_FILENO, "init: /bin/sh: %s\n", strerror(errno));
	_exit(STATUS_NO_SHELL);
}

static pid_t shell_start(const char *command)
{
	pid_t pid = fork();

	if (pid == 0)
		shell_become(command);
	if (pid < 0)
		dprintf(STDERR_FILENO, "init: fork: %s\n", strerror(errno));
	return pid;
}

/* Reap whatever ends until SHELL does; the result is an exit status in the shell's way of counting. */
static int shell_wait(pid_t shell)
{
	int status;
	pid_t pid;

	do
		pid = wait(&status);
	while (pid != shell && (pid > 0 || errno == EINTR));
	if (pid != shell)
		return STATUS_INIT;
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* End all other processes, unless this is a trial run and they are somebody else's. */
static void leftovers_end(void)
{
	if (getpid() != 1)
		return;
	kill(-1, SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
}

static int run_once(const char *command)
{
	pid_t shell = shell_start(command);
	int status = shell < 0 ? STATUS_INIT : shell_wait(shell);

	leftovers_end();
	return status;
}

static __attribute__((noreturn)) void run_forever(void)
{
	for (;;) {
		time_t begin = time(NULL);
		pid_t shell = shell_start(NULL);
		int status = shell < 0 ? STATUS_NO_SHELL : shell_wait(shell);

		if (time(NULL) - begin < RESTART_DELAY)
			sleep(RESTART_DELAY);
		dprintf(STDOUT_FILENO, "init: the shell ended with status %d; starting it again\n", status);
	}
}

int main(int argc, char **argv)
{
	console_open();
	environment_prepare();
	if (argc == 3 && strcmp(argv[1], "-c") == 0)
		return run_once(argv[2]);
	if (argc > 1) {
		dprintf(STDERR_FILENO, "usage: init [-c COMMAND]\n");
		return STATUS_INIT;
	}
	run_forever();
}
