// What no process may touch: above the break, the gap below the stack, page 0, the kernel's half, and its own text for
// writing.  Whoever does ends with SIGSEGV, the log has the line with the very instruction and address, and a process
// beside it computes on as if nothing were.  An argument is the seed.
// suite: lazy
// cpus: 1 4
// mem: 64 512
// kernels: debug release
// reject: lazy_refused.c:[0-9]+:
#include "_lazy.h"

#define USER_TOP 0x80000000u
enum {
	ERR_PRESENT = 1,
	ERR_WRITE = 2,
	ERR_USER = 4,
	KERNEL_STEPS = 512, /* of 4 MiB, from KERNEL_BASE to the end of the address space */
	RANDOM_PAGES = 64,
	BATCH = 32,       /* touches between two answers of the process beside */
	WORK = 64 * PAGE, /* bytes that it works on */
};

/* The touches: naked instructions, so that the line in the log can be held to their very addresses. */
extern const char read_here[], write_here[], push_here[];

static volatile uint32_t where;

static void do_read(void)
{
	__asm__ volatile(".globl read_here\nread_here: movb (%0), %%al" : : "r"(where) : "eax");
	_exit(99);
}

static void do_write(void)
{
	__asm__ volatile(".globl write_here\nwrite_here: movb $1, (%0)" : : "r"(where) : "memory");
	_exit(99);
}

/* The stack pointer itself lies there. */
static void do_push(void)
{
	__asm__ volatile("movl %0, %%esp\n.globl push_here\npush_here: pushl $1" : : "r"(where + 4));
	_exit(99);
}

static void do_jump(void)
{
	((void (*)(void))where)();
	_exit(99);
}

struct touch {
	const char *name;
	void (*deed)(void);
	const char *eip; /* NULL: at the address itself */
	uint32_t err;    /* whether a page is there apart */
};
static const struct touch touches[] = {
	{"read", do_read, read_here, ERR_USER},
	{"write", do_write, write_here, ERR_USER | ERR_WRITE},
	{"jump", do_jump, NULL, ERR_USER},
	{"push", do_push, push_here, ERR_USER | ERR_WRITE},
};
enum { READ, WRITE, JUMP, PUSH };

static uint32_t cpus;

/* The child that does T at AT ends with SIGSEGV and the line of it; PRESENT: there is a page that it may not use so
   (1), there is none (0), or either (-1). */
static void refused(const struct touch *t, uint32_t at, int present)
{
	struct refusal r;
	pid_t pid;
	int end;

	where = at;
	pid = child_start(t->deed);
	end = child_wait(pid);
	if (end != -SIGSEGV)
		FAILED("%s at %#x ends with %d", t->name, at, end);
	r = refusal_of(pid, "lazy_refused");
	if (r.addr != at)
		FAILED("%s at %#x: the line says address %#x", t->name, at, r.addr);
	if (r.eip != (t->eip ? (uint32_t)(uintptr_t)t->eip : at))
		FAILED("%s at %#x: the line says instruction %#x", t->name, at, r.eip);
	if ((r.err & ~(uint32_t)ERR_PRESENT) != t->err || (present >= 0 && (int)(r.err & ERR_PRESENT) != present))
		FAILED("%s at %#x: the line says error %#x, not %#x with %d", t->name, at, r.err, t->err, present);
	if (r.cpu >= cpus)
		FAILED("%s at %#x: the line says CPU %u of %u", t->name, at, r.cpu, cpus);
}

static void all_refused(uint32_t at, int present)
{
	for (int i = 0; i < COUNT(touches); i++)
		refused(&touches[i], at, present);
}

/* The process beside: it gets a seed, works on its memory with it, and answers with what came out. */
static int to_other[2], from_other[2];
static uint32_t own[WORK / 4];

static uint32_t work(uint32_t seed)
{
	uint32_t sum = 0;

	for (int i = 0; i < COUNT(own); i++)
		own[i] ^= seed = seed * 1664525 + 1013904223;
	for (int i = 0; i < COUNT(own); i++)
		sum = sum * 31 + own[i];
	return sum;
}

static void other(void)
{
	uint32_t seed, sum;

	close(to_other[1]);
	close(from_other[0]);
	while (read(to_other[0], &seed, sizeof seed) == sizeof seed) {
		sum = work(seed);
		CHECK_EQ(write(from_other[1], &sum, sizeof sum), sizeof sum);
	}
}

static pid_t other_start(void)
{
	pid_t pid;

	TRY(pipe(to_other));
	TRY(pipe(from_other));
	pid = child_start(other);
	close(to_other[0]);
	close(from_other[1]);
	return pid;
}

/* The parent works along: the same seeds give the same sums, from the same memory. */
static uint32_t seed_given;

static void other_give(void)
{
	seed_given = random_next();
	CHECK_EQ(write(to_other[1], &seed_given, sizeof seed_given), sizeof seed_given);
}

static void other_take(void)
{
	uint32_t sum;

	CHECK_EQ(read(from_other[0], &sum, sizeof sum), sizeof sum);
	CHECK_EQ(sum, work(seed_given));
}

static void other_end(pid_t pid)
{
	close(to_other[1]);
	CHECK_EQ(child_wait(pid), 0);
	close(from_other[0]);
}

