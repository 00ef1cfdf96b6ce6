// Registers of the FPU and of SSE belong to their process: eight of them with different contents on every CPU count
// keep them over switches, a fork copies them, an exec begins afresh, and an unmasked exception is SIGFPE.
// cpus: 1 4
// kernels: debug release
#include "check.h"

#define SELF "/bin/fpu_state"
enum { PROCESSES = 8, ROUNDS = 60, FRESH = 50, X87_CONTROL = 0x37f, MXCSR_FRESH = 0x1f80 };

struct state {
	double x87[8];
	uint32_t xmm[8][4];
	uint32_t mxcsr;
	uint16_t control;
};

static void state_load(const struct state *s)
{
	__asm__ volatile("fninit\n\tfldcw %0" : : "m"(s->control));
	for (int i = 0; i < 8; i++)
		__asm__ volatile("fldl %0" : : "m"(s->x87[7 - i]));
	__asm__ volatile("ldmxcsr %0" : : "m"(s->mxcsr));
	__asm__ volatile(
		"movups 0(%0), %%xmm0\n\tmovups 16(%0), %%xmm1\n\tmovups 32(%0), %%xmm2\n\tmovups 48(%0), %%xmm3\n\t"
		"movups 64(%0), %%xmm4\n\tmovups 80(%0), %%xmm5\n\tmovups 96(%0), %%xmm6\n\tmovups 112(%0), %%xmm7"
		:
		: "r"(s->xmm)
		: "memory");
}

/* The x87 stack is empty after this. */
static void state_store(struct state *s)
{
	memset(s, 0, sizeof *s);
	__asm__ volatile("fnstcw %0" : "=m"(s->control));
	for (int i = 0; i < 8; i++)
		__asm__ volatile("fstpl %0" : "=m"(s->x87[i]));
	__asm__ volatile("stmxcsr %0" : "=m"(s->mxcsr));
	__asm__ volatile(
		"movups %%xmm0, 0(%0)\n\tmovups %%xmm1, 16(%0)\n\tmovups %%xmm2, 32(%0)\n\tmovups %%xmm3, 48(%0)\n\t"
		"movups %%xmm4, 64(%0)\n\tmovups %%xmm5, 80(%0)\n\tmovups %%xmm6, 96(%0)\n\tmovups %%xmm7, 112(%0)"
		:
		: "r"(s->xmm)
		: "memory");
}

static void state_make(struct state *s, int of)
{
	memset(s, 0, sizeof *s);
	for (int i = 0; i < 8; i++) {
		s->x87[i] = of * 1000 + i + 0.25;
		for (int j = 0; j < 4; j++)
			s->xmm[i][j] = (uint32_t)(of << 16 | i << 8 | j);
	}
	s->mxcsr = of % 2 ? MXCSR_FRESH : MXCSR_FRESH | 0x6000; /* rounding: nearest, to zero */
	s->control = of % 2 ? X87_CONTROL : X87_CONTROL | 0xc00;
}

static void state_check(const struct state *want, const struct state *got, const char *when, int of)
{
	if (memcmp(want, got, sizeof *want) != 0)
		FAILED("process %d has other values %s: st0 %d (of %d), xmm7 %#x (of %#x), control %#x (of %#x)", of,
		       when, (int)got->x87[0], (int)want->x87[0], got->xmm[7][3], want->xmm[7][3], got->control,
		       want->control);
}

static void spin(uint32_t rounds)
{
	__asm__ volatile("1:\tloop 1b" : "+c"(rounds));
}

static int self;

