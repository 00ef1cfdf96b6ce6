/* The console: where the kernel's log and the terminal's output appear.  Serial line, VGA text screen, or both, as
   console= says; every byte goes to all of them. */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

#include <arch/types.h>

struct boot_info;

/* Log lines appear from here on.  QUIET: only errors do (a run= boot, whose output is a program's alone).
   Early: no thread, no memory, interrupts disabled. */
void console_init(const struct boot_info *info, bool quiet);
/* N bytes as they are, at most 256; takes the console lock.  Any context. */
void console_write(const char *text, size_t n);
/* What was written has left the machine. */
void console_drain(void);
bool console_is_quiet(void);
/* Columns and rows that programs should assume. */
void console_size(uint16_t *rows, uint16_t *columns);

#endif
