/* The lexer finds where words end and leaves them as they were written: a token is a range of the command's text, and
   expansion looks at the quotes again.  What stands in $( ) is found by running the parser on it, so that a `)` in a
   case, a comment or a here-document inside is understood.
   Limit: `$((` always starts arithmetic; a subshell in a substitution is written `$( (`.
   Not taken: building expanded-form trees here; it would be a second walk over the same grammar, in more nodes. */
#include "lexer.h"

#include <string.h>

#include "parser.h"
#include "source.h"

static bool scan_dollar(struct lexer *lx, bool quoted);

void lexer_start(struct lexer *lx, struct source *src)
{
	*lx = (struct lexer){.src = src};
}

void lexer_end(struct lexer *lx)
{
	strbuf_free(&lx->text);
}

void lexer_fail(struct lexer *lx, enum lexer_failure failure)
{
	if (lx->failure == LEXER_OK)
		lx->failure = failure;
}

bool lexer_enter(struct lexer *lx)
{
	if (lx->depth >= LEXER_DEPTH_MAX) {
		lexer_fail(lx, LEXER_TOO_DEEP);
		return false;
	}
	lx->depth++;
	return true;
}

void lexer_leave(struct lexer *lx)
{
	lx->depth--;
}

/* => the next byte as it is, also added to the text; SOURCE_EOF at the end and after any failure */
static int get_raw(struct lexer *lx)
{
	int c;

	if (lx->failure != LEXER_OK)
		return SOURCE_EOF;
	c = lx->pushed_count > 0 ? lx->pushed[--lx->pushed_count] : source_get(lx->src);
	if (c == SOURCE_INTERRUPT) {
		lexer_fail(lx, LEXER_INTERRUPTED);
		return SOURCE_EOF;
	}
	if (c == SOURCE_EOF)
		return c;
	strbuf_putc(&lx->text, (char)c);
	if (lx->text.failed) {
		lexer_fail(lx, LEXER_NO_MEMORY);
		return SOURCE_EOF;
	}
	return c;
}

static void unget(struct lexer *lx, int c)
{
	if (c == SOURCE_EOF)
		return;
	lx->text.len--;
	lx->pushed[lx->pushed_count++] = c;
}

/* The same, with lines joined that a backslash continues. */
static int get(struct lexer *lx)
{
	for (;;) {
		int c = get_raw(lx), after;

		if (c != '\\')
			return c;
		after = get_raw(lx);
		if (after != '\n') {
			unget(lx, after);
			return c;
		}
		lx->text.len -= 2;
	}
}

static bool unbalanced(struct lexer *lx, char culprit)
{
	if (lx->failure == LEXER_OK)
		lx->culprit = culprit;
	lexer_fail(lx, LEXER_UNBALANCED);
	return false;
}

static bool scan_single(struct lexer *lx)
{
	int c;

	do
		c = get_raw(lx);
	while (c != '\'' && c != SOURCE_EOF);
	return c == '\'' || unbalanced(lx, '\'');
}

static bool scan_backtick(struct lexer *lx)
{
	for (;;) {
		int c = get_raw(lx);

		if (c == '`')
			return true;
		if (c == '\\')
			c = get_raw(lx);
		if (c == SOURCE_EOF)
			return unbalanced(lx, '`');
	}
}

static bool scan_double(struct lexer *lx)
{
	for (;;) {
		int c = get(lx);

		if (c == '"')
			return true;
		if (c == '\\')
			c = get_raw(lx);
		else if (c == '$' ? !scan_dollar(lx, true) : c == '`' && !scan_backtick(lx))
			return false;
		if (c == SOURCE_EOF)
			return unbalanced(lx, '"');
	}
}

/* A quote, backslash, dollar or backtick that has just been read, with all that belongs to it. */
static bool scan_special(struct lexer *lx, int c, bool quoted)
{
	switch (c) {
	case '\'': return quoted || scan_single(lx);
	case '"': return scan_double(lx);
	case '\\': get_raw(lx); return true;
	case '$': return scan_dollar(lx, quoted);
	case '`': return scan_backtick(lx);
	default: return true;
	}
}

static bool scan_brace(struct lexer *lx, bool quoted)
{
	for (;;) {
		int c = get(lx);

		if (c == '}')
			return true;
		if (c == SOURCE_EOF)
			return unbalanced(lx, '{');
		if (!scan_special(lx, c, quoted))
			return false;
	}
}

static bool scan_arith(struct lexer *lx)
{
	int open = 2;

	while (open > 0) {
		int c = get(lx);

		if (c == SOURCE_EOF)
			return unbalanced(lx, '(');
		open += c == '(' ? 1 : c == ')' ? -1 : 0;
		if ((c == '$' && !scan_dollar(lx, true)) || (c == '`' && !scan_backtick(lx)))
			return false;
	}
	return true;
}

/* After a `$`. */
static bool scan_dollar(struct lexer *lx, bool quoted)
{
	int c = get(lx), after;
	bool fine;

	if (c != '{' && c != '(') {
		unget(lx, c);
		return true;
	}
	if (!lexer_enter(lx))
		return false;
	if (c == '{') {
		fine = scan_brace(lx, quoted);
	} else if ((after = get(lx)) == '(') {
		fine = scan_arith(lx);
	} else {
		unget(lx, after);
		fine = parser_skip_substitution(lx);
	}
	lexer_leave(lx);
	return fine;
}

static bool ends_word(int c)
{
	return c == SOURCE_EOF || strchr(" \t\n;&|<>()", c);
}

static enum token_kind scan_word(struct lexer *lx, int c, size_t start)
{
	bool digits = true;

