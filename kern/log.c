/* The log.  A line is made on the caller's stack, then put into the ring and handed to the sinks under one spinlock
   that lies below nothing but output registers, so that lines of several CPUs never mix and every context may print.
   The price is that a slow sink holds interrupts off; a sink that cannot keep up must buffer, as the console does.
   In a panic nothing is locked: what the others hold they hold for ever.

   Records (docs/testing.md) go to QEMU's debug console, a port that takes a byte a write.  When there is one, log
   lines go there too, as `log TEXT`. */
#include <kern/log.h>

#include "log_priv.h"

#include <arch/io.h>
#include <arch/time.h>
#include <kern/logbuf.h>
#include <lib/div64.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <sync/spinlock.h>

#define LOG_BYTES 32768u
#define LOG_LINE 256 /* longer ones are cut */
#define RECORD_LINE (LOG_LINE + 8)

static uint8_t log_bytes[LOG_BYTES];

static struct {
	struct spinlock lock;
	struct logbuf buf; /* guarded by lock */
	struct list sinks; /* guarded by lock */
	bool ready;        /* guarded by lock: buf is initialised */
	bool panic;        /* set once, by the CPU that panics */
} klog = {.lock = SPINLOCK_INIT(RANK_LOG, "log"), .sinks = LIST_INIT(klog.sinks)};

static struct {
	struct spinlock lock; /* RANK_CONSOLE: a sink, called with the log's lock held, writes records */
	ioport_t port;        /* (c) 0: there is none */
} records = {.lock = SPINLOCK_INIT(RANK_CONSOLE, "records")};

/* The lock of the log, or in a panic nothing but interrupts off. */
static uint32_t log_lock(void) no_lock_check
{
	uint32_t saved = irq_save();

	if (!klog.panic)
		spin_lock(&klog.lock);
	if (!klog.ready) {
		logbuf_init(&klog.buf, log_bytes, LOG_BYTES);
		klog.ready = true;
	}
	return saved;
}

static void log_unlock(uint32_t saved) no_lock_check
{
	if (!klog.panic)
		spin_unlock(&klog.lock);
	irq_restore(saved);
}

void log_enter_panic(void)
{
	klog.panic = true;
}

static void line_put(enum log_level level, const char *text, size_t len)
{
	char prefix[LOGBUF_PREFIX_MAX + 1];
	uint32_t us, s = (uint32_t)div64_u32(div64_u32(arch_time_ns(), 1000, NULL), 1000000, &us);
	struct log_sink *sink;
	uint32_t saved;

	(void)fmt_snprintf(prefix, sizeof prefix, "[%5u.%06u] ", s, us);
	saved = log_lock();
	logbuf_put(&klog.buf, level, prefix, text, len);
	list_foreach_entry(sink, &klog.sinks, link)
		if (level <= sink->level)
			sink->write(sink, level, text, len, klog.panic);
	log_unlock(saved);
}

void log_vprint(enum log_level level, const char *fmt, __builtin_va_list ap)
{
	char line[LOG_LINE];
	int32_t whole = fmt_vsnprintf(line, sizeof line, fmt, ap);
	size_t len = (size_t)whole < sizeof line ? (size_t)whole : sizeof line - 1;
	char *from = line;

	for (char *end; (end = memchr(from, '\n', len)) != NULL; from = end + 1) {
		line_put(level, from, (size_t)(end - from));
		len -= (size_t)(end - from) + 1;
	}
	if (len > 0)
		line_put(level, from, len);
}

void printk(enum log_level level, const char *fmt, ...)
{
	__builtin_va_list ap;

	__builtin_va_start(ap, fmt);
	log_vprint(level, fmt, ap);
	__builtin_va_end(ap);
}

void log_hook(const char *fmt, ...)
{
	__builtin_va_list ap;

	__builtin_va_start(ap, fmt);
	log_vprint(LOG_INFO, fmt, ap);
	__builtin_va_end(ap);
}

void log_add_sink(struct log_sink *s)
{
	char line[LOG_LINE];
	uint32_t offset = 0, saved = log_lock();
	unsigned level;
	int32_t len;

	list_add_tail(&klog.sinks, &s->link);
	while ((len = logbuf_line(&klog.buf, &offset, &level, line, sizeof line)) >= 0)
		if (level <= s->level)
			s->write(s, level, line, (size_t)len, klog.panic);
	log_unlock(saved);
}

void log_set_level(struct log_sink *s, enum log_level level)
{
	uint32_t saved = log_lock();

	s->level = level;
	log_unlock(saved);
}

size_t log_read(char *buf, size_t size)
{
	uint32_t saved = log_lock();
	size_t n = logbuf_read(&klog.buf, buf, size);

	log_unlock(saved);
	return n;
}

size_t log_read_from(uint32_t *position, char *buf, size_t size)
{
	uint32_t saved = log_lock();
	size_t n = logbuf_read_from(&klog.buf, position, buf, size);

	log_unlock(saved);
	return n;
}

/* ---- records ---- */

static void record_put(const char *prefix, const char *text, size_t len) no_lock_check
{
	uint32_t saved = irq_save();
	bool locked = !klog.panic;

	if (locked)
		spin_lock(&records.lock);
	for (; *prefix; prefix++)
		io_write8(records.port, (uint8_t)*prefix);
	for (size_t i = 0; i < len; i++)
		io_write8(records.port, text[i] == '\n' ? ' ' : (uint8_t)text[i]);
	io_write8(records.port, '\n');
	if (locked)
		spin_unlock(&records.lock);
	irq_restore(saved);
}

static void record_log_line(struct log_sink *s, enum log_level level, const char *line, size_t len, bool panic)
{
	(void)s;
	(void)level;
	(void)panic;
	record_put("log ", line, len);
}

void log_records_init(uint16_t port)
{
	static struct log_sink sink = {.write = record_log_line, .level = LOG_DEBUG};

	records.port = port;
	if (port != 0)
		log_add_sink(&sink);
}

void log_record(const char *fmt, ...)
{
	char line[RECORD_LINE];
	__builtin_va_list ap;
	int32_t whole;

	if (records.port == 0)
		return;
	__builtin_va_start(ap, fmt);
	whole = fmt_vsnprintf(line, sizeof line, fmt, ap);
	__builtin_va_end(ap);
	record_put("", line, (size_t)whole < sizeof line ? (size_t)whole : sizeof line - 1);
}
