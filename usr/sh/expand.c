/* A word is expanded into bytes and, beside them, one mark per byte that says where it came from: quoted, written, or
   out of an expansion.  Splitting, file names and patterns then need nothing but the marks.
   Limit: positional parameters beyond 9 want braces, IFS bytes are single bytes.
   Not taken: escape bytes within the text, which input of arbitrary bytes would have to be protected from. */
#include "expand.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arith.h"
#include "ast.h"
#include "exec.h"
#include "glob.h"
#include "lexer.h"
#include "mem.h"
#include "parser.h"
#include "shell.h"
#include "var.h"

struct expansion {
	struct strbuf text, marks;
	bool failed;
};

enum quoting {
	QUOTE_NONE,
	QUOTE_DOUBLE,
	QUOTE_HERE, /* like QUOTE_DOUBLE, but `"` is itself */
};

static void expand_text(struct expansion *x, const char *s, enum quoting quoting, enum mark plain);

static void put_byte(struct expansion *x, char c, enum mark mark)
{
	strbuf_putc(&x->text, c);
	strbuf_putc(&x->marks, (char)mark);
	x->failed = x->failed || x->text.failed || x->marks.failed;
}

static void put_bytes(struct expansion *x, const char *s, size_t len, enum mark mark)
{
	for (size_t i = 0; i < len; i++)
		put_byte(x, s[i], mark);
}

static void expansion_end(struct expansion *x)
{
	strbuf_free(&x->text);
	strbuf_free(&x->marks);
}

static enum mark value_mark(enum quoting quoting)
{
	return quoting == QUOTE_NONE ? MARK_SPLIT : MARK_QUOTED;
}

/* What a command writes, without the newlines at its end. */
static void substitute_output(struct expansion *x, const struct andor *list, enum quoting quoting)
{
	struct strbuf out = {0};

	if (!exec_capture(list, &out)) {
		x->failed = true;
	} else {
		while (out.len > 0 && out.data[out.len - 1] == '\n')
			out.len--;
		put_bytes(x, out.data, out.len, value_mark(quoting));
	}
	strbuf_free(&out);
}

/* $(...) => the bytes it takes, 0: failed */
static size_t expand_substitution(struct expansion *x, const char *s, enum quoting quoting)
{
	struct arena_mark mark = arena_mark();
	struct andor *list;
	size_t used = parse_substitution(s + 2, &list);

	if (used > 0)
		substitute_output(x, list, quoting);
	arena_release(mark);
	return used > 0 ? used + 2 : 0;
}

/* `...`: backslash protects $, ` and \ (and " within double quotes) and goes away. */
static size_t expand_backtick(struct expansion *x, const char *s, enum quoting quoting)
{
	size_t used = lexer_measure(s, quoting != QUOTE_NONE);
	struct arena_mark mark = arena_mark();
	struct strbuf command = {0};
	struct andor *list;

	for (size_t i = 1; i + 1 < used; i++) {
		if (s[i] == '\\' && (strchr("$`\\", s[i + 1]) || (quoting == QUOTE_DOUBLE && s[i + 1] == '"')))
			i++;
		strbuf_putc(&command, s[i]);
	}
	if (used > 0 && strbuf_cstr(&command) && parse_text(command.data, &list))
		substitute_output(x, list, quoting);
	else
		used = 0;
	strbuf_free(&command);
	arena_release(mark);
	return used;
}

/* `len` bytes of `s`, expanded by themselves as within double quotes. => in the arena; NULL: failed */
static char *expand_part(const char *s, size_t len, enum quoting quoting)
{
	struct expansion x = {0};
	char *part = arena_strndup(s, len), *result = NULL;

	if (part)
		expand_text(&x, part, quoting, MARK_QUOTED);
	if (part && !x.failed && strbuf_cstr(&x.text)) {
		size_t to = 0;

		for (size_t i = 0; i < x.text.len; i++)
			if (x.marks.data[i] != MARK_EMPTY)
				x.text.data[to++] = x.marks.data[i] == MARK_BREAK ? ' ' : x.text.data[i];
		result = arena_strndup(x.text.data, to);
	}
	expansion_end(&x);
	return result;
}

static size_t expand_arith(struct expansion *x, const char *s, enum quoting quoting)
{
	size_t used = lexer_measure(s, true);
	struct strbuf digits = {0};
	const char *text;
	long value;

	if (used < 5 || s[used - 2] != ')') {
		shell_error("arithmetic: '))' expected");
		return 0;
	}
	text = expand_part(s + 3, used - 5, QUOTE_HERE);
	if (!text || !arith_eval(text, &value))
		return 0;
	strbuf_putnum(&digits, value);
	put_bytes(x, digits.data, digits.len, value_mark(quoting));
	strbuf_free(&digits);
	return used;
}

