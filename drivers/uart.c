/* The 16550 serial port (National Semiconductor PC16550D data sheet, register summary): input by interrupt, output by
   polling.  A transmit interrupt was not taken: the log must be able to write from anywhere, and a terminal is not
   where time is lost; waiting for room in the 16-byte FIFO is bounded, so a line that is not there loses bytes rather
   than hangs. */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/platform.h>
#include <dev/tty.h>
#include <kern/log.h>

#include "drivers_priv.h"

enum uart_register {
	DATA = 0,
	INTERRUPT_ENABLE = 1,
	FIFO_CONTROL = 2,
	LINE_CONTROL = 3,
	MODEM_CONTROL = 4,
	LINE_STATUS = 5
};
enum {
	ENABLE_RECEIVED = 1,
	FIFO_ENABLE_AND_CLEAR = 7,
	LINE_8N1 = 3,
	LINE_DIVISOR = 0x80,
	MODEM_DTR_RTS_OUT2 = 0x0b, /* OUT2 connects the interrupt on a PC */
	STATUS_RECEIVED = 0x01,
	STATUS_ROOM = 0x20,
	STATUS_IDLE = 0x40,
	DIVISOR_115200 = 1,
	POLLS_MAX = 200000, /* some 200 ms of port reads: a FIFO of 16 bytes takes 1.4 ms */
};

static bool present;

static void uart_write(enum uart_register r, uint8_t v)
{
	io_write8((ioport_t)(platform.uart.base + r), v);
}

static uint8_t uart_read(enum uart_register r)
{
	return io_read8((ioport_t)(platform.uart.base + r));
}

void uart_init(void)
{
	uart_write(INTERRUPT_ENABLE, 0);
	uart_write(LINE_CONTROL, LINE_DIVISOR);
	uart_write(DATA, DIVISOR_115200);
	uart_write(INTERRUPT_ENABLE, 0); /* the divisor's high byte */
	uart_write(LINE_CONTROL, LINE_8N1);
	uart_write(FIFO_CONTROL, FIFO_ENABLE_AND_CLEAR);
	uart_write(MODEM_CONTROL, MODEM_DTR_RTS_OUT2);
	/* Where there is no port, reads give all ones. */
	present = uart_read(LINE_STATUS) != 0xff;
}

static void wait_for(uint8_t status)
{
	for (unsigned i = 0; i < POLLS_MAX && !(uart_read(LINE_STATUS) & status); i++)
		cpu_relax();
}

void uart_put(uint8_t byte)
{
	if (!present)
		return;
	wait_for(STATUS_ROOM);
	uart_write(DATA, byte);
}

void uart_drain(void)
{
	if (present)
		wait_for(STATUS_IDLE);
}

static void uart_interrupt(void *unused)
{
	(void)unused;
	while (uart_read(LINE_STATUS) & STATUS_RECEIVED)
		tty_receive(uart_read(DATA));
}

void uart_start_input(void)
{
	if (!present)
		return;
	if (!arch_irq_attach(platform.uart.irq, false, uart_interrupt, NULL)) {
		printk(LOG_ERROR, "uart: no interrupt, no input");
		return;
	}
	uart_write(INTERRUPT_ENABLE, ENABLE_RECEIVED);
}
