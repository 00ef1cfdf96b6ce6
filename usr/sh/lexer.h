/* Tokens of the shell's language. */
#ifndef SH_LEXER_H
#define SH_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "ast.h"
#include "mem.h"

struct source;

enum token_kind {
	TOKEN_WORD,
	TOKEN_IO_NUMBER, /* digits right before < or > */
	TOKEN_NEWLINE,
	TOKEN_END,
	TOKEN_SEMI,
	TOKEN_SEMI_SEMI,
	TOKEN_AMP,
	TOKEN_AND_AND,
	TOKEN_PIPE,
	TOKEN_OR_OR,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_LESS,
	TOKEN_LESS_GREAT,
	TOKEN_LESS_AMP,
	TOKEN_LESS_LESS,
	TOKEN_LESS_LESS_DASH,
	TOKEN_GREAT,
	TOKEN_GREAT_GREAT,
	TOKEN_GREAT_AMP,
	TOKEN_CLOBBER,
	TOKEN_ERROR, /* see lexer.failure */
};

struct token {
	enum token_kind kind;
	size_t start, end; /* in lexer.text */
};

enum lexer_failure {
	LEXER_OK,
	LEXER_UNBALANCED, /* the input ended within quotes, ${, $( or a here-document */
	LEXER_TOO_DEEP,
	LEXER_SYNTAX, /* within $( ) */
	LEXER_NO_MEMORY,
	LEXER_INTERRUPTED,
};

#define LEXER_DEPTH_MAX 150 /* compound commands and substitutions within one another */

struct lexer {
	struct source *src;
	struct strbuf text; /* all bytes of the command so far, joined lines joined: tokens point into it */
	struct token token; /* valid if `peeked` */
	bool peeked;
	int pushed[4];
	int pushed_count;
	int depth;
	struct redir *here[8]; /* here-documents whose bodies follow the next newline */
	int here_count;
	enum lexer_failure failure; /* the first one; from then on all tokens are TOKEN_ERROR */
	char culprit;               /* of LEXER_UNBALANCED: what is not closed */
};

#define LEXER_HERE_MAX 8

void lexer_start(struct lexer *lx, struct source *src);
void lexer_end(struct lexer *lx);
enum token_kind lexer_peek(struct lexer *lx);
void lexer_take(struct lexer *lx); /* the peeked token is used */
/* => the text of the peeked token in the arena, or NULL (out of memory) */
char *lexer_token_text(struct lexer *lx);
bool lexer_token_is(struct lexer *lx, const char *text);
void lexer_fail(struct lexer *lx, enum lexer_failure failure);
/* => false: nested too deeply, and the lexer has failed.  Each success is paired with lexer_leave(). */
bool lexer_enter(struct lexer *lx);
void lexer_leave(struct lexer *lx);

/* How many bytes the ${...}, $((...)) or `...` at the start of `s` takes, which the lexer has accepted before as part
   of a word (`quoted`: within double quotes).  0: it is not closed, or there is no memory. */
size_t lexer_measure(const char *s, bool quoted);

#endif
