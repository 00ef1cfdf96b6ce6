/* The bulk half of the byte ring: everything is at most two copies, for the free and the used bytes are at most two
   spans.  A double mapping of the pages, which would make them one, was not taken: it costs address space per pipe. */
#include <lib/ring.h>

#include <lib/assert.h>
#include <lib/string.h>

void ring_init(struct ring *r, void *data, uint32_t capacity)
{
	KASSERT(capacity != 0 && (capacity & (capacity - 1)) == 0);
	*r = (struct ring){data, capacity, 0, 0};
}

/* The N bytes from counter AT on, in at most two pieces. */
static void spans_of(const struct ring *r, uint32_t at, uint32_t n, struct span out[2])
{
	uint32_t start = at & (r->capacity - 1);
	uint32_t to_end = r->capacity - start;

	if (to_end > n)
		to_end = n;
	out[0] = (struct span){r->data + start, to_end};
	out[1] = (struct span){r->data, n - to_end};
}

void ring_used_spans(const struct ring *r, struct span out[2])
{
	spans_of(r, r->tail, ring_used(r), out);
}

void ring_free_spans(const struct ring *r, struct span out[2])
{
	spans_of(r, r->head, ring_free(r), out);
}

void ring_produce(struct ring *r, uint32_t n)
{
	KASSERT(n <= ring_free(r));
	r->head += n;
}

void ring_consume(struct ring *r, uint32_t n)
{
	KASSERT(n <= ring_used(r));
	r->tail += n;
}

void ring_retract(struct ring *r, uint32_t n)
{
	KASSERT(n <= ring_used(r));
	r->head -= n;
}

uint32_t ring_put(struct ring *r, const void *src, uint32_t n)
{
	const uint8_t *from = src;
	struct span to[2];

	if (n > ring_free(r))
		n = ring_free(r);
	if (n == 0)
		return 0; /* SRC may be NULL then */
	spans_of(r, r->head, n, to);
	memcpy(to[0].data, from, to[0].len);
	if (to[1].len > 0)
		memcpy(to[1].data, from + to[0].len, to[1].len);
	r->head += n;
	return n;
}

uint32_t ring_peek(const struct ring *r, uint32_t offset, void *dst, uint32_t n)
{
	uint8_t *to = dst;
	struct span from[2];

	if (offset >= ring_used(r))
		return 0;
	if (n > ring_used(r) - offset)
		n = ring_used(r) - offset;
	if (n == 0)
		return 0;
	spans_of(r, r->tail + offset, n, from);
	memcpy(to, from[0].data, from[0].len);
	if (from[1].len > 0)
		memcpy(to + from[0].len, from[1].data, from[1].len);
	return n;
}

uint32_t ring_get(struct ring *r, void *dst, uint32_t n)
{
	n = ring_peek(r, 0, dst, n);
	r->tail += n;
	return n;
}
