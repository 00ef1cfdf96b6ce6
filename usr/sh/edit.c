/* A key changes the text or the cursor, and the screen follows when no more keys wait: pasted text is drawn once.
   Keys are read one by one, so that what is typed ahead for the next program stays in the terminal for it.
   Limit: one line of text, no undo, no search.
   Not taken: a table of key bindings; the keys are those everybody's fingers know. */
#include "edit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "complete.h"
#include "history.h"
#include "mem.h"
#include "screen.h"
#include "shell.h"
#include "var.h"

#define CTRL(c) ((c)&31)
#define LINE_MAX_BYTES (1024u * 1024u)

enum key {
	KEY_GONE = -1,  /* the terminal has no more keys */
	KEY_NONE = 256, /* one that means nothing */
	KEY_UP,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_DELETE,
	KEY_WORD_LEFT,
	KEY_WORD_RIGHT,
};

struct editor {
	struct strbuf text;
	size_t cursor;
	size_t back;         /* lines back in the history, 0: the new line */
	struct strbuf draft; /* the new line while `back` > 0 */
	struct screen screen;
	bool dirty;  /* the screen does not show what is here */
	bool tabbed; /* the last key was a Tab that added nothing */
};

static struct strbuf killed; /* what Ctrl-Y puts back */

static int byte_read(int fd)
{
	unsigned char c;
	ssize_t n;

	do
		n = read(fd, &c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? c : KEY_GONE;
}

/* ESC [ 3 ~ and the like; the number is in `n`, 1 when there is none. */
static int key_of_sequence(int last, int n, bool modified)
{
	static const short by_number[] = {
		KEY_NONE, KEY_HOME, KEY_NONE, KEY_DELETE, KEY_END, KEY_NONE, KEY_NONE, KEY_HOME, KEY_END,
	};

	switch (last) {
	case 'A': return KEY_UP;
	case 'B': return KEY_DOWN;
	case 'C': return modified ? KEY_WORD_RIGHT : KEY_RIGHT;
	case 'D': return modified ? KEY_WORD_LEFT : KEY_LEFT;
	case 'H': return KEY_HOME;
	case 'F': return KEY_END;
	case '~': return n >= 0 && n < 9 ? by_number[n] : KEY_NONE;
	default: return last == KEY_GONE ? KEY_GONE : KEY_NONE;
	}
}

static int escape_read(int fd)
{
	int c = byte_read(fd), n = 0;
	bool modified = false;

	if (c == 'b')
		return KEY_WORD_LEFT;
	if (c == 'f')
		return KEY_WORD_RIGHT;
	if (c != '[' && c != 'O')
		return c == KEY_GONE ? c : KEY_NONE;
	for (c = byte_read(fd); (c >= '0' && c <= '9') || c == ';'; c = byte_read(fd)) {
		modified = modified || c == ';';
		if (!modified && n < 100)
			n = n * 10 + (c - '0');
	}
	return key_of_sequence(c, n, modified);
}

static int key_read(int fd)
{
	int c = byte_read(fd);

	return c == '\033' ? escape_read(fd) : c;
}

static bool is_rest_of_char(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* => the place one character before or after `at` */
static size_t before(const struct editor *e, size_t at)
{
	while (at > 0 && is_rest_of_char(e->text.data[--at]))
		;
	return at;
}

static size_t after(const struct editor *e, size_t at)
{
	at += at < e->text.len;
	while (at < e->text.len && is_rest_of_char(e->text.data[at]))
		at++;
	return at;
}

static size_t word_before(const struct editor *e, size_t at)
{
	while (at > 0 && e->text.data[at - 1] == ' ')
		at--;
	while (at > 0 && e->text.data[at - 1] != ' ')
		at--;
	return at;
}

static size_t word_after(const struct editor *e, size_t at)
{
	while (at < e->text.len && e->text.data[at] == ' ')
		at++;
	while (at < e->text.len && e->text.data[at] != ' ')
		at++;
	return at;
}

static void insert(struct editor *e, const char *s, size_t len)
{
	if (e->text.len + len > LINE_MAX_BYTES || !strbuf_reserve(&e->text, len)) {
		e->text.failed = false; /* what is there stays; the key did nothing */
		return;
	}
	memmove(e->text.data + e->cursor + len, e->text.data + e->cursor, e->text.len - e->cursor);
	memcpy(e->text.data + e->cursor, s, len);
	e->text.len += len;
	e->cursor += len;
	e->dirty = true;
}

static void insert_byte(struct editor *e, char c)
{
	bool clean = !e->dirty, at_end = e->cursor == e->text.len;

	insert(e, &c, 1);
	if (clean && at_end && screen_append(&e->screen, c))
		e->dirty = false;
}

/* Takes [start, end) out; with `keep` Ctrl-Y can put it back. */
static void cut(struct editor *e, size_t start, size_t end, bool keep)
{
	if (start >= end)
		return;
	if (keep) {
		killed.len = 0;
		strbuf_put(&killed, e->text.data + start, end - start);
		killed.failed = false;
	}
	memmove(e->text.data + start, e->text.data + end, e->text.len - end);
	e->text.len -= end - start;
	e->cursor = start;
	e->dirty = true;
}

static void transpose(struct editor *e)
{
	size_t at = e->cursor < e->text.len ? e->cursor : e->text.len - 1;
	char c;

	if (e->cursor == 0 || e->text.len < 2)
		return;
	c = e->text.data[at];
	e->text.data[at] = e->text.data[at - 1];
	e->text.data[at - 1] = c;
	e->cursor = at + 1;
	e->dirty = true;
}

static void text_replace(struct editor *e, const char *s, size_t len)
{
	e->text.len = e->cursor = 0;
	if (len > 0)
		insert(e, s, len);
	e->dirty = true;
}

/* The line `back` lines ago takes the place of the text; the new line is kept and comes back at 0. */
static void history_show(struct editor *e, size_t back)
{
	const char *line = history_get(back);

	if (back > 0 && !line)
		return;
	if (e->back == 0) {
		e->draft.len = 0;
		strbuf_put(&e->draft, e->text.data, e->text.len);
		e->draft.failed = false;
	}
	e->back = back;
	if (back == 0)
		text_replace(e, e->draft.data, e->draft.len);
	else
		text_replace(e, line, strlen(line));
}

static void names_list(struct editor *e, const struct completion *c)
{
	struct strbuf out = {0};
	size_t widest = 0, across;

	for (size_t i = 0; i < c->count; i++)
		if (strlen(c->names[i]) > widest)
			widest = strlen(c->names[i]);
	across = e->screen.columns / (widest + 2);
	for (size_t i = 0; i < c->count; i++) {
		strbuf_puts(&out, across == 0 || i % across == 0 ? "\r\n" : "");
		strbuf_puts(&out, c->names[i]);
		for (size_t pad = strlen(c->names[i]); across > 1 && (i + 1) % across != 0 && pad < widest + 2; pad++)
			strbuf_putc(&out, ' ');
	}
	strbuf_puts(&out, "\r\n");
	write_all(e->screen.fd, out.data, out.len);
	strbuf_free(&out);
	screen_forget(&e->screen);
	e->dirty = true;
}

static void tab(struct editor *e, bool again)
{
	struct arena_mark mark = arena_mark();
	struct completion c = {.added = ""};

	if (strbuf_cstr(&e->text))
		c = complete(e->text.data, e->cursor);
	if (*c.added)
		insert(e, c.added, strlen(c.added));
	else if (c.count > 1 && again)
		names_list(e, &c);
	e->tabbed = !*c.added;
	arena_release(mark);
}

static void move_to(struct editor *e, size_t at)
{
	e->dirty = e->dirty || e->cursor != at;
	e->cursor = at;
}

/* Keys that move the cursor. => false: it is none of them */
static bool key_move(struct editor *e, int key)
{
	switch (key) {
	case CTRL('A'):
	case KEY_HOME: move_to(e, 0); return true;
	case CTRL('E'):
	case KEY_END: move_to(e, e->text.len); return true;
	case CTRL('B'):
	case KEY_LEFT: move_to(e, before(e, e->cursor)); return true;
	case CTRL('F'):
	case KEY_RIGHT: move_to(e, after(e, e->cursor)); return true;
	case KEY_WORD_LEFT: move_to(e, word_before(e, e->cursor)); return true;
	case KEY_WORD_RIGHT: move_to(e, word_after(e, e->cursor)); return true;
	default: return false;
	}
}

/* Keys that change the text. */
static void key_change(struct editor *e, int key, bool tabbed)
{
	switch (key) {
	case 8:
	case 127: cut(e, before(e, e->cursor), e->cursor, false); break;
	case CTRL('D'):
	case KEY_DELETE: cut(e, e->cursor, after(e, e->cursor), false); break;
	case CTRL('U'): cut(e, 0, e->cursor, true); break;
	case CTRL('K'): cut(e, e->cursor, e->text.len, true); break;
	case CTRL('W'): cut(e, word_before(e, e->cursor), e->cursor, true); break;
	case CTRL('Y'): insert(e, killed.data, killed.len); break;
	case CTRL('T'): transpose(e); break;
	case '\t': tab(e, tabbed); break;
	case CTRL('P'):
	case KEY_UP: history_show(e, e->back + 1); break;
	case CTRL('N'):
	case KEY_DOWN:
		if (e->back > 0)
			history_show(e, e->back - 1);
		break;
	case CTRL('L'):
		write_all(e->screen.fd, "\033[H\033[2J", 7);
		screen_forget(&e->screen);
		e->dirty = true;
		break;
	default:
		if (key >= 32 && key < 256)
			insert_byte(e, (char)key);
	}
}

static void draw(struct editor *e)
{
	screen_draw(&e->screen, e->text.data, e->text.len, e->cursor);
	e->dirty = false;
}

/* Leaves the line as it stands on the screen and goes below it. */
static enum edit_result finish(struct editor *e, const char *last, enum edit_result result)
{
	e->cursor = e->text.len;
	if (result != EDIT_END)
		draw(e);
	write_all(e->screen.fd, last, strlen(last));
	return result;
}

static enum edit_result edit_keys(struct editor *e)
{
	draw(e);
	for (;;) {
		int key = key_read(e->screen.fd);
		bool tabbed = e->tabbed;

		e->tabbed = false;
		if (key == KEY_GONE || (key == CTRL('D') && e->text.len == 0))
			return finish(e, "\r\n", EDIT_END);
		if (key == '\r' || key == '\n')
			return finish(e, "\r\n", EDIT_LINE);
		if (key == CTRL('C'))
			return finish(e, "^C\r\n", EDIT_INTERRUPT);
		if (!key_move(e, key))
			key_change(e, key, tabbed);
		if (e->dirty && !screen_input_pending(&e->screen))
			draw(e);
	}
}

/* Where the shell is; when memory is too short to find out, where it was last time. */
static const char *current_folder(void)
{
	static char folder[PATH_MAX] = "?";

	if (!getcwd(folder, sizeof folder) && errno != ENOMEM)
		strcpy(folder, "?");
	return folder;
}

/* PS1 or PS2 with \w (the current folder) and \$ filled in. */
static void prompt_build(enum edit_prompt which, struct strbuf *out)
{
	const char *s = var_value(which == EDIT_PROMPT_FIRST ? "PS1" : "PS2");

	if (!s)
		s = which == EDIT_PROMPT_FIRST ? "\\w \\$ " : "> ";
	for (; *s; s++)
		if (s[0] == '\\' && s[1] == 'w')
			strbuf_puts(out, (s++, current_folder()));
		else if (s[0] == '\\' && s[1] == '$')
			strbuf_putc(out, *++s);
		else
			strbuf_putc(out, *s);
}

/* Without editing: the prompt, then bytes up to a newline, as the terminal cooks them. */
static enum edit_result plain_read(int fd, const char *prompt, struct strbuf *out)
{
	int c;

	write_all(2, prompt, strlen(prompt));
	do {
		c = byte_read(fd);
		if (c != KEY_GONE)
			strbuf_putc(out, (char)c);
	} while (c != KEY_GONE && c != '\n' && !out->failed);
	if (out->failed)
		return EDIT_END;
	if (c == KEY_GONE && out->len == 0) {
		write_all(2, "\n", 1);
		return EDIT_END;
	}
	if (c == KEY_GONE)
		strbuf_putc(out, '\n');
	return EDIT_LINE;
}

static enum edit_result edited_read(struct editor *e, struct strbuf *out)
{
	enum edit_result result = edit_keys(e);

	screen_close(&e->screen);
	if (result != EDIT_LINE)
		return result;
	if (strbuf_cstr(&e->text))
		history_add(e->text.data);
	strbuf_put(out, e->text.data, e->text.len);
	strbuf_putc(out, '\n');
	return out->failed ? EDIT_INTERRUPT : EDIT_LINE;
}

enum edit_result edit_read_line(enum edit_prompt which, struct strbuf *out)
{
	const char *terminal = var_value("TERM");
	struct strbuf prompt = {0};
	struct editor e = {0};
	enum edit_result result;
	int fd = sh.tty >= 0 ? sh.tty : 0;

	out->failed = false;
	prompt_build(which, &prompt);
	if (!strbuf_cstr(&prompt)) {
		prompt = (struct strbuf){0};
		strbuf_puts(&prompt, "$ ");
	}
	if ((!terminal || strcmp(terminal, "dumb") != 0) && strbuf_cstr(&prompt) &&
	    screen_open(&e.screen, fd, prompt.data))
		result = edited_read(&e, out);
	else
		result = plain_read(fd, prompt.data ? prompt.data : "", out);
	strbuf_free(&e.text);
	strbuf_free(&e.draft);
	strbuf_free(&prompt);
	return result;
}
