// suite: lazy
// kernels: debug release
// cpus: 1 4
// mem: 64 512
/* A program is read page by page as it runs: one with a megabyte of constants and 256 MiB of zeros is there at once and
   holds a few pages; what it touches comes, private to it, and the zeros are zeros. */
#include "check.h"

#define SELF "/bin/lazy_exec"
enum { CONSTANTS = 1 * MIB, ZEROS = 256 * MIB, FEW = 48 * PAGE, OK_END = 33 };

static const char constants[CONSTANTS] = {1, [CONSTANTS / 2] = 2, [CONSTANTS - 1] = 3};
static char values[CONSTANTS] = {4, [CONSTANTS / 2] = 5, [CONSTANTS - 1] = 6};
static char zeros[ZEROS];

static uint32_t resident(void)
{
	static struct abi_procinfo list[64];
	int n = getprocs(list, sizeof list);

	for (int i = 0; i < n && i < COUNT(list); i++)
		if (list[i].pid == getpid())
			return list[i].resident;
	FAILED("getprocs does not know process %d", getpid());
}

static int here(const volatile char *p, int at)
{
	return p[at];
}

static int as_program(void)
{
	uint32_t before = resident(), after;

	CHECK(before <= FEW);
	CHECK(here(constants, 0) == 1 && here(constants, CONSTANTS / 2) == 2 && here(constants, CONSTANTS - 1) == 3);
	CHECK(here(values, 0) == 4 && here(values, CONSTANTS / 2) == 5 && here(values, CONSTANTS - 1) == 6);
	CHECK(here(zeros, 0) == 0 && here(zeros, ZEROS / 2) == 0 && here(zeros, ZEROS - 1) == 0);
	((volatile char *)values)[CONSTANTS / 2] = 7; /* the next one must find 5 there */
	((volatile char *)zeros)[ZEROS / 2] = 8;
	after = resident();
	CHECK(after > before && after <= before + 4 * FEW); /* with the neighbours that a fault maps, too */
	return OK_END;
}

static void run(void)
{
	char *const argv[] = {(char *)"lazy_exec", (char *)"program", NULL};

	execve(SELF, argv, environ);
	FAILED("execve fails with %d", errno);
}

static void body(void)
{
	for (int i = 0; i < 3; i++)
		CHECK_END(run, OK_END);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "program") == 0)
		return as_program();
	return test_run(body);
}
