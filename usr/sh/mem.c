/* One arena serves the syntax trees and the expanded words of all commands that are being run.  A command that starts
   sets a mark and releases it at its end, and commands nest, so the arena is a stack: no node is ever freed by itself,
   and a loop of a million rounds stays in the first 4 KiB, which lie in bss and cost no malloc().
   Limit: what must outlive its command (variables, jobs, history) lives in malloc() instead.
   Not taken: malloc() per node, which every error path of the parser would have to undo. */
#include "mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"

struct arena_chunk {
	struct arena_chunk *prev;
	size_t size, used; /* bytes of data */
	max_align_t data[];
};

#define ARENA_ALIGN (sizeof(max_align_t))
#define ARENA_CHUNK 4000u /* bytes; with its head a chunk stays under a page */

/* Built with a sanitizer each piece is a chunk of its own, so that an overrun is seen. */
#ifdef SH_ARENA_EXACT
static struct arena_chunk *top;
#else
static union {
	struct arena_chunk head;
	char room[sizeof(struct arena_chunk) + ARENA_CHUNK];
} first; /* in bss: its size is set when it is first needed */
static struct arena_chunk *top = &first.head;
#endif

struct arena_mark arena_mark(void)
{
	return (struct arena_mark){top, top ? top->used : 0};
}

void arena_release(struct arena_mark mark)
{
	while (top != mark.chunk) {
		struct arena_chunk *gone = top;

		top = gone->prev;
		free(gone);
	}
	if (top)
		top->used = mark.used;
}

static bool arena_grow(size_t size)
{
	struct arena_chunk *fresh;

#ifndef SH_ARENA_EXACT
	if (first.head.size == 0) {
		first.head.size = ARENA_CHUNK;
		if (size <= ARENA_CHUNK)
			return true;
	}
	if (size < ARENA_CHUNK)
		size = ARENA_CHUNK;
#endif
	fresh = mem_alloc(sizeof *fresh + size);
	if (!fresh)
		return false;
	fresh->prev = top;
	fresh->size = size;
	fresh->used = 0;
	top = fresh;
	return true;
}

void *arena_alloc(size_t size)
{
	void *piece;

	if (size > SIZE_MAX / 2)
		return NULL;
#ifndef SH_ARENA_EXACT
	size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
#endif
	if ((!top || top->size - top->used < size) && !arena_grow(size))
		return NULL;
	piece = (char *)top->data + top->used;
	top->used += size;
#ifdef SH_ARENA_EXACT
	top->used = top->size;
#endif
	return piece;
}

char *arena_strndup(const char *s, size_t len)
{
	char *copy = arena_alloc(len + 1);

	if (copy) {
		memcpy(copy, s, len);
		copy[len] = '\0';
	}
	return copy;
}

void *mem_alloc(size_t size)
{
	void *p = malloc(size);

	if (!p)
		shell_error("out of memory");
	return p;
}

char *mem_strndup(const char *s, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (copy) {
		memcpy(copy, s, len);
		copy[len] = '\0';
	}
	return copy;
}

void mem_free(void *p)
{
	free(p);
}

bool strbuf_reserve(struct strbuf *b, size_t extra)
{
	size_t cap = b->cap ? b->cap : 64;
	char *data;

	if (b->failed)
		return false;
	if (b->cap - b->len > extra)
		return true;
	while (cap - b->len <= extra && cap <= SIZE_MAX / 4)
		cap *= 2;
	data = cap - b->len > extra ? realloc(b->data, cap) : NULL;
	if (!data) {
		b->failed = true;
		shell_error("out of memory");
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void strbuf_putc(struct strbuf *b, char c)
{
	if (b->cap - b->len > 1 || strbuf_reserve(b, 1))
		b->data[b->len++] = c;
}

void strbuf_put(struct strbuf *b, const char *s, size_t len)
{
	if (len > 0 && strbuf_reserve(b, len)) {
		memcpy(b->data + b->len, s, len);
		b->len += len;
	}
}

void strbuf_puts(struct strbuf *b, const char *s)
{
	strbuf_put(b, s, strlen(s));
}

void strbuf_putnum(struct strbuf *b, long n)
{
	unsigned long u = n < 0 ? 0 - (unsigned long)n : (unsigned long)n;
	char digits[24];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if (n < 0)
		digits[--at] = '-';
	strbuf_put(b, digits + at, sizeof digits - at);
}

char *strbuf_cstr(struct strbuf *b)
{
	if (b->failed || !strbuf_reserve(b, 1))
		return NULL;
	b->data[b->len] = '\0';
	return b->data;
}

void strbuf_free(struct strbuf *b)
{
	free(b->data);
	*b = (struct strbuf){0};
}
