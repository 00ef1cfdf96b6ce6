/* Memory of the shell: one arena that is released in the order of taking, and growing byte strings. */
#ifndef SH_MEM_H
#define SH_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* A place in the arena; releasing it frees all that was taken since. */
struct arena_mark {
	struct arena_chunk *chunk;
	size_t used;
};

struct arena_mark arena_mark(void);
void arena_release(struct arena_mark mark);

/* => memory that lives until a mark set before is released; NULL: out of memory, and it has been said. */
void *arena_alloc(size_t size);
char *arena_strndup(const char *s, size_t len);

/* Bytes that grow.  A failed growth sticks: later additions do nothing, and strbuf_cstr() answers NULL. */
struct strbuf {
	char *data;
	size_t len, cap;
	bool failed;
};

void strbuf_putc(struct strbuf *b, char c);
void strbuf_put(struct strbuf *b, const char *s, size_t len);
void strbuf_puts(struct strbuf *b, const char *s);
void strbuf_putnum(struct strbuf *b, long n);
/* Makes room for `extra` bytes more. => false: out of memory, and it has been said */
bool strbuf_reserve(struct strbuf *b, size_t extra);
/* => the bytes with a NUL behind them, valid until the next change; NULL if an addition failed. */
char *strbuf_cstr(struct strbuf *b);
void strbuf_free(struct strbuf *b);

/* malloc() and strndup() that say so when there is no memory. */
void *mem_alloc(size_t size);
char *mem_strndup(const char *s, size_t len);
void mem_free(void *p);

#endif
