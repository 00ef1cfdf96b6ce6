/* Recursive descent over the grammar of POSIX sh, one function a rule.  A rule answers NULL (or false) when it failed;
   the first failure is noted in the lexer, whose tokens are TOKEN_ERROR from then on, so every loop ends by itself.
   Limit: LEXER_DEPTH_MAX levels.  Long lists, pipelines and && chains are lists in the tree and cost no depth.
   Not taken: a generated parser; the language's reserved words depend on the place they stand at. */
#include "parser.h"

#include <string.h>

#include "lexer.h"
#include "shell.h"
#include "source.h"
#include "var.h"

static struct andor *parse_list(struct lexer *lx, bool one_line);
static struct command *parse_command(struct lexer *lx);

static void *node_alloc(struct lexer *lx, size_t size)
{
	void *node = arena_alloc(size);

	if (node)
		memset(node, 0, size);
	else
		lexer_fail(lx, LEXER_NO_MEMORY);
	return node;
}

static const char *text_between(struct lexer *lx, size_t start, size_t end)
{
	const char *text = arena_strndup(lx->text.data + start, end - start);

	if (!text)
		lexer_fail(lx, LEXER_NO_MEMORY);
	return text;
}

/* => where the text of the next token starts */
static size_t next_start(struct lexer *lx)
{
	lexer_peek(lx);
	return lx->token.start;
}

static bool syntax_error(struct lexer *lx)
{
	lexer_peek(lx);
	lexer_fail(lx, LEXER_SYNTAX);
	return false;
}

static bool expect_word(struct lexer *lx, const char *word)
{
	if (!lexer_token_is(lx, word))
		return syntax_error(lx);
	lexer_take(lx);
	return true;
}

static void skip_newlines(struct lexer *lx)
{
	while (lexer_peek(lx) == TOKEN_NEWLINE)
		lexer_take(lx);
}

/* Words that end a list of commands where a command could start. */
static bool at_closer(struct lexer *lx)
{
	static const char *const closers[] = {"then", "do", "done", "fi", "elif", "else", "esac", "}"};

	for (size_t i = 0; i < sizeof closers / sizeof closers[0]; i++)
		if (lexer_token_is(lx, closers[i]))
			return true;
	return false;
}

/* A list that must not be empty. */
static struct andor *parse_body(struct lexer *lx)
{
	struct andor *list = parse_list(lx, false);

	if (!list)
		syntax_error(lx);
	return list;
}

static bool is_redir(enum token_kind kind)
{
	return kind == TOKEN_IO_NUMBER || (kind >= TOKEN_LESS && kind <= TOKEN_CLOBBER);
}

/* => the operator of the peeked token, with the descriptor that it means when none is named */
static enum redir_op redir_op_of(enum token_kind kind, int *fd)
{
	*fd = kind >= TOKEN_GREAT;
	switch (kind) {
	case TOKEN_LESS: return REDIR_READ;
	case TOKEN_LESS_GREAT: return REDIR_READ_WRITE;
	case TOKEN_LESS_LESS:
	case TOKEN_LESS_LESS_DASH: return REDIR_HERE;
	case TOKEN_GREAT_GREAT: return REDIR_APPEND;
	case TOKEN_LESS_AMP:
	case TOKEN_GREAT_AMP: return REDIR_DUP;
	default: return REDIR_WRITE;
	}
}

/* Takes the quotes off the delimiter of a here-document; if there were any, its body is taken as it is. */
static void here_unquote(struct redir *r, char *delimiter)
{
	char *to = delimiter;

	for (const char *from = delimiter; *from; from++)
		if (*from == '\'' || *from == '"' || *from == '\\')
			r->op = REDIR_HERE_RAW;
		else
			*to++ = *from;
	*to = '\0';
}

/* A body is read at the next newline: its delimiter stays in `word` until then. */
static bool here_note(struct lexer *lx, struct redir *r, char *delimiter)
{
	if (lx->here_count == LEXER_HERE_MAX) {
		lexer_fail(lx, LEXER_TOO_DEEP);
		return false;
	}
	here_unquote(r, delimiter);
	lx->here[lx->here_count++] = r;
	return true;
}

