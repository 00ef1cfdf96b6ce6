/* Patterns of file names, `case` and ${x#...}: * ? [...], of which quoting takes away the meaning. */
#ifndef SH_PATTERN_H
#define SH_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* What each byte of an expanded word came from. */
enum mark {
	MARK_PLAIN,  /* written without quotes: * ? [ mean something */
	MARK_SPLIT,  /* from an expansion without quotes: the same, and IFS splits here */
	MARK_QUOTED, /* itself and nothing else */
	MARK_EMPTY,  /* no byte, but there is a field: "" */
	MARK_BREAK,  /* no byte: "$@" and its like start the next field here */
};

/* `len` bytes and as many marks. */
struct marked {
	const char *text;
	const char *marks;
	size_t len;
};

bool pattern_is_active(struct marked p); /* is there an unquoted * ? or [ ? */
bool pattern_match(struct marked p, const char *s, size_t len);

#endif
