/* The files of /proc, whole or in part.  Who ends between two reads is simply not there any more. */
#ifndef PROC_READ_H
#define PROC_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole of a file, which may be any length and say it has none; NUL-terminated, for free().  NULL, errno: it could
   not be read, or there is no memory. */
char *proc_read(const char *path);
/* The same of /proc/PID/NAME. */
char *proc_read_of(int pid, const char *name);
/* A descriptor of /proc/PID/NAME, or -1. */
int proc_open(int pid, const char *name);
/* N entries of 8 bytes from entry FIRST on. => how many there are; -1: error */
long proc_entries(int fd, uint64_t first, uint64_t *out, size_t n);
/* The numbers of all processes, ascending, for free(). => NULL, errno: error (ENOENT: no procfs is mounted) */
int *proc_list(size_t *n);

#endif