/* Assembly alone stands between load and store, and system calls that go without C's floating point. */
static void keep(void)
{
	struct state want, got;
	int status;

	for (int round = 0; round < ROUNDS; round++) {
		struct timespec t = {0, 1000000};
		pid_t pid = -1;

		state_make(&want, self * 100 + round);
		state_load(&want);
		if (round % 3 == 0)
			spin(200000);
		if (round % 3 == 1)
			nanosleep(&t, NULL);
		if (round % 10 == 2)
			pid = fork();
		if (pid == 0)
			nanosleep(&t, NULL);
		state_store(&got);
		state_check(&want, &got, pid == 0 ? "after fork, in the child" : "later", self);
		if (pid == 0)
			_exit(0);
		if (pid > 0)
			CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	}
}

static void all_keep(void)
{
	pid_t pids[PROCESSES];

	for (self = 1; self <= PROCESSES; self++)
		pids[self - 1] = child_start(keep);
	for (int i = 0; i < PROCESSES; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
}

/* What a new program finds. */
static int fresh(void)
{
	struct {
		uint16_t control, fill0, status, fill1, tag, fill2;
		uint32_t rest[4];
	} env;
	struct state got;

	__asm__ volatile("fnstenv %0" : "=m"(env));
	CHECK_EQ(env.control, X87_CONTROL);
	CHECK_EQ(env.status, 0);
	CHECK_EQ(env.tag, 0xffff); /* all empty */
	__asm__ volatile("fninit");
	state_store(&got);
	CHECK_EQ(got.mxcsr, MXCSR_FRESH);
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < 4; j++)
			CHECK_EQ(got.xmm[i][j], 0);
	return FRESH;
}

static void exec_with_values(void)
{
	struct state s;
	char *const argv[] = {(char *)"x", (char *)"fresh", NULL};

	state_make(&s, 7);
	state_load(&s);
	execve(SELF, argv, environ);
	_exit(1);
}

static void exec_without_values(void)
{
	char *const argv[] = {(char *)"x", (char *)"fresh", NULL};

	execve(SELF, argv, environ);
	_exit(1);
}

static void x87_division(void)
{
	uint16_t control = 0x37b; /* division by zero is not masked */

	__asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\tfwait" : : "m"(control));
}

static void x87_invalid(void)
{
	uint16_t control = 0x37e; /* neither is the invalid operation */

	__asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfchs\n\tfsqrt\n\tfwait" : : "m"(control));
}

static void sse_division(void)
{
	uint32_t mxcsr = 0x1d80;
	static const float one[4] __attribute__((aligned(16))) = {1, 1, 1, 1};

	__asm__ volatile("ldmxcsr %0\n\txorps %%xmm1, %%xmm1\n\tmovaps %1, %%xmm0\n\tdivps %%xmm1, %%xmm0"
	                 :
	                 : "m"(mxcsr), "m"(one));
}

static void sse_reserved(void)
{
	uint32_t mxcsr = 0xffff0000;

	__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

/* A pending exception of one process is not another's; the next program's first FPU instruction is its own. */
static void pending_exception(void)
{
	uint16_t control = 0x37b;

	__asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp" : : "m"(control));
	exec_without_values();
}

static void child_of_pending(void)
{
	uint16_t control = 0x37b;
	pid_t pid;

	__asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp" : : "m"(control));
	pid = fork();
	if (pid == 0) {
		__asm__ volatile("fwait"); /* it has inherited the pending exception */
		_exit(0);
	}
	_exit(child_wait(pid) == -SIGFPE ? 0 : 1);
}

static void body(void)
{
	int end;

	all_keep();
	CHECK_END(exec_with_values, FRESH);
	CHECK_END(exec_without_values, FRESH);
	CHECK_END(x87_division, -SIGFPE);
	CHECK_END(x87_invalid, -SIGFPE);
	end = child_end(sse_division);
	CHECK(end == -SIGFPE || end == 0); /* QEMU's TCG does not raise #XM */
	end = child_end(sse_reserved);
	CHECK(end == -SIGSEGV || end == 0); /* nor does it look at the bits that must be 0 */
	CHECK_END(pending_exception, FRESH);
	CHECK_END(child_of_pending, 0);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "fresh") == 0)
		return fresh();
	return test_run(body);
}
