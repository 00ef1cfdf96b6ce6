/* malloc: what it hands out is aligned, is nobody else's, keeps its content, and comes back. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

enum { SLOTS = 300, ROUNDS = 20000 };

static struct slot {
	unsigned char *p;
	size_t n;
	unsigned char pattern;
} slots[SLOTS];

/* Mostly small, some beyond a page, few that are mappings of their own. */
static size_t random_size(void)
{
	int kind = rand() % 100;

	if (kind < 70)
		return (size_t)(rand() % 200);
	if (kind < 97)
		return (size_t)(rand() % 9000);
	return (size_t)(rand() % 600000);
}

/* Every byte of a short block, and both ends of a long one. */
static int slot_is_whole(const struct slot *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (i == 256 && s->n > 512)
			i = s->n - 256;
		if (s->p[i] != s->pattern)
			return 0;
	}
	return 1;
}

static void slot_fill(struct slot *s, size_t from)
{
	s->pattern = (unsigned char)rand();
	(void)from;
	memset(s->p, s->pattern, s->n);
}

static void slot_resize(struct slot *s)
{
	size_t n = random_size() + 1, kept = n < s->n ? n : s->n;
	unsigned char *p = realloc(s->p, n);

	CHECK(p != NULL);
	s->p = p;
	s->n = kept;
	CHECK(slot_is_whole(s));
	s->n = n;
	slot_fill(s, kept);
}

static void random_use(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct slot *s = &slots[rand() % SLOTS];

		if (!s->p) {
			s->n = random_size();
			s->p = malloc(s->n);
			CHECK(s->p && (uintptr_t)s->p % 8 == 0);
			slot_fill(s, 0);
		} else if (rand() % 3 == 0) {
			slot_resize(s);
		} else {
			CHECK(slot_is_whole(s));
			free(s->p);
			s->p = NULL;
		}
	}
	for (int i = 0; i < SLOTS; i++) {
		CHECK(!slots[i].p || slot_is_whole(&slots[i]));
		free(slots[i].p);
		slots[i].p = NULL;
	}
}

/* After everything is freed the heap is short again, however long it was. */
static void memory_goes_back(void)
{
	enum { BLOCKS = 2000, SIZE = 1000 };
	static void *blocks[BLOCKS];
	char *before = sbrk(0), *top;

	for (int i = 0; i < BLOCKS; i++)
		blocks[i] = malloc(SIZE);
	top = sbrk(0);
	CHECK(top - before >= BLOCKS * SIZE - 400000);
	for (int i = 0; i < BLOCKS; i += 2)
		free(blocks[i]);
	for (int i = 1; i < BLOCKS; i += 2)
		free(blocks[i]);
	CHECK((char *)sbrk(0) - before <= 256 * 1024);
}

static void zeroed(void)
{
	for (int i = 0; i < 200; i++) {
		size_t n = random_size();
		unsigned char *p = calloc(1, n);
		size_t bad = 0;

		CHECK(p != NULL);
		for (size_t j = 0; j < n; j++)
			bad += p[j] != 0;
		CHECK(bad == 0);
		memset(p, 0xa5, n);
		free(p);
	}
}

static void refusals(void)
{
	void *p;
	volatile size_t huge = SIZE_MAX - 5;

	errno = 0;
	CHECK(malloc(huge) == NULL && errno == ENOMEM);
	errno = 0;
	CHECK(calloc(huge, 2) == NULL && errno == ENOMEM);
	p = malloc(10);
	CHECK(realloc(p, huge) == NULL);
	free(p);
	free(NULL);
	p = malloc(0);
	CHECK(p != NULL);
	free(p);
}

/* A program that moves the break itself takes that part away from the heap for ever. */
static void own_breaks(void)
{
	unsigned char *a = malloc(100), *mine, *b[200];

	memset(a, 1, 100);
	mine = sbrk(5003);
	CHECK(mine != (void *)-1);
	memset(mine, 0xee, 5003);
	for (int i = 0; i < 200; i++) {
		b[i] = malloc(3000);
		CHECK(b[i] && (uintptr_t)b[i] % 8 == 0);
		CHECK(b[i] + 3000 <= mine || b[i] >= mine + 5003);
		memset(b[i], 2, 3000);
	}
	for (int i = 0; i < 5003; i++)
		if (mine[i] != 0xee) {
			CHECK(mine[i] == 0xee);
			break;
		}
	for (int i = 0; i < 200; i++)
		free(b[i]);
	a = realloc(a, 50000);
	CHECK(a && a[99] == 1);
	free(a);
}

int main(void)
{
	srand(7);
	memory_goes_back();
	random_use();
	zeroed();
	refusals();
	own_breaks();
	random_use();
	return check_end();
}
