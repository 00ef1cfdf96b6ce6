// overcommit=strict: what was promised is there when it is touched, to the last page and for all at once, so nobody is
// ever ended for memory; what cannot be promised is refused, by brk, mmap, mprotect, fork and the stack, and changes
// nothing; what is given back can be promised again, to the page.
// suite: lazy
// append: overcommit=strict
// cpus: 1 4
// mem: 64 512
// timeout: 120
// reject: lazy_strict.c:[0-9]+:
// reject: out of memory
#include "_lazy.h"

enum { HOGS = 8, PARTS = 32, LEAST = 16 /* pages that a hog leaves to the others' small needs */ };

/* Bytes, as /proc/meminfo has them. */
static long long meminfo(const char *name)
{
	static char text[4096];
	int fd = TRY(open("/proc/meminfo", O_RDONLY)), n = TRY(read(fd, text, sizeof text - 1));
	char *at;

	close(fd);
	text[n] = '\0';
	at = strstr(text, name);
	if (!at)
		FAILED("/proc/meminfo has no %s", name);
	return strtoll(at + strlen(name) + 1, NULL, 10) * 1024;
}

static long long committed(void)
{
	return meminfo("Committed_AS");
}

static long long limit(void)
{
	return meminfo("CommitLimit");
}

/* The limit leaves the kernel and the reserve alone, and the sum keeps it. */
static void sum_is_kept(void)
{
	struct abi_kstat now;

	CHECK(kstat(&now, sizeof now) > 0);
	CHECK(limit() < now.total && limit() > now.total / 2);
	CHECK(committed() > 0 && committed() <= limit());
}

/* A region of SIZE bytes, or NULL if that is too much to promise. */
static char *region(size_t size, int prot)
{
	char *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		return p;
	CHECK_EQ(errno, ENOMEM);
	return NULL;
}

static struct part {
	char *start;
	uint32_t size;
} parts[PARTS];

/* Promises in ever smaller parts until not even LEAST pages are to be had. => bytes */
static uint32_t take_promises(uint32_t least)
{
	uint32_t all = 0, n = 0;

	for (uint32_t size = GIB; size >= least * PAGE && n < PARTS;) {
		char *p = region(size, PROT_READ | PROT_WRITE);

		if (!p) {
			size /= 2;
			continue;
		}
		parts[n++] = (struct part){p, size};
		all += size;
	}
	return all;
}

static void touch_promises(void)
{
	for (int i = 0; i < PARTS; i++)
		for (uint32_t at = 0; at < parts[i].size; at += PAGE)
			*(volatile uint32_t *)(void *)(parts[i].start + at) = at + (uint32_t)i;
	for (int i = 0; i < PARTS; i++)
		for (uint32_t at = 0; at < parts[i].size; at += PAGE)
			CHECK(*(volatile uint32_t *)(void *)(parts[i].start + at) == at + (uint32_t)i);
}

static void give_promises_back(void)
{
	for (int i = 0; i < PARTS; i++)
		if (parts[i].size)
			give_back(parts[i].start, parts[i].size);
	memset(parts, 0, sizeof parts);
}

/* Hogs: each promises itself what it gets while the others do the same; then all touch. */
static int start[2], gate[2], report[2];

static void hog(void)
{
	char c;

	close(gate[1]);
	close(start[1]);
	CHECK(read(start[0], &c, 1) == 0); /* until all of them are there */
	take_promises(LEAST);
	CHECK_EQ(write(report[1], "p", 1), 1);
	CHECK(read(gate[0], &c, 1) == 0);
	touch_promises();
}

static void hogs(void)
{
	pid_t pids[HOGS];
	char c;

	TRY(pipe(start));
	TRY(pipe(gate));
	TRY(pipe(report));
	memset(parts, 0, sizeof parts);
	for (int i = 0; i < HOGS; i++)
		pids[i] = child_start(hog);
	close(start[0]);
	close(start[1]);
	for (int i = 0; i < HOGS; i++)
		CHECK_EQ(read(report[0], &c, 1), 1);
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < HOGS; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
	close(report[0]);
	close(report[1]);
}

/* What one process can have is most of the limit; given back it is there again, to the byte. */
static void promised_and_given_back(void)
{
	long long before = committed(), room = limit() - before;
	uint32_t all = take_promises(1), again;

	CHECK(all > room / 4 * 3 && all <= room);
	give_promises_back();
	CHECK_EQ(committed(), before);
	again = take_promises(1);
	touch_promises();
	CHECK_EQ(again, all);
	give_promises_back();
	CHECK_EQ(committed(), before);
}