/* "$@" makes a field of each parameter; "$*" joins them by the first byte of IFS. */
static void put_params(struct expansion *x, char which, enum quoting quoting)
{
	const char *ifs = var_value("IFS");

	for (size_t i = 1; i <= params_count(); i++) {
		const char *value = params_get(i);

		if (i > 1 && (which == '@' || quoting == QUOTE_NONE))
			put_byte(x, ' ', MARK_BREAK);
		else if (i > 1 && (!ifs || *ifs))
			put_byte(x, ifs ? *ifs : ' ', MARK_QUOTED);
		if (quoting != QUOTE_NONE && !*value)
			put_byte(x, ' ', MARK_EMPTY);
		put_bytes(x, value, strlen(value), value_mark(quoting));
	}
}

/* What a parameter is called: a name, a number, or one of @*#?$!-0. => its length, 0: it is none */
static size_t param_length(const char *s)
{
	size_t len = name_length(s);

	if (len > 0)
		return len;
	while (s[len] >= '0' && s[len] <= '9')
		len++;
	if (len > 0)
		return len;
	return *s && strchr("@*#?$!-", *s) ? 1 : 0;
}

static const char *flags_text(char *room)
{
	size_t n = 0;

	if (sh.errexit)
		room[n++] = 'e';
	if (sh.interactive)
		room[n++] = 'i';
	if (sh.xtrace)
		room[n++] = 'x';
	room[n] = '\0';
	return room;
}

/* => the value, in the arena or elsewhere for a while; NULL: not set */
static const char *param_value(struct expansion *x, const char *name, size_t len)
{
	struct strbuf digits = {0};
	const char *value;
	char flags[4];
	long n = 0;

	switch (*name) {
	case '#': n = (long)params_count(); break;
	case '?': n = sh.status; break;
	case '$': n = sh.pid; break;
	case '-': value = flags_text(flags); return arena_strndup(value, strlen(value));
	case '!':
		if (sh.last_background == 0)
			return NULL;
		n = sh.last_background;
		break;
	case '@':
	case '*': return params_count() > 0 ? params_get(1) : NULL;
	default:
		if (*name < '0' || *name > '9')
			return var_get(name, len);
		for (size_t i = 0; i < len && n < 1000000; i++)
			n = n * 10 + (name[i] - '0');
		return n == 0 ? sh.name : params_get((size_t)n);
	}
	strbuf_putnum(&digits, n);
	value = strbuf_cstr(&digits) ? arena_strndup(digits.data, digits.len) : NULL;
	x->failed = x->failed || !value;
	strbuf_free(&digits);
	return value;
}

static void put_param(struct expansion *x, const char *name, size_t len, enum quoting quoting)
{
	const char *value;

	if (*name == '@' || *name == '*') {
		put_params(x, *name, quoting);
		return;
	}
	value = param_value(x, name, len);
	if (value)
		put_bytes(x, value, strlen(value), value_mark(quoting));
}

/* ${x#p} ${x##p} ${x%p} ${x%%p}: takes off the shortest or the longest piece that matches. */
static void put_trimmed(struct expansion *x, const char *value, const char *pattern, char side, bool longest,
                        enum quoting quoting)
{
	size_t len, cut = 0;
	struct marked p;
	bool found = false;

	value = value ? value : "";
	len = strlen(value);
	if (!expand_pattern(pattern, &p)) {
		x->failed = true;
		return;
	}
	for (size_t i = 0; i <= len && !found; i++) {
		cut = longest ? len - i : i;
		found = side == '#' ? pattern_match(p, value, cut) : pattern_match(p, value + (len - cut), cut);
	}
	cut = found ? cut : 0;
	put_bytes(x, side == '#' ? value + cut : value, len - cut, value_mark(quoting));
}

/* :- := :+ :? and their like without the colon.  `op` is the second character. */
static void put_alternative(struct expansion *x, const char *name, size_t len, char op, bool colon, const char *word,
                            enum quoting quoting)
{
	const char *value = param_value(x, name, len);
	bool have = value && (!colon || *value);
	const char *text;

