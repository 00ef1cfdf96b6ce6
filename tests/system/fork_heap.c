// A fork of 256 MiB that were all written costs the memory of a fork of nothing: the leaf tables are shared as they
// are.
// suite: lazy
// mem: 512
// kernels: debug release
// cpus: 1 4
#include "check.h"

enum { HEAP = 256 * MIB };

static int gate[2];

static void stay(void)
{
	char c;

	close(gate[1]);
	if (read(gate[0], &c, 1) != 0)
		_exit(1);
}

/* Bytes of pages and tables that a child costs as long as it does nothing. */
static uint32_t child_cost(void)
{
	struct abi_kstat before, with;
	pid_t pid;

	TRY(pipe(gate));
	CHECK(freemem() > 0);
	CHECK(kstat(&before, sizeof before) > 0);
	pid = child_start(stay);
	close(gate[0]);
	child_is(pid, 'S');
	CHECK(freemem() > 0);
	CHECK(kstat(&with, sizeof with) > 0);
	close(gate[1]);
	CHECK_EQ(child_wait(pid), 0);
	return with.anon + with.tables - before.anon - before.tables;
}

static void child_writes_some(void)
{
	extern char *volatile fork_heap;

	for (int i = 0; i < 8; i++)
		fork_heap[i * (HEAP / 8)] = (char)(100 + i);
	for (int i = 0; i < 8; i++)
		if (fork_heap[i * (HEAP / 8)] != (char)(100 + i) || fork_heap[i * (HEAP / 8) + PAGE] != 1)
			_exit(1);
}

char *volatile fork_heap;

static void body(void)
{
	char *start = (char *)(((uintptr_t)sbrk(0) + TABLE - 1) & ~(uintptr_t)(TABLE - 1));
	uint32_t empty, full;

	child_cost();
	empty = child_cost();
	CHECK(brk(start + HEAP) == 0);
	fork_heap = start;
	for (uint32_t i = 0; i < HEAP; i += PAGE)
		start[i] = 1;
	full = child_cost();
	CHECK_EQ(full, empty);
	CHECK_END(child_writes_some, 0);
	for (uint32_t i = 0; i < HEAP; i += PAGE)
		CHECK(start[i] == 1);
}

int main(void)
{
	return test_run(body);
}
