// Pages given back while the addresses stay: zeros again, or the file's bytes again; and only for the one who asked.
// suite: lazy mmap
// mem: 64 512
// cpus: 1 4
// kernels: debug release
#include "check.h"

enum { PAGES = 64, RW = PROT_READ | PROT_WRITE };

static char *memory;
static char data[2 * PAGE] __attribute__((aligned(4096))) = "initial"; /* of the program's file */

static void fill(void)
{
	for (int i = 0; i < PAGES; i++)
		memory[i * PAGE] = (char)(i + 1);
}

static void look(int from, int to, bool zero)
{
	for (int i = from; i < to; i++)
		CHECK_EQ(memory[i * PAGE], zero ? 0 : i + 1);
}

static void anonymous(void)
{
	long before;

	fill();
	before = freemem();
	TRY(madvise(memory + 4 * PAGE, 50 * PAGE, MADV_DONTNEED));
	CHECK_EQ(freemem() - before, 50 * PAGE);
	look(0, 4, false);
	look(4, 54, true);
	look(54, PAGES, false);
	memory[10 * PAGE] = 7;
	CHECK_EQ(memory[10 * PAGE], 7);
	TRY(madvise(memory, 1, MADV_DONTNEED)); /* the length is rounded up */
	CHECK_EQ(memory[0], 0);
}

static void file(void)
{
	strcpy(data, "changed");
	strcpy(data + PAGE, "changed, too");
	TRY(madvise(data, PAGE, MADV_DONTNEED));
	CHECK_STRING(data, "initial");
	CHECK_STRING(data + PAGE, "changed, too");
	strcpy(data, "again");
	CHECK_STRING(data, "again");
	data[PAGE] = 0;
	TRY(madvise(data, PAGE, MADV_DONTNEED));
}

static void child(void)
{
	TRY(madvise(memory + 10 * PAGE, 20 * PAGE, MADV_DONTNEED)); /* a part of a shared table */
	look(10, 30, true);
	look(30, PAGES, false);
	TRY(madvise(memory, PAGES * PAGE, MADV_DONTNEED));
	look(0, PAGES, true);
}

static void whole(void)
{
	TRY(madvise(memory, PAGES * PAGE, MADV_DONTNEED)); /* the table just goes */
	look(0, PAGES, true);
	fill();
}

static void forked(void)
{
	fill();
	CHECK_END(child, 0);
	look(0, PAGES, false);
	CHECK_END(whole, 0);
	look(0, PAGES, false);
}

static void advice(void)
{
	static const int harmless[] = {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED};

	fill();
	for (int i = 0; i < COUNT(harmless); i++) {
		TRY(madvise(memory, PAGES * PAGE, harmless[i]));
		TRY(madvise(memory, 0, harmless[i]));
		CHECK_ERR(madvise(memory + 1, PAGE, harmless[i]), EINVAL);
		CHECK_ERR(madvise((char *)0x1000, PAGE, harmless[i]), ENOMEM);
	}
	look(0, PAGES, false);
	CHECK_ERR(madvise(memory, PAGE, 12345), EINVAL);
	CHECK_ERR(madvise(memory, PAGE, -1), EINVAL);
	CHECK_ERR(madvise(memory + 1, PAGE, MADV_DONTNEED), EINVAL);
	CHECK_ERR(madvise(memory, 0xfffff000, MADV_DONTNEED), EINVAL);
	TRY(madvise(memory, 0, MADV_DONTNEED));
	look(0, PAGES, false);
}

/* Over a hole the rest is done all the same. */
static void hole(void)
{
	fill();
	TRY(munmap(memory + 5 * PAGE, PAGE));
	CHECK_ERR(madvise(memory, 10 * PAGE, MADV_DONTNEED), ENOMEM);
	look(0, 5, true);
	look(6, 10, true);
	look(10, PAGES, false);
	CHECK_ERR(madvise(memory, 10 * PAGE, MADV_WILLNEED), ENOMEM);
	CHECK_ERR(madvise((char *)KERNEL_BASE, PAGE, MADV_DONTNEED), ENOMEM);
}

static void body(void)
{
	char *p = mmap(NULL, 2 * TABLE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	memory = (char *)(((uintptr_t)p + TABLE - 1) & ~(uintptr_t)(TABLE - 1)); /* in one leaf table, alone */
	anonymous();
	file();
	forked();
	advice();
	hole();
}

int main(void)
{
	return test_run(body);
}
