// sbrk: a promise takes nothing; what cannot be promised is refused and changes nothing; what is given back is free at
// once; what stays of a page keeps its bytes, and what comes back is zeros.
// suite: lazy
// cpus: 1 4
// mem: 64 512
// kernels: debug release
#include "_lazy.h"

#define USER_TOP 0x80000000u
enum { SYS_BRK = 45, PAGES = 50 };

static char *first;  /* the heap's start, as the program found it */
static char *origin; /* the first boundary of a leaf table above it: what lies there costs tables of its own */

static char pattern(uint32_t i)
{
	return (char)(i * 7 + (i >> 12) + 1);
}

static void fill(char *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		p[i] = pattern(i);
}

static void is_filled(const char *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (p[i] != pattern(i))
			FAILED("byte %u at %p is %d", i, (const void *)p, p[i]);
}

static void is_zero(const char *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (p[i] != 0)
			FAILED("byte %u at %p is %d, not 0", i, (const void *)p, p[i]);
}

/* The old break, for every n. */
static void old_break(void)
{
	static const int steps[] = {1, 100, PAGE - 101, PAGE, PAGE + 1, 64 * MIB - 1, GIB};
	char *now = origin;

	for (int i = 0; i < COUNT(steps); i++) {
		CHECK(sbrk(steps[i]) == now);
		now += steps[i];
		CHECK(sbrk(0) == now);
		CHECK_EQ((uint32_t)TRAP(SYS_BRK, 0), (uint32_t)(uintptr_t)now);
	}
	for (int i = COUNT(steps) - 1; i >= 0; i--) {
		CHECK(sbrk(-steps[i]) == now);
		now -= steps[i];
	}
	CHECK(sbrk(0) == origin);
}

static void promise_is_free(void)
{
	static const int sizes[] = {1, PAGE, 64 * MIB, GIB};

	for (int i = 0; i < COUNT(sizes); i++) {
		struct use at[3];

		at[0] = use_now();
		CHECK(sbrk(sizes[i]) == origin);
		at[1] = use_now();
		CHECK(sbrk(-sizes[i]) == origin + sizes[i]);
		at[2] = use_now();
		use_check("a promise", at[0], at[1], 0, 0);
		use_check("a promise taken back", at[0], at[2], 0, 0);
		CHECK_EQ(at[1].slab, at[0].slab);
	}
}

/* The call must fail, and the world be as it was. */
static void refuse(int n)
{
	struct use at[2];
	char *now = sbrk(0);

	at[0] = use_now();
	CHECK_ERR(sbrk(n), ENOMEM);
	CHECK_EQ((uint32_t)TRAP(SYS_BRK, (uint32_t)(uintptr_t)now + (uint32_t)n), (uint32_t)(uintptr_t)now);
	at[1] = use_now();
	CHECK(sbrk(0) == now);
	CHECK_EQ((uint32_t)TRAP(SYS_BRK, 0), (uint32_t)(uintptr_t)now);
	use_check("a refusal", at[0], at[1], 0, 0);
	CHECK_EQ(at[1].slab, at[0].slab);
}

/* The address that sbrk(the result) would move the break to. */
static int distance(uint32_t to)
{
	return (int)(to - (uint32_t)(uintptr_t)sbrk(0));
}

static void too_far(void)
{
	static const uint32_t ends[] = {
		USER_TOP - STACK_LIMIT,
		USER_TOP - STACK_LIMIT + 1,
		USER_TOP - STACK_LIMIT + PAGE,
		USER_TOP - STACK_LIMIT / 2,
		USER_TOP - PAGE,
		USER_TOP - 1,
		USER_TOP,
		USER_TOP + 1,
		USER_TOP + PAGE,
	};
	int past_the_end[] = {0x7fffffff, 0x7ffff000, INT32_MIN, INT32_MIN + 1, INT32_MIN + PAGE};

	for (int i = 0; i < COUNT(ends); i++)
		refuse(distance(ends[i]));
	for (int i = 0; i < COUNT(past_the_end); i++)
		refuse(past_the_end[i]);
	for (uint32_t end = 0x90000000; end >= 0x90000000; end += 0x10000000) { /* until it wraps around */
		CHECK((char *)(uintptr_t)TRAP(SYS_BRK, end) == sbrk(0));
		CHECK((char *)(uintptr_t)TRAP(SYS_BRK, end - 1) == sbrk(0));
	}
	CHECK((char *)(uintptr_t)TRAP(SYS_BRK, ~0u) == sbrk(0));
}

