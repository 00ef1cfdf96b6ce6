// Memory is promised at once and delivered at the first touch: what promises, reads, writes and giving back cost, to
// the byte.  Each figure is taken after a rehearsal that touches the same code, because a program's own text costs
// pages too.
// suite: lazy
// cpus: 1 4
// mem: 64 512
// kernels: debug release
// log: trap 14 err 7 on cpu [0-3] eip 0x[0-9a-f]+ addr 0x8[0-9a-f]+--kill proc
#include "_lazy.h"

enum { PAGES = 100, SPARSE = 256 };

static void read_pages(const char *p, int n)
{
	for (int i = 0; i < n; i++)
		CHECK(((volatile const char *)p)[i * PAGE] == 0);
}

static void write_pages(char *p, int n)
{
	for (int i = 0; i < n; i++)
		((volatile char *)p)[i * PAGE + i] = (char)(i + 1);
}

/* 1 GiB in one region: reads show the page of zeros, writes get a page each, tables come as they are entered. */
static void anonymous(void)
{
	struct use at[6];
	char *p, *aligned;

	at[0] = use_now();
	p = promise(GIB);
	at[1] = use_now();
	aligned = table_ceil(p);
	read_pages(aligned, PAGES);
	at[2] = use_now();
	write_pages(aligned, PAGES);
	at[3] = use_now();
	for (int i = 0; i < PAGES; i++)
		CHECK(aligned[i * PAGE + i] == (char)(i + 1) && aligned[i * PAGE + PAGE - 1] == 0);
	give_back(aligned, TABLE);
	at[4] = use_now();
	give_back(p, GIB);
	at[5] = use_now();
	use_check("promise of 1 GiB", at[0], at[1], 0, 0);
	use_check("reading 100 pages", at[1], at[2], 0, 1);
	use_check("writing 100 pages", at[2], at[3], PAGES, 0);
	use_check("giving back one table", at[3], at[4], -PAGES, -1);
	use_check("giving back all", at[0], at[5], 0, 0);
}

/* The same by brk; what comes back after shrinking and growing is zeros. */
static void heap(void)
{
	char *start = table_ceil(sbrk(0));
	struct use at[5];

	CHECK(brk(start) == 0);
	at[0] = use_now();
	CHECK(brk(start + GIB) == 0);
	at[1] = use_now();
	write_pages(start, PAGES);
	at[2] = use_now();
	CHECK(brk(start) == 0);
	at[3] = use_now();
	CHECK(brk(start + GIB) == 0);
	read_pages(start, PAGES);
	for (int i = 0; i < PAGES; i++)
		CHECK(start[i * PAGE + i] == 0);
	CHECK(brk(start) == 0);
	at[4] = use_now();
	use_check("brk by 1 GiB", at[0], at[1], 0, 0);
	use_check("writing 100 pages of heap", at[1], at[2], PAGES, 1);
	use_check("shrinking", at[0], at[3], 0, 0);
	use_check("growing, reading, shrinking", at[0], at[4], 0, 0);
}

/* brk to an address inside a page: what lies above in that page is gone, too, when the heap grows again. */
static void heap_inside_page(void)
{
	char *start = table_ceil(sbrk(0));

	CHECK(brk(start + 2 * PAGE) == 0);
	memset(start, 7, 2 * PAGE);
	CHECK(brk(start + 100) == 0);
	CHECK(brk(start + 2 * PAGE) == 0);
	CHECK(start[99] == 7 && start[PAGE] == 0 && start[2 * PAGE - 1] == 0);
	CHECK(brk(start) == 0);
}

/* One page in every 4 MiB of 1 GiB: a page and a table each. */
static void sparse(void)
{
	struct use at[3];
	char *p = promise(GIB + TABLE), *aligned = table_ceil(p);

	at[0] = use_now();
	for (int i = 0; i < SPARSE; i++)
		((volatile char *)aligned)[(uint32_t)i * TABLE + (uint32_t)i] = (char)(i | 1);
	at[1] = use_now();
	for (int i = 0; i < SPARSE; i++)
		CHECK(aligned[(uint32_t)i * TABLE + (uint32_t)i] == (char)(i | 1));
	give_back(aligned, GIB);
	at[2] = use_now();
	give_back(p, GIB + TABLE); /* the hole is no error */
	use_check("a page in every table", at[0], at[1], SPARSE, SPARSE);
	use_check("giving them back", at[0], at[2], 0, 0);
}

/* Regions are split, punched and joined; bytes stay where they were. */
static void pieces(void)
{
	struct use at[2];
	char *p = promise(64 * PAGE);

	p[0] = 1;
	at[0] = use_now();
	for (int i = 0; i < 64; i++)
		p[i * PAGE] = (char)(i + 1);
	for (int i = 1; i < 64; i += 2)
		give_back(p + i * PAGE, PAGE);
	for (int i = 0; i < 64; i += 2)
		CHECK(p[i * PAGE] == i + 1);
	for (int i = 1; i < 64; i += 2)
		CHECK(mmap(p + i * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		           0) == p + i * PAGE);
	for (int i = 0; i < 64; i++)
		CHECK(p[i * PAGE] == (i % 2 ? 0 : i + 1));
	give_back(p + PAGE, 63 * PAGE);
	at[1] = use_now();
	CHECK(p[0] == 1);
	use_check("pieces", at[0], at[1], 0, 0);
	give_back(p, PAGE);
}

