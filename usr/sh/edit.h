/* Reads a line from the person at the terminal. */
#ifndef SH_EDIT_H
#define SH_EDIT_H

struct strbuf;

enum edit_prompt { EDIT_PROMPT_FIRST, EDIT_PROMPT_MORE }; /* PS1, PS2 */

enum edit_result {
	EDIT_LINE,      /* the line with its newline is in `out` */
	EDIT_INTERRUPT, /* Ctrl-C */
	EDIT_END,       /* Ctrl-D on an empty line, or the terminal is gone */
};

enum edit_result edit_read_line(enum edit_prompt which, struct strbuf *out);

#endif
