// The stack grows with use, however it is used: by push, pusha, enter, a large array, recursion, or a system call that
// is the first to touch it; up to 8 MiB, only near the stack pointer, and never into what lies below.
// suite: lazy
// cpus: 1 4
// mem: 64 512
// kernels: debug release
// reject: lazy_stack.c:[0-9]+:
#include "_lazy.h"

#define USER_TOP 0x80000000u
#define STACK_BOTTOM (USER_TOP - STACK_LIMIT)
enum { ARRAY = 64 << 10, ROOM = 64 << 10 /* what the frames above those of the test may take */ };

static uint32_t stack_pointer(void)
{
	uint32_t esp;

	__asm__ volatile("movl %%esp, %0" : "=r"(esp));
	return esp;
}

/* Instructions. */

/* A million words, each pushed and each popped again. */
static void do_push(void)
{
	uint32_t wrong;

	__asm__ volatile("movl $1, %%ecx\n"
	                 "1: pushl %%ecx\n\t"
	                 "incl %%ecx\n\t"
	                 "cmpl $1000001, %%ecx\n\t"
	                 "jne 1b\n\t"
	                 "xorl %%edx, %%edx\n"
	                 "2: decl %%ecx\n\t"
	                 "popl %%eax\n\t"
	                 "subl %%ecx, %%eax\n\t"
	                 "orl %%eax, %%edx\n\t"
	                 "cmpl $1, %%ecx\n\t"
	                 "jne 2b"
	                 : "=d"(wrong)
	                 :
	                 : "eax", "ecx", "memory", "cc");
	CHECK_EQ(wrong, 0);
}

/* Eight registers at once, from every alignment to a page: an instruction that faults in its middle begins anew.  EBX
   holds the stack pointer meanwhile. */
static uint32_t pusha_at(uint32_t down)
{
	uint32_t wrong;

	__asm__ volatile("movl %%esp, %%ebx\n\t"
	                 "subl %1, %%esp\n\t"
	                 "movl $0x11223344, %%eax\n\t"
	                 "movl $0x55667788, %%edi\n\t"
	                 "pushal\n\t"
	                 "popl %%edx\n\t"
	                 "xorl $0x55667788, %%edx\n\t"
	                 "movl 24(%%esp), %%ecx\n\t" /* what was pushed first: EAX */
	                 "xorl $0x11223344, %%ecx\n\t"
	                 "orl %%ecx, %%edx\n\t"
	                 "movl %%ebx, %%esp"
	                 : "=&d"(wrong)
	                 : "S"(down)
	                 : "eax", "ebx", "ecx", "edi", "memory", "cc");
	return wrong;
}

static void do_pusha(void)
{
	uint32_t down = stack_pointer() % PAGE + PAGE; /* to a boundary, or near it */

	for (uint32_t i = 0; i < 64; i++, down += PAGE)
		CHECK_EQ(pusha_at(down - 32 + i / 2), 0);
}

/* Frames of almost 64 KiB, one below the other; the deepest word of each is written at once. */
static void do_enter(void)
{
	uint32_t depth = 0;

	__asm__ volatile("movl %%esp, %%ebx\n\t"
	                 "movl %%ebp, %%esi\n\t"
	                 "movl $100, %%ecx\n"
	                 "1: enter $0xfff0, $0\n\t"
	                 "movl %%ecx, (%%esp)\n\t"
	                 "decl %%ecx\n\t"
	                 "jnz 1b\n"
	                 "2: incl %%ecx\n\t"
	                 "cmpl %%ecx, (%%esp)\n\t"
	                 "jne 3f\n\t"
	                 "leave\n\t"
	                 "cmpl $100, %%ecx\n\t"
	                 "jne 2b\n"
	                 "3: movl %%ebx, %%esp\n\t"
	                 "movl %%esi, %%ebp"
	                 : "=&c"(depth)
	                 :
	                 : "ebx", "esi", "memory", "cc");
	CHECK_EQ(depth, 100);
}