/* Each promise counts as what it is: pages once, touched or not, and tables for them. */
static void sums(void)
{
	long long before = committed(), with;
	char *p = region(64 * PAGE, PROT_READ | PROT_WRITE);

	with = committed();
	CHECK(p && with >= before + 64 * PAGE && with <= before + 66 * PAGE);
	memset(p, 1, 64 * PAGE);
	CHECK_EQ(committed(), with);
	give_back(p + 10 * PAGE, 10 * PAGE);
	CHECK(committed() <= with - 10 * PAGE + PAGE);
	CHECK(committed() >= with - 10 * PAGE);
	give_back(p, 64 * PAGE);
	CHECK_EQ(committed(), before);
	p = region(8 * PAGE, PROT_READ | PROT_WRITE);
	CHECK_EQ(mprotect(p, 8 * PAGE, PROT_READ), 0);
	CHECK_EQ(mprotect(p, 8 * PAGE, PROT_READ | PROT_WRITE), 0);
	give_back(p, 8 * PAGE);
	CHECK_EQ(committed(), before);
}

/* Who may not write needs no page: more than there is memory, read to the end. */
static void read_only(void)
{
	long long before = committed();
	uint32_t size = (uint32_t)limit() + 16 * MIB;
	char *p = region(size, PROT_READ);

	CHECK(p != NULL);
	CHECK(committed() - before <= (long long)(size / TABLE + 2) * PAGE);
	for (uint32_t at = 0; at < size; at += 64 * PAGE)
		CHECK(((volatile char *)p)[at] == 0);
	CHECK_ERR(mprotect(p, size, PROT_READ | PROT_WRITE), ENOMEM);
	for (uint32_t at = 0; at < size; at += TABLE)
		CHECK(((volatile char *)p)[at] == 0);
	CHECK_EQ(mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE), 0);
	memset(p, 1, 4 * PAGE);
	give_back(p, size);
	CHECK_EQ(committed(), before);
}

static void heap(void)
{
	long long before = committed();
	char *now = sbrk(0);
	uint32_t size = (uint32_t)limit();

	CHECK_ERR(sbrk((intptr_t)size), ENOMEM);
	CHECK(sbrk(0) == now);
	CHECK_EQ(committed(), before);
	CHECK(sbrk(20 * PAGE) == now);
	memset(now, 5, 20 * PAGE);
	CHECK(committed() >= before + 19 * PAGE);
	CHECK_ERR(sbrk((intptr_t)size), ENOMEM);
	CHECK(sbrk(0) == now + 20 * PAGE && now[20 * PAGE - 1] == 5);
	CHECK(sbrk(-20 * PAGE) == now + 20 * PAGE);
	CHECK_EQ(committed(), before);
}

/* A child may come to own all that its parent may write: with more than half of it all there can be none. */
static void nothing(void)
{
}

static void forks(void)
{
	long long before = committed();
	uint32_t fifth = ((uint32_t)(limit() - before) / 5) & ~(uint32_t)(PAGE - 1), size = 3 * fifth;
	char *p = region(size, PROT_READ | PROT_WRITE);

	CHECK(p != NULL);
	for (int i = 0; i < 5; i++)
		CHECK_ERR(fork(), ENOMEM);
	p[0] = p[size - 1] = 1;
	CHECK_ERR(fork(), ENOMEM);
	give_back(p + fifth, size - fifth);
	CHECK_END(nothing, 0); /* a fifth: that goes twice */
	CHECK(p[0] == 1);
	give_back(p, fifth);
	CHECK_EQ(committed(), before);
}

/* The stack counts as far as it has grown, and a little: further growth is a promise like any other. */
static __attribute__((noinline)) void deep(void)
{
	volatile char *p = __builtin_alloca(6 * MIB);

	for (int i = 6 * MIB - 1; i > 0; i -= PAGE)
		p[i] = 1;
}

static void deep_without_room(void)
{
	take_promises(8);
	deep();
}

static void stack(void)
{
	long long before = committed();
	int end;

	CHECK_END(deep, 0);
	end = child_end(deep_without_room);
	CHECK(end == -SIGSEGV || end == -SIGKILL);
	CHECK_EQ(committed(), before);
}

static void body(void)
{
	sum_is_kept();
	sums();
	CHECK_END(promised_and_given_back, 0);
	read_only();
	heap();
	CHECK_END(forks, 0);
	stack();
	hogs();
	sum_is_kept();
}

int main(void)
{
	return test_run(body);
}
