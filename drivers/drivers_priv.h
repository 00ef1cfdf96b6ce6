/* What the drivers share among themselves. */
#ifndef DRIVERS_PRIV_H
#define DRIVERS_PRIV_H

#include <arch/types.h>

struct boot_info;

/* The serial line.  Output is polled and takes no lock; the console's lock orders it. */
void uart_init(void);
void uart_put(uint8_t byte);
void uart_drain(void);
void uart_start_input(void); /* interrupts: each byte goes to tty_receive */

/* The screen: the same. */
void vga_init(void);
void vga_put(uint8_t byte);

void keyboard_init(void); /* each byte goes to tty_receive */

void ramdisk_init(const struct boot_info *info);
void ide_init(void);

#endif
