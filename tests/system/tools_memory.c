// cpus: 1 4
// kernels: debug release
// expect: ^all tools were tried$
// expect: ^all tools were watched$
// reject: ^wrong:
/* A shell that runs all the programs of /bin, with pipelines, background jobs and redirections, leaves no memory
   behind. */
#include "check.h"

static void run_script(const char *path)
{
	char *const argv[] = {(char *)"sh", (char *)(uintptr_t)path, NULL};

	execve("/bin/sh", argv, environ);
	FAILED("execve fails with %d", errno);
}

static void tools(void)
{
	run_script("/bin/tools.sh");
}

static void watch_tools(void)
{
	run_script("/bin/watch_tools.sh");
}

int main(void)
{
	int end = test_run(tools);

	return end != 0 ? end : test_run(watch_tools);
}