/* The deepest nesting that enter knows: 31 pointers below each other before the frame. */
static void do_enter_nested(void)
{
	__asm__ volatile("movl %%esp, %%ebx\n\t"
	                 "movl %%ebp, %%esi\n\t"
	                 "movl %%esp, %%ebp\n\t"
	                 "subl $128, %%esp\n\t"
	                 "movl $40, %%ecx\n"
	                 "1: enter $0x2000, $31\n\t"
	                 "movl $0, (%%esp)\n\t"
	                 "decl %%ecx\n\t"
	                 "jnz 1b\n\t"
	                 "movl %%ebx, %%esp\n\t"
	                 "movl %%esi, %%ebp"
	                 :
	                 :
	                 : "ebx", "esi", "ecx", "memory", "cc");
}

/* Calls DEED with BYTES of stack that nobody has touched. */
static __attribute__((noinline)) void with_array(uint32_t bytes, void (*deed)(char *, uint32_t))
{
	deed(__builtin_alloca(bytes), bytes);
}

static void array_from_below(char *p, uint32_t n)
{
	volatile char *array = p;

	array[0] = 1; /* the lowest page first */
	for (uint32_t i = 1; i < n; i++)
		CHECK(array[i] == 0); /* nothing was there before */
	array[n - 1] = 2;
	CHECK(array[0] == 1);
}

static void array_below(char *p, uint32_t n)
{
	CHECK(n == MIB && p);
	with_array(ARRAY, array_from_below);
}

/* Deeper than anybody was before, and at once where the frames are. */
static void do_array(void)
{
	volatile char array[ARRAY];

	array[0] = 1;
	array[ARRAY - 1] = 2;
	with_array(MIB, array_below);
	CHECK(array[0] == 1 && array[ARRAY - 1] == 2);
}

static void far_array(char *p, uint32_t n)
{
	((volatile char *)p)[0] = 1;
	CHECK(((volatile char *)p)[PAGE] == 0 && ((volatile char *)p)[n / 2] == 0);
}

static void do_far_array(void)
{
	with_array(STACK_LIMIT - ROOM - PAGE, far_array);
}

/* Each frame leaves words and finds them again on the way back. */
static __attribute__((noinline)) uint32_t recursion(uint32_t seed)
{
	volatile uint32_t words[250];
	uint32_t sum = 0;

	for (uint32_t i = 0; i < COUNT(words); i++)
		words[i] = seed + i;
	if (stack_pointer() > STACK_BOTTOM + ROOM)
		sum = recursion(seed * 3 + 1);
	for (uint32_t i = 0; i < COUNT(words); i++)
		if (words[i] != seed + i)
			FAILED("word %u of a frame is %#x, not %#x", i, words[i], seed + i);
	return sum + 1;
}

static void do_recursion(void)
{
	CHECK(recursion(1) >= (STACK_LIMIT - 2 * ROOM) / 1100);
}

/* System calls that are the first to touch. */

static void read_into(char *p, uint32_t n)
{
	int fd = TRY(open("/bin/lazy_stack", O_RDONLY)), fds[2];
	uint32_t magic;

	CHECK_EQ(read(fd, p, 100), 100); /* the lowest page */
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, p + n / 2 - PAGE - 50, PAGE + 100), PAGE + 100); /* three of the middle */
	memcpy(&magic, p + n / 2 - PAGE - 50, sizeof magic);
	CHECK_EQ(magic, 0x464c457f);
	CHECK(memcmp(p, p + n / 2 - PAGE - 50, 100) == 0);
	close(fd);
	TRY(pipe(fds));
	CHECK_EQ(write(fds[1], p + n / 4 - 2000, 5000), 5000); /* never touched: zeros */
	CHECK_EQ(read(fds[0], p + n / 4 * 3 - 2000, 5000), 5000);
	for (uint32_t i = 0; i < 5000; i++)
		CHECK(p[n / 4 * 3 - 2000 + i] == 0);
	close(fds[0]);
	close(fds[1]);
}

