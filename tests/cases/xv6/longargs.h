/* 31 arguments: of 100 letters they fit and arrive, of 400 they are more than a page and exec refuses. */
#include "case.h"

static char text[401], *args[MAXARG + 2];

static void fill(int letters)
{
	memset(text, 'a', letters);
	text[letters] = 0;
	for (int i = 0; i < MAXARG - 1; i++)
		args[i] = text;
	args[MAXARG - 1] = 0;
}

/* What this program does when it finds itself called with all of them. */
static int are_here(int argc, char *argv[])
{
	int right = argc == MAXARG - 1 && argv[argc] == 0;

	for (int i = 1; right && i < argc; i++)
		right = strlen(argv[i]) == 100 && argv[i][99] == 'a';
	return right;
}

int main(int argc, char *argv[])
{
	int pid;

	if (argc > 1) {
		SAY(are_here(argc, argv) ? "all arguments are here\n" : "arguments are lost\n");
		LEAVE(!are_here(argc, argv));
	}
	fill(400);
	CHECK(exec("echo", args) == -1);
	fill(100);
	args[MAXARG - 1] = args[MAXARG] = text; /* one more than there may be */
	CHECK(exec("echo", args) == -1);
	fill(100);
	pid = fork();
	if (pid == 0) {
		exec("/" DIALECT "_longargs", args);
		LEAVE(1);
	}
	CHECK(pid > 0 && wait_zero() == pid);
	done("longargs");
}
