/* The terminal on the console: line discipline, foreground group, ioctls.  One terminal, fed by the serial line and
   the keyboard, shown on both.  A session has it as its controlling terminal when the terminal says so (session id),
   so that a process needs no pointer to it. */
#ifndef DEV_TTY_H
#define DEV_TTY_H

#include <arch/types.h>

struct proc;

/* Registers the devices "console" and "tty"; starts the thread that digests input.  May sleep. */
void tty_init(void);
/* From interrupt handlers: one byte was typed. */
void tty_receive(uint8_t byte);
/* For proc_hooks.session_end: if the terminal is P's session's, its foreground group gets SIGHUP and it is free
   again. */
void tty_session_end(struct proc *p);

/* If the terminal is that of session SID: *RDEV and the number of its foreground group, 0: none. => whether it is. */
bool tty_of_session(int32_t sid, uint32_t *rdev, int32_t *foreground);

#endif
