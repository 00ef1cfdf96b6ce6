/* The console (dev/console.h): a fan-out to the serial line and the screen under one lock of the highest rank, so
   that a log line can appear from anywhere.  In a panic nobody takes the lock: its holder may be the one that is
   stopped. */
#include <dev/console.h>

#include <arch/boot.h>
#include <kern/log.h>
#include <lib/cmdline.h>
#include <lib/string.h>
#include <sync/spinlock.h>

#include "drivers_priv.h"

#define CHUNK 64u /* bytes written with interrupts disabled: 6 ms at 115200 bit/s on a real line, none in QEMU */
#define SCREEN_ROWS 25u
#define SCREEN_COLUMNS 80u
#define SERIAL_ROWS 24u

static struct {
	struct spinlock lock;
	bool serial, screen; /* (c) */
	bool quiet;          /* (c) */
} console = {.lock = SPINLOCK_INIT(RANK_CONSOLE, "console")};

static void put(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (console.serial)
			uart_put((uint8_t)text[i]);
		if (console.screen)
			vga_put((uint8_t)text[i]);
	}
}

void console_write(const char *text, size_t n)
{
	while (n > 0) {
		size_t part = n < CHUNK ? n : CHUNK;
		uint32_t saved = spin_lock_irq(&console.lock);

		put(text, part);
		spin_unlock_irq(&console.lock, saved);
		text += part;
		n -= part;
	}
}

static void put_line(const char *line, size_t len)
{
	put(line, len);
	put("\r\n", 2);
}

static void write_log_line(struct log_sink *s, enum log_level level, const char *line, size_t len, bool panicking)
{
	(void)s;
	(void)level;
	if (panicking) {
		put_line(line, len);
		return;
	}
	spin_lock(&console.lock);
	put_line(line, len);
	spin_unlock(&console.lock);
}

void console_drain(void)
{
	if (console.serial)
		uart_drain();
}

bool console_is_quiet(void)
{
	return console.quiet;
}

void console_size(uint16_t *rows, uint16_t *columns)
{
	*rows = console.screen && !console.serial ? SCREEN_ROWS : SERIAL_ROWS;
	*columns = SCREEN_COLUMNS;
}

void console_init(const struct boot_info *info, bool quiet)
{
	static struct log_sink sink = {.write = write_log_line};
	char choice[16];

	if (cmdline_get(info->cmdline, "console", choice, sizeof choice) != OK)
		choice[0] = 0;
	console.serial = strcmp(choice, "vga") != 0;
	console.screen = strcmp(choice, "serial") != 0;
	console.quiet = quiet;
	if (console.serial)
		uart_init();
	if (console.screen)
		vga_init();
	sink.level = quiet ? LOG_ERROR : LOG_INFO;
	log_add_sink(&sink);
}
