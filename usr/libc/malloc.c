/* The heap.
   One region that brk moves.  A chunk is a 4-byte header and what the caller gets, aligned to 8; the header holds the
   chunk's size and two bits: "I am used", "the one before me is used".  A free chunk also has its size in its last
   word, so the chunk behind it can find its start, and two links of the bin it lies in: exact bins for small sizes,
   two per doubling for others.  Neighbours that are free are joined at once.  What lies behind the last chunk is the
   top: it has no header, so growing the heap touches no page before a caller does.  A long top is given back.
   Requests of MAPPED_MIN and more are mappings of their own.  Limits: one thread, and a program that moves brk itself
   splits the region (its part is never ours again).  A slab per size was not taken: it wastes a page per size in
   programs that allocate ten objects. */
#include <stdlib.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libc_priv.h"

enum {
	USED = 1u,
	BEFORE_USED = 2u,
	MAPPED = 4u,
	FLAG_MASK = 7u,
	HEADER = 4,
	CHUNK_MIN = 16,  /* header, two links, size at the end */
	SMALL_MAX = 512, /* sizes below have bins of their own, 8 bytes apart */
	SMALL_BINS = SMALL_MAX / 8,
	BINS = SMALL_BINS + 2 * 23, /* 2^9 to 2^32, two each */
	GROW_MIN = 64 * 1024,
	TRIM_MIN = 256 * 1024, /* a top of this size is cut ... */
	TRIM_LEFT = 64 * 1024, /* ... to this */
	MAPPED_MIN = 256 * 1024,
	MAPPED_OFFSET = 16, /* of what the caller gets in a mapping; the word before it is its header */
};

struct chunk {
	uint32_t header;
	struct chunk *next, *prev; /* in a free chunk */
};

static struct heap {
	char *top, *end; /* the unused end of the region; top is 4 below a multiple of 8 */
	char *fresh;     /* from here to end nothing was ever written */
	struct chunk *bin[BINS];
	uint32_t filled[(BINS + 31) / 32];
} heap;

static uint32_t chunk_size(const struct chunk *c)
{
	return c->header & ~(uint32_t)FLAG_MASK;
}

static struct chunk *chunk_at(void *p)
{
	return p;
}

static struct chunk *chunk_after(struct chunk *c)
{
	return chunk_at((char *)c + chunk_size(c));
}

static void *chunk_payload(struct chunk *c)
{
	return (char *)c + HEADER;
}

static struct chunk *payload_chunk(void *p)
{
	return chunk_at((char *)p - HEADER);
}

static unsigned int bin_index(uint32_t size)
{
	unsigned int log;

	if (size < SMALL_MAX)
		return size / 8;
	log = 31 - (unsigned int)__builtin_clz(size);
	return SMALL_BINS + 2 * (log - 9) + ((size >> (log - 1)) & 1);
}

static void bin_insert(struct chunk *c)
{
	unsigned int i = bin_index(chunk_size(c));

	c->prev = NULL;
	c->next = heap.bin[i];
	if (c->next)
		c->next->prev = c;
	heap.bin[i] = c;
	heap.filled[i / 32] |= 1u << (i % 32);
}

static void bin_remove(struct chunk *c)
{
	unsigned int i = bin_index(chunk_size(c));

	if (c->next)
		c->next->prev = c->prev;
	if (c->prev)
		c->prev->next = c->next;
	else
		heap.bin[i] = c->next;
	if (!heap.bin[i])
		heap.filled[i / 32] &= ~(1u << (i % 32));
}

/* The first bin from I on that is not empty, or BINS. */
static unsigned int bin_next_filled(unsigned int i)
{
	while (i < BINS) {
		uint32_t bits = heap.filled[i / 32] >> (i % 32);

		if (bits)
			return i + (unsigned int)__builtin_ctz(bits);
		i = (i / 32 + 1) * 32;
	}
	return BINS;
}

/* Take a free chunk of at least SIZE out of its bin. */
static struct chunk *bin_take(uint32_t size)
{
	unsigned int i = bin_index(size);
	struct chunk *c = heap.bin[i];

