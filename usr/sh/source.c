/* Input is bytes, and NULs are dropped: so the rest of the shell has C strings whatever it is fed.
   Limit: a shared input costs a system call a byte.
   Not taken: reading blocks and seeking back, which a pipe cannot. */
#include "source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "edit.h"
#include "shell.h"

#define SOURCE_BLOCK 1024u /* bytes read at once from a script */

void source_from_string(struct source *src, const char *text, size_t len)
{
	*src = (struct source){.kind = SOURCE_STRING, .fd = -1, .data = text, .len = len, .line = 1, .fresh = true};
}

void source_from_fd(struct source *src, enum source_kind kind, int fd)
{
	*src = (struct source){.kind = kind, .fd = fd, .line = 1, .fresh = true};
}

static int read_bytes(struct source *src, size_t max)
{
	ssize_t n;

	if (!strbuf_reserve(&src->buf, max))
		return SOURCE_EOF;
	do
		n = read(src->fd, src->buf.data, max);
	while (n < 0 && errno == EINTR);
	src->buf.len = n > 0 ? (size_t)n : 0;
	return n > 0 ? 0 : SOURCE_EOF;
}

static int read_line(struct source *src)
{
	switch (edit_read_line(src->fresh ? EDIT_PROMPT_FIRST : EDIT_PROMPT_MORE, &src->buf)) {
	case EDIT_LINE: src->fresh = false; return 0;
	case EDIT_INTERRUPT: return SOURCE_INTERRUPT;
	case EDIT_END: break;
	}
	return SOURCE_EOF;
}

/* => 0: there are bytes again; else SOURCE_EOF or SOURCE_INTERRUPT */
static int source_fill(struct source *src)
{
	int got = SOURCE_EOF;

	src->buf.len = 0;
	switch (src->kind) {
	case SOURCE_STRING: break;
	case SOURCE_FILE: got = read_bytes(src, SOURCE_BLOCK); break;
	case SOURCE_SHARED: got = read_bytes(src, 1); break;
	case SOURCE_PROMPT: got = read_line(src); break;
	}
	src->pos = 0;
	src->len = got == 0 ? src->buf.len : 0;
	if (src->kind != SOURCE_STRING)
		src->data = src->buf.data;
	src->ended = got == SOURCE_EOF;
	return got;
}

int source_get(struct source *src)
{
	for (;;) {
		while (src->pos < src->len) {
			char c = src->data[src->pos++];

			if (c == '\n')
				src->line++;
			if (c != '\0')
				return (unsigned char)c;
		}
		if (src->ended)
			return SOURCE_EOF;
		int got = source_fill(src);

		if (got != 0)
			return got;
	}
}

void source_restart(struct source *src)
{
	src->fresh = true;
	if (src->kind == SOURCE_PROMPT)
		src->ended = false;
}

void source_drop_line(struct source *src)
{
	if (src->kind == SOURCE_PROMPT)
		src->pos = src->len;
}

bool source_is_spent(const struct source *src)
{
	if (src->kind != SOURCE_STRING)
		return false;
	for (size_t i = src->pos; i < src->len; i++)
		if (!strchr(" \t\n", src->data[i]))
			return false;
	return true;
}

void source_end(struct source *src)
{
	strbuf_free(&src->buf);
}
