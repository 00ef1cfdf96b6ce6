/* Where commands come from, byte by byte: a string, a script file, a shared standard input, or a person. */
#ifndef SH_SOURCE_H
#define SH_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "mem.h"

enum {
	SOURCE_EOF = -1,
	SOURCE_INTERRUPT = -2, /* Ctrl-C at a prompt */
};

enum source_kind {
	SOURCE_STRING,
	SOURCE_FILE,   /* ours alone: read in blocks */
	SOURCE_SHARED, /* commands read from it too: one byte at a time, so that the rest is theirs */
	SOURCE_PROMPT, /* a line at a time, with editing if the terminal can */
};

struct source {
	enum source_kind kind;
	int fd;
	const char *data; /* what was read and is not yet used up: [pos, len) */
	size_t pos, len;
	int line;   /* of the next byte, from 1 */
	bool fresh; /* a new command starts: PS1, not PS2 */
	bool ended; /* the end was seen: it is seen again until source_restart() */
	struct strbuf buf;
};

void source_from_string(struct source *src, const char *text, size_t len);
void source_from_fd(struct source *src, enum source_kind kind, int fd);
/* => a byte (never NUL), SOURCE_EOF or SOURCE_INTERRUPT */
int source_get(struct source *src);
/* A new command begins. */
void source_restart(struct source *src);
/* After an error at a prompt: what is left of the line is forgotten. */
void source_drop_line(struct source *src);
/* Is nothing but blank space left?  Only a string knows; the others answer no. */
bool source_is_spent(const struct source *src);
/* Frees the buffer; closes no descriptor. */
void source_end(struct source *src);

#endif