static void other_calls(char *p, uint32_t n)
{
	struct stat plain;
	uint32_t last = (n / 2) & ~(uint32_t)(PAGE - 1);

	CHECK_EQ(stat("/bin/lazy_stack", &plain), 0);
	CHECK_EQ(stat("/bin/lazy_stack", (struct stat *)(void *)p), 0);
	CHECK_EQ(((struct stat *)(void *)p)->st_size, plain.st_size);
	CHECK(getcwd(p + last - 1, PATH_MAX) == p + last - 1); /* across a boundary */
	CHECK_STRING(p + last - 1, "/");
	CHECK_EQ(pipe((int *)(void *)(p + last - 3 * PAGE - 4)), 0);
	close(*(int *)(void *)(p + last - 3 * PAGE - 4));
	close(*(int *)(void *)(p + last - 3 * PAGE));
	CHECK_ERR(stat(p + last + 2 * PAGE, &plain), ENOENT); /* a path of zeros: the empty one */
}

static void do_calls(void)
{
	with_array(ARRAY, read_into);
	with_array(2 * MIB, read_into);
	with_array(MIB, other_calls);
	with_array(STACK_LIMIT - ROOM, read_into);
}

/* A bad buffer below the stack is an error of the call, not growth and not the end. */
static void do_call_far_below(void)
{
	int zero = TRY(open("/dev/zero", O_RDONLY));
	char *here = (char *)(uintptr_t)stack_pointer();

	for (uint32_t down = MIB; down < STACK_LIMIT - ROOM; down += MIB)
		CHECK_ERR(read(zero, here - down, 10), EFAULT);
	CHECK_ERR(read(zero, (char *)(uintptr_t)STACK_BOTTOM - PAGE, 10), EFAULT);
	CHECK_ERR(read(zero, (char *)(uintptr_t)USER_TOP, 10), EFAULT);
}

/* What it costs: the pages that were touched, not those between. */
static void cost_deed(char *p, uint32_t n)
{
	struct use at[3];
	char *middle = p + n / 2; /* the tables are there: one holds the first frames, one these */

	use_now(); /* its own data is this child's from now on */
	at[0] = use_now();
	middle[0] = 1;
	at[1] = use_now();
	for (int i = 1; i <= 20; i++)
		middle[i * PAGE] = 1;
	at[2] = use_now();
	use_check("a page in the midst", at[0], at[1], 1, 0);
	use_check("20 more", at[1], at[2], 20, 0);
}

static void do_cost(void)
{
	with_array(7 * MIB, cost_deed);
}

static void nothing(char *p, uint32_t n)
{
	(void)p;
	(void)n;
}

/* An array that nobody touches takes nothing; and what a deep stack has grown to, fork hands on. */
static char *deep_array;

static void child_of_deep(void)
{
	CHECK(deep_array[0] == 1 && deep_array[3 * MIB] == 3);
	memset(deep_array, 9, 2 * MIB);
	do_array();
	with_array(2 * MIB, read_into); /* its own growth, further down */
}

static void fork_deep(char *p, uint32_t n)
{
	deep_array = p;
	p[0] = 1;
	p[3 * MIB] = 3;
	CHECK(n >= 4 * MIB);
	CHECK_END(child_of_deep, 0);
	CHECK(p[0] == 1 && p[1] == 0 && p[3 * MIB] == 3);
	with_array(2 * MIB, read_into);
}

static void do_fork(void)
{
	with_array(4 * MIB, fork_deep);
}

static void do_untouched(void)
{
	struct use at[2];

	at[0] = use_now();
	with_array(2000, nothing);
	at[1] = use_now();
	use_check("an untouched array", at[0], at[1], 0, 0);
}

/* Refusals. */

/* Touches page after page downwards; nothing is called meanwhile, which would push at the far end first. */
static void too_deep(void)
{
	volatile char *p = __builtin_alloca(STACK_LIMIT + MIB);

	for (uint32_t i = STACK_LIMIT + MIB; i >= PAGE; i -= PAGE)
		p[i - 1] = 1;
}

/* The stack pointer runs past the limit before anything is touched. */
static void too_deep_at_once(void)
{
	__asm__ volatile("subl %0, %%esp\n\tmovb $1, (%%esp)" : : "i"(STACK_LIMIT + 2 * PAGE) : "memory");
	_exit(99);
}

