/* The store of the log: whole lines in a ring of bytes; the oldest go when there is no room.  No locks: its owner has
   one. A line is stored as one mark (bit 7, two bits of level, five of the prefix's length), the prefix, the text, a
   newline. */
#ifndef KERN_LOGBUF_H
#define KERN_LOGBUF_H

#include <lib/ring.h>
#include <stddef.h>

#define LOGBUF_PREFIX_MAX 31 /* bytes */

struct logbuf {
	struct ring ring;
};

/* DATA: CAPACITY bytes, a power of two. */
void logbuf_init(struct logbuf *b, void *data, uint32_t capacity);
/* Add a line: PREFIX (a C string, cut at LOGBUF_PREFIX_MAX) and LEN bytes of TEXT; newlines in them become spaces.
   What is longer than half the ring is cut. */
void logbuf_put(struct logbuf *b, unsigned level, const char *prefix, const char *text, size_t len);
/* The newest whole lines with their prefixes that fit into SIZE bytes, oldest first. => bytes. */
size_t logbuf_read(const struct logbuf *b, char *buf, size_t size);
/* The whole lines with their prefixes that fit into SIZE bytes, from *POSITION on, and *POSITION behind them.  A
   position counts the bytes ever stored; 0, and any that is not in the ring, is the oldest line, one within a line the
   next line.  A line that does not even fit alone is cut.  => bytes; 0: there is no further line. */
size_t logbuf_read_from(const struct logbuf *b, uint32_t *position, char *buf, size_t size);
/* The line that begins *OFFSET bytes after the oldest byte (0: the oldest line); *OFFSET moves to the next.  Its text
   without prefix and newline goes to BUF, cut at SIZE. => its length in BUF, or -1: there is none. */
int32_t logbuf_line(const struct logbuf *b, uint32_t *offset, unsigned *level, char *buf, size_t size);

#endif
