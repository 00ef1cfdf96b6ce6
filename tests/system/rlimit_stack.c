// How far the stack grows: the limit is the process's own, works at once, goes to children and through exec, and old
// and new calls say the same of it.  Limits that the kernel cannot enforce cannot be set.
// suite: lazy
// cpus: 1 4
// mem: 256
// kernels: debug release
#include <sys/resource.h>

#include "check.h"

enum { GETRLIMIT = 76, UGETRLIMIT = 191, SETRLIMIT = 75 };
#define PROGRAM "/bin/rlimit_stack"

static uint32_t depth; /* bytes of stack to use */

static __attribute__((noinline)) void descend(void)
{
	volatile char *p = __builtin_alloca(depth);

	for (uint32_t i = 0; i < depth; i += PAGE)
		p[depth - 1 - i] = 1;
}

/* How a child ends that uses BYTES of stack. */
static int end_of_depth(uint32_t bytes)
{
	depth = bytes;
	return child_end(descend);
}

static void set(rlim_t soft, rlim_t hard)
{
	const struct rlimit r = {soft, hard};

	TRY(setrlimit(RLIMIT_STACK, &r));
}

static void limit_is(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit r;

	TRY(getrlimit(resource, &r));
	CHECK_EQ(r.rlim_cur, soft);
	CHECK_EQ(r.rlim_max, hard);
}

static void trap_is(uint32_t call, uint32_t soft, uint32_t hard)
{
	uint32_t r[2] = {1, 2};

	CHECK_EQ(TRAP(call, RLIMIT_STACK, (uint32_t)(uintptr_t)r), 0);
	CHECK_EQ(r[0], soft);
	CHECK_EQ(r[1], hard);
}

static void values(void)
{
	const uint32_t narrow[2] = {0x90000000, 0xffffffff};
	const struct rlimit large = {0x123456789all, RLIM_INFINITY};

	limit_is(RLIMIT_STACK, 8 * MIB, RLIM_INFINITY);
	trap_is(UGETRLIMIT, 8 * MIB, 0xffffffff);
	trap_is(GETRLIMIT, 8 * MIB, 0x7fffffff);
	CHECK_EQ(TRAP(SETRLIMIT, RLIMIT_STACK, (uint32_t)(uintptr_t)narrow), 0);
	limit_is(RLIMIT_STACK, 0x90000000u, RLIM_INFINITY);
	trap_is(GETRLIMIT, 0x7fffffff, 0x7fffffff);
	TRY(setrlimit(RLIMIT_STACK, &large)); /* more than 32 bits can say */
	limit_is(RLIMIT_STACK, RLIM_INFINITY, RLIM_INFINITY);
	set(8 * MIB, 64 * MIB);
	limit_is(RLIMIT_STACK, 8 * MIB, 64 * MIB);
	set(8 * MIB, RLIM_INFINITY);
}

static void errors(void)
{
	const struct rlimit upside_down = {2 * MIB, MIB}, zero = {0, 0}, good = {8 * MIB, RLIM_INFINITY};
	struct rlimit r;

	CHECK_ERR(setrlimit(RLIMIT_STACK, &upside_down), EINVAL);
	CHECK_ERR(getrlimit(RLIM_NLIMITS, &r), EINVAL);
	CHECK_ERR(getrlimit(-1, &r), EINVAL);
	CHECK_ERR(setrlimit(RLIM_NLIMITS, &zero), EINVAL);
	CHECK_ERR(prlimit(1, RLIMIT_STACK, NULL, &r), EPERM);
	CHECK_ERR(prlimit(30000, RLIMIT_STACK, NULL, &r), ESRCH);
	CHECK_ERR(prlimit(0, RLIMIT_STACK, &good, (struct rlimit *)16), EFAULT);
	TRY(prlimit(getpid(), RLIMIT_STACK, &good, &r));
	CHECK_EQ(r.rlim_cur, 8 * MIB);
	TRY(prlimit(0, RLIMIT_STACK, NULL, NULL));
}

/* The others say what the kernel has, and stay as they are. */
static void others(void)
{
	const struct rlimit less = {16, 16}, none = {0, 0};

	limit_is(RLIMIT_NOFILE, OPEN_MAX, OPEN_MAX);
	limit_is(RLIMIT_CORE, 0, 0);
	limit_is(RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY);
	CHECK_ERR(setrlimit(RLIMIT_NOFILE, &less), EPERM);
	CHECK_ERR(setrlimit(RLIMIT_AS, &less), EPERM);
	TRY(setrlimit(RLIMIT_CORE, &none));
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit r;

		TRY(getrlimit(i, &r));
		TRY(setrlimit(i, &r));
	}
}

static void at_once(void)
{
	CHECK_EQ(end_of_depth(7 * MIB), 0);
	CHECK_EQ(end_of_depth(9 * MIB), -SIGSEGV);
	set(MIB, RLIM_INFINITY);
	CHECK_EQ(end_of_depth(MIB - 64 * 1024), 0);
	CHECK_EQ(end_of_depth(MIB + PAGE), -SIGSEGV);
	set(16 * MIB, RLIM_INFINITY);
	CHECK_EQ(end_of_depth(15 * MIB), 0); /* nothing is mapped there yet */
	CHECK_EQ(end_of_depth(17 * MIB), -SIGSEGV);
	set(8 * MIB, RLIM_INFINITY);
}

static void exec_self(void)
{
	char text[16];
	char *argv[] = {PROGRAM, text, NULL}, *envp[] = {NULL};

	snprintf(text, sizeof text, "%u", depth);
	execve(PROGRAM, argv, envp);
	FAILED("execve fails with %d", errno);
}

/* How a program ends that is started under the limit SOFT and uses BYTES of stack. */
static int end_of_program(rlim_t soft, uint32_t bytes)
{
	struct rlimit old;
	int end;

	TRY(getrlimit(RLIMIT_STACK, &old));
	set(soft, RLIM_INFINITY);
	depth = bytes;
	end = child_end(exec_self);
	TRY(setrlimit(RLIMIT_STACK, &old));
	return end;
}

static void through_exec(void)
{
	CHECK_EQ(end_of_program(2 * MIB, MIB), 0);
	CHECK_EQ(end_of_program(2 * MIB, 3 * MIB), -SIGSEGV);
	CHECK_EQ(end_of_program(64 * MIB, 60 * MIB), 0);
	CHECK_EQ(end_of_program(64 * MIB, 65 * MIB), -SIGSEGV);
	CHECK_EQ(end_of_program(RLIM_INFINITY, 100 * MIB), 0);
	CHECK_EQ(end_of_program(PAGE, 0), 0);
}

static void body(void)
{
	values();
	errors();
	others();
	at_once();
	through_exec();
}

/* Started by exec_self: a mapping is placed below the room of the stack, which can then be used. */
static int use_stack(uint32_t bytes)
{
	char *p = mmap(NULL, GIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	p[GIB - 1] = 1;
	depth = bytes;
	descend();
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 1 ? use_stack((uint32_t)strtoul(argv[1], NULL, 0)) : test_run(body);
}
