/* The kernel's command line, read anew for each key: a dozen questions are asked once in a boot, and so nothing is
   kept, copied or limited in number.  The grammar is in lib/cmdline.h.  Every question goes over the whole line (the
   last occurrence counts), hence a line with an open quote answers none, whichever key was asked for. */
#include <lib/cmdline.h>

#include <lib/string.h>

/* One word, as pointers into the line. */
struct word {
	const char *key, *value; /* the value without its quotes, escapes still in it */
	size_t key_len, value_len;
	bool quoted;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool ends_word(char c)
{
	return c == '\0' || is_blank(c);
}

/* AT is past the opening quote.  => the closing quote, or NULL. */
static const char *quote_end(const char *at)
{
	for (; *at; at++) {
		if (*at == '"')
			return at;
		if (*at == '\\' && at[1] != '\0')
			at++;
	}
	return NULL;
}

/* *AT is past the =. */
static enum status value_read(const char **at, struct word *w)
{
	const char *end;

	w->quoted = **at == '"';
	w->value = *at + w->quoted;
	if (w->quoted) {
		end = quote_end(w->value);
		if (!end || !ends_word(end[1]))
			return E_INVAL;
		*at = end + 1;
	} else {
		for (end = *at; !ends_word(*end); end++)
			;
		*at = end;
	}
	w->value_len = (size_t)(end - w->value);
	return OK;
}

/* => OK, *AT past the word; E_NOENT: no more words; E_INVAL. */
static enum status word_read(const char **at, struct word *w)
{
	const char *p = *at;

	while (is_blank(*p))
		p++;
	if (!*p)
		return E_NOENT;
	w->key = p;
	while (!ends_word(*p) && *p != '=')
		p++;
	w->key_len = (size_t)(p - w->key);
	w->value = p;
	w->value_len = 0;
	w->quoted = false;
	*at = p;
	if (*p != '=')
		return OK;
	(*at)++;
	return value_read(at, w);
}

/* => OK, *OUT the last word with KEY; E_NOENT; E_INVAL; E_NAMETOOLONG: the line. */
static enum status word_find(const char *line, const char *key, struct word *out)
{
	size_t key_len = strlen(key);
	enum status st, found = E_NOENT;
	struct word w;

	if (strnlen(line, CMDLINE_MAX + 1) > CMDLINE_MAX)
		return E_NAMETOOLONG;
	while ((st = word_read(&line, &w)) == OK)
		if (w.key_len == key_len && memcmp(w.key, key, key_len) == 0) {
			*out = w;
			found = OK;
		}
	return st == E_NOENT ? found : st;
}

/* The character at *AT, its escape resolved if QUOTED; *AT moves past it. */
static char char_read(const char **at, bool quoted)
{
	char c = *(*at)++;

	if (!quoted || c != '\\')
		return c;
	switch (**at) { /* there is one: a quoted value is followed by its quote */
	case '"':
	case '\\': return *(*at)++;
	case 'n': (*at)++; return '\n';
	default: return c;
	}
}

static enum status value_copy(const struct word *w, char *out, size_t size)
{
	const char *at = w->value, *end = w->value + w->value_len;
	size_t n = 0;

	while (at < end) {
		char c = char_read(&at, w->quoted);

		if (n >= size)
			return E_NAMETOOLONG;
		out[n++] = c;
	}
	if (n >= size) /* no room for the NUL */
		return E_NAMETOOLONG;
	out[n] = '\0';
	return OK;
}

enum status cmdline_get(const char *line, const char *key, char *out, size_t size)
{
	struct word w;
	enum status st = word_find(line, key, &w);

	if (st == OK)
		st = value_copy(&w, out, size);
	if (st != OK && size > 0)
		out[0] = '\0';
	return st;
}

bool cmdline_has(const char *line, const char *key)
{
	struct word w;

	return word_find(line, key, &w) == OK;
}
