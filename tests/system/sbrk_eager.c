// A heap whose pages are there at once, or not at all: to the byte, beside sharers of its table, and when it is killed
// in the middle.
// suite: lazy
// cpus: 1 4
// mem: 64
// kernels: debug release
#include <sched.h>

#include "check.h"

enum { PAGES = 200 };

static struct abi_kstat books(void)
{
	static struct {
		struct abi_kstat now;
		struct abi_kstat_cache caches[CHECK_CACHES];
	} raw;

	CHECK(freemem() > 0);
	CHECK(kstat(&raw, sizeof raw) >= (int)sizeof raw.now);
	return raw.now;
}

static void grow(void)
{
	char *start = sbrk_eager(0), *p;
	struct abi_kstat before, after, written;

	CHECK(start == sbrk(0));
	p = sbrk(PAGE - ((intptr_t)start & (PAGE - 1))); /* from here on, whole pages */
	CHECK(p == start);
	start = sbrk(0);
	CHECK(sbrk_eager(PAGE) == start); /* rehearsed */
	CHECK(sbrk_eager(-PAGE) == start + PAGE);
	books(); /* its own pages are there from now on */
	before = books();
	p = sbrk_eager(PAGES * PAGE);
	after = books();
	CHECK(p == start && sbrk(0) == start + PAGES * PAGE);
	CHECK_EQ(after.anon - before.anon, PAGES * PAGE);
	for (int i = 0; i < PAGES * PAGE; i++)
		CHECK(p[i] == 0);
	memset(p, 1, PAGES * PAGE);
	written = books();
	CHECK_EQ(written.anon, after.anon);
	CHECK_EQ(written.free, after.free);
	CHECK(sbrk_eager(-PAGES * PAGE) == start + PAGES * PAGE);
	CHECK(sbrk(0) == start);
	CHECK_EQ(books().anon, before.anon);
}

/* The page that holds the old break is there too. */
static void odd_sizes(void)
{
	char *p = sbrk(PAGE + 100);
	struct abi_kstat before, after;

	CHECK(p != (char *)-1);
	p = sbrk(0);
	before = books();
	CHECK(sbrk_eager(10) == p);
	after = books();
	CHECK_EQ(after.anon - before.anon, PAGE);
	CHECK(sbrk_eager(PAGE) == p + 10);
	p[10 + PAGE - 1] = 1;
	CHECK_EQ(books().anon - before.anon, 2 * PAGE);
	CHECK(sbrk_eager(-10 - PAGE) == p + 10 + PAGE);
	CHECK(sbrk(-PAGE - 100) == p);
}

static void refuse(void)
{
	char *start = sbrk(0);
	struct abi_kstat before = books(), after;

	CHECK_ERR(sbrk_eager((intptr_t)before.free), ENOMEM);
	CHECK_ERR(sbrk_eager(GIB), ENOMEM);
	CHECK_ERR(sbrk_eager(INT32_MAX), ENOMEM);
	CHECK_ERR(sbrk_eager(INT32_MIN), EINVAL);
	CHECK_ERR(sbrk_eager(-0x10000000), EINVAL);
	CHECK(sbrk_eager(0) == start);
	after = books();
	CHECK_EQ(after.free, before.free);
	CHECK_EQ(after.anon, before.anon);
	CHECK_EQ(after.tables, before.tables);
}

static volatile char *heap;

static void grow_shared(void)
{
	char *p = sbrk_eager(PAGES * PAGE);

	CHECK(p == heap + 20 * PAGE);
	for (int i = 0; i < 20; i++)
		CHECK_EQ(heap[i * PAGE], i + 1);
	memset(p, 5, PAGES * PAGE);
	heap[0] = 77;
}

static void refuse_shared(void)
{
	struct abi_kstat before = books(), after;

	CHECK_ERR(sbrk_eager((intptr_t)before.free - 64 * PAGE), ENOMEM); /* the reserve is not for this */
	before = books(); /* again: what is needed for asking is there now */
	CHECK_ERR(sbrk_eager((intptr_t)before.free - 64 * PAGE), ENOMEM);
	after = books();
	CHECK_EQ(after.free, before.free);
	CHECK_EQ(after.tables, before.tables);
}

static void forked(void)
{
	heap = sbrk_eager(20 * PAGE);
	for (int i = 0; i < 20; i++)
		heap[i * PAGE] = (char)(i + 1);
	CHECK_END(grow_shared, 0);
	for (int i = 0; i < 20; i++)
		CHECK_EQ(heap[i * PAGE], i + 1);
	CHECK_END(refuse_shared, 0);
	CHECK(sbrk_eager(-20 * PAGE) != (char *)-1);
}

static void grow_for_ever(void)
{
	for (;;) {
		CHECK(sbrk_eager(30 * MIB) != (char *)-1);
		CHECK(sbrk_eager(-30 * MIB) != (char *)-1);
	}
}

/* Whenever the signal comes, what was in hand is given back; the bookkeeping says so. */
static void killed(void)
{
	for (int i = 0; i < 10; i++) {
		pid_t pid = child_start(grow_for_ever);

		sleep_ms(i);
		TRY(kill(pid, SIGKILL));
		CHECK_EQ(child_wait(pid), -SIGKILL);
	}
}

/* One who asks for more than there is ends nobody. */
static void ask_for_all(void)
{
	for (int i = 0; i < 50; i++)
		if (sbrk_eager(8 * MIB) == (char *)-1)
			CHECK_EQ(errno, ENOMEM);
	CHECK_ERR(sbrk_eager(64 * MIB), ENOMEM);
}

static void bystander(void)
{
	sleep_ms(100);
}

static void neighbours(void)
{
	pid_t other = child_start(bystander), a = child_start(ask_for_all), b = child_start(ask_for_all);

	CHECK_EQ(child_wait(a), 0);
	CHECK_EQ(child_wait(b), 0);
	CHECK_EQ(child_wait(other), 0);
}

static void body(void)
{
	grow();
	odd_sizes();
	refuse();
	forked();
	killed();
	neighbours();
}

int main(void)
{
	return test_run(body);
}