	if (have != (op == '+')) {
		if (op != '+')
			put_param(x, name, len, quoting);
		return;
	}
	if (op == '-' || op == '+') {
		expand_text(x, word, quoting, quoting == QUOTE_NONE ? MARK_SPLIT : MARK_QUOTED);
		return;
	}
	text = expand_part(word, strlen(word), quoting);
	if (text && op == '=' && name_length(name) > 0 && var_set(name, len, text)) {
		put_bytes(x, text, strlen(text), value_mark(quoting));
		return;
	}
	x->failed = true;
	if (text && op == '?')
		shell_error("%.*s: %s", (int)len, name, *text ? text : "parameter not set");
	else if (text && name_length(name) == 0)
		shell_error("%.*s: cannot assign", (int)len, name);
	if (op == '?' && !sh.interactive)
		shell_exit(STATUS_SYNTAX);
}

/* The inside of ${...}. => false: it is none */
static bool expand_braced(struct expansion *x, const char *inside, enum quoting quoting)
{
	size_t len = param_length(inside);
	const char *rest = inside + len;
	bool colon;

	if (*inside == '#' && inside[1] && param_length(inside + 1) == strlen(inside + 1)) {
		struct strbuf digits = {0};
		const char *value = param_value(x, inside + 1, strlen(inside + 1));

		strbuf_putnum(&digits, value ? (long)strlen(value) : 0);
		put_bytes(x, digits.data, digits.len, value_mark(quoting));
		strbuf_free(&digits);
		return true;
	}
	if (len == 0)
		return false;
	if (!*rest) {
		put_param(x, inside, len, quoting);
		return true;
	}
	if (*rest == '#' || *rest == '%') {
		bool longest = rest[1] == rest[0];

		put_trimmed(x, param_value(x, inside, len), rest + 1 + longest, *rest, longest, quoting);
		return true;
	}
	colon = *rest == ':';
	rest += colon;
	if (!*rest || !strchr("-=+?", *rest))
		return false;
	put_alternative(x, inside, len, *rest, colon, rest + 1, quoting);
	return true;
}

static size_t expand_brace(struct expansion *x, const char *s, enum quoting quoting)
{
	size_t used = lexer_measure(s, quoting != QUOTE_NONE);
	const char *inside = used >= 3 ? arena_strndup(s + 2, used - 3) : NULL;

	if (!inside || !expand_braced(x, inside, quoting)) {
		if (!x->failed)
			shell_error("%.40s: bad substitution", s);
		return 0;
	}
	return used;
}

/* At a `$`. => the bytes it takes; 0: failed */
static size_t expand_dollar(struct expansion *x, const char *s, enum quoting quoting)
{
	size_t len;

	if (s[1] == '(')
		return s[2] == '(' ? expand_arith(x, s, quoting) : expand_substitution(x, s, quoting);
	if (s[1] == '{')
		return expand_brace(x, s, quoting);
	len = param_length(s + 1);
	if (len == 0) {
		put_byte(x, '$', quoting == QUOTE_NONE ? MARK_PLAIN : MARK_QUOTED);
		return 1;
	}
	if (s[1] >= '0' && s[1] <= '9')
		len = 1;
	put_param(x, s + 1, len, quoting);
	return 1 + len;
}

/* The bytes up to the quote that closes. => the bytes used with both quotes */
static size_t expand_single(struct expansion *x, const char *s)
{
	const char *end = strchr(s + 1, '\'');
	size_t len = end ? (size_t)(end - s - 1) : strlen(s + 1);

	if (len == 0)
		put_byte(x, ' ', MARK_EMPTY);
	put_bytes(x, s + 1, len, MARK_QUOTED);
	return len + 1 + (end != NULL);
}

/* One `$`, backtick or backslash within or without double quotes. => bytes used, 0: failed */
static size_t expand_special(struct expansion *x, const char *s, enum quoting quoting)
{
	if (*s == '$')
		return expand_dollar(x, s, quoting);
	if (*s == '`')
		return expand_backtick(x, s, quoting);
	/* a backslash */
	if (!s[1] || (quoting != QUOTE_NONE && !strchr("$`\\", s[1]) && !(quoting == QUOTE_DOUBLE && s[1] == '"'))) {
		put_byte(x, '\\', MARK_QUOTED);
		return 1;
	}
	put_byte(x, s[1], MARK_QUOTED);
	return 2;
}

/* "..." => bytes used with both quotes; 0: failed */
static size_t expand_double(struct expansion *x, const char *s)
{
	size_t before = x->text.len, at = 1;
	bool params = false;

	while (s[at] && s[at] != '"' && !x->failed) {
		size_t used = 1;

		if (s[at] == '$' || s[at] == '`' || s[at] == '\\') {
			params = params || strncmp(s + at, "$@", 2) == 0 || strncmp(s + at, "${@", 3) == 0;
			used = expand_special(x, s + at, QUOTE_DOUBLE);
		} else {
			put_byte(x, s[at], MARK_QUOTED);
		}
		if (used == 0)
			return 0;
		at += used;
	}
	if (x->text.len == before && !params) /* "$@" of nothing is nothing; all else is a field */
		put_byte(x, ' ', MARK_EMPTY);
	return at + (s[at] == '"');
}

