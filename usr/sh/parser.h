/* From tokens to the tree. */
#ifndef SH_PARSER_H
#define SH_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "ast.h"

struct lexer;
struct source;

enum parse_result {
	PARSE_OK,
	PARSE_END,         /* no command: the input has ended */
	PARSE_ERROR,       /* a message has been printed */
	PARSE_INTERRUPTED, /* Ctrl-C */
};

/* Reads one command with all lines that belong to it.  *list is NULL for an empty line. */
enum parse_result parse_command_line(struct source *src, struct andor **list);

/* For the lexer, after `$(`: runs over the commands and the `)`. => false: the lexer has failed */
bool parser_skip_substitution(struct lexer *lx);

/* Reads commands from `text`, which follows `$(`. => bytes up to and with the `)`; 0: error, message printed */
size_t parse_substitution(const char *text, struct andor **list);
/* Reads all of `text` as one list. => false: error, message printed */
bool parse_text(const char *text, struct andor **list);

#endif