static struct redir *parse_redir(struct lexer *lx)
{
	struct redir *r = node_alloc(lx, sizeof *r);
	int named = -1;
	char *word;

	if (!r)
		return NULL;
	if (lexer_peek(lx) == TOKEN_IO_NUMBER) {
		named = lx->text.data[lx->token.start] - '0';
		if (lx->token.end - lx->token.start > 1) { /* those from 10 on are the shell's own */
			syntax_error(lx);
			return NULL;
		}
		lexer_take(lx);
	}
	r->op = redir_op_of(lexer_peek(lx), &r->fd);
	r->strip_tabs = lexer_peek(lx) == TOKEN_LESS_LESS_DASH;
	if (named >= 0)
		r->fd = named;
	lexer_take(lx);
	if (lexer_peek(lx) != TOKEN_WORD) {
		syntax_error(lx);
		return NULL;
	}
	word = lexer_token_text(lx);
	r->word = word;
	lexer_take(lx); /* before the newline is peeked, after which the body follows */
	if (!word)
		lexer_fail(lx, LEXER_NO_MEMORY);
	else if (r->op == REDIR_HERE)
		here_note(lx, r, word);
	return lx->failure == LEXER_OK ? r : NULL;
}

static bool parse_redirs(struct lexer *lx, struct redir **end)
{
	while (*end)
		end = &(*end)->next;
	while (is_redir(lexer_peek(lx))) {
		*end = parse_redir(lx);
		if (!*end)
			return false;
		end = &(*end)->next;
	}
	return true;
}

/* Takes the peeked token as a word. */
static struct word *parse_word(struct lexer *lx)
{
	struct word *w = node_alloc(lx, sizeof *w);

	if (!w)
		return NULL;
	w->text = lexer_token_text(lx);
	lexer_take(lx);
	if (!w->text) {
		lexer_fail(lx, LEXER_NO_MEMORY);
		return NULL;
	}
	return w;
}

static bool is_assignment(const char *text)
{
	size_t len = name_length(text);

	return len > 0 && text[len] == '=';
}

static struct command *parse_function(struct lexer *lx, struct command *c)
{
	const char *name = c->simple.words->text;
	struct command *body;
	size_t start;

	lexer_take(lx);
	if (lexer_peek(lx) != TOKEN_CLOSE || name[name_length(name)] != '\0') {
		syntax_error(lx);
		return NULL;
	}
	lexer_take(lx);
	skip_newlines(lx);
	start = next_start(lx);
	body = parse_command(lx);
	if (!body)
		return NULL;
	c->kind = COMMAND_FUNCTION;
	c->function.name = name;
	c->function.body = text_between(lx, start, next_start(lx));
	return lx->failure == LEXER_OK ? c : NULL;
}

static struct command *parse_simple(struct lexer *lx, struct command *c)
{
	struct word **assign = &c->simple.assigns, **word = &c->simple.words;

	for (;;) {
		struct word *w;

		if (!parse_redirs(lx, &c->redirs))
			return NULL;
		if (lexer_peek(lx) == TOKEN_OPEN && c->simple.words && !c->simple.words->next && !c->simple.assigns &&
		    !c->redirs)
			return parse_function(lx, c);
		if (lexer_peek(lx) != TOKEN_WORD)
			break;
		w = parse_word(lx);
		if (!w)
			return NULL;
		if (!c->simple.words && is_assignment(w->text)) {
			*assign = w;
			assign = &w->next;
		} else {
			*word = w;
			word = &w->next;
		}
	}
	if (!c->simple.words && !c->simple.assigns && !c->redirs)
		syntax_error(lx);
	return lx->failure == LEXER_OK ? c : NULL;
}

static bool parse_if(struct lexer *lx, struct command *c)
{
	struct if_clause **end = &c->clauses;

	c->kind = COMMAND_IF;
	do {
		struct if_clause *clause = node_alloc(lx, sizeof *clause);

		lexer_take(lx); /* if, elif */
		if (!clause || !(clause->condition = parse_body(lx)) || !expect_word(lx, "then") ||
		    !(clause->body = parse_body(lx)))
			return false;
		*end = clause;
		end = &clause->next;
	} while (lexer_token_is(lx, "elif"));
	if (lexer_token_is(lx, "else")) {
		lexer_take(lx);
		*end = node_alloc(lx, sizeof **end);
		if (!*end || !((*end)->body = parse_body(lx)))
			return false;
	}
	return expect_word(lx, "fi");
}

