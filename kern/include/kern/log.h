/* The kernel's log: lines with a level into a ring, and on to sinks.  Any context, any lock below RANK_LOG held. */
#ifndef KERN_LOG_H
#define KERN_LOG_H

#include <arch/compiler.h>
#include <lib/list.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void printk(enum log_level level, const char *fmt, ...) printf_like(2, 3);

/* Where lines go.  WRITE gets one line without its newline; any context, interrupts disabled, takes no lock of rank
   below RANK_CONSOLE.  PANIC tells that other CPUs are stopped and locks may be held by the dead: no locks then. */
struct log_sink {
	void (*write)(struct log_sink *s, enum log_level level, const char *line, size_t len, bool panic);
	enum log_level level; /* lines above this level are not handed on */
	struct list link;
};
/* Lines that are in the ring already are handed on at once. */
void log_add_sink(struct log_sink *s);
void log_set_level(struct log_sink *s, enum log_level level);
/* The newest bytes of the ring, oldest first, at most SIZE; whole lines with "[seconds] " in front. => their number. */
size_t log_read(char *buf, size_t size);
/* The whole ring in pieces: lines as above from *POSITION on, which moves behind them.  Begin with 0: the oldest line
   still there.  Lines that went since the last piece are left out; any value is safe.  => bytes; 0: that was all. */
size_t log_read_from(uint32_t *position, char *buf, size_t size);

/* The record channel of docs/testing.md: QEMU's debug console.  Nothing when PORT 0 was given. */
void log_records_init(uint16_t port);
/* One record, a line: "boot", "begin", "exit 3".  Also in a panic. */
void log_record(const char *fmt, ...) printf_like(1, 2);

/* hooks.panic. */
struct trapframe;
void panic_hook(const struct trapframe *tf, const char *fmt, __builtin_va_list ap) noreturn_fn;
/* What panic does last instead of halting: set under run= (isa-debug-exit). */
void panic_set_end(void (*end)(void));

#endif
