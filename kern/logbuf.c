/* The store of the log; its layout is in the header. */
#include <kern/logbuf.h>

#include <lib/assert.h>
#include <lib/string.h>

enum { MARK = 0x80, LEVEL_SHIFT = 5, LEVEL_MASK = 3, PREFIX_MASK = 31 };

void logbuf_init(struct logbuf *b, void *data, uint32_t capacity)
{
	ring_init(&b->ring, data, capacity);
}

/* => the offset of the byte after the newline that ends the line at OFFSET. */
static uint32_t line_end(const struct logbuf *b, uint32_t offset)
{
	while (ring_at(&b->ring, offset) != '\n')
		offset++;
	return offset + 1;
}

static void make_room(struct logbuf *b, uint32_t bytes)
{
	while (ring_free(&b->ring) < bytes)
		ring_consume(&b->ring, line_end(b, 0));
}

static void put_text(struct logbuf *b, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		(void)ring_put_byte(&b->ring, text[i] == '\n' ? ' ' : (uint8_t)text[i]);
}

void logbuf_put(struct logbuf *b, unsigned level, const char *prefix, const char *text, size_t len)
{
	size_t prefix_len = strnlen(prefix, LOGBUF_PREFIX_MAX);
	size_t max = b->ring.capacity / 2;

	if (len > max)
		len = max;
	make_room(b, (uint32_t)(1 + prefix_len + len + 1));
	(void)ring_put_byte(&b->ring, (uint8_t)(MARK | (level & LEVEL_MASK) << LEVEL_SHIFT | prefix_len));
	put_text(b, prefix, prefix_len);
	put_text(b, text, len);
	(void)ring_put_byte(&b->ring, '\n');
}

size_t logbuf_read(const struct logbuf *b, char *buf, size_t size)
{
	uint32_t used = ring_used(&b->ring), total = 0, offset = 0;
	size_t done = 0;

	for (uint32_t at = 0; at < used; at = line_end(b, at))
		total += line_end(b, at) - at - 1; /* without the mark */
	while (total > size) {
		uint32_t end = line_end(b, offset);

		total -= end - offset - 1;
		offset = end;
	}
	while (offset < used) {
		uint32_t end = line_end(b, offset);

		done += ring_peek(&b->ring, offset + 1, buf + done, end - offset - 1);
		offset = end;
	}
	return done;
}

/* Where the first line from POSITION on begins. */
static uint32_t line_at(const struct logbuf *b, uint32_t position)
{
	uint32_t offset = position - b->ring.tail;

	if (position == 0 || offset == 0 || offset > ring_used(&b->ring))
		return 0;
	return ring_at(&b->ring, offset - 1) == '\n' ? offset : line_end(b, offset);
}

size_t logbuf_read_from(const struct logbuf *b, uint32_t *position, char *buf, size_t size)
{
	uint32_t used = ring_used(&b->ring), offset = line_at(b, *position);
	size_t done = 0;

	while (offset < used && done < size) {
		uint32_t end = line_end(b, offset), len = end - offset - 1; /* without the mark */

		if (len > size - done) {
			if (done > 0)
				break;
			len = (uint32_t)size;
		}
		done += ring_peek(&b->ring, offset + 1, buf + done, len);
		buf[done - 1] = '\n'; /* also of one that was cut */
		offset = end;
	}
	*position = b->ring.tail + offset;
	return done;
}

int32_t logbuf_line(const struct logbuf *b, uint32_t *offset, unsigned *level, char *buf, size_t size)
{
	uint32_t end, from, len;
	uint8_t mark;

	if (*offset >= ring_used(&b->ring))
		return -1;
	mark = ring_at(&b->ring, *offset);
	KASSERT(mark & MARK);
	end = line_end(b, *offset);
	from = *offset + 1 + (mark & PREFIX_MASK);
	len = end - 1 - from;
	if (len > size)
		len = (uint32_t)size;
	*level = (mark >> LEVEL_SHIFT) & LEVEL_MASK;
	*offset = end;
	return (int32_t)ring_peek(&b->ring, from, buf, len);
}