static bool parse_do(struct lexer *lx, struct andor **body)
{
	return expect_word(lx, "do") && (*body = parse_body(lx)) && expect_word(lx, "done");
}

static bool parse_loop(struct lexer *lx, struct command *c)
{
	c->kind = COMMAND_LOOP;
	c->loop.until = lexer_token_is(lx, "until");
	lexer_take(lx);
	c->loop.condition = parse_body(lx);
	return c->loop.condition && parse_do(lx, &c->loop.body);
}

static bool parse_words(struct lexer *lx, struct word **end)
{
	while (lexer_peek(lx) == TOKEN_WORD) {
		*end = parse_word(lx);
		if (!*end)
			return false;
		end = &(*end)->next;
	}
	return true;
}

static bool parse_for(struct lexer *lx, struct command *c)
{
	struct word *name;

	c->kind = COMMAND_FOR;
	lexer_take(lx);
	if (lexer_peek(lx) != TOKEN_WORD || !(name = parse_word(lx)))
		return syntax_error(lx);
	if (name_length(name->text) == 0 || name->text[name_length(name->text)] != '\0')
		return syntax_error(lx);
	c->each.name = name->text;
	skip_newlines(lx);
	if (lexer_token_is(lx, "in")) {
		lexer_take(lx);
		c->each.has_words = true;
		if (!parse_words(lx, &c->each.words))
			return false;
		if (lexer_peek(lx) != TOKEN_SEMI && lexer_peek(lx) != TOKEN_NEWLINE)
			return syntax_error(lx);
	}
	if (lexer_peek(lx) == TOKEN_SEMI)
		lexer_take(lx);
	skip_newlines(lx);
	return parse_do(lx, &c->each.body);
}

/* PATTERN | PATTERN ) LIST ;; */
static struct case_arm *parse_arm(struct lexer *lx)
{
	struct case_arm *arm = node_alloc(lx, sizeof *arm);
	struct word **end;

	if (!arm)
		return NULL;
	end = &arm->patterns;
	if (lexer_peek(lx) == TOKEN_OPEN)
		lexer_take(lx);
	while (lexer_peek(lx) == TOKEN_WORD && (*end = parse_word(lx))) {
		end = &(*end)->next;
		if (lexer_peek(lx) != TOKEN_PIPE)
			break;
		lexer_take(lx);
	}
	if (!arm->patterns || lexer_peek(lx) != TOKEN_CLOSE) {
		syntax_error(lx);
		return NULL;
	}
	lexer_take(lx);
	arm->body = parse_list(lx, false);
	if (lexer_peek(lx) == TOKEN_SEMI_SEMI) {
		lexer_take(lx);
		skip_newlines(lx);
	} else if (!lexer_token_is(lx, "esac")) {
		syntax_error(lx);
	}
	return lx->failure == LEXER_OK ? arm : NULL;
}

static bool parse_case(struct lexer *lx, struct command *c)
{
	struct case_arm **end = &c->choice.arms;
	struct word *word;

	c->kind = COMMAND_CASE;
	lexer_take(lx);
	if (lexer_peek(lx) != TOKEN_WORD || !(word = parse_word(lx)))
		return syntax_error(lx);
	c->choice.word = word->text;
	skip_newlines(lx);
	if (!expect_word(lx, "in"))
		return false;
	skip_newlines(lx);
	while (!lexer_token_is(lx, "esac")) {
		*end = parse_arm(lx);
		if (!*end)
			return false;
		end = &(*end)->next;
	}
	lexer_take(lx);
	return true;
}

static bool parse_group(struct lexer *lx, struct command *c, enum command_kind kind)
{
	c->kind = kind;
	lexer_take(lx);
	c->list = parse_body(lx);
	if (!c->list)
		return false;
	if (kind == COMMAND_GROUP)
		return expect_word(lx, "}");
	if (lexer_peek(lx) != TOKEN_CLOSE)
		return syntax_error(lx);
	lexer_take(lx);
	return true;
}

