/* The VGA text screen (IBM VGA technical reference: CRT controller registers 0x0e, 0x0f; 80 x 25 cells of character
   and attribute), with the control sequences of ECMA-48 that line editors and full-screen programs use: cursor
   movement, erasing, colours.  What it does not know it swallows. */
#include <arch/platform.h>
#include <lib/string.h>

#include "drivers_priv.h"

#define COLUMNS 80u
#define ROWS 25u
#define TAB 8u
#define PARAMETERS 8u
#define ATTRIBUTE_PLAIN 0x07u

enum { CRTC_CURSOR_HIGH = 0x0e, CRTC_CURSOR_LOW = 0x0f };

/* All of it: console lock. */
static struct {
	uint16_t *cell;
	unsigned row, column;
	uint8_t attribute;
	bool reverse;
	enum { PLAIN, ESCAPE, SEQUENCE } state; /* of a control sequence */
	unsigned parameter[PARAMETERS], nparameters;
} screen;

static uint16_t cell_of(uint8_t c)
{
	uint8_t a = screen.attribute;

	if (screen.reverse)
		a = (uint8_t)(a << 4 | a >> 4);
	return (uint16_t)(a << 8 | c);
}

static void fill(unsigned from, unsigned to)
{
	for (; from < to; from++)
		screen.cell[from] = cell_of(' ');
}

static void show_cursor(void)
{
	unsigned at = screen.row * COLUMNS + screen.column;

	io_write8(platform.vga_crtc.base, CRTC_CURSOR_HIGH);
	io_write8((ioport_t)(platform.vga_crtc.base + 1), (uint8_t)(at >> 8));
	io_write8(platform.vga_crtc.base, CRTC_CURSOR_LOW);
	io_write8((ioport_t)(platform.vga_crtc.base + 1), (uint8_t)at);
}

void vga_init(void)
{
	screen.cell = platform.vga_text;
	screen.attribute = ATTRIBUTE_PLAIN;
	fill(0, ROWS * COLUMNS);
	show_cursor();
}

static void new_line(void)
{
	if (++screen.row < ROWS)
		return;
	screen.row = ROWS - 1;
	memmove(screen.cell, screen.cell + COLUMNS, (ROWS - 1) * COLUMNS * sizeof *screen.cell);
	fill((ROWS - 1) * COLUMNS, ROWS * COLUMNS);
}

static void put_plain(uint8_t c)
{
	switch (c) {
	case '\r': screen.column = 0; break;
	case '\n': new_line(); break;
	case '\b': screen.column -= screen.column > 0; break;
	case '\t': screen.column = (screen.column / TAB + 1) * TAB; break;
	case '\a': break;
	default:
		if (c < ' ')
			return;
		screen.cell[screen.row * COLUMNS + screen.column++] = cell_of(c);
	}
	if (screen.column >= COLUMNS) {
		screen.column = 0;
		new_line();
	}
}

/* The I-th parameter, or OTHERWISE when it is missing or 0. */
static unsigned parameter(unsigned i, unsigned otherwise)
{
	return i < screen.nparameters && screen.parameter[i] ? screen.parameter[i] : otherwise;
}

static unsigned at_most(unsigned v, unsigned max)
{
	return v < max ? v : max;
}

static void erase_screen(void)
{
	unsigned here = screen.row * COLUMNS + screen.column;
	unsigned what = parameter(0, 0);

	fill(what == 0 ? here : 0, what == 1 ? here + 1 : ROWS * COLUMNS);
}

static void erase_line(void)
{
	unsigned start = screen.row * COLUMNS, what = parameter(0, 0);

	fill(what == 0 ? start + screen.column : start, what == 1 ? start + screen.column + 1 : start + COLUMNS);
}

/* ECMA-48 counts red green blue from bit 0, VGA from bit 2. */
static uint8_t vga_colour(unsigned c)
{
	return (uint8_t)((c & 1) << 2 | (c & 2) | (c & 4) >> 2);
}

static void set_rendition(unsigned p)
{
	if (p == 0) {
		screen.attribute = ATTRIBUTE_PLAIN;
		screen.reverse = false;
	} else if (p == 1) {
		screen.attribute |= 0x08;
	} else if (p == 7 || p == 27) {
		screen.reverse = p == 7;
	} else if (p >= 30 && p <= 37) {
		screen.attribute = (uint8_t)((screen.attribute & 0xf8) | vga_colour(p - 30));
	} else if (p == 39) {
		screen.attribute = (uint8_t)((screen.attribute & 0xf8) | (ATTRIBUTE_PLAIN & 7));
	} else if (p >= 40 && p <= 47) {
		screen.attribute = (uint8_t)((screen.attribute & 0x8f) | vga_colour(p - 40) << 4);
	} else if (p == 49) {
		screen.attribute &= 0x8f;
	}
}

static void set_renditions(void)
{
	if (screen.nparameters == 0)
		set_rendition(0);
	for (unsigned i = 0; i < screen.nparameters; i++)
		set_rendition(screen.parameter[i]);
}

static void end_sequence(uint8_t final)
{
	unsigned n = parameter(0, 1);

	switch (final) {
	case 'A': screen.row -= at_most(n, screen.row); break;
	case 'B': screen.row = at_most(screen.row + n, ROWS - 1); break;
	case 'C': screen.column = at_most(screen.column + n, COLUMNS - 1); break;
	case 'D': screen.column -= at_most(n, screen.column); break;
	case 'G': screen.column = at_most(n, COLUMNS) - 1; break;
	case 'H':
	case 'f':
		screen.row = at_most(n, ROWS) - 1;
		screen.column = at_most(parameter(1, 1), COLUMNS) - 1;
		break;
	case 'J': erase_screen(); break;
	case 'K': erase_line(); break;
	case 'm': set_renditions(); break;
	default: break;
	}
}

static void put_in_sequence(uint8_t c)
{
	unsigned *last = &screen.parameter[screen.nparameters > 0 ? screen.nparameters - 1 : 0];

	if (c >= '0' && c <= '9') {
		if (screen.nparameters == 0)
			screen.nparameters = 1;
		*last = at_most(*last * 10 + (c - '0'), 9999);
	} else if (c == ';') {
		if (screen.nparameters == 0)
			screen.nparameters = 1;
		if (screen.nparameters < PARAMETERS)
			screen.parameter[screen.nparameters++] = 0;
	} else if (c >= '@') {
		end_sequence(c);
		screen.state = PLAIN;
	}
}

void vga_put(uint8_t c)
{
	switch (screen.state) {
	case PLAIN:
		if (c == 0x1b)
			screen.state = ESCAPE;
		else
			put_plain(c);
		break;
	case ESCAPE:
		screen.state = c == '[' ? SEQUENCE : PLAIN;
		screen.nparameters = 0;
		screen.parameter[0] = 0;
		break;
	case SEQUENCE: put_in_sequence(c); break;
	}
	show_cursor();
}
