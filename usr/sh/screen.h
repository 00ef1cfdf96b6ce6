/* The edited line on a terminal that speaks VT100, and the terminal's modes. */
#ifndef SH_SCREEN_H
#define SH_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

struct screen {
	int fd;
	const char *prompt;
	size_t columns, rows; /* of the terminal */
	size_t cells;         /* that prompt and text take, as drawn last */
	size_t row;           /* of the cursor, below the first row drawn */
	bool at_end;          /* the cursor stands behind the last cell */
};

/* Takes the terminal for editing: keys arrive one by one and unseen. => false: it is no terminal */
bool screen_open(struct screen *s, int fd, const char *prompt);
/* Gives it back as it was before the first screen_open(). */
void screen_close(struct screen *s);
void screen_draw(struct screen *s, const char *text, size_t len, size_t cursor);
/* Draws one byte more at the end, cheaply. => false: it takes a screen_draw() */
bool screen_append(struct screen *s, char c);
/* Forgets what is drawn: the next draw starts on the row of the cursor. */
void screen_forget(struct screen *s);
/* => is there more to read? */
bool screen_input_pending(const struct screen *s);

#endif