/* => 1: parsed, 0: it is no compound command, -1: failed */
static int parse_compound(struct lexer *lx, struct command *c)
{
	bool fine;

	if (lexer_peek(lx) == TOKEN_OPEN)
		fine = parse_group(lx, c, COMMAND_SUBSHELL);
	else if (lexer_token_is(lx, "{"))
		fine = parse_group(lx, c, COMMAND_GROUP);
	else if (lexer_token_is(lx, "if"))
		fine = parse_if(lx, c);
	else if (lexer_token_is(lx, "while") || lexer_token_is(lx, "until"))
		fine = parse_loop(lx, c);
	else if (lexer_token_is(lx, "for"))
		fine = parse_for(lx, c);
	else if (lexer_token_is(lx, "case"))
		fine = parse_case(lx, c);
	else
		return 0;
	return fine && parse_redirs(lx, &c->redirs) ? 1 : -1;
}

static struct command *parse_command(struct lexer *lx)
{
	struct command *c = node_alloc(lx, sizeof *c);
	int compound;

	if (!c || !lexer_enter(lx))
		return NULL;
	compound = parse_compound(lx, c);
	if (compound == 0 && (at_closer(lx) || lexer_token_is(lx, "!") || !parse_simple(lx, c))) {
		syntax_error(lx);
		compound = -1;
	}
	lexer_leave(lx);
	return compound >= 0 && lx->failure == LEXER_OK ? c : NULL;
}

static struct pipeline *parse_pipeline(struct lexer *lx)
{
	struct pipeline *p = node_alloc(lx, sizeof *p);
	size_t start = next_start(lx), end;
	struct command **link;

	if (!p)
		return NULL;
	link = &p->commands;
	if (lexer_token_is(lx, "!")) {
		p->negated = true;
		lexer_take(lx);
	}
	for (;;) {
		*link = parse_command(lx);
		if (!*link)
			return NULL;
		link = &(*link)->next;
		p->count++;
		end = next_start(lx);
		if (lexer_peek(lx) != TOKEN_PIPE)
			break;
		lexer_take(lx);
		skip_newlines(lx);
	}
	while (end > start && strchr(" \t", lx->text.data[end - 1]))
		end--;
	p->text = text_between(lx, start, end);
	return p->text ? p : NULL;
}

static struct andor *parse_andor(struct lexer *lx)
{
	struct andor *a = node_alloc(lx, sizeof *a);
	size_t start = next_start(lx), end;
	struct pipeline **link;
	bool after_success = false;

	if (!a)
		return NULL;
	link = &a->pipelines;
	for (;;) {
		*link = parse_pipeline(lx);
		if (!*link)
			return NULL;
		(*link)->after_success = after_success;
		link = &(*link)->next;
		end = next_start(lx);
		if (lexer_peek(lx) != TOKEN_AND_AND && lexer_peek(lx) != TOKEN_OR_OR)
			break;
		after_success = lexer_peek(lx) == TOKEN_AND_AND;
		lexer_take(lx);
		skip_newlines(lx);
	}
	a->text = a->pipelines->text;
	if (a->pipelines->next) {
		while (end > start && strchr(" \t", lx->text.data[end - 1]))
			end--;
		a->text = text_between(lx, start, end);
	}
	return a->text ? a : NULL;
}

/* Commands up to something that cannot start one; with `one_line` up to a newline, which is taken.
   => NULL: there is none, or the lexer has failed */
static struct andor *parse_list(struct lexer *lx, bool one_line)
{
	struct andor *first = NULL, **link = &first;

	for (;;) {
		enum token_kind kind;

		if (!one_line)
			skip_newlines(lx);
		kind = lexer_peek(lx);
		if (kind == TOKEN_NEWLINE || kind == TOKEN_END || kind == TOKEN_CLOSE || kind == TOKEN_SEMI_SEMI ||
		    kind == TOKEN_ERROR || at_closer(lx))
			break;
		*link = parse_andor(lx);
		if (!*link)
			return NULL;
		kind = lexer_peek(lx);
		(*link)->background = kind == TOKEN_AMP;
		link = &(*link)->next;
		if (kind == TOKEN_SEMI || kind == TOKEN_AMP)
			lexer_take(lx);
		else if (kind != TOKEN_NEWLINE)
			break;
	}
	return lx->failure == LEXER_OK ? first : NULL;
}

