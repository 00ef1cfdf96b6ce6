/* After a change the line is drawn anew: up to its first row, clear to the end of the screen, prompt and text, and back
   to the cursor.  That is right whatever changed and wherever it wraps, and costs one write().  A byte typed at the
   end, which is nearly all, is only written.  A line with more rows than the screen shows the rows around the cursor.
   Limit: bytes 0x80-0xbf count as the rest of a UTF-8 character, each of which takes one column.
   Not taken: finding the smallest change, which saves bytes that a console does not miss. */
#include "screen.h"

#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "mem.h"
#include "shell.h"

static struct termios cooked; /* what programs get */
static bool cooked_known;

bool screen_open(struct screen *s, int fd, const char *prompt)
{
	struct termios raw;
	struct winsize size = {0};

	if (tcgetattr(fd, &raw) != 0)
		return false;
	if (!cooked_known)
		cooked = raw;
	cooked_known = true;
	raw = cooked;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)IXON;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(fd, TCSADRAIN, &raw) != 0)
		return false;
	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
		size.ws_col = 80;
	*s = (struct screen){.fd = fd, .prompt = prompt, .columns = size.ws_col};
	s->rows = size.ws_row > 1 ? size.ws_row : 24;
	return true;
}

void screen_close(struct screen *s)
{
	tcsetattr(s->fd, TCSADRAIN, &cooked);
}

bool screen_input_pending(const struct screen *s)
{
	int count = 0;

	return ioctl(s->fd, FIONREAD, &count) == 0 && count > 0;
}

static bool is_control(char c)
{
	return (unsigned char)c < 32 || c == 127;
}

static size_t cells_of(char c)
{
	return is_control(c) ? 2 : ((unsigned char)c & 0xc0) != 0x80;
}

/* => the bytes of an escape sequence at `s`, which takes no cell */
static size_t escape_length(const char *s)
{
	size_t len = 2;

	if (s[0] != '\033' || s[1] != '[')
		return 0;
	while (s[len] && (s[len] < '@' || s[len] > '~'))
		len++;
	return len + (s[len] != '\0');
}

static void move(struct strbuf *out, size_t count, char direction)
{
	if (count == 0)
		return;
	strbuf_puts(out, "\033[");
	strbuf_putnum(out, (long)count);
	strbuf_putc(out, direction);
}

/* What is put on the screen of all cells: those of rows [top, bottom). */
struct drawing {
	struct strbuf out;
	size_t at, first, last; /* cells: the next one, and the range that is shown */
};

static void draw_cell(struct drawing *d, char c)
{
	if (((unsigned char)c & 0xc0) == 0x80 && d->at > d->first && d->at <= d->last) {
		strbuf_putc(&d->out, c);
		return;
	}
	if (d->at >= d->first && d->at < d->last)
		strbuf_putc(&d->out, c);
	d->at++;
}

static void draw_byte(struct drawing *d, char c)
{
	if (is_control(c)) {
		draw_cell(d, '^');
		c ^= 64;
	}
	draw_cell(d, c);
}

static void draw_prompt(struct drawing *d, const char *prompt)
{
	while (*prompt) {
		size_t escape = escape_length(prompt);

		if (escape > 0 && d->first == 0)
			strbuf_put(&d->out, prompt, escape);
		else if (escape == 0)
			draw_byte(d, *prompt);
		prompt += escape ? escape : 1;
	}
}

void screen_draw(struct screen *s, const char *text, size_t len, size_t cursor)
{
	struct drawing d = {0};
	size_t cells = 0, at = 0, top, row, end;

	draw_prompt(&d, s->prompt); /* shown nowhere: only counts */
	cells = at = d.at;
	for (size_t i = 0; i < len; i++) {
		cells += cells_of(text[i]);
		at += i < cursor ? cells_of(text[i]) : 0;
	}
	row = at / s->columns;
	top = row >= s->rows ? row - s->rows + 1 : 0;
	strbuf_free(&d.out);
	d = (struct drawing){.first = top * s->columns, .last = (top + s->rows) * s->columns};
	move(&d.out, s->row, 'A');
	strbuf_puts(&d.out, "\r\033[J");
	draw_prompt(&d, s->prompt);
	for (size_t i = 0; i < len && d.at <= d.last; i++)
		draw_byte(&d, text[i]);
	end = cells / s->columns;
	if (end >= top + s->rows)
		end = top + s->rows - 1; /* cut off below */
	else if (cells > 0 && cells % s->columns == 0)
		strbuf_puts(&d.out, "\r\n"); /* the cursor waits at the edge: make it wrap */
	move(&d.out, end - row, 'A');
	strbuf_putc(&d.out, '\r');
	move(&d.out, at % s->columns, 'C');
	write_all(s->fd, d.out.data, d.out.len);
	strbuf_free(&d.out);
	s->row = row - top;
	s->cells = cells;
	s->at_end = cursor == len;
}

bool screen_append(struct screen *s, char c)
{
	if (!s->at_end || (unsigned char)c < 32 || (unsigned char)c >= 127 || (s->cells + 1) % s->columns == 0)
		return false;
	s->cells++;
	return write_all(s->fd, &c, 1);
}

void screen_forget(struct screen *s)
{
	s->row = 0;
	s->at_end = false;
}
