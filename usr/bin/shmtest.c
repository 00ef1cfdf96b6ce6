/* Ten processes and a page that they share: each adds one to its first byte, in turn.  What the byte is before the
   first and after each of them is printed: 10, 11 ... 20. */
#include <dormouse.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

static const char help[] = "usage: shmtest\n"
			   "Ten processes add one each to a byte that they share, in turn: prints 10 to 20.\n";

enum { ID = 25, CHILDREN = 10, FIRST = 10, STEP_NS = 1000000 };

static pid_t child[CHILDREN];

static volatile char *open_page(void)
{
	char *shared = openshmem(ID);

	if (shared == (char *)-1)
		err(1, "openshmem %d", ID);
	return shared;
}

static void wait_a_little(void)
{
	const struct timespec step = {0, STEP_NS};

	nanosleep(&step, NULL);
}

/* The N-th child comes a little later than those before it, and then waits for its turn, or until that is over: another
   shmtest has the same byte.  It prints before it adds: once it has added, the next one goes on. */
static int add_one(int n)
{
	volatile char *shared = open_page();

	for (int i = 0; i < n || *shared < FIRST + n; i++)
		wait_a_little();
	printf("%d\n", *shared + 1);
	fflush(stdout);
	(*shared)++;
	return closeshmem(ID) < 0;
}

/* In the order of their turns: if one fails, those behind it would wait for theirs for ever, so they are ended.
   => how many did not do what they should */
static int wait_for_all(int children)
{
	int status, failed = 0;

	for (int i = 0; i < children; i++) {
		if (failed > 0)
			kill(child[i], SIGKILL);
		failed += waitpid(child[i], &status, 0) < 0 || status != 0;
	}
	return failed;
}

int main(int argc, char **argv)
{
	volatile char *shared;
	int children, failed;

	help_if_asked(argc, argv, help);
	if (argc != 1)
		usage("shmtest");
	shared = open_page();
	*shared = FIRST;
	printf("%d\n", *shared);
	fflush(stdout);
	for (children = 0; children < CHILDREN; children++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(add_one(children));
		if (pid < 0) {
			warn("fork");
			break;
		}
		child[children] = pid;
	}
	failed = wait_for_all(children);
	if (*shared != FIRST + CHILDREN)
		errx(1, "the byte is %d, not %d", *shared, FIRST + CHILDREN);
	if (closeshmem(ID) < 0)
		err(1, "closeshmem %d", ID);
	return finish(failed > 0);
}