/* Says what is wrong.  A NUL-terminated piece of the token is enough to find the place. */
static void failure_print(struct lexer *lx, int line)
{
	char piece[24];
	size_t len = lx->text.len > lx->token.start ? lx->text.len - lx->token.start : 0;

	if (lx->token.end > lx->token.start && lx->token.end - lx->token.start < len)
		len = lx->token.end - lx->token.start;
	len = len < sizeof piece ? len : sizeof piece - 1;
	if (len > 0)
		memcpy(piece, lx->text.data + lx->token.start, len);
	piece[len] = '\0';
	switch (lx->failure) {
	case LEXER_UNBALANCED:
		if (lx->culprit == '<')
			shell_error("line %d: syntax error: unterminated here-document", line);
		else
			shell_error("line %d: syntax error: unterminated %c", line, lx->culprit);
		break;
	case LEXER_TOO_DEEP: shell_error("line %d: syntax error: nested too deeply", line); break;
	case LEXER_SYNTAX:
		if (len == 0)
			shell_error("line %d: syntax error: unexpected end of file", line);
		else if (piece[0] == '\n')
			shell_error("line %d: syntax error: unexpected newline", line - 1);
		else
			shell_error("line %d: syntax error near '%s'", line, piece);
		break;
	case LEXER_NO_MEMORY: /* said where it happened */
	case LEXER_INTERRUPTED:
	case LEXER_OK: break;
	}
}

static enum parse_result parse_result_of(struct lexer *lx)
{
	if (lx->failure == LEXER_OK)
		return PARSE_OK;
	if (lx->failure == LEXER_INTERRUPTED)
		return PARSE_INTERRUPTED;
	failure_print(lx, lx->src->line);
	return PARSE_ERROR;
}

enum parse_result parse_command_line(struct source *src, struct andor **list)
{
	enum parse_result result;
	struct lexer lx;

	source_restart(src);
	lexer_start(&lx, src);
	*list = parse_list(&lx, true);
	if (lexer_peek(&lx) != TOKEN_NEWLINE && lexer_peek(&lx) != TOKEN_END)
		syntax_error(&lx);
	result = parse_result_of(&lx);
	if (result == PARSE_OK && !*list && lexer_peek(&lx) == TOKEN_END)
		result = PARSE_END;
	lexer_end(&lx);
	return result;
}

bool parser_skip_substitution(struct lexer *lx)
{
	struct arena_mark mark = arena_mark();
	int outer_count = lx->here_count, depth = lx->depth;
	struct redir *outer[LEXER_HERE_MAX];

	memcpy(outer, lx->here, sizeof outer);
	lx->here_count = 0;
	lx->peeked = false;
	parse_list(lx, false);
	if (lexer_peek(lx) != TOKEN_CLOSE)
		syntax_error(lx);
	arena_release(mark);
	memcpy(lx->here, outer, sizeof outer);
	lx->here_count = outer_count;
	lx->depth = depth;
	if (lx->failure == LEXER_OK)
		lx->peeked = false; /* the outer token goes on behind the parenthesis */
	return lx->failure == LEXER_OK;
}

size_t parse_substitution(const char *text, struct andor **list)
{
	struct source src;
	struct lexer lx;
	size_t used = 0;

	source_from_string(&src, text, strlen(text));
	lexer_start(&lx, &src);
	*list = parse_list(&lx, false);
	if (lexer_peek(&lx) != TOKEN_CLOSE)
		syntax_error(&lx);
	if (parse_result_of(&lx) == PARSE_OK)
		used = lx.token.end;
	lexer_end(&lx);
	source_end(&src);
	return used;
}

bool parse_text(const char *text, struct andor **list)
{
	struct source src;
	struct lexer lx;
	bool fine;

	source_from_string(&src, text, strlen(text));
	lexer_start(&lx, &src);
	*list = parse_list(&lx, false);
	if (lexer_peek(&lx) != TOKEN_END)
		syntax_error(&lx);
	fine = parse_result_of(&lx) == PARSE_OK;
	lexer_end(&lx);
	source_end(&src);
	return fine;
}