static void refused(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS, prot = PROT_READ | PROT_WRITE;
	void *start = sbrk(0);

	CHECK_ERR(mmap(NULL, 0, prot, flags, -1, 0), EINVAL);
	CHECK_ERR(mmap((void *)0x10000001, PAGE, prot, flags | MAP_FIXED, -1, 0), EINVAL);
	CHECK_ERR(mmap((void *)0x7ffff000, 2 * PAGE, prot, flags | MAP_FIXED, -1, 0), ENOMEM);
	CHECK_ERR(mmap((void *)KERNEL_BASE, PAGE, prot, flags | MAP_FIXED, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, 0x80000000u, prot, flags, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, 0xfffff001u, prot, flags, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, PAGE, prot, MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_ERR(munmap((void *)0x10000001, PAGE), EINVAL);
	CHECK_ERR(munmap((void *)0x10000000, 0), EINVAL);
	CHECK_ERR(munmap((void *)KERNEL_BASE, PAGE), EINVAL);
	CHECK_ERR(munmap((void *)0x70000000, 0x90001000u), EINVAL);
	CHECK_ERR(brk((void *)KERNEL_BASE), ENOMEM);
	CHECK_ERR(brk((void *)0xfffff000u), ENOMEM);
	CHECK(sbrk(0) == start);
}

static void all(void)
{
	anonymous();
	heap();
	heap_inside_page();
	sparse();
	pieces();
	refused();
}

/* Faults that end a child. */

static volatile uint32_t where;

static void read_there(void)
{
	_exit(*(volatile char *)where);
}

static void write_there(void)
{
	*(volatile char *)where = 1;
}

static void run_there(void)
{
	((void (*)(void))where)();
}

static void read_only_there(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(*(volatile char *)p == 0);
	*(volatile char *)p = 1;
}

static void nothing_there(void)
{
	char *p = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	_exit(*(volatile char *)p);
}

static void used_after_unmap(void)
{
	char *p = promise(PAGE);

	*(volatile char *)p = 1;
	give_back(p, PAGE);
	_exit(*(volatile char *)p);
}

static void used_after_brk(void)
{
	char *p = sbrk(PAGE);

	*(volatile char *)p = 1;
	*(volatile char *)(p + PAGE - 1) = 1;
	CHECK(sbrk(-PAGE) != (void *)-1);
	*(volatile char *)(p + PAGE - 1) = 1;
}

static void forbidden(void)
{
	static const uint32_t addresses[] = {
		0,          4,          0xfff,      0x1000,     KERNEL_BASE, 0x80100000,
		0xc0000000, 0xf0000000, 0xfec00000, 0xfee00000, 0xffffffff,
	};
	static const char constant[] = "read-only data";

	for (int i = 0; i < COUNT(addresses); i++) {
		where = addresses[i];
		CHECK_END(read_there, -SIGSEGV);
		CHECK_END(write_there, -SIGSEGV);
		CHECK_END(run_there, -SIGSEGV);
	}
	where = (uint32_t)(uintptr_t)constant;
	CHECK_END(write_there, -SIGSEGV);
	where = (uint32_t)(uintptr_t)forbidden;
	CHECK_END(write_there, -SIGSEGV);
	CHECK(strcmp(constant, "read-only data") == 0);
	CHECK_END(read_only_there, -SIGSEGV);
	CHECK_END(nothing_there, -SIGSEGV);
	CHECK_END(used_after_unmap, -SIGSEGV);
	CHECK_END(used_after_brk, -SIGSEGV);
}

/* The stack. */

/* Take BYTES of stack and touch each page of them, from the top down or from the bottom up. */
static __attribute__((noinline)) void descend(uint32_t bytes, bool bottom_first)
{
	volatile char *p = __builtin_alloca(bytes);

	for (uint32_t i = 0; i < bytes; i += PAGE)
		p[bottom_first ? i : bytes - 1 - i] = 1;
}

static void deep(void)
{
	descend(7 * MIB + MIB / 2, false);
}

static void deep_at_once(void)
{
	descend(7 * MIB + MIB / 2, true);
}

static void too_deep(void)
{
	descend(9 * MIB, false);
}

static void too_deep_at_once(void)
{
	descend(9 * MIB, true);
}

static void endless(void)
{
	/* regions all over the space: none of them may serve as the stack's continuation */
	for (int i = 0; i < 64; i++)
		memset(promise(PAGE), 0x55, PAGE);
	descend(2000u * MIB, false);
}

static void far_below(void)
{
	*(volatile char *)((uintptr_t)__builtin_frame_address(0) - MIB) = 1;
}

static void far_below_after_use(void)
{
	deep();
	far_below(); /* the stack has grown, so it is there */
}

static void stack(void)
{
	CHECK_END(deep, 0);
	CHECK_END(deep_at_once, 0);
	CHECK_END(too_deep, -SIGSEGV);
	CHECK_END(too_deep_at_once, -SIGSEGV);
	CHECK_END(endless, -SIGSEGV);
	CHECK_END(far_below, -SIGSEGV);
	CHECK_END(far_below_after_use, 0);
}

static void body(void)
{
	rehearsal = true;
	all();
	rehearsal = false;
	all();
	forbidden();
	stack();
}

int main(void)
{
	return test_run(body);
}