	while (!ends_word(c)) {
		digits = digits && c >= '0' && c <= '9';
		if (!scan_special(lx, c, false))
			return TOKEN_ERROR;
		c = get(lx);
	}
	unget(lx, c);
	if (lx->failure != LEXER_OK)
		return TOKEN_ERROR;
	return digits && lx->text.len > start && (c == '<' || c == '>') ? TOKEN_IO_NUMBER : TOKEN_WORD;
}

/* => `two` if the next byte is `c`, else `one` */
static enum token_kind follow(struct lexer *lx, int c, enum token_kind two, enum token_kind one)
{
	int next = get(lx);

	if (next == c)
		return two;
	unget(lx, next);
	return one;
}

static enum token_kind scan_operator(struct lexer *lx, int c)
{
	enum token_kind kind;

	switch (c) {
	case '\n': return TOKEN_NEWLINE;
	case ';': return follow(lx, ';', TOKEN_SEMI_SEMI, TOKEN_SEMI);
	case '&': return follow(lx, '&', TOKEN_AND_AND, TOKEN_AMP);
	case '|': return follow(lx, '|', TOKEN_OR_OR, TOKEN_PIPE);
	case '(': return TOKEN_OPEN;
	case ')': return TOKEN_CLOSE;
	case '<':
		kind = follow(lx, '<', TOKEN_LESS_LESS, TOKEN_LESS);
		if (kind == TOKEN_LESS_LESS)
			return follow(lx, '-', TOKEN_LESS_LESS_DASH, TOKEN_LESS_LESS);
		kind = follow(lx, '&', TOKEN_LESS_AMP, TOKEN_LESS);
		return kind == TOKEN_LESS_AMP ? kind : follow(lx, '>', TOKEN_LESS_GREAT, TOKEN_LESS);
	default: /* > */
		kind = follow(lx, '>', TOKEN_GREAT_GREAT, TOKEN_GREAT);
		if (kind == TOKEN_GREAT)
			kind = follow(lx, '&', TOKEN_GREAT_AMP, TOKEN_GREAT);
		return kind == TOKEN_GREAT ? follow(lx, '|', TOKEN_CLOBBER, TOKEN_GREAT) : kind;
	}
}

/* Reads the lines of one here-document up to its delimiter.  => false: the lexer has failed */
static bool here_read(struct lexer *lx, struct redir *r)
{
	size_t delimiter = strlen(r->word), line;
	struct strbuf body = {0};
	bool found;
	int c;

	for (;;) {
		line = body.len;
		for (c = r->op == REDIR_HERE ? get(lx) : get_raw(lx); c != '\n' && c != SOURCE_EOF;
		     c = r->op == REDIR_HERE ? get(lx) : get_raw(lx))
			if (c != '\t' || !r->strip_tabs || body.len > line)
				strbuf_putc(&body, (char)c);
		found = body.len - line == delimiter &&
		        (delimiter == 0 || memcmp(body.data + line, r->word, delimiter) == 0);
		if (found || body.failed || c == SOURCE_EOF)
			break;
		strbuf_putc(&body, '\n');
	}
	if (!found && !body.failed)
		unbalanced(lx, '<');
	r->word = body.failed ? NULL : arena_strndup(body.data ? body.data : "", line);
	strbuf_free(&body);
	if (!r->word)
		lexer_fail(lx, LEXER_NO_MEMORY);
	return lx->failure == LEXER_OK;
}

static bool here_read_all(struct lexer *lx)
{
	int count = lx->here_count;

	lx->here_count = 0;
	for (int i = 0; i < count; i++)
		if (!here_read(lx, lx->here[i]))
			return false;
	return true;
}

static struct token lexer_scan(struct lexer *lx)
{
	struct token t;
	int c;

	do {
		c = get(lx);
		if (c == '#')
			do
				c = get_raw(lx);
			while (c != '\n' && c != SOURCE_EOF);
	} while (c == ' ' || c == '\t');
	t.start = lx->text.len - (c != SOURCE_EOF);
	if (c == SOURCE_EOF)
		t.kind = lx->here_count > 0 && !here_read_all(lx) ? TOKEN_ERROR : TOKEN_END;
	else if (ends_word(c))
		t.kind = scan_operator(lx, c);
	else
		t.kind = scan_word(lx, c, t.start);
	t.end = lx->text.len;
	if (t.kind == TOKEN_NEWLINE && lx->here_count > 0)
		here_read_all(lx);
	if (lx->failure != LEXER_OK)
		t.kind = TOKEN_ERROR;
	return t;
}

enum token_kind lexer_peek(struct lexer *lx)
{
	if (!lx->peeked) {
		struct token t = lexer_scan(lx); /* a substitution within it peeks by itself */

		lx->token = t;
		lx->peeked = true;
	}
	if (lx->failure != LEXER_OK)
		lx->token.kind = TOKEN_ERROR;
	return lx->token.kind;
}

void lexer_take(struct lexer *lx)
{
	lx->peeked = false;
}

char *lexer_token_text(struct lexer *lx)
{
	return arena_strndup(lx->text.data + lx->token.start, lx->token.end - lx->token.start);
}

bool lexer_token_is(struct lexer *lx, const char *text)
{
	size_t len = strlen(text);

	return lexer_peek(lx) == TOKEN_WORD && lx->token.end - lx->token.start == len &&
	       memcmp(lx->text.data + lx->token.start, text, len) == 0;
}

size_t lexer_measure(const char *s, bool quoted)
{
	struct source src;
	struct lexer lx;
	size_t len = 0;
	bool fine;

	source_from_string(&src, s, strlen(s));
	lexer_start(&lx, &src);
	fine = get_raw(&lx) == '`' ? scan_backtick(&lx) : scan_dollar(&lx, quoted);
	if (fine && lx.failure == LEXER_OK)
		len = lx.text.len;
	lexer_end(&lx);
	source_end(&src);
	return len;
}
