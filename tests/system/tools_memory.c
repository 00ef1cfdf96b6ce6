// cpus: 1 4
// kernels: debug release
// expect: ^all tools were tried$
// reject: ^wrong:
/* A shell that runs all the programs of /bin, with pipelines, background jobs and redirections, leaves no memory
   behind. */
#include "check.h"

static void body(void)
{
	char *const argv[] = {(char *)"sh", (char *)"/bin/tools.sh", NULL};

	execve("/bin/sh", argv, environ);
	FAILED("execve fails with %d", errno);
}

int main(void)
{
	return test_run(body);
}