/* The kernel's half: each 4 MiB of it, its first page or another, and random bytes. */
static void kernel_half(void)
{
	uint32_t ram;
	struct abi_kstat now;

	CHECK(kstat(&now, sizeof now) > 0);
	ram = (now.total + now.kernel) / TABLE;
	CHECK(ram > 8);
	all_refused(KERNEL_BASE, -1);
	all_refused(KERNEL_BASE + MIB, -1);
	all_refused(0xffffffff, -1);
	for (uint32_t i = 0; i < KERNEL_STEPS; i++) {
		uint32_t at = KERNEL_BASE + i * TABLE;
		int present = i > 1 && i < ram - 2 ? 1 : -1; /* the direct map of memory: there, and not for programs */

		if (i % BATCH == 0)
			other_give();
		if (at >= KERNEL_BASE + 1792u * MIB && at < 0xf0000000)
			present = 0;
		if (i % 2)
			at += PAGE * (1 + random_below(1022));
		refused(&touches[READ + random_below(3)], at, present);
		if (i % BATCH == BATCH - 1)
			other_take();
	}
	for (int i = 0; i < RANDOM_PAGES; i++)
		refused(&touches[random_below(PUSH + 1)], KERNEL_BASE | random_next(), -1);
}

static void page_zero(void)
{
	static const uint32_t addresses[] = {0, 1, 4, 0x7ff, PAGE - 4, PAGE - 1, PAGE};

	for (int i = 0; i < COUNT(addresses); i++)
		for (int kind = READ; kind <= JUMP; kind++)
			refused(&touches[kind], addresses[i], 0);
}

/* The heap: up to the end of the page of the break there is memory, above it is not, whatever was there before. */
static void above_the_break(void)
{
	char *heap = table_ceil(sbrk(0));
	uint32_t end = (uint32_t)(uintptr_t)heap + 3 * PAGE;

	CHECK_EQ(brk(heap), 0);
	all_refused((uint32_t)(uintptr_t)heap, 0);
	CHECK_EQ(brk(heap + 2 * PAGE + 1), 0);
	memset(heap, 1, 3 * PAGE);
	all_refused(end, 0);
	all_refused(end + PAGE, 0);
	all_refused(end + GIB, 0);
	CHECK_EQ(brk(heap + 100 * PAGE), 0);
	memset(heap, 1, 100 * PAGE);
	CHECK_EQ(brk(heap + 3 * PAGE), 0);
	all_refused(end, 0);
	all_refused(end + PAGE - 1, 0);
	all_refused(end + 96 * PAGE, 0);
	for (int i = 0; i < 3 * PAGE; i++)
		CHECK(heap[i] == 1);
	CHECK_EQ(brk(heap), 0);
}

/* Below the stack's limit there is a gap before the first mapping; and what is far below the stack pointer is no
   growth, for reading, writing or running. */
static void below_the_stack(void)
{
	uint32_t here = (uint32_t)(uintptr_t)__builtin_frame_address(0), limit = USER_TOP - STACK_LIMIT;
	char *highest = promise(PAGE); /* mappings are placed top-down below the stack */
	uint32_t gap = (uint32_t)(uintptr_t)highest + PAGE;

	*highest = 1;
	CHECK(gap < limit);
	for (uint32_t at = gap; at < limit; at += PAGE)
		refused(&touches[READ + at / PAGE % 3], at, 0);
	all_refused(limit - 1, 0);
	for (uint32_t at = limit + PAGE; at < here - MIB; at += MIB / 2 + PAGE)
		for (int kind = READ; kind <= JUMP; kind++)
			refused(&touches[kind], at, 0);
	CHECK(*highest == 1);
	give_back(highest, PAGE);
}

static int code_end(void)
{
	return 7;
}

/* Text and constants are there to be read; a write to them is refused, and nothing of them changes. */
static void text_and_constants(void)
{
	static const char constant[] = "constants lie here";
	static const volatile int *text = (const volatile int *)code_end;
	int before = *text;

	CHECK(constant[0] == 'c');
	refused(&touches[WRITE], (uint32_t)(uintptr_t)constant, 1);
	refused(&touches[WRITE], (uint32_t)(uintptr_t)code_end, 1);
	refused(&touches[PUSH], (uint32_t)(uintptr_t)code_end, 1);
	refused(&touches[WRITE], (uint32_t)(uintptr_t)write_here, 1); /* the instruction itself */
	CHECK_STRING(constant, "constants lie here");
	CHECK(*text == before && code_end() == 7);
}

/* The two ends of a mapping, a hole in one, one that may not be written, one that may not be touched. */
static void mappings(void)
{
	char *p = promise(5 * PAGE);
	char *read_only = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *nothing = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(read_only != MAP_FAILED && nothing != MAP_FAILED);
	memset(p, 1, 5 * PAGE);
	give_back(p + 2 * PAGE, PAGE);
	all_refused((uint32_t)(uintptr_t)p + 2 * PAGE, 0);
	all_refused((uint32_t)(uintptr_t)p + 3 * PAGE - 1, 0);
	refused(&touches[WRITE], (uint32_t)(uintptr_t)read_only, 0); /* rights before presence: nothing came */
	CHECK(*(volatile char *)read_only == 0);
	refused(&touches[WRITE], (uint32_t)(uintptr_t)read_only, 1);
	all_refused((uint32_t)(uintptr_t)nothing, 0);
	CHECK(p[2 * PAGE - 1] == 1 && p[3 * PAGE] == 1 && *read_only == 0);
	give_back(p, 5 * PAGE);
	give_back(read_only, PAGE);
	give_back(nothing, PAGE);
}

static void body(void)
{
	pid_t pid = other_start();
	struct abi_kstat now;

	CHECK(kstat(&now, sizeof now) > 0);
	cpus = now.ncpus;
	other_give();
	page_zero();
	above_the_break();
	below_the_stack();
	other_take();
	other_give();
	text_and_constants();
	mappings();
	other_take();
	kernel_half();
	other_end(pid);
}

int main(int argc, char **argv)
{
	random_start(argc, argv);
	return test_run(body);
}