	while (c && chunk_size(c) < size)
		c = c->next;
	if (!c) {
		i = bin_next_filled(i + 1); /* any chunk there is long enough */
		c = i < BINS ? heap.bin[i] : NULL;
	}
	if (c)
		bin_remove(c);
	return c;
}

/* Make the SIZE bytes at C a free chunk; its neighbours are used. */
static void chunk_release(struct chunk *c, uint32_t size)
{
	c->header = size | BEFORE_USED;
	*(uint32_t *)(void *)((char *)c + size - HEADER) = size;
	chunk_after(c)->header &= ~(uint32_t)BEFORE_USED;
	bin_insert(c);
}

/* The region went on elsewhere: turn the old top into a free chunk, closed by a header that stays used. */
static void top_abandon(void)
{
	uint32_t size = (uint32_t)(heap.end - heap.top) & ~(uint32_t)FLAG_MASK;
	uint32_t body = size >= CHUNK_MIN + 8 ? size - 8 : 0;

	chunk_at(heap.top + body)->header = 8 | USED | BEFORE_USED; /* the top has room for a header at any time */
	if (body > 0)
		chunk_release(chunk_at(heap.top), body);
}

/* Have SIZE bytes and a header at the top. */
static bool top_reserve(uint32_t size)
{
	uint32_t have = (uint32_t)(heap.end - heap.top), want, slack;
	char *start = sbrk(0);

	if (heap.top && have >= size + HEADER)
		return true;
	if (!heap.top || start != heap.end)
		have = 0;
	want = size + 2 * 8 - (have < size ? have : size);
	want = want < GROW_MIN ? GROW_MIN : want;
	slack = -((uint32_t)(uintptr_t)start + want) & (PAGE_SIZE - 1); /* end on a page */
	if (sbrk((intptr_t)(want + slack)) == (void *)-1)
		return false;
	if (have == 0) {
		if (heap.top)
			top_abandon();
		heap.top = heap.fresh = start + (-((uintptr_t)start + HEADER) & 7);
	}
	heap.end = start + want + slack;
	return true;
}

static void top_trim(void)
{
	uint32_t cut;

	if (heap.end - heap.top < TRIM_MIN || sbrk(0) != heap.end)
		return;
	cut = ((uint32_t)(heap.end - heap.top) - TRIM_LEFT) & ~(PAGE_SIZE - 1);
	if (sbrk(-(intptr_t)cut) == (void *)-1)
		return;
	heap.end -= cut;
	if (heap.fresh > heap.end)
		heap.fresh = heap.end;
}

static bool is_top(const struct chunk *c)
{
	return (const char *)c == heap.top;
}

/* Give C back: join it with what is free on both sides. */
static void chunk_free(struct chunk *c)
{
	struct chunk *after = chunk_after(c);
	uint32_t size = chunk_size(c);

	if (!(c->header & BEFORE_USED)) {
		uint32_t before = *(uint32_t *)(void *)((char *)c - HEADER);

		c = chunk_at((char *)c - before);
		bin_remove(c);
		size += before;
	}
	if (is_top(after)) {
		heap.top = (char *)c;
		top_trim();
		return;
	}
	if (!(after->header & USED)) {
		bin_remove(after);
		size += chunk_size(after);
	}
	chunk_release(c, size);
}

/* Cut C, which is used, down to SIZE if what is left makes a chunk. */
static void chunk_shrink(struct chunk *c, uint32_t size)
{
	uint32_t rest = chunk_size(c) - size;
	struct chunk *tail = chunk_at((char *)c + size);

	if (rest < CHUNK_MIN)
		return;
	c->header = size | (c->header & FLAG_MASK);
	tail->header = rest | USED | BEFORE_USED;
	chunk_free(tail);
}

static struct chunk *top_take(uint32_t size)
{
	struct chunk *c;

