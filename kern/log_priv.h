/* What panic.c needs of log.c. */
#ifndef KERN_LOG_PRIV_H
#define KERN_LOG_PRIV_H

#include <kern/log.h>

void log_vprint(enum log_level level, const char *fmt, __builtin_va_list ap) printf_like(2, 0);
/* From here on no lock is taken: other CPUs are stopped, and may hold them for ever. */
void log_enter_panic(void);
/* hooks.log */
void log_hook(const char *fmt, ...) printf_like(1, 2);

#endif
