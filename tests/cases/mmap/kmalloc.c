/* 500 blocks of 2000 bytes of the kernel's memory: where they lie, and that all of it is back. */
#include "../case.h"

enum { BLOCKS = 500, BLOCK = 2000 };

static uintptr_t block[BLOCKS];

static int by_address(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return x < y ? -1 : x > y;
}

static void take_all(void)
{
	for (int i = 0; i < BLOCKS; i++) {
		block[i] = (uintptr_t)kmalloc(BLOCK);
		if (block[i] == 0) {
			printf("block %d: %s\n", i, strerror(errno));
			exit(CASE_BROKEN);
		}
	}
}

/* Every second one first, then the others from the end. */
static void give_all(void)
{
	int refused = 0;

	for (int i = 0; i < BLOCKS; i += 2)
		refused += kfree((void *)block[i]) != 0;
	for (int i = BLOCKS - 1; i > 0; i -= 2)
		refused += kfree((void *)block[i]) != 0;
	printf("%d refused to be freed\n", refused);
}

static void look(void)
{
	int unaligned = 0, overlapping = 0;

	qsort(block, BLOCKS, sizeof block[0], by_address);
	for (int i = 0; i < BLOCKS; i++) {
		unaligned += block[i] % 16 != 0;
		overlapping += i > 0 && block[i] - block[i - 1] < BLOCK;
	}
	printf("%d blocks, %d not aligned to 16 bytes, %d overlap\n", BLOCKS, unaligned, overlapping);
}

int main(void)
{
	long before = 0;

	for (int round = 0; round < 3; round++) { /* what the first leaves behind is there for the next */
		take_all();
		if (round == 0)
			look();
		printf("taken: %s\n", round > 0 && before - freemem() < BLOCKS * BLOCK ? "less than they need" : "yes");
		give_all();
		if (round > 0)
			printf("%ld bytes are missing\n", before - freemem());
		before = freemem();
	}
	return 0;
}
