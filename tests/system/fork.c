// A fork copies nothing until somebody writes: what one writes the other never sees, in either direction and over
// generations; and who is left alone with a page takes it over without a copy.
// suite: lazy
// cpus: 1 4
// mem: 64 512
// kernels: debug release
#include "check.h"

enum { PAGES = 64, GENERATIONS = 20 };

static char *memory; /* PAGES pages in a table of their own */

static uint32_t anon_now(void)
{
	struct abi_kstat now;

	CHECK(freemem() > 0);
	CHECK(kstat(&now, sizeof now) >= (int)sizeof now);
	return now.anon;
}

static void fill(char *p, int value)
{
	for (int i = 0; i < PAGES; i++)
		memset(p + i * PAGE, value + i, PAGE);
}

static bool is_filled(const char *p, int value)
{
	for (int i = 0; i < PAGES; i++)
		for (int at = 0; at < PAGE; at += 511)
			if (p[i * PAGE + at] != (char)(value + i))
				return false;
	return true;
}

static void child_writes(void)
{
	CHECK(is_filled(memory, 10));
	fill(memory, 20);
	CHECK(is_filled(memory, 20));
}

static void child_reads_late(void)
{
	sleep_ms(30); /* the parent writes meanwhile */
	CHECK(is_filled(memory, 10));
}

static void both_directions(void)
{
	pid_t pid;

	fill(memory, 10);
	CHECK_END(child_writes, 0);
	CHECK(is_filled(memory, 10));
	pid = child_start(child_reads_late);
	fill(memory, 30);
	CHECK_EQ(child_wait(pid), 0);
	CHECK(is_filled(memory, 30));
}

/* Each generation sees what the one before wrote, changes it, and finds its own bytes untouched by its descendants. */
static int generation;

static void descendant(void)
{
	CHECK(is_filled(memory, generation));
	generation++;
	fill(memory, generation);
	if (generation < GENERATIONS) {
		CHECK_END(descendant, 0);
		CHECK(is_filled(memory, generation));
	}
}

static void chain(void)
{
	generation = 0;
	fill(memory, 0);
	CHECK_END(descendant, 0);
	CHECK(is_filled(memory, 0));
}

/* The middle of a chain ends first: who remains still has the bytes. */
static int gate[2];

static void outlive(void)
{
	char c;

	close(gate[1]);
	CHECK(read(gate[0], &c, 1) == 0); /* until all others have closed it */
	CHECK(is_filled(memory, 40));
	fill(memory, 41);
	CHECK(is_filled(memory, 41));
}

static void middle(void)
{
	child_start(outlive); /* init buries it */
}

static void middle_ends_first(void)
{
	int report[2];
	char c;

	TRY(pipe(gate));
	TRY(pipe(report));
	fill(memory, 40);
	CHECK_END(middle, 0);
	fill(memory, 42);
	close(report[1]);
	close(gate[0]);
	close(gate[1]);
	CHECK(read(report[0], &c, 1) == 0); /* end of file: the orphan has ended, too */
	close(report[0]);
	CHECK(is_filled(memory, 42));
}

static void nothing(void)
{
}

/* Pages that a dead child shared belong to the parent again: writing them takes no memory. */
static void take_over(void)
{
	uint32_t before, after;

	for (int round = 0; round < 2; round++) { /* the first touches stack and text */
		fill(memory, 50);
		before = anon_now();
		CHECK_END(nothing, 0);
		fill(memory, 51);
		after = anon_now();
	}
	CHECK_EQ(after - before, 0);
}

/* While the child lives, each page that one of the two writes is one page more, written once or often. */
static void stay(void)
{
	char c;

	close(gate[1]);
	CHECK(read(gate[0], &c, 1) == 0);
}

static void copies_are_counted(void)
{
	for (int round = 0; round < 2; round++) {
		uint32_t before, after;
		pid_t pid;

		TRY(pipe(gate));
		fill(memory, 60);
		pid = child_start(stay);
		close(gate[0]);
		child_is(pid, 'S');
		anon_now();
		before = anon_now();
		for (int i = 0; i < PAGES / 2; i++)
			memory[i * PAGE] = memory[i * PAGE + 1] = 1;
		after = anon_now();
		close(gate[1]);
		CHECK_EQ(child_wait(pid), 0);
		if (round == 1)
			CHECK_EQ(after - before, PAGES / 2 * PAGE);
	}
}

/* A system call that writes into a shared page copies it, too. */
static void kernel_copies(void)
{
	int fds[2];
	pid_t pid;

	TRY(pipe(fds));
	fill(memory, 10);
	pid = child_start(child_reads_late);
	CHECK(write(fds[1], "0123456789", 10) == 10);
	CHECK_EQ(read(fds[0], memory + PAGE - 5, 10), 10);
	CHECK_EQ(child_wait(pid), 0);
	CHECK(memcmp(memory + PAGE - 5, "0123456789", 10) == 0);
	close(fds[0]);
	close(fds[1]);
}

/* The page of zeros that both have read is still nobody's. */
static void zeros(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	CHECK(p[0] == 0);
	pid = fork();
	CHECK(pid >= 0);
	p[0] = pid == 0 ? 1 : 2;
	sleep_ms(10);
	CHECK(p[0] == (pid == 0 ? 1 : 2) && p[1] == 0);
	if (pid == 0)
		_exit(0);
	CHECK_EQ(child_wait(pid), 0);
	munmap(p, PAGE);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p[0] == 0);
	munmap(p, PAGE);
}

/* The child unmaps, shrinks and maps anew; the parent's space does not change, nor its data segment. */
static int global = 5;

static void rearrange(void)
{
	CHECK(munmap(memory, PAGES * PAGE) == 0);
	CHECK(mmap(memory, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == memory);
	CHECK(memory[0] == 0);
	CHECK(sbrk(-8 * PAGE) != (void *)-1);
	global = 6;
}

static void child_rearranges(void)
{
	char *heap = sbrk(8 * PAGE);

	fill(memory, 70);
	memset(heap, 9, 8 * PAGE);
	CHECK_END(rearrange, 0);
	CHECK(is_filled(memory, 70));
	CHECK(heap[0] == 9 && heap[8 * PAGE - 1] == 9 && global == 5);
	CHECK(sbrk(-8 * PAGE) != (void *)-1);
}

static void body(void)
{
	char *p = mmap(NULL, 2 * TABLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	memory = (char *)(((uintptr_t)p + TABLE - 1) & ~(uintptr_t)(TABLE - 1));
	both_directions();
	chain();
	middle_ends_first();
	take_over();
	copies_are_counted();
	kernel_copies();
	zeros();
	child_rearranges();
}

int main(void)
{
	return test_run(body);
}