	if (!top_reserve(size))
		return NULL;
	c = chunk_at(heap.top);
	c->header = size | USED | BEFORE_USED;
	heap.top += size;
	if (heap.top > heap.fresh)
		heap.fresh = heap.top;
	return c;
}

static void *mapped_alloc(size_t n)
{
	size_t length = (n + MAPPED_OFFSET + PAGE_SIZE - 1) & ~(size_t)(PAGE_SIZE - 1);
	char *m = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (m == MAP_FAILED)
		return NULL;
	payload_chunk(m + MAPPED_OFFSET)->header = (uint32_t)length | USED | MAPPED;
	return m + MAPPED_OFFSET;
}

/* The size of the chunk that serves a request of N bytes. */
static uint32_t size_for(size_t n)
{
	uint32_t size = ((uint32_t)n + HEADER + 7) & ~7u;

	return size < CHUNK_MIN ? CHUNK_MIN : size;
}

void *malloc(size_t n)
{
	struct chunk *c;
	uint32_t size;

	if (n > PTRDIFF_MAX - 2 * PAGE_SIZE) {
		errno = ENOMEM;
		return NULL;
	}
	if (n >= MAPPED_MIN)
		return mapped_alloc(n);
	size = size_for(n);
	c = bin_take(size);
	if (c) {
		c->header |= USED;
		chunk_after(c)->header |= BEFORE_USED;
		chunk_shrink(c, size);
	} else {
		c = top_take(size);
	}
	return c ? chunk_payload(c) : NULL;
}

void free(void *p)
{
	struct chunk *c = payload_chunk(p);
	int saved = errno;

	if (!p)
		return;
	if (!(c->header & USED))
		abort(); /* freed twice, or never given out */
	if (c->header & MAPPED)
		munmap((char *)p - MAPPED_OFFSET, chunk_size(c));
	else
		chunk_free(c);
	errno = saved;
}

void *calloc(size_t n, size_t size)
{
	char *fresh = heap.fresh;
	size_t bytes;
	char *p;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	p = malloc(bytes);
	if (!p || payload_chunk(p)->header & MAPPED)
		return p;
	/* what lies behind the old fresh mark is zero already: leave its pages untouched */
	if (!fresh || p >= fresh)
		return p;
	return memset(p, 0, bytes < (size_t)(fresh - p) ? bytes : (size_t)(fresh - p));
}

/* Lengthen C in place to at least SIZE, out of the free chunk or the top behind it. */
static bool chunk_extend(struct chunk *c, uint32_t size)
{
	struct chunk *after = chunk_after(c);
	uint32_t more = size - chunk_size(c);

	if (is_top(after)) {
		if (!top_reserve(more) || !is_top(after))
			return false;
		heap.top += more;
		if (heap.top > heap.fresh)
			heap.fresh = heap.top;
		c->header += more;
		return true;
	}
	if (after->header & USED || chunk_size(after) < more)
		return false;
	bin_remove(after);
	c->header += chunk_size(after);
	chunk_after(c)->header |= BEFORE_USED;
	chunk_shrink(c, size);
	return true;
}

/* Whether C now holds N bytes without having moved. */
static bool chunk_resize(struct chunk *c, size_t n)
{
	uint32_t size;

	if (c->header & MAPPED)
		return n <= chunk_size(c) - MAPPED_OFFSET && n > chunk_size(c) / 2;
	if (n >= MAPPED_MIN)
		return false;
	size = size_for(n);
	if (size > chunk_size(c))
		return chunk_extend(c, size);
	chunk_shrink(c, size);
	return true;
}

void *realloc(void *p, size_t n)
{
	struct chunk *c = payload_chunk(p);
	size_t have;
	void *moved;

	if (!p)
		return malloc(n);
	if (chunk_resize(c, n))
		return p;
	have = chunk_size(c) - (c->header & MAPPED ? (size_t)MAPPED_OFFSET : (size_t)HEADER);
	moved = malloc(n);
	if (!moved)
		return NULL;
	memcpy(moved, p, n < have ? n : have);
	free(p);
	return moved;
}
