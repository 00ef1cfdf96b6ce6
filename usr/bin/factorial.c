/* A number handed from parent to child and back in shared memory: factorial N.  The parent stores (N-1)!, the child
   multiplies it by N where it lies, and the parent finds the product there. */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

static const char help[] = "usage: factorial N\n"
			   "Let a child make N! of (N-1)! in memory that it shares with its parent; N is 1 to 12.\n";

enum { LARGEST = 12 }; /* 13! has more than 32 bits */

static unsigned factorial(int n)
{
	return n <= 1 ? 1 : (unsigned)n * factorial(n - 1);
}

/* What the word says, or the end with a message. */
static int number(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (end == text || *end)
		errx(1, "%s is no number", text);
	if (n > LARGEST || (errno == ERANGE && n > 0))
		errx(1, "overflow: the factorial of %s has more than 32 bits", text);
	if (n < 1)
		errx(1, "%s is less than 1", text);
	return (int)n;
}

/* The segment is removed at once: it goes with the last who is attached, whatever becomes of us. */
static unsigned *share(void)
{
	int id = shmget(IPC_PRIVATE, sizeof(unsigned), IPC_CREAT | 0600);
	unsigned *shared;

	if (id < 0)
		err(1, "shmget");
	shared = shmat(id, NULL, 0);
	if (shmctl(id, IPC_RMID, NULL) < 0 || shared == (void *)-1)
		err(1, "shared memory");
	return shared;
}

static int child(unsigned *shared, int n)
{
	printf("Child:\nFactorial of (%d-1) = %u\n", n, *shared);
	*shared *= (unsigned)n;
	printf("Final Result = %u\n", *shared);
	return finish(0);
}

int main(int argc, char **argv)
{
	unsigned *shared;
	int n, status;
	pid_t pid;

	help_if_asked(argc, argv, help);
	if (argc != 2)
		errx(1, "usage: factorial N");
	n = number(argv[1]);
	shared = share();
	*shared = factorial(n - 1);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		return child(shared, n);
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		errx(1, "the child did not finish");
	printf("Parent:\nFactorial of (%d) = %u\n", n, *shared);
	return finish(0);
}
