/* What the files of libc use of one another and no program should. */
#ifndef LIBC_PRIV_H
#define LIBC_PRIV_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "sysstubs.h"

#define PAGE_SIZE 4096u

extern const char *__program_path;

/* getpid, without a system call but for the first. */
int __self(void);

/* The low and high halves of a 64-bit argument, as the calls of Linux/i386 take them. */
#define LOW_HALF(x) ((int)(unsigned int)(x))
#define HIGH_HALF(x) ((int)(unsigned int)((unsigned long long)(x) >> 32))

#endif
