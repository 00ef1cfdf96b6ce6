/* A ring of bytes: the store of pipes, terminals and the log.
   Head and tail count bytes ever put and taken and wrap by themselves, so a full ring and an empty one differ and no
   byte is wasted; the capacity is a power of two.  Who must not hold a lock while copying (user memory may fault) asks
   for the spans, copies, and then says how much of them it used. */
#ifndef LIB_RING_H
#define LIB_RING_H

#include <arch/compiler.h>
#include <stdbool.h>
#include <stdint.h>

/* Guarded by its owner's lock. */
struct ring {
	uint8_t *data;     /* (c) */
	uint32_t capacity; /* (c) a power of two, at most 2^31 */
	uint32_t head;     /* bytes ever put, modulo 2^32; head - tail <= capacity */
	uint32_t tail;     /* bytes ever taken, modulo 2^32 */
};

/* Bytes that lie together. */
struct span {
	uint8_t *data;
	uint32_t len;
};

void ring_init(struct ring *r, void *data, uint32_t capacity);

static inline uint32_t ring_used(const struct ring *r)
{
	return r->head - r->tail;
}

static inline uint32_t ring_free(const struct ring *r)
{
	return r->capacity - ring_used(r);
}

static inline bool ring_is_empty(const struct ring *r)
{
	return r->head == r->tail;
}

static inline bool ring_is_full(const struct ring *r)
{
	return ring_used(r) == r->capacity;
}

static inline void ring_clear(struct ring *r)
{
	r->tail = r->head;
}

/* => false and nothing changed: no room, or nothing there. */
static inline bool ring_put_byte(struct ring *r, uint8_t byte)
{
	if (ring_is_full(r))
		return false;
	r->data[r->head++ & (r->capacity - 1)] = byte;
	return true;
}

static inline bool ring_get_byte(struct ring *r, uint8_t *out)
{
	if (ring_is_empty(r))
		return false;
	*out = r->data[r->tail++ & (r->capacity - 1)];
	return true;
}

/* The byte OFFSET places after the oldest; OFFSET < ring_used(). */
static inline uint8_t ring_at(const struct ring *r, uint32_t offset)
{
	return r->data[(r->tail + offset) & (r->capacity - 1)];
}

/* => how many bytes were put or taken: fewer than N when there is no more room, or no more there. */
uint32_t ring_put(struct ring *r, const void *src, uint32_t n);
uint32_t ring_get(struct ring *r, void *dst, uint32_t n);
/* As ring_get from OFFSET bytes after the oldest on, but they stay. */
uint32_t ring_peek(const struct ring *r, uint32_t offset, void *dst, uint32_t n);

/* The bytes that can be taken, oldest first, and the room that can be filled; a span may have length 0, and if one has,
   it is the second (both, when there is nothing).  They stay valid until the other side moves over them. */
void ring_used_spans(const struct ring *r, struct span out[2]);
void ring_free_spans(const struct ring *r, struct span out[2]);
/* N bytes of the free spans have been filled; N <= ring_free(). */
void ring_produce(struct ring *r, uint32_t n);
/* N bytes of the used spans have been copied away; N <= ring_used(). */
void ring_consume(struct ring *r, uint32_t n);
/* The N bytes put last never were; N <= ring_used().  (A terminal's erase key.) */
void ring_retract(struct ring *r, uint32_t n);

#endif
