// overcommit=always, the default: a promise is limited by address space alone, and never refused for want of memory,
// nor is fork; who touches more than there is, is ended for it, as the log says.
// suite: lazy
// append: overcommit=always
// cpus: 1 4
// mem: 64 512
// reject: lazy_always.c:[0-9]+:
#include "_lazy.h"

enum { MANY = 30 };

static char *everything;
static uint32_t size;

static void touch(void)
{
	for (uint32_t at = 0; at < size; at += PAGE)
		((volatile char *)everything)[at] = 1;
}

/* 30 processes that each hold a promise of more than there is memory. */
static int gate[2];

static void wait_with_promise(void)
{
	char c;

	close(gate[1]);
	CHECK(read(gate[0], &c, 1) == 0);
	CHECK(((volatile char *)everything)[size - 1] == 0);
}

static void promises(void)
{
	pid_t pids[MANY];

	TRY(pipe(gate));
	for (int i = 0; i < MANY; i++)
		pids[i] = child_start(wait_with_promise);
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < MANY; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
}

/* All of the address space, up to the last page; then ENOMEM, and giving some back makes room for as much. */
static void address_space(void)
{
	uint32_t all = 0, step = GIB / 2;
	char *p, *last = NULL;

	while (step >= PAGE) {
		p = mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p != MAP_FAILED) {
			all += step;
			last = p;
			continue;
		}
		CHECK_EQ(errno, ENOMEM);
		step /= 2;
	}
	CHECK(all > 0x70000000 - size);
	CHECK(last != NULL);
	give_back(last, PAGE);
	CHECK(promise(PAGE) == last);
}

static void body(void)
{
	struct abi_kstat now;
	pid_t pid;

	CHECK(kstat(&now, sizeof now) > 0);
	size = now.total + 64 * MIB;
	everything = promise(size);
	CHECK_END(address_space, 0);
	promises();
	pid = child_start(touch);
	CHECK_EQ(child_wait(pid), -SIGKILL);
	shortage_check(pid, "lazy_always", everything, size);
}

int main(void)
{
	return test_run(body);
}