/* From a small heap with bytes in it, and from the largest there can be. */
static void growth_refused(void)
{
	uint32_t most;
	struct use at[2];

	CHECK(sbrk(3 * PAGE + 5) == origin);
	fill(origin, 3 * PAGE + 5);
	too_far();
	is_filled(origin, 3 * PAGE + 5);
	most = USER_TOP - STACK_LIMIT - MIB; /* the guard below the stack is less than that */
	at[0] = use_now();
	CHECK(sbrk(distance(most)) == origin + 3 * PAGE + 5);
	at[1] = use_now();
	use_check("the largest heap", at[0], at[1], 0, 0);
	too_far();
	*(volatile char *)(uintptr_t)(most - 1) = 1;
	is_filled(origin, 3 * PAGE + 5);
	CHECK_EQ(brk(origin), 0);
}

/* A mapping in the way is not run over. */
static void growth_into_mapping(void)
{
	char *wall = origin + 4 * TABLE;

	CHECK(mmap(wall, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == wall);
	fill(wall, PAGE);
	CHECK(sbrk(PAGE) == origin);
	fill(origin, PAGE);
	refuse(4 * TABLE - PAGE + 1);
	refuse(5 * TABLE);
	refuse(GIB);
	is_filled(wall, PAGE);
	is_filled(origin, PAGE);
	CHECK(sbrk(4 * TABLE - 2 * PAGE) == origin + PAGE);
	CHECK_EQ(brk(origin), 0);
	give_back(wall, PAGE);
}

static void given_back(void)
{
	struct use at[7];

	CHECK(sbrk(2 * PAGES * PAGE) == origin);
	at[0] = use_now();
	fill(origin, 2 * PAGES * PAGE);
	at[1] = use_now();
	CHECK(sbrk(-PAGES * PAGE) != (void *)-1);
	at[2] = use_now();
	CHECK(sbrk(-1) == origin + PAGES * PAGE); /* a byte less: its page stays */
	at[3] = use_now();
	CHECK(sbrk(-(PAGE - 1)) != (void *)-1); /* the rest of it: it goes */
	at[4] = use_now();
	is_filled(origin, (PAGES - 1) * PAGE);
	CHECK(sbrk(-(PAGES - 1) * PAGE + 1) != (void *)-1); /* all but one byte: one page */
	at[5] = use_now();
	is_filled(origin, 1);
	CHECK(sbrk(-1) == origin + 1);
	at[6] = use_now();
	use_check("the touch", at[0], at[1], 2 * PAGES, 1);
	use_check("half of it given back", at[1], at[2], -PAGES, 0);
	use_check("a byte given back", at[2], at[3], 0, 0);
	use_check("the last of a page given back", at[3], at[4], -1, 0);
	use_check("all but a byte given back", at[4], at[5], -(PAGES - 2), 0);
	use_check("all given back", at[0], at[6], 0, 0);
}

/* Many tables, a page or two in each; giving back ends in the midst of one. */
static void given_back_over_tables(void)
{
	struct use at[4];

	CHECK(sbrk(8 * TABLE) == origin);
	at[0] = use_now();
	for (int i = 0; i < 8; i++) {
		origin[i * TABLE] = 1;
		origin[i * TABLE + TABLE - PAGE] = 2;
	}
	at[1] = use_now();
	CHECK_EQ(brk(origin + 5 * TABLE + TABLE / 2), 0);
	at[2] = use_now();
	for (int i = 0; i < 5; i++)
		CHECK(origin[i * TABLE] == 1 && origin[i * TABLE + TABLE - PAGE] == 2);
	CHECK(origin[5 * TABLE] == 1);
	CHECK_EQ(brk(origin), 0);
	at[3] = use_now();
	use_check("16 pages in 8 tables", at[0], at[1], 16, 8);
	use_check("two tables and a half given back", at[1], at[2], -5, -2);
	use_check("all tables given back", at[0], at[3], 0, 0);
}

static void grown_again(void)
{
	static const int left[] = {1, 100, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 2048};

	for (int i = 0; i < COUNT(left); i++) {
		uint32_t whole = ((uint32_t)left[i] + PAGE - 1) & ~(uint32_t)(PAGE - 1);

		CHECK_EQ(brk(origin + 5 * PAGE), 0);
		fill(origin, 5 * PAGE);
		CHECK_EQ(brk(origin + left[i]), 0);
		is_filled(origin, (uint32_t)left[i]);
		CHECK_EQ(brk(origin + 5 * PAGE), 0);
		is_filled(origin, (uint32_t)left[i]);
		is_zero(origin + whole, 5 * PAGE - whole);
		CHECK_EQ(brk(origin), 0);
	}
	CHECK_EQ(brk(origin + 5 * PAGE), 0);
	is_zero(origin, 5 * PAGE);
	CHECK_EQ(brk(origin), 0);
}

/* Nothing lies below the heap's start that sbrk could give back. */
static void below_the_start(void)
{
	static char data[PAGE] = {1};
	uint32_t all = (uint32_t)(origin - first) + PAGES * PAGE;

	CHECK(sbrk(PAGES * PAGE) == origin);
	fill(origin, PAGES * PAGE);
	refuse(-(int)all - 1);
	refuse(-(int)all - PAGE);
	refuse(distance((uint32_t)(uintptr_t)data));
	refuse(distance((uint32_t)(uintptr_t)below_the_start));
	refuse(distance(PAGE));
	refuse(distance(1));
	CHECK_ERR(sbrk(distance(0)), ENOMEM);
	CHECK_ERR(brk(first - 1), ENOMEM);
	is_filled(origin, PAGES * PAGE);
	CHECK(data[0] == 1);
	CHECK(sbrk(-(int)all) == origin + PAGES * PAGE); /* and exactly to the start is allowed */
	CHECK(sbrk(0) == first);
	CHECK_EQ(brk(origin), 0);
}

static int gate[2];

static void other_side(void)
{
	char c;

	close(gate[1]);
	CHECK(read(gate[0], &c, 1) == 0); /* until the parent has shrunk its heap and grown it again */
	CHECK(sbrk(0) == origin + PAGES * PAGE);
	is_filled(origin, PAGES * PAGE);
}

/* Two that share a heap after fork: giving back is each one's own affair, and what is free is what neither has. */
static void shared(void)
{
	struct use at[4];
	pid_t pid;

	TRY(pipe(gate));
	CHECK(sbrk(PAGES * PAGE) == origin);
	at[0] = use_now();
	fill(origin, PAGES * PAGE);
	pid = child_start(other_side);
	close(gate[0]);
	child_is(pid, 'S');
	at[1] = use_now();
	CHECK(sbrk(-(PAGES - 1) * PAGE) != (void *)-1);
	is_filled(origin, PAGE);
	CHECK(sbrk((PAGES - 1) * PAGE) != (void *)-1);
	is_zero(origin + PAGE, (PAGES - 1) * PAGE);
	at[2] = use_now();
	close(gate[1]);
	CHECK_EQ(child_wait(pid), 0);
	is_filled(origin, PAGE);
	CHECK_EQ(brk(origin), 0);
	at[3] = use_now();
	CHECK((int)(at[2].anon - at[1].anon) >= 0); /* nothing came free: the child has it all */
	use_check("both have given back", at[0], at[3], 0, 0);
}

static void all(void)
{
	old_break();
	promise_is_free();
	growth_refused();
	growth_into_mapping();
	given_back();
	given_back_over_tables();
	grown_again();
	below_the_start();
	shared();
	CHECK_EQ(brk(origin), 0);
}

static void body(void)
{
	first = sbrk(0);
	origin = table_ceil(first);
	CHECK_EQ(brk(origin), 0);
	rehearse(all);
}

int main(void)
{
	return test_run(body);
}
