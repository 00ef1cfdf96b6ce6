// The strict overcommit rule: what could not be kept is refused with ENOMEM by every call that promises, and nothing
// has changed; what was granted can be touched to the last page, by twenty hogs at once too, and nobody is ended for
// memory.  The sum is never above the limit.
// suite: lazy
// append: overcommit=strict
// cpus: 1 4
// mem: 16 64 256
// kernels: debug release
// reject: overcommit_strict.c:[0-9]+:
// reject: out of memory.*--kill
// timeout: 240
#include <sched.h>

#include "_procfs.h"

enum { HOGS = 20, STACK_AHEAD = 64 << 10, STACK_STEP = 16 << 10, KERNELS = 256 << 10, OK_END = 77 };

/* Bytes committed; *ALL: that may be. */
static long committed(long *all)
{
	long now;

	slurp("/proc/meminfo");
	now = meminfo("Committed_AS") * 1024;
	*all = meminfo("CommitLimit") * 1024;
	if (now > *all)
		FAILED("%ld bytes are committed, the limit is %ld", now, *all);
	return now;
}

static long sum(void)
{
	long all;

	return committed(&all);
}

static long room_left(void)
{
	long all, now = committed(&all);

	return all - now;
}

static char *map(long size, int prot)
{
	return mmap(NULL, (size_t)size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void give_back(void *p, long size)
{
	CHECK_EQ(munmap(p, (size_t)size), 0);
}

/* CALL is refused with ENOMEM and leaves the sum as it was. */
#define CHECK_REFUSED(call) \
	do { \
		long before = sum(); \
		CHECK_ERR(call, ENOMEM); \
		CHECK_EQ(sum(), before); \
	} while (0)

/* Each call that promises, with half of what there is promised already. */
static void each_call(void)
{
	long half = room_left() / 2 & ~(long)(PAGE - 1), more = half + 2 * MIB;
	char *heap = sbrk(0), *p = map(half, PROT_READ | PROT_WRITE), *constant;

	CHECK(p != MAP_FAILED);
	CHECK_REFUSED(map(more, PROT_READ | PROT_WRITE));
	CHECK_REFUSED(sbrk(more));
	CHECK(sbrk(0) == heap);
	CHECK_REFUSED(mremap(p, (size_t)half, (size_t)(half + more), MREMAP_MAYMOVE));
	constant = map(more, PROT_READ); /* never a page of its own */
	CHECK(constant != MAP_FAILED);
	CHECK_REFUSED(mprotect(constant, (size_t)more, PROT_READ | PROT_WRITE));
	CHECK_EQ(constant[more - 1], 0);
	CHECK_REFUSED(sbrk_eager(more));
	give_back(constant, more);
	constant = map(4 * MIB, PROT_READ | PROT_WRITE);
	CHECK(constant != MAP_FAILED);
	CHECK_REFUSED(fork()); /* would be as much again */
	give_back(p, half);
	CHECK_EQ(child_wait(child_start((void (*)(void))getpid)), 0);
}

/* All that was granted can be touched; what the kernel may still take for itself comes from the rest. */
static void every_page(void)
{
	long left = room_left(), size = (left - left / 1024 - KERNELS) & ~(long)(PAGE - 1); /* less the tables */
	char *p = map(size, PROT_READ | PROT_WRITE);

	CHECK(p != MAP_FAILED);
	for (long i = 0; i < size; i += PAGE)
		p[i] = (char)(i / PAGE);
	for (long i = 0; i < size; i += PAGE)
		CHECK(p[i] == (char)(i / PAGE));
	CHECK(room_left() <= 2 * KERNELS);
}

static void take_the_rest(void)
{
	for (long size = 8 * MIB; size >= PAGE;)
		if (map(size, PROT_READ | PROT_WRITE) == MAP_FAILED)
			size /= 2;
}

/* With nothing left to promise the stack does not grow: a touch is refused as any other that no region allows ... */
static __attribute__((noinline)) void touch_array(void)
{
	char array[4 * MIB];

	for (uint32_t i = sizeof array; i > 0; i -= PAGE / 2)
		((volatile char *)array)[i - 1] = 1;
}

static void stack_touched(void)
{
	take_the_rest();
	touch_array();
}

/* ... and a call whose buffer lies there says that there is no memory.  The kernel may have given back a few pages
   since all was taken: then it goes on deeper. */
static void read_ahead(int fd, int depth)
{
	char here[STACK_STEP];

	here[0] = 0;
	if (depth == 0)
		take_the_rest();
	errno = 0;
	if (read(fd, here + sizeof here - STACK_AHEAD, 1) == 1 && depth < 64)
		read_ahead(fd, depth + 1);
	CHECK_EQ(errno, ENOMEM);
	_exit(OK_END + here[0]);
}

static void stack_of_call(void)
{
	read_ahead(TRY(open("/dev/zero", O_RDONLY)), 0);
}

/* Twenty that take all that they are granted, in pieces, and write it, again and again. */
static int gate[2];

static void hog(void)
{
	long wanted = 8 * MIB, granted = 0;
	char byte;

	close(gate[1]);
	CHECK_EQ(read(gate[0], &byte, 1), 0);
	while (wanted >= PAGE) {
		char *p = map(wanted, PROT_READ | PROT_WRITE);

		if (p == MAP_FAILED) {
			CHECK_EQ(errno, ENOMEM);
			wanted /= 2;
			continue;
		}
		for (long i = 0; i < wanted; i += PAGE)
			p[i] = 1;
		granted += wanted;
		sched_yield();
	}
	_exit(granted > 0 ? 7 : 8);
}

/* The limit holds, as far as the kernel has the memory to say so: the hogs may have all of it. */
static void limit_holds(void)
{
	int fd = open("/proc/meminfo", O_RDONLY), n;

	if (fd < 0) {
		CHECK_EQ(errno, ENOMEM);
		return;
	}
	n = read(fd, room, ROOM - 1);
	if (n < 0) {
		CHECK_EQ(errno, ENOMEM);
	} else {
		room[n] = '\0';
		CHECK(meminfo("Committed_AS") <= meminfo("CommitLimit"));
	}
	CHECK_EQ(close(fd), 0);
}

static void hogs(void)
{
	pid_t pids[HOGS];
	int some = 0, end;

	TRY(pipe(gate));
	for (int i = 0; i < HOGS; i++)
		pids[i] = child_start(hog);
	close(gate[0]);
	close(gate[1]); /* all at once */
	for (int i = 0; i < HOGS; i++) {
		limit_holds();
		end = child_wait(pids[i]);
		CHECK(end == 7 || end == 8);
		some += end == 7;
	}
	CHECK(some > 0);
}

static void body(void)
{
	long before = sum();

	CHECK_END(each_call, 0);
	CHECK_END(every_page, 0);
	CHECK_END(stack_touched, -SIGSEGV);
	CHECK_END(stack_of_call, OK_END);
	hogs();
	CHECK_EQ(sum(), before);
}

/* Everything, until somebody ends it (for overcommit_shell.py). */
static int hold(void)
{
	long held = 0;

	for (long size = 8 * MIB; size >= PAGE;) {
		char *p = map(size, PROT_READ | PROT_WRITE);

		for (long i = 0; p != MAP_FAILED && i < size; i += PAGE)
			p[i] = 1;
		if (p == MAP_FAILED)
			size /= 2;
		else
			held += size;
	}
	printf("holds %ld KiB\n", held / 1024);
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[1], "hold") == 0 ? hold() : test_run(body);
}