static void endless_push(void)
{
	__asm__ volatile("1: pushl $1\n\tjmp 1b");
}

static void endless_call(void)
{
	__asm__ volatile("1: call 1b");
}

static void endless_pusha(void)
{
	__asm__ volatile("1: pushal\n\tjmp 1b");
}

static uint32_t distance; /* of a touch below the stack pointer */

static void read_below(void)
{
	_exit(*(volatile char *)(uintptr_t)(stack_pointer() - distance));
}

static void write_below(void)
{
	*(volatile char *)(uintptr_t)(stack_pointer() - distance) = 1;
}

/* Where the child that does DEED was refused. */
static uint32_t refused_at(void (*deed)(void))
{
	pid_t pid = child_start(deed);

	CHECK_EQ(child_wait(pid), -SIGSEGV);
	return refusal_of(pid, "lazy_stack").addr;
}

/* All of the 8 MiB can be had, and not a page more. */
static void limit(void)
{
	void (*const deeds[])(void) = {too_deep, endless_push, endless_call, endless_pusha};
	uint32_t addr;

	for (int i = 0; i < COUNT(deeds); i++) {
		addr = refused_at(deeds[i]);
		if (addr >= STACK_BOTTOM || addr < STACK_BOTTOM - PAGE)
			FAILED("the stack ends at %#x, not at %#x (deed %d)", addr, STACK_BOTTOM, i);
	}
	addr = refused_at(too_deep_at_once);
	CHECK(addr < STACK_BOTTOM && addr > STACK_BOTTOM - MIB);
}

static void far_below(void)
{
	for (distance = MIB; distance < STACK_LIMIT + 2 * MIB; distance += MIB + PAGE) {
		uint32_t addr = refused_at(read_below);

		CHECK(addr < stack_pointer() - distance + ROOM);
		refused_at(write_below);
	}
}

/* A mapping in the stack's way, with bytes that must stay; the stack ends above it, with a page between. */
static void wall_at(uint32_t at, bool between)
{
	char *wall = (char *)(uintptr_t)at;
	void (*const deeds[])(void) = {too_deep, endless_push, endless_pusha};

	CHECK(mmap(wall, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == wall);
	memset(wall, 0x5a, PAGE);
	for (int i = 0; i < COUNT(deeds); i++) {
		uint32_t addr = refused_at(deeds[i]);

		if (addr < at + PAGE || (between && addr >= at + MIB))
			FAILED("with a mapping at %#x the stack ends at %#x", at, addr);
	}
	for (int i = 0; i < PAGE; i++)
		CHECK(wall[i] == 0x5a);
	give_back(wall, PAGE);
}

static void walls(void)
{
	wall_at(STACK_BOTTOM + STACK_LIMIT / 2, true);
	wall_at(STACK_BOTTOM + 64 * PAGE, true);
	wall_at(STACK_BOTTOM, true);
	wall_at(STACK_BOTTOM - 2 * PAGE, false);
}

/* What mmap places by itself is never nearer to the stack than a page. */
static void placed_below(void)
{
	char *p = promise(PAGE);

	CHECK((uint32_t)(uintptr_t)p + 2 * PAGE <= STACK_BOTTOM);
	*p = 1;
	CHECK(refused_at(too_deep) >= STACK_BOTTOM - PAGE);
	CHECK(*p == 1);
	give_back(p, PAGE);
}

static void body(void)
{
	CHECK_END(do_push, 0);
	CHECK_END(do_pusha, 0);
	CHECK_END(do_enter, 0);
	CHECK_END(do_enter_nested, 0);
	CHECK_END(do_array, 0);
	CHECK_END(do_far_array, 0);
	CHECK_END(do_recursion, 0);
	CHECK_END(do_calls, 0);
	CHECK_END(do_call_far_below, 0);
	CHECK_END(do_fork, 0);
	CHECK_END(do_cost, 0);
	rehearse(do_untouched);
	limit();
	far_below();
	walls();
	placed_below();
}

int main(void)
{
	return test_run(body);
}
