/* The PS/2 keyboard behind the 8042 controller: scan code set 1, as the controller translates it (IBM PS/2 hardware
   interface reference, keyboard and auxiliary device controller), US layout.  Keys without a character send the
   control sequences of a VT100. */
#include <arch/irq.h>
#include <arch/platform.h>
#include <dev/tty.h>
#include <kern/log.h>

#include "drivers_priv.h"

enum {
	STATUS_OUTPUT_FULL = 1,
	CODE_EXTENDED = 0xe0,
	CODE_RELEASED = 0x80,
	KEY_CONTROL = 0x1d,
	KEY_SHIFT_LEFT = 0x2a,
	KEY_SHIFT_RIGHT = 0x36,
	KEY_CAPS = 0x3a,
	DRAIN_MAX = 64, /* bytes that an interrupt handles, and that are thrown away at the start */
};

/* Codes 0x00 to 0x39; 0: no character. */
static const char plain[] = "\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* Keys of the extended set, and what they send after ESC [. */
static const struct {
	uint8_t code;
	const char *sends;
} extended_keys[] = {
	{0x48, "A"}, {0x50, "B"},  {0x4d, "C"},  {0x4b, "D"},  {0x47, "H"},
	{0x4f, "F"}, {0x53, "3~"}, {0x49, "5~"}, {0x51, "6~"},
};

/* Written by the interrupt handler alone. */
static struct {
	bool shift, control, caps, extended;
} keys;

static void send_extended(uint8_t code)
{
	for (unsigned i = 0; i < ARRAY_SIZE(extended_keys); i++) {
		if (extended_keys[i].code != code)
			continue;
		tty_receive(0x1b);
		tty_receive('[');
		for (const char *p = extended_keys[i].sends; *p; p++)
			tty_receive((uint8_t)*p);
	}
}

static void send_plain(uint8_t code)
{
	char c;

	if (code >= sizeof plain - 1)
		return;
	c = keys.shift ? shifted[code] : plain[code];
	if (keys.caps && (c | 32) >= 'a' && (c | 32) <= 'z')
		c ^= 32;
	if (!c)
		return;
	if (keys.control && c >= '@' && c <= 127)
		c &= 0x1f;
	tty_receive((uint8_t)c);
}

static void key_changed(uint8_t code, bool pressed, bool extended)
{
	if (code == KEY_CONTROL)
		keys.control = pressed;
	else if (!extended && (code == KEY_SHIFT_LEFT || code == KEY_SHIFT_RIGHT))
		keys.shift = pressed;
	else if (!pressed)
		return;
	else if (extended)
		send_extended(code);
	else if (code == KEY_CAPS)
		keys.caps = !keys.caps;
	else
		send_plain(code);
}

static void receive(uint8_t code)
{
	bool extended = keys.extended;

	keys.extended = code == CODE_EXTENDED;
	if (!keys.extended)
		key_changed(code & ~(uint8_t)CODE_RELEASED, !(code & CODE_RELEASED), extended);
}

static bool code_waits(void)
{
	uint8_t status = io_read8(platform.keyboard.control);

	return status != 0xff && (status & STATUS_OUTPUT_FULL);
}

static void keyboard_interrupt(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < DRAIN_MAX && code_waits(); i++)
		receive(io_read8(platform.keyboard.base));
}

void keyboard_init(void)
{
	for (unsigned i = 0; i < DRAIN_MAX && code_waits(); i++)
		io_read8(platform.keyboard.base);
	if (!arch_irq_attach(platform.keyboard.irq, false, keyboard_interrupt, NULL))
		printk(LOG_ERROR, "keyboard: no interrupt, no input");
}