/* ~ and ~/ at the start of a word. => bytes used */
static size_t expand_tilde(struct expansion *x, const char *s)
{
	const char *home = var_value("HOME");

	if (s[0] != '~' || (s[1] && s[1] != '/') || !home)
		return 0;
	put_bytes(x, home, strlen(home), MARK_QUOTED);
	return 1;
}

/* `plain` is the mark of bytes that are written without quotes. */
static void expand_text(struct expansion *x, const char *s, enum quoting quoting, enum mark plain)
{
	if (quoting == QUOTE_NONE)
		s += expand_tilde(x, s);
	while (*s && !x->failed) {
		size_t used = 1;

		if (*s == '$' || *s == '`' || *s == '\\')
			used = expand_special(x, s, quoting);
		else if (*s == '"' && quoting != QUOTE_HERE)
			used = expand_double(x, s);
		else if (*s == '\'' && quoting == QUOTE_NONE)
			used = expand_single(x, s);
		else
			put_byte(x, *s, quoting == QUOTE_NONE ? plain : MARK_QUOTED);
		if (used == 0)
			x->failed = true;
		s += used;
	}
}

static struct marked expansion_range(const struct expansion *x, size_t start, size_t end)
{
	return (struct marked){x->text.data + start, x->marks.data + start, end - start};
}

static bool field_put(struct fields *f, const struct expansion *x, size_t start, size_t end)
{
	struct marked m = expansion_range(x, start, end);
	struct strbuf plain = {0};
	char *text;

	if (pattern_is_active(m)) {
		size_t before = f->count;

		if (!glob_expand(f, m))
			return false;
		if (f->count > before)
			return true;
	}
	for (size_t i = 0; i < m.len; i++)
		if (m.marks[i] != MARK_EMPTY)
			strbuf_putc(&plain, m.text[i]);
	text = strbuf_cstr(&plain) ? arena_strndup(plain.data, plain.len) : NULL;
	strbuf_free(&plain);
	return text && fields_add(f, text);
}

/* Cuts the bytes that came from expansions at IFS: blanks together count once, any other byte by itself. */
static bool fields_split(struct fields *f, const struct expansion *x)
{
	const char *ifs = var_value("IFS");
	size_t start = 0, i;
	bool open = false, blank_cut = false;

	if (!ifs)
		ifs = " \t\n";
	for (i = 0; i < x->text.len; i++) {
		char c = x->text.data[i];
		bool cut = x->marks.data[i] == MARK_SPLIT && strchr(ifs, c);
		bool hard = cut && !strchr(" \t\n", c);

		if (!cut && x->marks.data[i] != MARK_BREAK) {
			if (!open)
				start = i;
			open = true;
			blank_cut = false;
			continue;
		}
		if (open && !field_put(f, x, start, i))
			return false;
		if (hard && !open && !blank_cut && !field_put(f, x, i, i))
			return false;
		blank_cut = cut && !hard && (open || blank_cut);
		open = false;
	}
	return !open || field_put(f, x, start, i);
}

char **expand_words(const struct word *words, size_t *count)
{
	struct fields f = {0};

	for (; words; words = words->next) {
		struct expansion x = {0};
		bool fine;

		expand_text(&x, words->text, QUOTE_NONE, MARK_PLAIN);
		fine = !x.failed && fields_split(&f, &x);
		expansion_end(&x);
		if (!fine)
			return NULL;
	}
	*count = f.count;
	return fields_end(&f);
}

char *expand_string(const char *word)
{
	return expand_part(word, strlen(word), QUOTE_NONE);
}

char *expand_here(const char *body)
{
	return expand_part(body, strlen(body), QUOTE_HERE);
}

bool expand_pattern(const char *word, struct marked *pattern)
{
	struct expansion x = {0};
	char *text = NULL, *marks = NULL;

	expand_text(&x, word, QUOTE_NONE, MARK_PLAIN);
	if (!x.failed && strbuf_cstr(&x.text) && strbuf_cstr(&x.marks)) {
		text = arena_strndup(x.text.data, x.text.len);
		marks = arena_strndup(x.marks.data, x.marks.len);
	}
	*pattern = (struct marked){text, marks, x.text.len};
	expansion_end(&x);
	return text && marks;
}
