/* The kernel's command line.
   Words are parted by spaces, tabs or newlines; a word is KEY or KEY=VALUE.  A value that begins with a quote (") goes
   to the next unescaped quote, and may hold spaces; in it \" \\ and \n stand for a quote, a backslash and a newline,
   any other backslash for itself.  After the closing quote the word ends.  In an unquoted value neither quote nor
   backslash means anything.  Unknown keys are ignored; of a key that occurs twice the last counts, so what is typed
   at the end of a boot loader's line overrides what stood there.  A line has at most CMDLINE_MAX bytes. */
#ifndef LIB_CMDLINE_H
#define LIB_CMDLINE_H

#include <arch/compiler.h>
#include <lib/status.h>
#include <stdbool.h>
#include <stddef.h>

#define CMDLINE_MAX 4095 /* bytes without the NUL */

/* The value of KEY into OUT of SIZE bytes, NUL-terminated; "" for a key without a value.
   => OK; E_NOENT: no such key; E_NAMETOOLONG: the value does not fit, or the line is longer than CMDLINE_MAX;
   E_INVAL: somewhere in the line a quote is not closed, or closes in the middle of a word (then no key can be had).
   Unless OK, OUT is "" (if SIZE > 0). */
enum status cmdline_get(const char *line, const char *key, char *out, size_t size) must_check;
/* => the key is there, with or without a value, and the line is well-formed. */
bool cmdline_has(const char *line, const char *key);

#endif
